"""What happens in the house itself and makes schedules due: a run ended, an item waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from clerkwork.run.runs import ENDED
from clerkwork.schedule.arrivals import is_alive, is_paused
from clerkwork.schedule.firings import Settling, is_busy_with
from clerkwork.schedule.manifest import OnItem, OnRun, Planned
from clerkwork.schedule.rules import Verdict, when_come
from clerkwork.store.tables import firings, items, runs, schedules

_AT_ONCE = 200
_COMMITTING = timedelta(hours=1)  # longer than what happened may take to be seen

Due = tuple[str, datetime, dict[str, str]]  # key, when, facts


def follow_house(work: Settling, planned: Planned) -> None:
    """Fire `planned` for each run that ended, or item that came to wait, since it is known."""
    mine = schedules.c.name == planned.name
    row = work.conn.execute(sa.select(schedules).where(mine).with_for_update()).one_or_none()
    if row is None:
        new = sa.insert(schedules).values(name=planned.name, settled_until=work.now)
        work.conn.execute(new)
        return
    dues = list(_dues(work.conn, planned, row.settled_until))
    if is_alive(planned, work.office):
        _fire(work, planned, dues)
        reached = work.now - _COMMITTING
    else:
        reached = work.now
    if len(dues) < _AT_ONCE and reached > row.settled_until + _COMMITTING:
        work.conn.execute(sa.update(schedules).where(mine).values(settled_until=reached))


def _fire(work: Settling, planned: Planned, dues: list[Due]) -> None:
    if not dues:
        return
    trigger = "run" if planned.plan.run else "item"
    paused = is_paused(work.conn, planned.name)
    is_busy = planned.plan.overlap == "skip" and is_busy_with(work.conn, planned.name)
    for key, at, facts in dues:
        due, verdict = when_come(planned, at, work.now, is_busy=is_busy)
        if paused and verdict.state in ("started", "waiting"):
            verdict = Verdict("waiting", "SCHEDULE_IS_PAUSED")
        work.fire(planned, key, trigger=trigger, due=due, verdict=verdict, facts=facts)
        is_busy = is_busy or verdict.state in ("started", "waiting")


def _dues(conn: sa.Connection, planned: Planned, since: datetime) -> Iterator[Due]:
    """What no firing was written of yet, oldest first."""
    if planned.plan.run:
        yield from _ended(conn, planned, planned.plan.run, since)
    elif planned.plan.item:
        yield from _waiting(conn, planned, planned.plan.item, since)


def _ended(conn: sa.Connection, planned: Planned, on: OnRun, since: datetime) -> Iterator[Due]:
    states = ENDED if on.outcome == "any" else (on.outcome,)
    key = sa.literal("run ") + runs.c.id
    wanted = sa.select(runs.c.id, runs.c.ended_at, key.label("key")).where(
        runs.c.bot == on.bot, runs.c.ended_at > since, runs.c.state.in_(states),
        runs.c.environment == planned.environment, runs.c.rehearse.is_(False),
        _is_new(planned, key),
    )  # fmt: skip
    for row in conn.execute(wanted.order_by(runs.c.ended_at).limit(_AT_ONCE)):
        yield row.key, row.ended_at, {"run": row.id}


def _waiting(conn: sa.Connection, planned: Planned, on: OnItem, since: datetime) -> Iterator[Due]:
    version = sa.cast(items.c.version, sa.Text)
    key = sa.literal("item ") + items.c.id + sa.literal(" ") + version
    wanted = sa.select(items.c.id, items.c.updated_at, key.label("key")).where(
        items.c.target == on.target, items.c.state == on.state, items.c.updated_at > since,
        items.c.environment == planned.environment, _is_new(planned, key),
    )  # fmt: skip
    for row in conn.execute(wanted.order_by(items.c.updated_at).limit(_AT_ONCE)):
        yield row.key, row.updated_at, {"item": row.id}


def _is_new(planned: Planned, key: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    known = sa.select(firings.c.key).where(firings.c.schedule == planned.name, firings.c.key == key)
    return ~known.exists()
