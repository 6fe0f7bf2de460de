"""
The watch: looks at what is due, goes on or has just ended, and raises each alert once.

    cw_schedules ──> due times that nobody settled ─┐
    cw_firings ────> those that wait, were missed ──┼──> verdicts ──> new? ──> outbox
    cw_runs ───────> those that go on, or failed ───┘

Everything is decided from the store, so a watcher may die, or be a worker in the
scheduler's place. What ended well is never looked at: the cost goes with what is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from clerkwork.alert import Alert, raise_alert, settle_alert
from clerkwork.errors import Misconfigured
from clerkwork.run.office import Office
from clerkwork.schedule import verdicts
from clerkwork.schedule.chains import key_after
from clerkwork.schedule.forecast import Items, items_left
from clerkwork.schedule.foresight import Foresight
from clerkwork.schedule.manifest import Planned
from clerkwork.schedule.over import is_over, open_alerts
from clerkwork.schedule.rules import jitter
from clerkwork.schedule.seen import (
    RECENT,
    has_firing,
    has_succeeded,
    missed_lately,
    open_firings,
    settled_rows,
    why_missed,
)
from clerkwork.schedule.verdicts import Seen, iso
from clerkwork.store.tables import alerts

_UNFIRED = 10  # due times of one schedule that nobody settled: the first ones are told
_CHUNK = 500
_NOTHING = Items()


class Watch:
    """
    A watcher; what it keeps is only what it would work out again.

    A scheduler's own (`is_kept`) need not look for due times that nobody settled: it
    settles them itself, and looking between a step of the clock and that is too early.
    """

    def __init__(self, office: Office, *, is_kept: bool = False):
        self._office = office
        self._is_kept = is_kept
        self._foresight = Foresight()
        self._next: dict[str, tuple[Planned, datetime, datetime | None]] = {}

    def look(self, planned: Mapping[str, Planned]) -> None:
        """Raise what is new, settle what is over; decided anew where it is written."""
        now = self._office.clock()
        with self._office.store.connect() as conn:
            found = self._new(conn, planned, now)
            over = [row.key for row in open_alerts(conn, now) if is_over(conn, row)]
        if not found and not over:
            return
        with self._office.store.begin() as conn:
            for alert in self._new(conn, planned, now):
                raise_alert(conn, alert, at=now)
            for row in open_alerts(conn, now):
                if is_over(conn, row):
                    settle_alert(conn, row.key, at=now)

    def _new(
        self, conn: sa.Connection, planned: Mapping[str, Planned], now: datetime
    ) -> list[Alert]:
        """The alerts that are due and were not raised before."""
        enabled = {name: one for name, one in planned.items() if one.plan.enabled}
        left = items_left(conn, since=now - RECENT)
        seen = [
            *(() if self._is_kept else self._unfired(conn, enabled, now)),
            *(one for one in open_firings(conn, now, left) if one.schedule in enabled),
        ]
        followers = _followers_of(enabled)
        found = [
            *self._alerts(conn, enabled, seen, left, now),
            *_missed(conn, enabled, now),
            *(a for one in seen for a in self._after(conn, enabled, followers, one, now)),
        ]
        return _unknown(conn, found)

    def _alerts(
        self,
        conn: sa.Connection,
        planned: Mapping[str, Planned],
        seen: Sequence[Seen],
        left: Mapping[str, Items],
        now: datetime,
    ) -> Iterator[Alert]:
        for one in seen:
            plan = planned[one.schedule]
            items = left.get(one.run_id, _NOTHING)
            cut_off = plan.cut_off(one.due_at)
            if one.run_state == "failed":
                yield verdicts.run_failed(plan, one)
            if one.is_open and not one.began:
                yield from verdicts.not_begun(plan, one, now)
            yield from verdicts.not_ended(plan, one, now, cut_off=cut_off)
            if cut_off and verdicts.needs_ending(one, items):
                yield from self._by_cut_off(conn, planned, one, items, now)

    def _by_cut_off(
        self,
        conn: sa.Connection,
        planned: Mapping[str, Planned],
        seen: Seen,
        items: Items,
        now: datetime,
    ) -> Iterator[Alert]:
        plan = planned[seen.schedule]
        cut_off = plan.cut_off(seen.due_at)
        assert cut_off is not None
        if now > cut_off:
            is_made_good = not seen.is_open and seen.run_state != "done"
            if not (is_made_good and has_succeeded(conn, seen)):
                yield verdicts.late(plan, seen, cut_off)
        elif seen.is_open or items.moving:
            expected = self._foresight.expect(conn, planned, seen, items, now)
            if expected.is_likely_late:
                yield verdicts.likely_late(plan, seen, expected)

    def _after(
        self,
        conn: sa.Connection,
        planned: Mapping[str, Planned],
        followers: Mapping[str, Sequence[Planned]],
        seen: Seen,
        now: datetime,
        *,
        passed: frozenset[str] = frozenset(),
    ) -> Iterator[Alert]:
        """Schedules that come after this firing and were never fired: late with it, or likely."""
        for one in followers.get(seen.schedule, ()):
            key = key_after(one, seen.schedule, seen.key, seen.day)
            if one.name in passed or has_firing(conn, one.name, key=key):
                continue
            cut_off = one.cut_off(seen.due_at)
            link = Seen(one.name, key, seen.due_at, seen.day, "unfired", trigger="after")
            if cut_off and not has_succeeded(conn, seen):
                yield from self._by_cut_off(conn, planned, link, _NOTHING, now)
            mine = passed | {one.name}
            yield from self._after(conn, planned, followers, link, now, passed=mine)

    def _unfired(
        self, conn: sa.Connection, planned: Mapping[str, Planned], now: datetime
    ) -> Iterator[Seen]:
        """Due times that have passed and that nobody settled: no scheduler was there."""
        for row in settled_rows(conn):
            one = planned.get(row.name)
            if one is None or one.due is None or row.paused_at is not None:
                continue
            until = now - jitter(one) - timedelta(seconds=one.plan.begins_within_s)
            due = self._next_due(one, row.settled_until)
            for _ in range(_UNFIRED):
                if due is None or due > until:
                    break
                if not has_firing(conn, one.name, key=iso(due)):
                    yield Seen(one.name, iso(due), due, one.day_of(due), "unfired")
                due = _due_after(one, due)

    def _next_due(self, one: Planned, after: datetime) -> datetime | None:
        """The next due time, kept: a day's schedule is asked thousands of times for it."""
        known = self._next.get(one.name)
        if known is None or known[0] is not one or known[1] != after:
            known = self._next[one.name] = (one, after, _due_after(one, after))
        return known[2]


