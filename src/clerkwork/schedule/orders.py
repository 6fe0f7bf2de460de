"""What people order of schedules: pause, resume, run now, skip the next time; who and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.run.office import Office
from clerkwork.schedule.firings import Prepare, Settling, key_of, rows_of, settle_one, settling
from clerkwork.schedule.manifest import Planned
from clerkwork.schedule.parameters import said_by_arrivals
from clerkwork.schedule.rules import STARTED, Verdict
from clerkwork.schedule.seen import at_due, has_firing
from clerkwork.schedule.verdicts import Seen
from clerkwork.store.tables import schedules


def pause(office: Office, planned: Planned, prepare: Prepare, *, by: str, why: str) -> None:
    """
    From now on its due times are skipped, and what waits goes on waiting.

    Raises Refused SCHEDULE_PAUSED_ALREADY.
    """
    with settling(office, prepare) as work:
        row = _settled(work, planned)
        if row.paused_at is not None:
            raise Refused("SCHEDULE_PAUSED_ALREADY", schedule=planned.name, by=row.paused_by)
        changed = {"paused_at": work.now, "paused_by": by, "paused_why": why}
        mine = schedules.c.name == planned.name
        work.conn.execute(sa.update(schedules).where(mine).values(**changed))
        office.audit.record("schedule.paused", schedule=planned.name, by=by, why=why)


def resume(office: Office, planned: Planned, prepare: Prepare, *, by: str, why: str) -> None:
    """
    Its due times count again; those that passed meanwhile stay skipped.

    Raises Refused SCHEDULE_NOT_PAUSED.
    """
    with settling(office, prepare) as work:
        row = _settled(work, planned)
        if row.paused_at is None:
            raise Refused("SCHEDULE_NOT_PAUSED", schedule=planned.name)
        changed = {"paused_at": None, "paused_by": None, "paused_why": None}
        mine = schedules.c.name == planned.name
        work.conn.execute(sa.update(schedules).where(mine).values(**changed))
        office.audit.record("schedule.resumed", schedule=planned.name, by=by, why=why)


def run_now(office: Office, planned: Planned, prepare: Prepare, *, by: str, why: str) -> Seen:
    """
    Run it now, whatever its times, its pause and the schedules before it; gives the firing.

    It waits still for what a screen must say, for its parameters come from there. The run
    is the person's: nobody approves what they started. Raises Refused SCHEDULE_FILLED_BY_ARRIVAL.
    """
    unsaid = said_by_arrivals(planned)
    if unsaid:
        facts = {"schedule": planned.name, "names": ", ".join(unsaid), "bot": planned.plan.bot}
        raise Refused("SCHEDULE_FILLED_BY_ARRIVAL", **facts)
    with settling(office, prepare) as work:
        key = f"person {key_of(work.now)}"
        waits = planned.plan.ready or planned.asked
        verdict = Verdict("waiting") if waits else STARTED
        work.fire(planned, key, trigger="person", due=work.now, verdict=verdict, by=by)
        office.audit.record("schedule.run_now", schedule=planned.name, key=key, by=by, why=why)
    with office.store.connect() as conn:
        return next(one for one in at_due(conn, planned.name, work.now) if one.key == key)


def skip(office: Office, planned: Planned, prepare: Prepare, *, by: str, why: str) -> datetime:
    """
    The next due time is skipped: its firing is written now; gives that time.

    Raises Refused SCHEDULE_NOT_BY_CLOCK, SCHEDULE_NEVER_DUE.
    """
    if planned.due is None:
        raise Refused("SCHEDULE_NOT_BY_CLOCK", schedule=planned.name)
    with settling(office, prepare) as work:
        row = _settled(work, planned)
        due = planned.due.next(max(row.settled_until, work.now))
        while due is not None and has_firing(work.conn, planned.name, key=key_of(due)):
            due = planned.due.next(due)
        if due is None:
            raise Refused("SCHEDULE_NEVER_DUE", schedule=planned.name)
        verdict = Verdict("skipped", "SKIPPED_BY_PERSON", {"by": by, "why": why})
        key = key_of(due)
        work.fire(planned, key, trigger="clock", due=due, verdict=verdict, by=by)
        office.audit.record("schedule.skip_asked", schedule=planned.name, key=key, by=by, why=why)
    return due


def _settled(work: Settling, planned: Planned) -> sa.Row[tuple[object, ...]]:
    """The row of the schedule, everything up to now settled as it stood until now."""
    if planned.due is not None:
        while settle_one(work, planned, rows_of(work.conn, [planned.name]).get(planned.name)):
            pass  # a long absence is settled in parts
    elif planned.name not in rows_of(work.conn, [planned.name]):
        new = sa.insert(schedules).values(name=planned.name, settled_until=work.now)
        work.conn.execute(new)
    row: sa.Row[tuple[object, ...]] = rows_of(work.conn, [planned.name])[planned.name]
    return row


def find(planned: Mapping[str, Planned], name: str) -> Planned:
    """The schedule `name`. Raises Refused SCHEDULE_UNKNOWN."""
    if name not in planned:
        known = ", ".join(planned) or "-"
        raise Refused("SCHEDULE_UNKNOWN", schedule=name, schedules=known)
    return planned[name]
