"""Who is told what, and when not: the people, groups and routes of alerts.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from clerkwork.alert.kinds import KINDS, Severity
from clerkwork.manifest import Manifest, WrongValue, Zone, checked, load_toml

_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")


def _hours(text: str) -> str:
    if text:
        found = _HOURS.fullmatch(text)
        if not found or found.group(1, 2) == found.group(3, 4):
            raise WrongValue(
                'quiet hours are two different times: "22:00-07:00"',
                '免打扰时段须为两个不同的时刻："22:00-07:00"',
            )
    return text


def _kind(name: str) -> str:
    if name not in KINDS:
        known = ", ".join(KINDS)
        raise WrongValue(
            f"there is no alert “{name}”; there are: {known}",
            f"没有告警种类“{name}”；现有：{known}",
        )
    return name


Hours = Annotated[str, AfterValidator(_hours)]
Kind = Annotated[str, AfterValidator(_kind)]
# The address itself would not fit: it has colons and slashes. What does not fit is not printed.
SecretName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{0,30}$")]  # as at sign-in


class Recipient(Manifest):
    """One person who is told, or one room where several read."""

    address: SecretName
    language: Literal["zh", "en"] = "zh"
    quiet: Hours = ""
    time_zone: Zone | Literal[""] = ""


class Route(Manifest):
    """Who is told of some alerts, in which order."""

    to: tuple[Name, ...] = Field(min_length=1)
    kinds: tuple[Kind, ...] = ()
    owners: tuple[str, ...] = ()
    escalate_after_s: Annotated[int, Field(gt=0)] = 900

    def takes(self, kind: str, owner: str) -> bool:
        """Whether an alert of `kind`, about something of `owner`, goes this way."""
        return kind in (self.kinds or (kind,)) and owner in (self.owners or (owner,))


@dataclass(frozen=True)
class Way:
    """The way of one alert: who is told at once, who next, and how long it waits between."""

    steps: tuple[tuple[str, ...], ...]
    wait: timedelta


class Alerting(Manifest):
    """The whole of resources/rules/alerts.toml; keys are explained there."""

    time_zone: Zone = "UTC"
    switch: SecretName | Literal[""] = ""  # a dead-man's switch, called by a scheduler at work
    people: dict[Name, Recipient] = {}
    groups: dict[Name, tuple[Name, ...]] = {}
    routes: tuple[Route, ...] = ()

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        if twice := self.people.keys() & self.groups.keys():
            raise WrongValue(
                f"{_list(twice)}: a person and a group", f"{_list(twice)}：既是人员又是组"
            )
        named = {name for members in self.groups.values() for name in members}
        if unknown := named - self.people.keys():
            raise WrongValue(
                f"groups name who is not in people: {_list(unknown)}",
                f"组中有不在人员之列者：{_list(unknown)}",
            )
        if empty := [name for name, members in self.groups.items() if not members]:
            raise WrongValue(f"nobody is in the group {_list(empty)}", f"组内无人：{_list(empty)}")
        named = {name for route in self.routes for name in route.to}
        if unknown := named - self.people.keys() - self.groups.keys():
            raise WrongValue(
                f"routes name who is not in people or groups: {_list(unknown)}",
                f"路由中有既非人员也非组者：{_list(unknown)}",
            )
        return self

    @model_validator(mode="after")
    def _no_alert_is_without_a_way(self) -> Self:
        if self.routes and (self.routes[-1].kinds or self.routes[-1].owners):
            raise WrongValue(
                "the last route takes what fits no other: leave its kinds and owners out",
                "最后一条路由须适用其余全部：请删去其 kinds 与 owners",
            )
        return self

    def way_of(self, kind: str, owner: str) -> Way:
        """
        The way of an alert: of the first route that takes it.

        Without routes everybody is told at once; without people the way has no steps.
        """
        for route in self.routes:
            if route.takes(kind, owner):
                steps = tuple(self.groups.get(name, (name,)) for name in route.to)
                return Way(steps, timedelta(seconds=route.escalate_after_s))
        return Way((tuple(self.people),) if self.people else (), timedelta())

    def zone_of(self, person: str) -> ZoneInfo:
        """The zone that the person lives in."""
        recipient = self.people.get(person)
        return ZoneInfo((recipient and recipient.time_zone) or self.time_zone)

    def held_until(self, person: str, severity: Severity, at: datetime) -> datetime | None:
        """When the person's quiet hours end, if they hold what happens `at`; None: told at once."""
        quiet = self.people[person].quiet
        if not quiet or severity == "urgent":
            return None
        ends = _end_of_quiet(quiet, at.astimezone(self.zone_of(person)))
        return ends and ends.astimezone(UTC)


def load_alerting(path: Path) -> Alerting:
    """
    Who is told, by the file at `path`; nobody where there is none.

    Raises Misconfigured MANIFEST_BROKEN, MANIFEST_WRONG.
    """
    return checked(Alerting, load_toml(path), path) if path.exists() else Alerting()


def _end_of_quiet(hours: str, local: datetime) -> datetime | None:
    """The moment at which `hours` end, where `local` is within them."""
    starts, ends = (time.fromisoformat(text) for text in hours.split("-"))
    now = local.time()
    over_midnight = starts > ends
    inside = (now >= starts or now < ends) if over_midnight else starts <= now < ends
    if not inside:
        return None
    day = local.date() + timedelta(days=1) if over_midnight and now >= starts else local.date()
    return datetime.combine(day, ends, local.tzinfo).replace(fold=local.fold)


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
