"""How each schedule stands now: paused or not, next due, last outcome, what it waits for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Failure, catalogue
from clerkwork.schedule.book import Book
from clerkwork.schedule.forecast import Forecast, Items, forecast, items_left
from clerkwork.schedule.foresight import Foresight
from clerkwork.schedule.manifest import Planned
from clerkwork.schedule.seen import seen
from clerkwork.store.tables import firings, runs, schedules

_RECENT = timedelta(days=7)  # items of older firings are no more its business


@dataclass(frozen=True)
class Standing:
    """One schedule: `state` is enabled, disabled, paused or wrong."""

    name: str
    state: str
    planned: Planned | None = None
    wrong: Failure | None = None
    paused: Any = None  # its row, when it is paused
    next_due: datetime | None = None
    last: Any = None  # its newest firing that began or was settled, joined with its run
    waiting: Any = None  # its oldest firing that waits
    expected: Forecast | None = None  # of what waits or goes on, else of the next due time


def standings(book: Book, now: datetime) -> Iterator[Standing]:
    """How each schedule of the book stands, by name."""
    foresight = Foresight()
    with book.office.store.connect() as conn:
        rows = {row.name: row for row in conn.execute(sa.select(schedules))}
        left = items_left(conn, since=now - _RECENT)
        for name in sorted(book.planned.keys() | book.wrong.keys()):
            if name in book.wrong:
                yield Standing(name, "wrong", wrong=book.wrong[name])
            else:
                yield _standing(conn, foresight, book.planned, name, rows.get(name), left, now)


def _standing(
    conn: sa.Connection,
    foresight: Foresight,
    planned: Mapping[str, Planned],
    name: str,
    row: Any,
    left: dict[str, Items],
    now: datetime,
) -> Standing:
    one = planned[name]
    is_paused = row is not None and row.paused_at is not None
    state = "paused" if is_paused else "enabled"
    if not one.plan.enabled:
        return Standing(one.name, "disabled", one, last=_last(conn, one.name, now))
    wrong = None
    try:
        next_due = _next_due(conn, one, now)
    except Failure as failure:  # a year whose days are not published
        next_due, wrong = None, failure
    last, waits = _last(conn, one.name, now), _waiting(conn, one.name)
    expected = _of_current(conn, foresight, planned, waits or last, left, now)
    if expected is None and next_due is not None:
        past = foresight.past(conn, one, now)
        cut_off = one.cut_off(next_due)
        expected = forecast(now, past, begins=next_due, items=Items(), cut_off=cut_off)
    return Standing(
        name=one.name,
        state=state,
        planned=one,
        wrong=wrong,
        paused=row if is_paused else None,
        next_due=next_due,
        last=last,
        waiting=waits,
        expected=expected,
    )


def _of_current(
    conn: sa.Connection,
    foresight: Foresight,
    planned: Mapping[str, Planned],
    current: Any,
    left: dict[str, Items],
    now: datetime,
) -> Forecast | None:
    """The forecast of a firing that waits, whose run goes on, or whose items do."""
    if current is None:
        return None
    firing = seen(current)
    items = left.get(firing.run_id, Items())
    if not firing.is_open and not items.left:
        return None
    return foresight.expect(conn, planned, firing, items, now)


def _next_due(conn: sa.Connection, one: Planned, now: datetime) -> datetime | None:
    """The next due time of which nothing is decided yet."""
    due = one.due.next(now) if one.due else None
    ahead = sa.select(firings.c.due_at).where(
        firings.c.schedule == one.name, firings.c.due_at > now, firings.c.trigger == "clock"
    )
    decided = set(conn.execute(ahead).scalars())
    while due is not None and due in decided:
        due = one.due.next(due) if one.due else None
    return due


_FIRING = sa.select(
    firings,
    runs.c.state.label("run_state"),
    runs.c.started_at,
    runs.c.ended_at,
    runs.c.bot,
    runs.c.failure,
).select_from(firings.outerjoin(runs, firings.c.run_id == runs.c.id))


def outcomes(conn: sa.Connection, schedule: str, now: datetime, *, limit: int) -> list[Any]:
    """The newest firings of a schedule that were due by now, newest first, with their runs."""
    mine = _FIRING.where(firings.c.schedule == schedule, firings.c.due_at <= now)
    newest = mine.order_by(firings.c.due_at.desc(), firings.c.created_at.desc())
    return list(conn.execute(newest.limit(limit)))


def fired(
    conn: sa.Connection, schedules: Collection[str], start: datetime, until: datetime
) -> list[Any]:
    """The firings of these schedules due from `start` to before `until`, in order."""
    within = (firings.c.due_at >= start) & (firings.c.due_at < until)
    wanted = _FIRING.where(firings.c.schedule.in_(schedules), within)
    return list(conn.execute(wanted.order_by(firings.c.due_at, firings.c.schedule)))


def why_said(why: Any, language: str) -> str:
    """Why a firing waits, was skipped or missed, for a person; "" for no reason."""
    if not why:
        return ""
    texts = catalogue().get(why["code"])
    return texts[language].format(**why["facts"]) if texts else str(why["code"])


def _last(conn: sa.Connection, schedule: str, now: datetime) -> Any:
    mine = _FIRING.where(
        firings.c.schedule == schedule,
        firings.c.settled_at.is_not(None),
        firings.c.due_at <= now,  # not one that a person skipped beforehand
    )
    newest = mine.order_by(firings.c.due_at.desc(), firings.c.settled_at.desc())
    return conn.execute(newest.limit(1)).first()


def _waiting(conn: sa.Connection, schedule: str) -> Any:
    mine = _FIRING.where(firings.c.schedule == schedule, firings.c.state == "waiting")
    return conn.execute(mine.order_by(firings.c.due_at).limit(1)).first()
