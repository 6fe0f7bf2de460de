"""Runs: starting one, and what the store knows of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.facts import digest
from clerkwork.run import engine
from clerkwork.run.connect import environment_of
from clerkwork.run.office import Office
from clerkwork.store.tables import runs
from clerkwork.systems.maps import load_system
from clerkwork.workspace import load_bot, parameters

ENDED = ("done", "failed")


@dataclass(frozen=True)
class Order:
    """A run that was asked for and checked: what `place` writes."""

    bot: str
    params: Mapping[str, str | None]
    environment: str
    rehearse: bool = False

    @property
    def stem(self) -> str:
        """What the ids of all runs of this bot with these parameters begin with."""
        texts = json.dumps(dict(self.params), sort_keys=True)
        return f"{self.bot}.{digest(self.bot, self.environment, texts)[:6]}"


def order_run(
    office: Office,
    bot_name: str,
    given: Mapping[str, str],
    *,
    environment: str,
    rehearse: bool = False,
) -> Order:
    """
    The run of `bot_name` with the parameters `given`, checked but not started.

    Raises Misconfigured for an unknown bot, parameter or environment.
    """
    bot = load_bot(office.workspace, bot_name)
    params = parameters(bot, given)
    for name in (*bot.manifest.reads, *bot.manifest.writes):
        environment_of(load_system(office.workspace.system_folder(name)), environment)
    texts = {f.name: _text(getattr(params, f.name)) for f in fields(params)}
    return Order(bot_name, texts, environment, rehearse)


def place(office: Office, conn: sa.Connection, order: Order, *, started_by: str) -> str:
    """
    Write the run's row and its queue entry within the transaction of `conn`; gives its id.

    The id is bot + parameters + sequence: a deliberate second run is a new one.
    """
    newest = sa.select(sa.func.max(runs.c.sequence)).where(runs.c.stem == order.stem)
    sequence = (conn.execute(newest).scalar_one() or 0) + 1
    run_id = f"{order.stem}.{sequence}"
    conn.execute(
        sa.insert(runs).values(
            id=run_id,
            stem=order.stem,
            sequence=sequence,
            bot=order.bot,
            params=dict(order.params),
            environment=order.environment,
            state="queued",
            rehearse=order.rehearse,
            started_by=started_by,
            created_at=office.clock(),
        )
    )
    engine.enqueue(
        office.client,
        conn,
        "run-bot",
        run_id,
        queue=engine.DATA,
        partition=order.bot,
        workflow_id=run_id,
    )
    return run_id


def start_run(
    office: Office,
    bot_name: str,
    given: Mapping[str, str],
    *,
    environment: str,
    started_by: str,
    rehearse: bool = False,
) -> str:
    """Order a run and place it; gives its id. Raises as `order_run` does."""
    order = order_run(office, bot_name, given, environment=environment, rehearse=rehearse)
    with office.store.begin() as conn:
        run_id = place(office, conn, order, started_by=started_by)
    office.audit.record("run.requested", run=run_id, bot=bot_name, by=started_by)
    return run_id


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def load_run(office: Office, run_id: str) -> Any:
    """The row of run `run_id`, or of the newest run that starts so. Raises Refused RUN_UNKNOWN."""
    wanted = runs.c.id.startswith(run_id, autoescape=True) if run_id != "last" else sa.true()
    newest = sa.select(runs).where(wanted).order_by(runs.c.created_at.desc()).limit(1)
    with office.store.connect() as conn:
        row = conn.execute(newest).one_or_none()
    if row is None:
        raise Refused("RUN_UNKNOWN", run=run_id)
    return row


def list_runs(office: Office) -> list[Any]:
    """All runs, newest first."""
    with office.store.connect() as conn:
        return list(conn.execute(sa.select(runs).order_by(runs.c.created_at.desc())))


def change_run(office: Office, run_id: str, **values: object) -> None:
    """Write columns of a run's row."""
    with office.store.begin() as conn:
        conn.execute(sa.update(runs).where(runs.c.id == run_id).values(**values))
