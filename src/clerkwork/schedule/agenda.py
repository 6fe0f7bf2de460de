"""What comes: due times of the days ahead, with calendars, pauses and skipped ones applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clerkwork.errors import Failure
from clerkwork.schedule.calendars import Calendar
from clerkwork.schedule.firings import key_of
from clerkwork.schedule.manifest import Planned
from clerkwork.schedule.seen import settled_rows
from clerkwork.store.tables import firings

_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Coming:
    """One due time. `moved_from`: the day off on which it would fall."""

    schedule: str
    bot: str
    due: datetime
    zone: ZoneInfo
    day: date  # to which its work belongs
    cut_off: datetime | None
    moved_from: date | None = None
    state: str = "due"  # or "paused", or the state of its firing: skipped, started, ...
    why: Mapping[str, Any] | None = None  # as the firing has it


@dataclass(frozen=True)
class LeftOut:
    """A clock time that is not kept, for its day is none of the schedule's."""

    schedule: str
    at: datetime
    on: str  # the days that the schedule keeps


@dataclass(frozen=True)
class Agenda:
    """The due times from `start` to before `until`, in order; `unclear`: nobody can know them."""

    coming: list[Coming]
    left_out: list[LeftOut]
    unclear: dict[str, Failure]


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which `day` begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def agenda(
    conn: sa.Connection,
    planned: Iterable[Planned],
    *,
    now: datetime,
    first: date | None,
    days: int,
    zone: ZoneInfo,
) -> Agenda:
    """
    What is due on `days` days from `first`, each in the schedule's own zone.

    Without `first`, from now on and for the rest of today (in `zone`) and the days after.
    """
    paused = {row.name for row in settled_rows(conn) if row.paused_at is not None}
    found = Agenda([], [], {})
    for one in planned:
        if one.due is None or not one.plan.enabled:
            continue
        begins = first or now.astimezone(zone).date()
        start = midnight(begins, one.zone) if first else now
        until = midnight(begins + days * _DAY, one.zone)
        try:
            _add(conn, found, one, start, until, is_paused=one.name in paused)
        except Failure as failure:  # a year whose days are not published
            found.unclear[one.name] = failure
    found.coming.sort(key=lambda each: (each.due, each.schedule))
    found.left_out.sort(key=lambda each: (each.at, each.schedule))
    return found


def _add(
    conn: sa.Connection,
    found: Agenda,
    one: Planned,
    start: datetime,
    until: datetime,
    *,
    is_paused: bool,
) -> None:
    assert one.due is not None
    moved: dict[datetime, date] = {}
    far = timedelta(days=31) if one.plan.if_closed != "skip" else timedelta()
    for wall, day in one.due.traced(start - far, until + far):
        at = wall.replace(tzinfo=one.zone)
        if day is None and start <= at < until:
            found.left_out.append(LeftOut(one.name, at, one.plan.on))
        elif day is not None and day != wall.date():
            moved[datetime.combine(day, wall.time())] = wall.date()
    known = _firings(conn, one.name, start, until)
    for due in one.due.between(start - _TICK, until - _TICK):
        local = due.astimezone(one.zone)
        row = known.get(key_of(due))
        found.coming.append(
            Coming(
                schedule=one.name,
                bot=one.plan.bot,
                due=due,
                zone=one.zone,
                day=one.day_of(due),
                cut_off=one.cut_off(due),
                moved_from=moved.get(local.replace(tzinfo=None)),
                state=row.state if row else ("paused" if is_paused else "due"),
                why=row.why if row else None,
            )
        )


def _firings(
    conn: sa.Connection, schedule: str, start: datetime, until: datetime
) -> dict[str, Any]:
    """What is decided already of due times between the two, by key."""
    wanted = sa.select(firings.c.key, firings.c.state, firings.c.why).where(
        firings.c.schedule == schedule, firings.c.due_at >= start, firings.c.due_at < until
    )
    return {row.key: row for row in conn.execute(wanted)}


def kind_of(calendar: Calendar, day: date) -> str:
    """
    What kind of day it is: working, make_up (a weekend that is worked), off, weekend, or
    unknown for a year that is not published.
    """
    is_weekend = calendar.is_weekend(day)
    try:
        works = calendar.is_working_day(day)
    except Failure:
        return "unknown"
    if works:
        return "make_up" if is_weekend else "working"
    return "weekend" if is_weekend else "off"