def _due_after(one: Planned, after: datetime) -> datetime | None:
    try:
        return one.due.next(after) if one.due else None
    except Misconfigured:  # a year that is not published: `clerkwork check` says so
        return None


def _missed(conn: sa.Connection, planned: Mapping[str, Planned], now: datetime) -> Iterator[Alert]:
    """One alert for all due times of a schedule that were settled as missed at one moment."""
    groups = [row for row in missed_lately(conn, now) if row.schedule in planned]
    keyed = {f"missed:{row.schedule}:{iso(row.settled_at)}": row for row in groups}
    known = _known(conn, keyed)
    for key, row in keyed.items():
        if key not in known:
            code = why_missed(conn, row)
            owner = planned[row.schedule].plan.owner
            yield verdicts.missed(row.schedule, row.due_at, row.settled_at, code, owner=owner)


def _followers_of(planned: Mapping[str, Planned]) -> dict[str, list[Planned]]:
    """By schedule, those that only its success (with others') makes due."""
    found: dict[str, list[Planned]] = {}
    for one in planned.values():
        for name in one.plan.after if one.due is None else ():
            found.setdefault(name, []).append(one)
    return found


def _unknown(conn: sa.Connection, found: Iterable[Alert]) -> list[Alert]:
    """Those of `found` that were not raised before, each once."""
    by_key = {alert.key: alert for alert in found}
    known = _known(conn, by_key)
    return [alert for key, alert in by_key.items() if key not in known]


def _known(conn: sa.Connection, keys: Iterable[str]) -> set[str]:
    """Those of `keys` under which an alert was raised."""
    known: set[str] = set()
    every = list(keys)
    for start in range(0, len(every), _CHUNK):
        wanted = sa.select(alerts.c.key).where(alerts.c.key.in_(every[start : start + _CHUNK]))
        known |= set(conn.execute(wanted).scalars())
    return known
