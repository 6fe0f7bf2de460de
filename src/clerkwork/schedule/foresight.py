"""
Forecasts of firings as they stand, and of links of a chain that still wait for others.

    link that waits ──> each schedule before it: its firing of that day, or its next due time
                            └──> that one's own forecast ──> no link begins before it ends

What nobody can foresee (no history, a run that failed, no due time) counts as ending now: so
the forecast of a link is the earliest that can be said, and never a false alarm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from clerkwork.errors import Misconfigured
from clerkwork.schedule import verdicts
from clerkwork.schedule.forecast import Forecast, Items, Past, forecast, items_left, past_of
from clerkwork.schedule.manifest import Planned
from clerkwork.schedule.seen import by_key, of_day
from clerkwork.schedule.verdicts import Seen, iso

_KEPT = timedelta(minutes=5)  # how long what the past says is believed
_NEAR = timedelta(days=2)
_NOTHING = Items()


class Foresight:
    """What keeps forecasting cheap: the past, as it was within the last minutes."""

    def __init__(self) -> None:
        self._past: dict[str, tuple[datetime, Past]] = {}

    def expect(
        self,
        conn: sa.Connection,
        planned: Mapping[str, Planned],
        seen: Seen,
        items: Items,
        now: datetime,
        *,
        passed: frozenset[str] = frozenset(),
    ) -> Forecast:
        """When the firing's work will have ended; `passed`: schedules that wait for it."""
        one = planned[seen.schedule]
        begins = begins_by = verdicts.begins(one, seen.due_at)
        mine = passed | {one.name}
        for earlier, left in self._awaited(conn, planned, one, seen, now):
            if earlier.schedule not in mine:  # `clerkwork check` refuses circles
                ended = self.expect(conn, planned, earlier, left, now, passed=mine)
                begins = max(begins, ended.ends or now)
                begins_by = max(begins_by, ended.by or now)
        return forecast(
            now,
            self.past(conn, one, now),
            begins=begins,
            begins_by=begins_by,
            began=seen.began,
            has_ended=seen.run_state == "done",
            items=items,
            cut_off=one.cut_off(seen.due_at),
        )

    def past(self, conn: sa.Connection, one: Planned, now: datetime) -> Past:
        """What earlier runs of the schedule say."""
        at, known = self._past.get(one.name, (now, None))
        if known is None or abs(now - at) > _KEPT:
            known = past_of(conn, one.name, bot=one.plan.bot, environment=one.environment)
            self._past[one.name] = (now, known)
        return known

    def _awaited(
        self,
        conn: sa.Connection,
        planned: Mapping[str, Planned],
        one: Planned,
        seen: Seen,
        now: datetime,
    ) -> Iterator[tuple[Seen, Items]]:
        """The firings whose success this one still waits for, each with its items that count."""
        if seen.state not in ("waiting", "unfired") or seen.trigger == "person":
            return
        for name in one.plan.after:
            earlier = planned.get(name)
            found = _before(conn, earlier, seen, now) if earlier else None
            if found is None:
                continue
            left = _NOTHING
            if one.plan.settled and found.run_id:
                since = found.due_at - _NEAR
                left = items_left(conn, since=since, run_id=found.run_id).get(found.run_id, left)
            if found.is_open or left.left:
                yield found, left


def _before(conn: sa.Connection, earlier: Planned, seen: Seen, now: datetime) -> Seen | None:
    """The firing of `earlier` that `seen` waits for, also one that is still to come."""
    key = seen.key.removeprefix(f"after {earlier.name} ")
    if key != seen.key:  # it follows one firing, not the day's
        coming = Seen(earlier.name, key, seen.due_at, seen.day, "unfired", trigger="after")
        return by_key(conn, earlier.name, key) or coming
    of_that_day = of_day(conn, earlier.name, seen.day, since=seen.due_at - _NEAR)
    done = [one for one in of_that_day if one.run_state == "done"]
    if done or of_that_day:
        return (done or of_that_day)[-1]
    if earlier.due is None:
        coming = Seen(earlier.name, "", seen.due_at, seen.day, "unfired", trigger="after")
        return coming if earlier.plan.after else None
    try:
        due = earlier.due.next(now)
    except Misconfigured:  # a year that is not published
        return None
    is_that_day = due is not None and earlier.day_of(due) == seen.day
    return Seen(earlier.name, iso(due), due, seen.day, "unfired") if due and is_that_day else None
