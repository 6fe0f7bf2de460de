"""Waiting firings, looked at again: each starts, is missed, or waits on with a new reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Failure, Unavailable
from clerkwork.run.office import Office
from clerkwork.schedule.chains import missing
from clerkwork.schedule.firings import Prepare, settling, waiting
from clerkwork.schedule.manifest import ARRIVALS, Planned, schedule_file
from clerkwork.schedule.readings import Answers
from clerkwork.schedule.rules import STARTED, Verdict, is_time, is_too_late
from clerkwork.store.tables import schedules

_SECOND = timedelta(seconds=1)
EVERY_S = 60.0  # how often a parameter's reading is asked again when it failed


def look_again(
    office: Office, planned: Mapping[str, Planned], prepare: Prepare, answers: Answers
) -> None:
    """Consider each firing that waits; every one is a transaction of its own."""
    for row in waiting(office):
        one = planned.get(row.schedule)
        params: dict[str, str] = {}
        if one is None and schedule_file(office.workspace, row.schedule).exists():
            verdict = Verdict("waiting", "SCHEDULE_IS_BROKEN")
        elif one is None:
            verdict = Verdict("missed", "SCHEDULE_IS_GONE")
        else:
            verdict = _by_rules(office, one, row) or _by_screens(office, one, row, answers, params)
        with settling(office, prepare) as work:
            work.resolve(one, row, verdict, params)


def _by_rules(office: Office, planned: Planned, row: Any) -> Verdict | None:
    """What the clock, a pause and the earlier schedules say; None when nothing is against it."""
    now = office.clock()
    if row.trigger == "person":
        return None  # who said now means now
    if is_too_late(planned, row.due_at, now):
        return Verdict("missed", "TOO_LATE", {"not_after": str(planned.plan.not_after)})
    if row.trigger in ARRIVALS and now < row.due_at:
        until = f"{row.due_at.astimezone(planned.zone):%Y-%m-%d %H:%M}"
        return Verdict("waiting", "WAITS_FOR_DAY", {"days": planned.plan.on, "until": until})
    if not is_time(planned, row.due_at, now):
        return Verdict("waiting", "NOT_YET", {"not_before": str(planned.plan.not_before)})
    with office.store.connect() as conn:
        mine = sa.select(schedules.c.paused_at).where(schedules.c.name == planned.name)
        if conn.execute(mine).scalar() is not None:
            return Verdict("waiting", "SCHEDULE_IS_PAUSED")
        waits_for_others = planned.plan.after and row.trigger == "clock"
        lacks = missing(conn, planned, row.day) if waits_for_others else {}
    if lacks:
        names = ", ".join(f"{n} ({left})" if left != "-" else n for n, left in lacks.items())
        return Verdict("waiting", "AFTER_OTHERS", {"schedules": names})
    return None


def _by_screens(
    office: Office, planned: Planned, row: Any, answers: Answers, params: dict[str, str]
) -> Verdict:
    """What the screens say; fills `params` with what they said for the run."""
    plan, environment = planned.plan, planned.environment
    if plan.ready and planned.ready:
        reading = planned.ready
        about = {"reading": reading.name, "deadline": str(plan.ready.deadline)}
        deadline = planned.first_after(row.due_at - _SECOND, plan.ready.deadline)
        if office.clock() > deadline:
            return Verdict("missed", "NEVER_READY", about)
        try:
            said = answers.ask(reading, environment, every_s=plan.ready.every_s)
        except Failure as failure:
            return Verdict("waiting", "READING_FAILED", about | {"code": failure.code})
        if said != plan.ready.says:
            return Verdict("waiting", "NOT_READY", about | {"says": said})
    try:
        for name, reading in planned.asked.items():
            params[name] = answers.ask(reading, environment, every_s=EVERY_S)
    except Unavailable as failure:
        return Verdict("waiting", "READING_FAILED", {"reading": reading.name, "code": failure.code})
    except Failure as failure:
        facts = {"reading": reading.name, "code": failure.code}
        return Verdict("missed", "READING_WRONG", facts)
    return STARTED
