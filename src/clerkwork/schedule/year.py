"""The year as one page that needs nothing else: no script, no outside file; prints on A4."""

from __future__ import annotations

import calendar as months
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from jinja2 import Environment, PackageLoader, StrictUndefined

from clerkwork.errors import Failure
from clerkwork.schedule.agenda import kind_of, midnight
from clerkwork.schedule.calendars import DAYS_OFF, EVERY_DAY, WORKING_DAYS, Calendar
from clerkwork.schedule.manifest import Planned

_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_AROUND = timedelta(days=31)  # from so far away a day off may move a time into the year
_CHIPS = 8  # schedules that fit into a day; more are counted


@dataclass(frozen=True)
class Day:
    """One day: what kind it is, its names, and the numbers of the schedules due on it."""

    date: date
    kind: str
    names: Sequence[str]
    due: Sequence[tuple[int, str, bool]]  # number, schedule, whether it was moved here


@dataclass(frozen=True)
class Line:
    """A schedule in the list: its number on the days, and what it says of itself."""

    number: int
    planned: Planned
    times: str
    days: int  # on which it is due in the year
    wrong: str  # why its days are not known, else ""


@dataclass(frozen=True)
class Sheet:
    """A calendar and the schedules that follow it."""

    name: str
    calendar: Calendar
    months: Sequence[Sequence[Day]]
    counts: Mapping[str, int]  # days of each kind
    named: Sequence[Day]
    lines: Sequence[Line]


def year_page(planned: Sequence[Planned], year: int, *, language: str) -> str:
    """The page in "en" or "zh": for each calendar its months, and which schedules are due."""
    by_calendar: dict[str, list[Planned]] = {}
    for one in sorted(planned, key=lambda each: each.name):
        if one.plan.enabled:
            by_calendar.setdefault(one.plan.calendar, []).append(one)
    sheets = [_sheet(name, ones, year, language) for name, ones in sorted(by_calendar.items())]
    environment = Environment(
        loader=PackageLoader("clerkwork.schedule"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("year.html").render(
        year=year,
        language={"en": "en", "zh": "zh-CN"}[language],
        days=lambda one: days_said(one, language),
        t=lambda en, zh: zh if language == "zh" else en,
        sheets=sheets,
        chips=_CHIPS,
        blank=lambda day: day.weekday(),
        month_names=months.month_name,
    )


def _sheet(name: str, planned: Sequence[Planned], year: int, language: str) -> Sheet:
    calendar = planned[0].calendar
    due: dict[date, list[tuple[int, str, bool]]] = {}
    lines = []
    for number, one in enumerate(planned, start=1):
        wrong = ""
        days: Mapping[date, bool] = {}
        try:
            days = _due_days(one, year)
        except Failure as failure:  # a year that is not published
            wrong = failure.message(language)
        for day, is_moved in days.items():
            due.setdefault(day, []).append((number, one.name, is_moved))
        lines.append(Line(number, one, times_said(one, language), len(days), wrong))
    every = [
        Day(
            date=day,
            kind=kind_of(calendar, day),
            names=[n.zh if language == "zh" else n.en for n in calendar.names_of(day)],
            due=due.get(day, []),
        )
        for day in (date(year, 1, 1) + number * _DAY for number in range(_length(year)))
    ]
    return Sheet(
        name=name,
        calendar=calendar,
        months=[[day for day in every if day.date.month == month] for month in range(1, 13)],
        counts=Counter(day.kind for day in every),
        named=[day for day in every if day.names],
        lines=lines,
    )


def _due_days(one: Planned, year: int) -> dict[date, bool]:
    """The days of the year on which it is due, each with whether it was moved there."""
    if one.due is None:
        return {}
    until = midnight(date(year + 1, 1, 1), one.zone)
    start = midnight(date(year, 1, 1), one.zone)
    moved = set()
    if one.plan.if_closed != "skip":
        for wall, kept in one.due.traced(start - _AROUND, until + _AROUND):
            if kept is not None and kept != wall.date():
                moved.add(kept)
    days: dict[date, bool] = {}
    due = one.due.next(start - _TICK, until=until - _TICK)
    while due is not None:
        day = due.astimezone(one.zone).date()
        days[day] = day in moved
        last = midnight(day + _DAY, one.zone) - _TICK  # one time of each day is enough
        due = one.due.next(last, until=until - _TICK)
    return days


def days_said(one: Planned, language: str) -> str:
    """On which days, and what becomes of a time on another day."""
    named = one.calendar.named.get(one.plan.on)
    en, zh = (named.en, named.zh) if named else _ON[one.plan.on]
    else_en, else_zh = _ELSE[one.plan.if_closed]
    return zh + else_zh if language == "zh" else en + else_en


_ON = {
    EVERY_DAY: ("every day", "每天"),
    WORKING_DAYS: ("working days", "工作日"),
    DAYS_OFF: ("days off", "休息日"),
}
_ELSE = {
    "skip": ("", ""),
    "next": (", else the next *", "，否则顺延 *"),
    "previous": (", else the one before *", "，否则提前 *"),
}


def times_said(one: Planned, language: str) -> str:
    """What makes it due, as its file says it."""
    plan = one.plan
    if plan.at:
        return ", ".join(f"{at:%H:%M}" for at in plan.at)
    if plan.cron:
        return plan.cron
    if plan.after:
        names = ", ".join(plan.after)
        return f"在 {names} 之后" if language == "zh" else f"after {names}"
    arrival = next(name for name in ("file", "mail", "run", "item", "call") if getattr(plan, name))
    en, zh = _ARRIVALS[arrival]
    return zh if language == "zh" else en


_ARRIVALS = {
    "file": ("when a file arrives", "文件到达时"),
    "mail": ("when a mail arrives", "邮件到达时"),
    "run": ("when a run ends", "运行结束时"),
    "item": ("when an item waits", "业务件等待时"),
    "call": ("when it is called", "被调用时"),
}


def _length(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days
