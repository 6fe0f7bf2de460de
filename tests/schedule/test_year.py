"""A year of schedules against an oracle that knows the rules and nothing of the engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)

# China 2026, by hand from the notice of the State Council: days off, and the weekend days worked.
OFF = [
    ("01-01", "01-03"), ("02-15", "02-23"), ("04-04", "04-06"), ("05-01", "05-05"),
    ("06-19", "06-21"), ("09-25", "09-27"), ("10-01", "10-07"),
]  # fmt: skip
MADE_UP = {"01-04", "02-14", "02-28", "05-09", "09-20", "10-10"}


def is_worked_in_china(on: date) -> bool:
    """By the notice alone."""
    day = f"{on:%m-%d}"
    if any(first <= day <= last for first, last in OFF):
        return False
    return on.weekday() < 5 or day in MADE_UP


@dataclass(frozen=True)
class Rule:
    """A schedule as the test writes it, and as the oracle understands it."""

    name: str
    zone: str
    times: tuple[str, ...]  # "HH:MM"
    toml: str
    days: str = "all"  # all, worked, off, or a list of month-days, or weekday numbers "w0,w4"
    moves: int = 0  # to the next (1) or previous (-1) worked day
    gap: str = "skip"
    fold: str = "both"

    def is_listed(self, on: date) -> bool:
        """Whether the schedule names this day, before any moving."""
        if self.days == "all":
            return True
        if self.days == "worked":
            return is_worked_in_china(on)
        if self.days == "off":
            return not is_worked_in_china(on)
        if self.days == "last":
            return (on + DAY).day == 1
        if self.days.startswith("w"):
            return f"w{on.weekday()}" in self.days.split(",")
        return f"{on:%m-%d}" in self.days.split(",") or f"{on:%d}" in self.days.split(",")

    def days_due(self, year: int) -> set[date]:
        """Local days on which it is due, within the year and a little around it."""
        found = set()
        for n in range(-10, 376):
            day = date(year, 1, 1) + n * DAY
            if self.is_listed(day):
                while self.moves and not is_worked_in_china(day):
                    day += self.moves * DAY
                found.add(day)
        return found


CHINA = 'calendar = "china"\n'
WORKED = CHINA + 'on = "working days"\n'
SHANGHAI, BERLIN, YORK = "Asia/Shanghai", "Europe/Berlin", "America/New_York"
INTEREST = "03-20,06-20,09-20,12-20"
HOURS = tuple(f"{hour:02}:15" for hour in range(2, 24, 3))
RULES = [
    Rule("daily", SHANGHAI, ("01:30",), 'at = ["01:30"]'),
    Rule("twice", SHANGHAI, ("08:00", "20:15"), 'at = ["08:00", "20:15"]'),
    Rule("worked", SHANGHAI, ("09:00",), 'at = ["09:00"]\n' + WORKED, days="worked"),
    Rule("off", SHANGHAI, ("10:00",), 'at = ["10:00"]\non = "days off"\n' + CHINA, days="off"),
    Rule(
        "first_next", SHANGHAI, ("07:00",),
        'cron = "0 7 1 * *"\nif_closed = "next"\n' + WORKED, days="01", moves=1,
    ),
    Rule(
        "tenth_before", SHANGHAI, ("07:00",),
        'cron = "0 7 10 * *"\nif_closed = "previous"\n' + WORKED, days="10", moves=-1,
    ),
    Rule("month_end", SHANGHAI, ("23:50",), 'cron = "50 23 last * *"', days="last"),
    Rule("thirty_first", SHANGHAI, ("12:00",), 'cron = "0 12 31 * *"', days="31"),
    Rule("leap_day", SHANGHAI, ("12:00",), 'cron = "0 12 29 feb *"', days="02-29"),
    Rule(
        "interest", SHANGHAI, ("22:00",),
        'at = ["22:00"]\non = "interest_settlement"\n' + CHINA, days=INTEREST,
    ),
    Rule(
        "year_end", SHANGHAI, ("23:00",),
        'at = ["23:00"]\non = "year_end"\n' + CHINA, days="12-31",
    ),
    Rule("weekly", SHANGHAI, ("06:00",), 'cron = "0 6 * * mon,fri"', days="w0,w4"),
    Rule("berlin_plain", BERLIN, ("04:00",), 'at = ["04:00"]'),
    Rule("berlin_both", BERLIN, ("02:30",), 'at = ["02:30"]\nin_gap = "skip"\nin_fold = "both"'),
    Rule(
        "berlin_later_first", BERLIN, ("02:30",),
        'at = ["02:30"]\nin_gap = "later"\nin_fold = "first"', gap="later", fold="first",
    ),
    Rule(
        "berlin_second", BERLIN, ("02:00",),
        'at = ["02:00"]\nin_gap = "skip"\nin_fold = "second"', fold="second",
    ),
    Rule("berlin_often", BERLIN, HOURS, 'cron = "15 2-23/3 * * *"'),
    Rule(
        "york_first", YORK, ("02:30", "01:30"),
        'at = ["02:30", "01:30"]\nin_gap = "skip"\nin_fold = "first"', fold="first",
    ),
    Rule(
        "york_later", YORK, ("02:05",),
        'at = ["02:05"]\nin_gap = "later"\nin_fold = "both"', gap="later",
    ),
    Rule("york_midnight", YORK, ("00:00",), 'at = ["00:00"]'),
]  # fmt: skip


def oracle(rule: Rule, year: int, start: datetime, end: datetime) -> set[datetime]:
    """
    Every minute of UTC is looked at on the wall of the schedule's zone.

    So a time that the clocks skip is never seen, and one that they show twice is seen twice.
    """
    zone, days = ZoneInfo(rule.zone), rule.days_due(year)
    seen: dict[tuple[date, str], list[datetime]] = {}
    moment = start - 2 * DAY
    while moment <= end + 2 * DAY:
        wall = moment.astimezone(zone)
        clock = f"{wall:%H:%M}"
        if clock in rule.times and wall.date() in days:
            seen.setdefault((wall.date(), clock), []).append(moment)
        moment += MINUTE if len(rule.times) > 3 else _to_next(rule, wall)
    due = set()
    for moments in seen.values():
        chosen = {"first": moments[:1], "second": moments[-1:], "both": moments}[rule.fold]
        due.update(chosen)
    if rule.gap == "later":
        due.update(_later(rule, days, seen, zone))
    return {moment for moment in due if start < moment <= end}


def _to_next(rule: Rule, wall: datetime) -> timedelta:
    """A minute, or a half hour where no time of the rule is near: only to be quicker."""
    minutes = wall.hour * 60 + wall.minute
    times = [int(t[:2]) * 60 + int(t[3:]) for t in rule.times]
    far = all((time - minutes) % 1440 > 95 for time in times)
    return 30 * MINUTE if far and minutes % 30 == 0 else MINUTE


def _later(
    rule: Rule, days: set[date], seen: dict[tuple[date, str], list[datetime]], zone: ZoneInfo
) -> Iterator[datetime]:
    """The times that were skipped: as much after midnight as they would have been."""
    for day in days:
        for clock in rule.times:
            if (day, clock) not in seen:
                midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
                yield midnight + timedelta(hours=int(clock[:2]), minutes=int(clock[3:]))


@pytest.mark.parametrize("step_hours", [31])
def test_a_year_has_exactly_the_firings_of_the_rules(room, step_hours):
    """China 2026 with make-up days, two changes of the clock, month ends: 0 missing, 0 double."""
    start, end = datetime(2025, 12, 31, 18, tzinfo=UTC), datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
    for rule in RULES:
        room.add(rule.name, f'time_zone = "{rule.zone}"\ncatch_up = "all"\n{rule.toml}\n')
    room.now = start
    room.settle()
    while room.now < end:
        room.now = min(end, room.now + timedelta(hours=step_hours))
        room.settle()

    fired = {rule.name: [row.due_at for row in room.firings(rule.name)] for rule in RULES}
    expected = {rule.name: sorted(oracle(rule, 2026, start, end)) for rule in RULES}

    assert expected == fired
    assert sum(map(len, fired.values())) == len(room.runs()) > 5_000


def test_a_leap_year_has_its_day(room):
    """29 February comes in 2028 and in no year before; the 31st in seven months."""
    start, end = datetime(2027, 12, 31, 20, tzinfo=UTC), datetime(2028, 12, 31, 12, tzinfo=UTC)
    rules = [rule for rule in RULES if rule.name in ("leap_day", "month_end", "thirty_first")]
    for rule in rules:
        room.add(rule.name, f'time_zone = "{rule.zone}"\n{rule.toml}\n')
    room.now = start
    room.settle()
    room.now = end
    room.settle()

    for rule in rules:
        fired = [row.due_at for row in room.firings(rule.name)]
        assert sorted(oracle(rule, 2028, start, end)) == fired
    assert ["2028-02-29 04:00"] == [due for due, _ in room.states("leap_day")]
