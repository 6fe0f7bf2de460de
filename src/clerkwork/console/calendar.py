"""A week or a month of schedules: what ran on its past days, and what comes on the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from clerkwork.errors import Failure
from clerkwork.run.office import Office
from clerkwork.schedule.agenda import Coming, agenda, kind_of, midnight
from clerkwork.schedule.calendars import Calendar
from clerkwork.schedule.manifest import Planned
from clerkwork.schedule.standing import fired

_DAY = timedelta(days=1)
WEEK, MONTH = "week", "month"


@dataclass(frozen=True)
class Mark:
    """One time of one schedule: `state` is due, paused, or what became of it."""

    schedule: str
    at: datetime
    state: str
    why: Any = None
    run: str = ""
    cut_off: datetime | None = None
    moved_from: date | None = None


@dataclass(frozen=True)
class Kind:
    """What a day is in one calendar: working, weekend, off, make_up, unknown."""

    kind: str
    calendar: tuple[str, str]  # its titles, "" where all calendars agree


@dataclass
class Day:
    """One day: what kind it is, its names, and its times in order."""

    date: date
    kinds: list[Kind]
    names: list[tuple[str, str]]
    is_inside: bool  # of the month that is shown
    marks: list[Mark] = field(default_factory=list)


@dataclass(frozen=True)
class Sheet:
    """The days from a Monday to a Sunday; `unclear`: schedules whose days nobody can know."""

    view: str
    first: date  # of the week or the month itself
    days: Sequence[Day]
    before: date
    after: date
    unclear: Mapping[str, Failure]


def span(view: str, on: date) -> tuple[date, date, date, date]:
    """Of a view around `on`: its first day, the Monday it shows first, how it ends, the next."""
    first = on.replace(day=1) if view == MONTH else on - on.weekday() * _DAY
    following = (first + timedelta(days=32)).replace(day=1) if view == MONTH else first + 7 * _DAY
    monday = first - first.weekday() * _DAY
    sunday = following - _DAY
    return first, monday, sunday + (6 - sunday.weekday()) * _DAY, following


def sheet(
    office: Office,
    planned: Sequence[Planned],
    *,
    view: str,
    on: date,
    now: datetime,
) -> Sheet:
    """The week or the month around `on`, of these schedules, in the workspace's zone."""
    zone = office.workspace.zone
    first, monday, end, following = span(view, on)
    count = (end - monday).days + 1
    days = {monday + n * _DAY: _day(monday + n * _DAY, planned) for n in range(count)}
    for day in days.values():
        day.is_inside = view == WEEK or first <= day.date < following
    start, until = midnight(monday, zone), midnight(end + _DAY, zone)
    begins = max(monday, now.astimezone(zone).date())
    with office.store.connect() as conn:
        names = [one.name for one in planned]
        marks = [_past(row) for row in fired(conn, names, start, min(until, now))]
        count = max((end - begins).days + 1, 0)
        coming = agenda(conn, planned, now=now, first=begins, days=count, zone=zone)
    marks += [_coming(one) for one in coming.coming if one.due >= now]
    for mark in sorted(marks, key=lambda one: (one.at, one.schedule)):
        on_day = days.get(mark.at.astimezone(zone).date())
        if on_day is not None:  # a schedule of another zone may fall beside
            on_day.marks.append(mark)
    return Sheet(view, first, list(days.values()), first - _DAY, following, coming.unclear)


def _past(row: Any) -> Mark:
    state = row.run_state or row.state
    return Mark(row.schedule, row.due_at, state, why=row.why, run=row.run_id or "")


def _coming(one: Coming) -> Mark:
    return Mark(
        one.schedule,
        one.due,
        one.state,
        why=one.why,
        cut_off=one.cut_off,
        moved_from=one.moved_from,
    )


def _day(day: date, planned: Sequence[Planned]) -> Day:
    calendars: dict[str, Calendar] = {one.plan.calendar: one.calendar for one in planned}
    kinds = {name: kind_of(calendar, day) for name, calendar in calendars.items()}
    names = {(each.en, each.zh) for one in calendars.values() for each in one.names_of(day)}
    agree = len(set(kinds.values())) < 2
    said = [
        Kind(kind, ("", "") if agree else (calendars[name].title_en, calendars[name].title_zh))
        for name, kind in (list(kinds.items())[:1] if agree else kinds.items())
    ]
    return Day(day, said, sorted(names), is_inside=True)
