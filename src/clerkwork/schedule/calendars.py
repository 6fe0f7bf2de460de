"""
Calendars: which days a bank works, which days have names, and when a night belongs to which day.

Working days govern counterparties, ageing, cut-offs and people. The core's accounting day
is another thing: it comes every calendar day and is read from the core's own screen.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, model_validator
from pydantic_core import PydanticCustomError

from clerkwork.errors import Misconfigured
from clerkwork.manifest import Manifest, WrongValue, checked, load_toml

EVERY_DAY, WORKING_DAYS, DAYS_OFF = "every day", "working days", "days off"
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST_CLOSING = 16  # days: no bank is shut for longer, so a longer one is a mistake


def _clock_time(given: object) -> object:
    """A time of day as it is written; what would be read as another one is wrong."""
    if isinstance(given, str) and _HOUR.fullmatch(given):
        return given
    if isinstance(given, time) and given.replace(second=0, microsecond=0, tzinfo=None) == given:
        return given
    raise PydanticCustomError("time_of_day", "not a time of day in the schedule's own zone")


_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:00)?")
ClockTime = Annotated[time, BeforeValidator(_clock_time)]


class NamedDay(Manifest):
    """A day of the year with a name, such as 结息日 (interest settlement) or 年终决算."""

    en: str
    zh: str
    months: tuple[int, ...] = ()  # () = every month
    day: int | Literal["last"]

    def is_on(self, on: date) -> bool:
        """Whether `on` is such a day."""
        day = (on + timedelta(days=1)).day == 1 if self.day == "last" else on.day == self.day
        return day and (not self.months or on.month in self.months)


class Calendar(Manifest):
    """
    `resources/calendars/*.toml`: a country's public days, and the bank's own on top.

    "CN" has make-up working days and is known only for years that the State Council has
    published; every other country is computed by its law (package holidays). `complete`
    names years whose days the bank has written into `closed` and `open` itself.
    """

    title_en: str
    title_zh: str
    country: str = ""  # ISO 3166-1; "" = no public days
    subdivision: str = ""  # ISO 3166-2 without the country, e.g. "BY"
    weekend: tuple[Weekday, ...] = ("sat", "sun")
    closed: tuple[date, ...] = ()
    open: tuple[date, ...] = ()
    complete: tuple[int, ...] = ()
    day_begins: ClockTime = time(0)  # when a night's work belongs to the day on which it began
    cut_offs: dict[str, ClockTime] = {}  # by name, e.g. of a payment system
    named: dict[str, NamedDay] = {}

    @model_validator(mode="after")
    def _is_one_thing(self) -> Calendar:
        both = set(self.closed) & set(self.open)
        if both:
            raise WrongValue(
                f"{min(both)} is both closed and open", f"{min(both)} 同时列为休息日与工作日"
            )
        if self.country and self.country != "CN":
            self._public_days  # noqa: B018  # an unknown country or subdivision is said here
        return self

    @cached_property
    def _public_days(self) -> dict[date, str]:
        import holidays

        try:
            return holidays.country_holidays(self.country, subdiv=self.subdivision or None)
        except NotImplementedError:
            raise WrongValue(
                f"no public days of {self.country} {self.subdivision}",
                f"没有 {self.country} {self.subdivision} 的公共假日",
            ) from None

    def is_weekend(self, on: date) -> bool:
        """Whether `on` is a day of the weekend, worked or not."""
        return WEEKDAYS[on.weekday()] in self.weekend

    def is_working_day(self, on: date) -> bool:
        """Whether the bank works on `on`. Raises Misconfigured CALENDAR_NOT_PUBLISHED."""
        if on in self.closed or on in self.open:
            return on in self.open
        is_weekend = self.is_weekend(on)
        if not self.country or on.year in self.complete:
            return not is_weekend
        if self.country == "CN":
            return _is_chinese_working_day(on)
        return not is_weekend and on not in self._public_days

    def holds(self, on: date, which: str) -> bool:
        """Whether `on` is one of `which`: every day, working days, days off, or a named day."""
        if which == EVERY_DAY:
            return True
        if which in (WORKING_DAYS, DAYS_OFF):
            return self.is_working_day(on) == (which == WORKING_DAYS)
        return self.named[which].is_on(on)

    def nearest(self, on: date, which: str, *, step: int) -> date:
        """
        The first day of `which` from `on`, forward (1) or back (-1), 16 days away at most.

        Raises Misconfigured CALENDAR_HAS_NO_SUCH_DAY, CALENDAR_NOT_PUBLISHED.
        """
        for days in range(_LONGEST_CLOSING + 1):
            day = on + timedelta(days=days * step)
            if self.holds(day, which):
                return day
        raise Misconfigured("CALENDAR_HAS_NO_SUCH_DAY", days=which, day=on)

    def day_of(self, moment: datetime) -> date:
        """The day to which work due at `moment` (aware, in the bank's zone) belongs."""
        begins = self.day_begins
        back = timedelta(hours=begins.hour, minutes=begins.minute)
        return (moment.replace(tzinfo=None) - back).date()

    def names_of(self, on: date) -> list[NamedDay]:
        """The named days that fall on `on`."""
        return [day for day in self.named.values() if day.is_on(on)]


PLAIN = Calendar(title_en="every weekday", title_zh="周一至周五")


def _is_chinese_working_day(on: date) -> bool:
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(on))
    except NotImplementedError:
        raise Misconfigured("CALENDAR_NOT_PUBLISHED", year=on.year) from None


def load_calendar(path: Path) -> Calendar:
    """The calendar in `path`. Raises Misconfigured MANIFEST_*."""
    return checked(Calendar, load_toml(path), path)
