"""Parameters that a schedule fills: counted from its day, or said by what arrived."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from clerkwork.schedule.calendars import WORKING_DAYS
from clerkwork.schedule.manifest import Planned

_DAY = timedelta(days=1)
# What a parameter may say instead of a date, counted from the day to which the firing belongs.
PHRASES: dict[str, Callable[[Planned, date], date]] = {
    "day": lambda _, day: day,
    "previous day": lambda _, day: day - _DAY,
    "previous working day": lambda p, day: p.calendar.nearest(day - _DAY, WORKING_DAYS, step=-1),
    "previous month end": lambda _, day: day.replace(day=1) - _DAY,
}
# What arrivals say of themselves, as {file}, by what makes the schedule due.
FACTS: dict[str, tuple[str, ...]] = {
    "file": ("file", "folder"),
    "mail": ("file", "folder", "sender", "subject"),
    "run": ("run",),
    "item": ("item",),
    "call": ("call",),
}
CALL = "call."  # what a call says of parameter `x` is fact "call.x": {call} in that parameter


def given(planned: Planned, due: datetime, facts: Mapping[str, str]) -> dict[str, str]:
    """The parameters that this firing fills: those that say a phrase or name a fact."""
    filled = {}
    for name, text in planned.plan.parameters.items():
        if text in PHRASES:
            filled[name] = str(PHRASES[text](planned, planned.day_of(due)))
        elif "{" in text:
            mine = {"call": facts[CALL + name]} if CALL + name in facts else {}
            filled[name] = _with_facts(text, dict(facts) | mine)
    return filled


def said_by_arrivals(planned: Planned) -> list[str]:
    """The parameters that only something that arrives can fill."""
    facts = [f"{{{fact}}}" for fact in FACTS.get(planned.plan.arrives, ())]
    texts = planned.plan.parameters.items()
    return sorted(name for name, text in texts if any(fact in text for fact in facts))


def asked_of_call(planned: Planned) -> set[str]:
    """The parameters that a call must give: those with {call} in them."""
    return {name for name, text in planned.plan.parameters.items() if "{call}" in text}


def _with_facts(text: str, facts: Mapping[str, str]) -> str:
    """`text` with each {fact} in it once replaced; what a fact says is not read again."""
    parts = text.split("{")
    said = parts[0]
    for part in parts[1:]:
        name, brace, rest = part.partition("}")
        said += facts[name] + rest if brace and name in facts else "{" + part
    return said
