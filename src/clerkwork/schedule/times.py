"""
Due times: from a schedule's clock times to moments, through its zone and calendar.

    cron, at ──> clock times ──> calendar: kept, dropped or moved ──> zone ──> moments (UTC)

APScheduler's cron parser counts clock times as if in UTC, so that no rule about summer
time is its own: a time that the clocks skip, or show twice, follows the schedule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from heapq import merge
from typing import Literal
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from clerkwork.schedule.calendars import EVERY_DAY, Calendar

InGap = Literal["", "skip", "later"]
InFold = Literal["", "first", "second", "both"]
IfClosed = Literal["skip", "next", "previous"]

_SECOND = timedelta(seconds=1)
_NEAR = timedelta(hours=26)  # the widest change of a clock was a whole day (Samoa, 2011)
_MOVED = timedelta(days=16)  # how far a closed day may move a time
_WINDOWS = (2, 8, 40, 200, 800, 3200)  # days in which the next time is looked for
_FAR = timedelta(days=3200)


@lru_cache(maxsize=4096)  # cut-offs are asked for again and again
def wall_clock(cron: str) -> CronTrigger:
    """The five fields of `cron` on a clock without a zone. Raises ValueError."""
    return CronTrigger.from_crontab(cron, timezone=UTC)


@dataclass(frozen=True)
class DueTimes:
    """When a schedule is due: the same answer for the same rules, whenever it is asked."""

    clocks: tuple[CronTrigger, ...]
    zone: ZoneInfo
    calendar: Calendar
    on: str = EVERY_DAY
    if_closed: IfClosed = "skip"
    in_gap: InGap = "skip"
    in_fold: InFold = "both"
    first: date | None = None
    last: date | None = None

    def next(self, after: datetime, *, until: datetime | None = None) -> datetime | None:
        """
        The first due time after `after` (and not later than `until`), in UTC.

        None for none, or none in eight years. Raises Misconfigured CALENDAR_NOT_PUBLISHED
        where the answer would need an unknown year.
        """
        last = until or after + _FAR
        if self.if_closed == "skip" and self._is_steady(after):
            found = self._next_by_offset(after, last)
            if found is None or self._is_steady(found):
                return found
        for days in _WINDOWS:
            end = min(last, after + timedelta(days=days))
            for moment in self.between(after, end):
                return moment
            if end == last:
                break
        return None

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """The due times after `after` and up to `until`, each once, in order, in UTC."""
        pad = _NEAR if self.if_closed == "skip" else _NEAR + _MOVED
        walls = self._walls(self._wall(after) - pad, self._wall(until) + pad)
        days = self._kept(walls)
        yield from sorted({m for wall in days for m in self._moments(wall) if after < m <= until})

    def unruled(self, after: datetime, until: datetime) -> Iterator[tuple[datetime, str]]:
        """Clock times between the two that the clocks skip ("gap") or show twice ("fold")."""
        for wall in self._kept(self._walls(self._wall(after), self._wall(until))):
            early, late = self._both(wall)
            if early != late:
                yield wall, "fold" if early < late else "gap"

    def _next_by_offset(self, after: datetime, last: datetime) -> datetime | None:
        """The answer as long as no clock changes on the way and no day moves."""
        first = self._wall(after).replace(microsecond=0) + _SECOND
        walls = self._walls(first, self._wall(last))
        for wall in self._kept(walls):
            return self._both(wall)[0]
        return None

    def _is_steady(self, moment: datetime) -> bool:
        around = {(moment + shift).astimezone(self.zone).utcoffset() for shift in (-_NEAR, _NEAR)}
        return len(around) == 1

    def _wall(self, moment: datetime) -> datetime:
        """What the clock on the wall shows at `moment`, without a zone."""
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def _walls(self, start: datetime, until: datetime) -> Iterator[datetime]:
        """The clock times of all lines from `start` to `until`, in order."""
        yield from merge(*(_fires(clock, start, until) for clock in self.clocks))

    def traced(self, after: datetime, until: datetime) -> Iterator[tuple[datetime, date | None]]:
        """The clock times between the two, each with the day it is kept on; None: left out."""
        for wall in self._walls(self._wall(after), self._wall(until)):
            day = self._day(wall.date())
            if day is None or self._lives(day):
                yield wall, day

    def _kept(self, walls: Iterable[datetime]) -> Iterator[datetime]:
        """The clock times on days of the schedule, on other days dropped or moved."""
        for wall in walls:
            day = self._day(wall.date())
            if day is not None and self._lives(day):
                yield datetime.combine(day, wall.time())

    def _day(self, day: date) -> date | None:
        """The day on which what falls on `day` is kept."""
        if self.on == EVERY_DAY or self.calendar.holds(day, self.on):
            return day
        if self.if_closed == "skip":
            return None
        return self.calendar.nearest(day, self.on, step=1 if self.if_closed == "next" else -1)

    def _lives(self, day: date) -> bool:
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)

    def _both(self, wall: datetime) -> tuple[datetime, datetime]:
        """
        The moments of a clock time by the offset before a change and after it.

        Equal on most days; the first is later in a gap and earlier in a fold (PEP 495).
        """
        early = wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC)
        late = wall.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        return early, late

    def _moments(self, wall: datetime) -> tuple[datetime, ...]:
        early, late = self._both(wall)
        if early == late:
            return (early,)
        if early > late:
            return (early,) if self.in_gap == "later" else ()
        return {"first": (early,), "second": (late,)}.get(self.in_fold, (early, late))


def _fires(clock: CronTrigger, start: datetime, until: datetime) -> Iterator[datetime]:
    moment = clock.get_next_fire_time(None, start.replace(tzinfo=UTC))
    end = until.replace(tzinfo=UTC)
    while moment is not None and moment <= end:
        yield moment.replace(tzinfo=None)
        moment = clock.get_next_fire_time(None, moment + _SECOND)
