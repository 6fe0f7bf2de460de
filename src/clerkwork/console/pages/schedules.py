"""Schedules: the calendar, how each one stands, and what people order of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from starlette.responses import Response

from clerkwork.console.calendar import MONTH, WEEK, sheet
from clerkwork.console.visit import Visit
from clerkwork.errors import Failure
from clerkwork.schedule import orders
from clerkwork.schedule.agenda import agenda
from clerkwork.schedule.manifest import Planned
from clerkwork.schedule.standing import outcomes, standings, why_said
from clerkwork.schedule.year import days_said, times_said

_COMING = 10
AHEAD = 92  # days that are looked through for them
_PAST = 25
_FIRST_YEAR, _LAST_YEAR = 1990, 2200


def show_list(visit: Visit) -> Response:
    """The week or the month, and how every schedule of this person's desks stands."""
    office, now = visit.office, visit.office.clock()
    book = visit.console.book()
    found = [one for one in standings(book, now) if visit.works_on(one)]
    planned = [one.planned for one in found if one.planned is not None]
    view = MONTH if visit.asked("view") == MONTH else WEEK
    today = now.astimezone(office.workspace.zone).date()
    shown = sheet(office, planned, view=view, on=_day(visit.asked("day"), today), now=now)
    calendars = {one.plan.calendar: one.calendar for one in planned if one.plan.calendar}
    return visit.page(
        "schedules/schedules.html",
        schedules=found,
        sheet=shown,
        today=today,
        now=now,
        calendars=list(calendars.values()),
        titles=visit.titles(),
        why_said=why_said,
    )


def _day(text: str, today: date) -> date:
    """The day that an address asks for; today where it is none."""
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        return today
    return asked if _FIRST_YEAR <= asked.year <= _LAST_YEAR else today


def show(visit: Visit) -> Response:
    """One schedule."""
    return _page(visit, visit.part("schedule"))


def pause(visit: Visit) -> Response:
    """Skip its due times from now on."""
    return _order(visit, orders.pause, "said.schedule_paused")


def resume(visit: Visit) -> Response:
    """Let its due times count again."""
    return _order(visit, orders.resume, "said.schedule_resumed")


def skip(visit: Visit) -> Response:
    """Skip its next due time, once."""
    return _order(visit, orders.skip, "said.schedule_skipped")


def run_now(visit: Visit) -> Response:
    """Run it now; on to its run, where there is one already."""
    return _order(visit, orders.run_now, "said.schedule_run")


def _order(visit: Visit, order: Callable[..., Any], said: str) -> Response:
    name = visit.part("schedule")
    planned = find(visit, name)
    try:
        book = visit.console.book()
        made = order(visit.office, planned, book.order, by=visit.person.name, why=visit.why())
    except Failure as failure:
        return _page(visit, name, failure)
    run = getattr(made, "run_id", "")
    return visit.go(f"/runs/{run}" if run else f"/schedules/{name}", said)


def find(visit: Visit, name: str) -> Planned:
    """The schedule. Raises Refused SCHEDULE_UNKNOWN, OTHER_DESK, and what is wrong with it."""
    book = visit.console.book()
    if name in book.wrong:
        visit.may(visit.route.needs, desk="")  # whose it is cannot be read
        raise book.wrong[name]
    planned = orders.find(book.planned, name)
    visit.may(visit.route.needs, desk=visit.desk(planned.plan.bot))
    return planned


def _page(visit: Visit, name: str, failure: Failure | None = None) -> Response:
    office, now = visit.office, visit.office.clock()
    planned = find(visit, name)
    stands = next(one for one in standings(visit.console.book(), now) if one.name == name)
    with office.store.connect() as conn:
        coming = agenda(conn, [planned], now=now, first=None, days=AHEAD, zone=planned.zone)
        past = outcomes(conn, name, now, limit=_PAST)
    return visit.page(
        "schedules/schedule.html",
        status=422 if failure else 200,
        failure=failure,
        one=stands,
        plan=planned.plan,
        planned=planned,
        times=times_said(planned, visit.language),
        days=days_said(planned, visit.language),
        coming=list(islice(coming.coming, _COMING)),
        unclear=coming.unclear,
        past=past,
        titles=visit.titles(),
        why_said=why_said,
        why=visit.form.get("why", ""),
        local=lambda moment: _local(moment, planned),
        takes=_took,
        now=now,
    )


def _local(moment: datetime, planned: Planned) -> datetime:
    return moment.astimezone(planned.zone)


def _took(row: Any) -> timedelta | None:
    """How long the run of a firing took."""
    return row.ended_at - row.started_at if row.started_at and row.ended_at else None
