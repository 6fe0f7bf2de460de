"""
When files change: what came due before is settled by the files as they were, and by no others.

    last look that found them unchanged ──── this look
    <── by the files as they were ──┤├── by the files as they are ──>

So a monthly schedule that becomes a daily one does not make up for days on which it was never
due; nor does one whose file was away, or a calendar that is corrected afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from clerkwork.run.office import Office
from clerkwork.schedule.agenda import midnight
from clerkwork.schedule.book import Book
from clerkwork.schedule.firings import settle
from clerkwork.schedule.manifest import Planned
from clerkwork.store.tables import schedules

_CHUNK = 500


def turn(office: Office, book: Book) -> bool:
    """Read the files again if any has changed; whether one had."""
    if not book.is_outdated():
        return False
    before, since = book.planned, office.clock()
    if book.is_loaded:
        since = book.held_until
        close(office, book, since)
    book.is_new()
    _set_forward(office, _gone(office, book), to=since)
    for name, planned in book.planned.items():
        if name in before:
            _turn_one(office, before[name], planned, since)
    return True


def close(office: Office, book: Book, until: datetime) -> None:
    """Settle up to then by the files as they were read, and remember it; also of those gone."""
    by_clock = [one for one in book.planned.values() if one.due is not None]
    while settle(office, by_clock, book.order, closes=until).is_more:
        pass  # a long absence is settled in parts
    _set_forward(office, _gone(office, book), to=until)


def _gone(office: Office, book: Book) -> list[str]:
    """The schedules that were known once and have no file: nothing of them comes due."""
    with office.store.connect() as conn:
        known = set(conn.execute(sa.select(schedules.c.name)).scalars())
    return sorted(known - book.planned.keys() - book.wrong.keys())


def _turn_one(office: Office, before: Planned, planned: Planned, since: datetime) -> None:
    """What another thing makes due from now on does not follow what happened long ago."""
    if _makes_due(before) == _makes_due(planned) or None not in (before.due, planned.due):
        return
    day = midnight(planned.day_of(since), planned.zone)  # of a chain, what this day has counts
    _set_forward(office, [planned.name], to=since if planned.due else min(day, since))


def _makes_due(planned: Planned) -> Mapping[str, object]:
    plan = planned.plan
    return {"clock": plan.clock_lines, "after": set(plan.after), "run": plan.run, "item": plan.item}


def _set_forward(office: Office, names: Collection[str], *, to: datetime) -> None:
    """All of these schedules up to then is settled."""
    every = list(names)
    for start in range(0, len(every), _CHUNK):
        mine = schedules.c.name.in_(every[start : start + _CHUNK])
        with office.store.begin() as conn:
            passed = sa.update(schedules).where(mine, schedules.c.settled_until < to)
            conn.execute(passed.values(settled_until=to))
