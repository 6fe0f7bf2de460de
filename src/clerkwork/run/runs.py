"""Runs: starting one, and what the store knows of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.facts import digest
from clerkwork.run import engine
from clerkwork.run.connect import environment_of
from clerkwork.run.office import Office
from clerkwork.store.tables import runs
from clerkwork.systems.maps import load_system
from clerkwork.workspace import Bot, load_bot, parameters

ENDED = ("done", "failed", "stopped")
STATES = {
    "queued": ("queued", "排队中"),
    "running": ("running", "运行中"),
    "done": ("done", "已完成"),
    "failed": ("failed", "失败"),
    "stopped": ("stopped", "已停止"),
}


@dataclass(frozen=True)
class Order:
    """A run that was asked for and checked: what `place` writes."""

    bot: str
    params: Mapping[str, str | None]
    environment: str
    rehearse: bool = False
    retries: str | None = None  # the run that it does again

    @property
    def stem(self) -> str:
        """What the ids of all runs of this bot with these parameters begin with."""
        texts = json.dumps(dict(self.params), sort_keys=True)
        return f"{self.bot}.{digest(self.bot, self.environment, texts)[:6]}"


def bot_for(office: Office, bot_name: str, environment: str) -> Bot:
    """The bot, all of whose systems are in `environment`. Raises Misconfigured."""
    bot = load_bot(office.workspace, bot_name)
    for name in (*bot.manifest.reads, *bot.manifest.writes):
        environment_of(load_system(office.workspace.system_folder(name)), environment)
    return bot


def order_run(
    bot: Bot, given: Mapping[str, str], *, environment: str, rehearse: bool = False
) -> Order:
    """
    The run of `bot` with the parameters `given`, checked but not started.

    Raises Misconfigured PARAMETER_*.
    """
    params = parameters(bot, given)
    texts = {f.name: _text(getattr(params, f.name)) for f in fields(params)}
    return Order(bot.name, texts, environment, rehearse)


def place(office: Office, conn: sa.Connection, orders: Sequence[tuple[Order, str]]) -> list[str]:
    """
    Write the rows and the queue entries of runs within the transaction of `conn`.

    `orders` are ordered runs, each with who starts it; gives the runs' ids. The id is bot +
    parameters + sequence: a deliberate second run is a new one.
    """
    sequences = _sequences(conn, {order.stem for order, _ in orders})
    rows: list[dict[str, Any]] = []
    for order, started_by in orders:
        sequences[order.stem] += 1
        sequence = sequences[order.stem]
        rows.append(
            {
                "id": f"{order.stem}.{sequence}",
                "stem": order.stem,
                "sequence": sequence,
                "bot": order.bot,
                "params": dict(order.params),
                "environment": order.environment,
                "state": "queued",
                "rehearse": order.rehearse,
                "retries": order.retries,
                "started_by": started_by,
                "created_at": office.clock(),
            }
        )
    if rows:
        conn.execute(sa.insert(runs), rows)
    for row in rows:
        engine.enqueue(
            office.client,
            conn,
            "run-bot",
            row["id"],
            queue=engine.DATA,
            partition=row["bot"],
            workflow_id=row["id"],
        )
    return [row["id"] for row in rows]


def enqueue_again(office: Office, conn: sa.Connection, run: Any, *, again: int) -> None:
    """Queue a run that waited, in the caller's transaction; `again` is the event that let it."""
    engine.enqueue(
        office.client,
        conn,
        "run-bot",
        run.id,
        queue=engine.DATA,
        partition=run.bot,
        workflow_id=f"{run.id}:again:{again}",
    )


def _sequences(conn: sa.Connection, stems: Collection[str]) -> dict[str, int]:
    """The last sequence of each stem, 0 for none."""
    wanted = sa.select(runs.c.stem, sa.func.max(runs.c.sequence).label("last")).group_by(
        runs.c.stem
    )
    found = conn.execute(wanted.where(runs.c.stem.in_(stems))).all() if stems else ()
    return dict.fromkeys(stems, 0) | {row.stem: row.last for row in found}


