"""
Paused systems: nobody signs on to one until it is resumed; what is in hand ends first.

A run that needs one is queued again and says why; an item stays approved. Neither has an entry
in a queue meanwhile: `resume_system` makes one for each, in the transaction that ends the pause.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused, Unavailable
from clerkwork.people import Person
from clerkwork.run.items import enqueue_held
from clerkwork.run.office import Office, failure_facts
from clerkwork.run.runs import enqueue_again
from clerkwork.store.tables import items, pauses, runs
from clerkwork.systems.maps import load_system

CODE = "SYSTEM_PAUSED"
_HELD = ("approved", "keying", "in_doubt")  # items that a worker left alone meanwhile


@dataclass(frozen=True)
class Pause:
    """Who paused a system in an environment, why, and when (UTC)."""

    system: str
    environment: str
    by: str
    why: str
    at: datetime

    def failure(self) -> Unavailable:
        """What is said to who would sign on."""
        return Unavailable(CODE, system=self.system, person=self.by, why=self.why)


def pause_system(office: Office, name: str, environment: str, person: Person, *, why: str) -> None:
    """
    Let nobody sign on to the system in that environment any more.

    Raises Refused WHY_MISSING, SYSTEM_PAUSED_ALREADY, Misconfigured SYSTEM_UNKNOWN.
    """
    load_system(office.workspace.system_folder(name))
    _is_said(why)
    mine = {"environment": environment, "system": name}
    with office.store.begin() as conn:
        stands = _find(conn, name, environment)
        if stands is not None:
            raise Refused("SYSTEM_PAUSED_ALREADY", system=name, by=stands.by)
        values = {"by": person.name, "why": why, "at": office.clock()}
        conn.execute(sa.insert(pauses).values(**mine, **values))
        office.audit.record("system.paused", **mine, by=person.name, why=why)


def resume_system(office: Office, name: str, environment: str, person: Person, *, why: str) -> None:
    """
    Let it be signed on to again, and queue what waited. Raises Refused WHY_MISSING,
    SYSTEM_NOT_PAUSED.
    """
    _is_said(why)
    with office.store.begin() as conn:
        if _find(conn, name, environment) is None:
            raise Refused("SYSTEM_NOT_PAUSED", system=name)
        conn.execute(sa.delete(pauses).where(_is(name, environment)))
        facts = {"system": name, "environment": environment}
        event = office.audit.record("system.resumed", **facts, by=person.name, why=why)
        held = sa.select(items).where(
            items.c.environment == environment,
            items.c.target == name,
            items.c.state.in_(_HELD),
        )
        for row in conn.execute(held).all():
            enqueue_held(office, conn, row, again=event)
        # which of the paused ones a run waits for is found out when it begins again
        queued = sa.select(runs).where(runs.c.environment == environment, runs.c.state == "queued")
        for run in conn.execute(queued).all():
            if is_held(run):
                enqueue_again(office, conn, run, again=event)


def pauses_in(office: Office, environment: str) -> dict[str, Pause]:
    """What is paused in that environment, by system."""
    wanted = sa.select(pauses).where(pauses.c.environment == environment)
    with office.store.connect() as conn:
        return {row.system: _pause(row) for row in conn.execute(wanted)}


def pause_of(office: Office, name: str, environment: str) -> Pause | None:
    """The pause of that system, None for none."""
    with office.store.connect() as conn:
        row = _find(conn, name, environment)
    return None if row is None else _pause(row)


def check_may_sign_on(office: Office, name: str, environment: str) -> None:
    """Nothing, when the system is not paused. Raises Unavailable SYSTEM_PAUSED."""
    pause = pause_of(office, name, environment)
    if pause is not None:
        raise pause.failure()


def hold(office: Office, run: Any, systems: Collection[str]) -> bool:
    """
    Whether the run waits for one of `systems`: then it is queued again, and says why.

    Asked and written in one transaction, so that no resumption is missed. A run that
    somebody has stopped does not wait: it is left at its next step.
    """
    with office.store.begin() as conn:
        wanted = sa.select(pauses).where(
            pauses.c.environment == run.environment, pauses.c.system.in_(systems)
        )
        row = conn.execute(wanted.order_by(pauses.c.system).with_for_update()).first()
        if row is None:
            return False
        waits = {"state": "queued", "started_at": None}
        kept = failure_facts(_pause(row).failure())
        goes_on = (runs.c.id == run.id) & runs.c.stop.is_(None)
        held = sa.update(runs).where(goes_on).values(**waits, failure=kept)
        if conn.execute(held).rowcount == 0:
            return False
        office.audit.record("run.held", run=run.id, system=row.system)
    return True


def is_held(run: Any) -> bool:
    """Whether the run waits for a system to be resumed."""
    return run.state == "queued" and (run.failure or {}).get("code") == CODE


def _find(conn: sa.Connection, name: str, environment: str) -> Any:
    return conn.execute(
        sa.select(pauses).where(_is(name, environment)).with_for_update()
    ).one_or_none()


def _is(name: str, environment: str) -> sa.ColumnElement[bool]:
    return (pauses.c.system == name) & (pauses.c.environment == environment)


def _pause(row: Any) -> Pause:
    return Pause(row.system, row.environment, row.by, row.why, row.at)


def _is_said(why: str) -> None:
    if not why.strip():
        raise Refused("WHY_MISSING")
