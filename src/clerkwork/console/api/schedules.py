"""Schedules, for programs: how each stands, and what people order of it."""

from __future__ import annotations

from datetime import date, datetime
from itertools import islice
from typing import Any, Literal

from clerkwork.console.api.call import Answer, Problem, Why, problem
from clerkwork.console.pages.schedules import AHEAD, find
from clerkwork.console.visit import Visit
from clerkwork.schedule import orders
from clerkwork.schedule.agenda import agenda
from clerkwork.schedule.standing import Standing, outcomes, standings, why_said

_COMING = 10
_PAST = 25


class Firing(Answer):
    """A time at which the schedule was due, and what came of it."""

    due_at: datetime
    day: date
    trigger: str
    state: Literal["waiting", "started", "skipped", "missed"]
    why: str
    by: str | None
    run: str | None
    run_state: str | None


class Forecast(Answer):
    """When what goes on, waits or comes next ends: as likely earlier as later, and by when."""

    ends: datetime | None
    by: datetime | None
    cut_off: datetime | None
    is_likely_late: bool


class Paused(Answer):
    """Who paused it, and why."""

    by: str
    why: str
    at: datetime


class Schedule(Answer):
    """How a schedule stands."""

    name: str
    bot: str | None
    state: Literal["enabled", "disabled", "paused", "wrong"]
    wrong: Problem | None
    paused: Paused | None
    next_due: datetime | None
    last: Firing | None
    waiting: Firing | None
    expected: Forecast | None


class Schedules(Answer):
    """The schedules of one's desks."""

    schedules: list[Schedule]


class ScheduleWhole(Schedule):
    """A schedule with its next due times and what came of the last ones, newest first."""

    coming: list[datetime]
    past: list[Firing]


class Ordered(Answer):
    """How the schedule stands now, and the run that was started, where there is one already."""

    schedule: ScheduleWhole
    run: str | None


def list_them(visit: Visit) -> Schedules:
    """How every schedule of one's desks stands."""
    found = standings(visit.console.book(), visit.office.clock())
    mine = [Schedule(**_facts(visit, one)) for one in found if visit.works_on(one)]
    return Schedules(schedules=mine)


def _facts(visit: Visit, one: Standing) -> dict[str, Any]:
    paused, expected = one.paused, one.expected
    return {
        "name": one.name,
        "bot": one.planned.plan.bot if one.planned else None,
        "state": one.state,
        "wrong": problem(one.wrong, visit.language) if one.wrong else None,
        "paused": paused
        and Paused(by=paused.paused_by, why=paused.paused_why, at=paused.paused_at),
        "next_due": one.next_due,
        "last": one.last and _firing(visit, one.last),
        "waiting": one.waiting and _firing(visit, one.waiting),
        "expected": expected
        and Forecast(
            ends=expected.ends,
            by=expected.by,
            cut_off=expected.cut_off,
            is_likely_late=expected.is_likely_late,
        ),
    }


def _firing(visit: Visit, row: Any) -> Firing:
    return Firing(
        due_at=row.due_at,
        day=row.day,
        trigger=row.trigger,
        state=row.state,
        why=why_said(row.why, visit.language),
        by=row.by,
        run=row.run_id,
        run_state=row.run_state,
    )


def show(visit: Visit) -> ScheduleWhole:
    """One schedule."""
    return _whole(visit, visit.part("schedule"))


def _whole(visit: Visit, name: str) -> ScheduleWhole:
    planned, now = find(visit, name), visit.office.clock()
    stands = next(one for one in standings(visit.console.book(), now) if one.name == name)
    with visit.office.store.connect() as conn:
        coming = agenda(conn, [planned], now=now, first=None, days=AHEAD, zone=planned.zone)
        past = outcomes(conn, name, now, limit=_PAST)
    return ScheduleWhole(
        **_facts(visit, stands),
        coming=[one.due for one in islice(coming.coming, _COMING)],
        past=[_firing(visit, row) for row in past],
    )


def pause(visit: Visit, body: Why) -> Ordered:
    """Skip its due times from now on."""
    return _order(visit, orders.pause, body)


def resume(visit: Visit, body: Why) -> Ordered:
    """Let its due times count again."""
    return _order(visit, orders.resume, body)


def skip(visit: Visit, body: Why) -> Ordered:
    """Skip its next due time, once."""
    return _order(visit, orders.skip, body)


def run_now(visit: Visit, body: Why) -> Ordered:
    """Run it now."""
    return _order(visit, orders.run_now, body)


def _order(visit: Visit, order: Any, body: Why) -> Ordered:
    name = visit.part("schedule")
    planned, book = find(visit, name), visit.console.book()
    made = order(visit.office, planned, book.order, by=visit.person.name, why=body.line())
    return Ordered(schedule=_whole(visit, name), run=getattr(made, "run_id", "") or None)
