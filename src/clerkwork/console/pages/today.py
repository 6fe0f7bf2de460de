"""Today: what runs, what is or will be late, what waits for me, last night, the systems."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from clerkwork.console.visit import Visit
from clerkwork.people import EVERY_DESK
from clerkwork.run.life import STOPPED_S, Heartbeat, last_sign
from clerkwork.run.overview import (
    NIGHT,
    open_runs,
    runs_since,
    steps_of,
    systems,
    unsettled,
)
from clerkwork.run.pausing import pauses_in
from clerkwork.run.saved import saved_since
from clerkwork.run.worker import worker_file
from clerkwork.run.worklist import waiting_for
from clerkwork.schedule.heartbeat import last_beat
from clerkwork.schedule.standing import Standing, standings

_MONTH = timedelta(days=30)
_SHOWN = 5  # items named on this page; the others are counted


def show(visit: Visit) -> Response:
    """The page; its parts follow what happens."""
    office, now = visit.office, visit.office.clock()
    bots = bots_seen(visit)
    waiting = waiting_for(office, visit.person, bots=bots)
    return visit.page(
        "today/today.html",
        now=now,
        running=[(run, _step(visit, run)) for run in open_runs(office, bots=bots)],
        late=_late(visit, now),
        waiting=waiting[:_SHOWN],
        waiting_count=len(waiting),
        unsettled=unsettled(office, bots=bots),
        night=runs_since(office, now - NIGHT, bots=bots),
        systems=systems(office, now, bots=visit.bots()),
        pauses=pauses_in(office, office.workspace.environment),
        worker_is_at_work=lives(last_sign(worker_file(office.workspace.home)), now),
        scheduler_is_at_work=lives(last_beat(office.workspace.home), now),
        titles=visit.titles(),
    )


def show_saved(visit: Visit) -> Response:
    """What the bots of this person's desks have saved: fetched after the page, for it counts."""
    now, bots = visit.office.clock(), visit.bots()
    return visit.page(
        "today/saved.html",
        periods=[
            (name, saved_since(visit.office, now - length, bots=bots))
            for name, length in (("night", NIGHT), ("month", _MONTH))
        ],
        titles=visit.titles(),
    )


def bots_seen(visit: Visit) -> Collection[str] | None:
    """The bots whose runs this person sees; None for all, also of bots that are no more."""
    return None if EVERY_DESK in visit.person.desks else visit.bots()


def _step(visit: Visit, run: Any) -> tuple[str, str] | None:
    """What the run does now, as its process map calls it; None before its first step."""
    steps = steps_of(visit.office.audit.read_run(run.id))
    if not steps or run.state != "running":
        return None
    name = steps[-1].name
    return visit.step_names(run.bot).get(name, (name, name))


def _late(visit: Visit, now: datetime) -> list[Standing]:
    """Schedules of this person's desks that wait, are late, will likely be, or are wrong."""
    found = []
    for one in standings(visit.console.book(), now):
        bot = one.planned.plan.bot if one.planned else ""
        expected = one.expected
        is_late = expected is not None and (expected.is_likely_late or expected.at_risk)
        is_over = expected is not None and expected.cut_off is not None and expected.cut_off < now
        if not (is_late or is_over or one.waiting or one.wrong):
            continue
        if visit.person.works_at(visit.desk(bot)):
            found.append(one)
    return found


def lives(sign: Heartbeat | None, now: datetime) -> bool:
    """Whether a process gave a sign of life lately."""
    return sign is not None and sign.age_s(now) < STOPPED_S
