"""
Stopping one run safely, and letting what it left go on.

A run that reads or decides has changed nothing: it ends before its next step. Once it has filed
its items, those that no worker has begun stay approved and are not keyed; one in hand ends, for
what was sent must be read back.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.people import Person
from clerkwork.run.items import enqueue_ready
from clerkwork.run.office import Office
from clerkwork.run.runs import change_run
from clerkwork.store.tables import items, runs

_OPEN = ("new", "waiting", "approved", "keying", "keyed", "in_doubt", "excepted")


class Halted(Exception):
    """Not a failure: somebody stopped the run, and here it may be left."""


def stop_run(office: Office, run: Any, person: Person, why: str) -> str:
    """
    Stop the run of the row `run` at its next safe point; gives its state now.

    One that is queued is stopped at once. Raises Refused WHY_MISSING, RUN_STOPPED_ALREADY,
    RUN_OVER when nothing of it is left to be done.
    """
    if not why.strip():
        raise Refused("WHY_MISSING", where=run.id)
    with office.store.begin() as conn:
        row = _locked(conn, run.id)
        if row.stop is not None:
            raise Refused("RUN_STOPPED_ALREADY", where=run.id, by=row.stop["by"])
        if not _goes_on(conn, row):
            raise Refused("RUN_OVER", where=run.id, state=row.state)
        now = office.clock()
        values: dict[str, Any] = {"stop": {"by": person.name, "why": why, "at": now.isoformat()}}
        state = row.state
        if state == "queued":
            state = "stopped"
            values |= {"state": state, "ended_at": now}
        conn.execute(sa.update(runs).where(runs.c.id == run.id).values(**values))
        office.audit.record("run.stop_asked", run=run.id, by=person.name, why=why)
        if state == "stopped":
            office.audit.record("run.stopped", run=run.id)
    return str(state)


def resume_run(office: Office, run: Any, person: Person, why: str) -> int:
    """
    Let the items of a stopped run be keyed after all; gives how many are queued now.

    Raises Refused WHY_MISSING, RUN_NOT_STOPPED; a run that was stopped before it filed
    anything is not resumed, but retried.
    """
    if not why.strip():
        raise Refused("WHY_MISSING", where=run.id)
    with office.store.begin() as conn:
        row = _locked(conn, run.id)
        if row.stop is None or row.state != "done":
            raise Refused("RUN_NOT_STOPPED", where=run.id)
        conn.execute(sa.update(runs).where(runs.c.id == run.id).values(stop=None))
        event = office.audit.record("run.resumed", run=run.id, by=person.name, why=why)
        held = sa.select(items.c.id).where(items.c.run_id == run.id, items.c.state == "approved")
        found = list(conn.execute(held).scalars())
        for item_id in found:
            enqueue_ready(office, conn, item_id, again=event)
    return len(found)


def may_stop(office: Office, run: Any) -> bool:
    """Whether something of the run is still to be done, and nobody has stopped it."""
    with office.store.connect() as conn:
        return run.stop is None and _goes_on(conn, run)


def halt_if_asked(office: Office, run_id: str) -> None:
    """Nothing, unless somebody stopped the run. Raises Halted."""
    if is_stopped(office, run_id):
        raise Halted


def is_stopped(office: Office, run_id: str) -> bool:
    """Whether somebody's stop of the run stands."""
    with office.store.connect() as conn:
        stop = conn.execute(sa.select(runs.c.stop).where(runs.c.id == run_id)).scalar_one()
    return stop is not None


def end_halted(office: Office, run_id: str) -> None:
    """Write that the run has ended as it was asked to."""
    change_run(office, run_id, state="stopped", ended_at=office.clock())
    office.audit.record("run.stopped", run=run_id)
    office.audit.checkpoint()


def _locked(conn: sa.Connection, run_id: str) -> Any:
    return conn.execute(sa.select(runs).where(runs.c.id == run_id).with_for_update()).one()


def _goes_on(conn: sa.Connection, run: Any) -> bool:
    if run.state in ("queued", "running"):
        return True
    left = sa.select(items.c.id).where(items.c.run_id == run.id, items.c.state.in_(_OPEN))
    return conn.execute(left.limit(1)).first() is not None
