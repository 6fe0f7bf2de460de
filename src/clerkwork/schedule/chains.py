"""
Chains: schedules that come after others' success, for the same day.

`after = [...]` alone makes a schedule due: after one, with each of its successes; after
several, once for each day on which all of them succeeded. With clock times besides, the
firing waits until they have. `settled = true` asks that all items of those runs are at
rest as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clerkwork.schedule.firings import Settling
from clerkwork.schedule.manifest import Planned
from clerkwork.schedule.rules import Verdict, when_due
from clerkwork.store.tables import firings, items, runs, schedules

AT_REST = ("confirmed", "refused", "abandoned")
_FORGOTTEN = timedelta(days=40)  # a day that lacked a success for so long is joined no more
_COMMITTING = timedelta(hours=1)  # longer than a run's end may take to be seen


def follow(work: Settling, planned: Planned) -> None:
    """Fire `planned`, which others' success makes due, for what succeeded since it is known."""
    mine = schedules.c.name == planned.name
    row = work.conn.execute(sa.select(schedules).where(mine).with_for_update()).one_or_none()
    if row is None:
        new = sa.insert(schedules).values(name=planned.name, settled_until=work.now)
        work.conn.execute(new)
        return
    done = _done(work.conn, planned.plan.after, since=row.settled_until)
    open_ones = [one for one in done if _open_items(work.conn, planned, one)]
    ripe = [one for one in done if one not in open_ones]
    dues, left = _each(planned, ripe) if _has_one(planned) else _joined(planned, ripe)
    for key, due in dues if planned.plan.enabled else ():
        verdict = when_due(planned, due, work.now, is_busy=False, has_come_after=True)
        if row.paused_at is not None:
            verdict = Verdict("skipped", "SCHEDULE_IS_PAUSED")
        work.fire(planned, key, trigger="after", due=due, verdict=verdict)
    _advance(work, planned, row, [*open_ones, *left])


Dues = list[tuple[str, datetime]]


def key_after(planned: Planned, earlier: str, key: str, day: date) -> str:
    """The key of the firing of `planned` that follows firing `key` of schedule `earlier`."""
    return f"after {earlier} {key}" if _has_one(planned) else f"after {day}"


def _has_one(planned: Planned) -> bool:
    return len(planned.plan.after) == 1


def _each(planned: Planned, done: Sequence[Any]) -> tuple[Dues, Sequence[Any]]:
    """The key and due time of a firing for each success; none is left."""
    keys = [key_after(planned, row.schedule, row.key, row.day) for row in done]
    return [(key, row.due_at) for key, row in zip(keys, done, strict=True)], ()


def _joined(planned: Planned, done: Sequence[Any]) -> tuple[Dues, Sequence[Any]]:
    """The same for each day on which all have succeeded, and the successes of other days."""
    by_day: dict[date, dict[str, Any]] = {}
    for row in done:
        by_day.setdefault(row.day, {})[row.schedule] = row
    whole = {day for day, rows in by_day.items() if rows.keys() == set(planned.plan.after)}
    dues = [
        (key_after(planned, "", "", day), max(row.due_at for row in by_day[day].values()))
        for day in sorted(whole)
    ]
    return dues, [row for row in done if row.day not in whole]


def _advance(work: Settling, planned: Planned, row: Any, left: Sequence[Any]) -> None:
    """Remember up to when successes are dealt with: not those left, or still committing."""
    ends = [one.ended_at for one in left if one.ended_at > work.now - _FORGOTTEN]
    reached = min([work.now, *ends]) - _COMMITTING
    if reached > row.settled_until + _COMMITTING:
        mine = schedules.c.name == planned.name
        work.conn.execute(sa.update(schedules).where(mine).values(settled_until=reached))


def _done(conn: sa.Connection, names: Sequence[str], *, since: datetime) -> Sequence[Any]:
    wanted = (
        sa.select(firings, runs.c.ended_at)
        .join(runs, firings.c.run_id == runs.c.id)
        .where(firings.c.schedule.in_(names), runs.c.state == "done", runs.c.ended_at > since)
        .order_by(firings.c.due_at)
    )
    return conn.execute(wanted).all()


def _open_items(conn: sa.Connection, planned: Planned, row: Any) -> int:
    """How many items of a run are not at rest; 0 where the schedule does not ask."""
    if not planned.plan.settled:
        return 0
    wanted = sa.select(sa.func.count()).where(
        items.c.run_id == row.run_id, items.c.state.not_in(AT_REST)
    )
    return int(conn.execute(wanted).scalar_one())


def missing(conn: sa.Connection, planned: Planned, day: date) -> Mapping[str, str]:
    """
    Which of the earlier schedules have not succeeded for `day`, each with why.

    why: "-" for not yet, or the number of items that are not at rest.
    """
    wanted = (
        sa.select(firings)
        .join(runs, firings.c.run_id == runs.c.id)
        .where(
            firings.c.schedule.in_(planned.plan.after), firings.c.day == day,
            runs.c.state == "done",
        )
    )  # fmt: skip
    lacks = dict.fromkeys(planned.plan.after, "-")
    for row in conn.execute(wanted).all():
        left = _open_items(conn, planned, row)
        if left:
            lacks[row.schedule] = str(left)
        else:
            lacks.pop(row.schedule, None)
    return lacks
