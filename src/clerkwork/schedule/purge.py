"""
What is old and rests on nothing is deleted once a day, so that the store does not grow without end.

    cw_firings   older than KEPT, but never the newest of a schedule (forecasts rest on them), and
                 none that could be made due again; of documents (file, mail) none: seen is seen
    cw_alerts    older than KEPT, unless somebody is still to be told
    cw_arrivals  of places that no schedule names any more; read again, they are known still

The audit log has all of it, and keeps it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa

from clerkwork.alert import purge_alerts
from clerkwork.run.office import Office
from clerkwork.schedule.manifest import Planned
from clerkwork.schedule.sources import watched
from clerkwork.store.tables import arrivals, firings, schedules

KEPT = timedelta(days=100)  # longer than a chain looks back (chains.py)
NEWEST = 500  # firings of a schedule that are kept however old: those a forecast looks through
_DOCUMENTS = ("file", "mail")
_ASKED = ("call", "person")  # made due by somebody at that moment, and by nothing later
_BATCH = 500  # in one transaction
_PAUSE_S = 0.05  # between two: others write too


def purge(
    office: Office,
    planned: Mapping[str, Planned],
    *,
    is_whole: bool = True,
    stopping: threading.Event | None = None,
) -> dict[str, int]:
    """
    Delete what is old; gives how many firings, alerts and arrivals.

    Alerts alone, unless `is_whole`: no schedule lacks in `planned` because its file is wrong.
    """
    stop = stopping or threading.Event()
    before = office.clock() - KEPT
    gone = {"firings": 0, "alerts": 0, "arrivals": 0}
    old_alerts = partial(purge_alerts, office.store, before=before, most=_BATCH)
    gone["alerts"] = _in_parts(stop, old_alerts)
    if is_whole:
        for old in _old_firings(office, planned, before):
            gone["firings"] += _in_parts(stop, partial(_delete, office, *old))
        gone["arrivals"] = _purge_arrivals(office, planned.values())
    if any(gone.values()):
        office.audit.record("schedule.purged", **gone)
    return gone


def _in_parts(stopping: threading.Event, delete_some: Callable[[], int]) -> int:
    """Delete batch by batch until fewer than a batch are left, or until `stopping`."""
    gone = 0
    while not stopping.is_set():
        some = delete_some()
        gone += some
        if some < _BATCH:
            break
        stopping.wait(_PAUSE_S)
    return gone


def _old_firings(
    office: Office, planned: Mapping[str, Planned], before: datetime
) -> list[tuple[str, sa.ColumnElement[bool]]]:
    """
    For each schedule that has any, which of its firings may go.

    Not those beyond the point up to which it, or one that comes after it, has settled all:
    what was settled before that point is never looked for again.
    """
    aged = sa.and_(
        firings.c.due_at < before,
        firings.c.settled_at < before,
        firings.c.trigger.not_in(_DOCUMENTS),
    )
    found = []
    with office.store.connect() as conn:
        names = list(conn.execute(sa.select(firings.c.schedule).where(aged).distinct()).scalars())
        rows = conn.execute(sa.select(schedules.c.name, schedules.c.settled_until))
        stands: dict[str, datetime] = {row.name: row.settled_until for row in rows}
        for name in names:
            newest = sa.select(firings.c.due_at).where(firings.c.schedule == name)
            ordered = newest.order_by(firings.c.due_at.desc()).offset(NEWEST - 1).limit(1)
            first_kept = conn.execute(ordered).scalar()
            if first_kept is None or name not in stands:
                continue
            after = [one.name for one in planned.values() if name in one.plan.after]
            bound = min([before, first_kept, *(stands[one] for one in after if one in stands)])
            is_settled = firings.c.settled_at < min(bound, stands[name])
            may_go = sa.or_(firings.c.trigger.in_(_ASKED), is_settled)
            is_before = sa.and_(firings.c.due_at < bound, firings.c.settled_at < bound)
            found.append((name, sa.and_(aged, is_before, may_go)))
    return found


def _delete(office: Office, schedule: str, is_old: sa.ColumnElement[bool]) -> int:
    """Delete some firings of one schedule."""
    mine = firings.c.schedule == schedule
    with office.store.begin() as conn:
        wanted = sa.select(firings.c.key).where(mine, is_old).limit(_BATCH)
        keys = list(conn.execute(wanted).scalars())
        conn.execute(sa.delete(firings).where(mine, firings.c.key.in_(keys)))
    return len(keys)


def _purge_arrivals(office: Office, planned: Iterable[Planned]) -> int:
    """Delete what is remembered of places that no schedule names, enabled or not."""
    named = [f"{one.environment}/{what[1]}" for one in planned if (what := watched(one))]
    with office.store.begin() as conn:
        return conn.execute(sa.delete(arrivals).where(arrivals.c.source.not_in(named))).rowcount