def start_run(
    office: Office,
    bot_name: str,
    given: Mapping[str, str],
    *,
    environment: str,
    started_by: str,
    rehearse: bool = False,
) -> str:
    """Order a run and place it; gives its id. Raises as `bot_for` and `order_run` do."""
    bot = bot_for(office, bot_name, environment)
    order = order_run(bot, given, environment=environment, rehearse=rehearse)
    with office.store.begin() as conn:
        (run_id,) = place(office, conn, [(order, started_by)])
    office.audit.record("run.requested", run=run_id, bot=bot_name, by=started_by)
    return run_id


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def load_run(office: Office, run_id: str) -> Any:
    """
    The row of run `run_id`, else of the newest run that starts so; "last" is the newest of all.

    Raises Refused RUN_UNKNOWN, NO_RUN_YET.
    """
    wanted = runs.c.id.startswith(run_id, autoescape=True) if run_id != "last" else sa.true()
    whole_first = sa.case((runs.c.id == run_id, 0), else_=1)  # .1 is not .10
    newest = sa.select(runs).where(wanted).order_by(whole_first, runs.c.created_at.desc()).limit(1)
    with office.store.connect() as conn:
        row = conn.execute(newest).one_or_none()
    if row is None:
        raise Refused("NO_RUN_YET") if run_id == "last" else Refused("RUN_UNKNOWN", run=run_id)
    return row


def find_run(office: Office, run_id: str) -> Any:
    """The row of the run with that whole id. Raises Refused RUN_UNKNOWN."""
    with office.store.connect() as conn:
        row = conn.execute(sa.select(runs).where(runs.c.id == run_id)).one_or_none()
    if row is None:
        raise Refused("RUN_UNKNOWN", run=run_id)
    return row


def runs_before(
    office: Office,
    *,
    bots: Collection[str] | None,
    state: str = "",
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[Any]:
    """
    Runs of `bots` (None: of all), newest first, that are older than `before`.

    `before` is (created_at, id) of the last one shown: a page of a million runs costs what
    the first one does.
    """
    newest = (runs.c.created_at.desc(), runs.c.id.desc())
    wanted = sa.select(runs).order_by(*newest).limit(limit)
    if state:
        wanted = wanted.where(runs.c.state == state)
    if before is not None:
        wanted = wanted.where(sa.tuple_(runs.c.created_at, runs.c.id) < sa.tuple_(*_bound(before)))
    with office.store.connect() as conn:
        if bots is None:
            return list(conn.execute(wanted))
        # each bot's newest, by its own index: of several at once a database sorts them all
        found = [row for bot in bots for row in conn.execute(wanted.where(runs.c.bot == bot))]
    return sorted(found, key=lambda row: (row.created_at, row.id), reverse=True)[:limit]


def _bound(before: tuple[datetime, str]) -> tuple[Any, Any]:
    at, run_id = before
    return sa.literal(at, runs.c.created_at.type), sa.literal(run_id)


def list_runs(office: Office) -> list[Any]:
    """All runs, newest first."""
    with office.store.connect() as conn:
        return list(conn.execute(sa.select(runs).order_by(runs.c.created_at.desc())))


def run_as_json(run: Any) -> dict[str, Any]:
    """A run for programs; times in UTC, amounts as strings."""
    times = {name: getattr(run, name) for name in ("created_at", "started_at", "ended_at")}
    return {
        "id": run.id,
        "bot": run.bot,
        "state": run.state,
        "totals": run.totals,
        "params": run.params,
        "environment": run.environment,
        "rehearse": run.rehearse,
        "started_by": run.started_by,
        "business_date": run.business_date.isoformat() if run.business_date else None,
        "failure": run.failure,
        "stop": run.stop,
        "retries": run.retries,
        "report": run.report,
        **{name: at.isoformat() if at else None for name, at in times.items()},
    }


def change_run(office: Office, run_id: str, **values: object) -> None:
    """Write columns of a run's row."""
    with office.store.begin() as conn:
        conn.execute(sa.update(runs).where(runs.c.id == run_id).values(**values))


def begin_run(office: Office, run_id: str) -> bool:
    """Mark the run as running; False when it has ended, or was stopped while it was queued."""
    may_begin = (runs.c.id == run_id) & runs.c.state.in_(("queued", "running"))
    with office.store.begin() as conn:
        begun = sa.update(runs).where(may_begin)
        begun = begun.values(state="running", started_at=office.clock(), failure=None)
        return bool(conn.execute(begun).rowcount)
