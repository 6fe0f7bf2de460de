"""What a system's message means: whether it lets us go on, by messages.toml."""

from __future__ import annotations

import re

from clerkwork.errors import KINDS, Drifted, Failure, Unavailable
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.port import Screen


def code_in(message: str, system: SystemMap) -> str:
    """The code of a message, "" when it has none."""
    found = re.search(system.message_code, message) if system.message_code else None
    return found[1] if found else ""


def failure_of(screen: Screen, system: SystemMap) -> Failure | None:
    """What the system's message means, when it does not let us go on."""
    if not (screen.message and system.message_code):
        return None
    where = f"{system.name} {screen.name}"
    if screen.message_code not in system.messages:
        facts = {"system": system.name, "message": screen.message}
        return Drifted("MESSAGE_UNKNOWN", where=where, **facts)
    return meaning_of(screen.message_code, screen.message, system, where=where)


def meaning_of(code: str, message: str, system: SystemMap, *, where: str) -> Failure | None:
    """The failure that a message code means; None for one that is mapped as Info, or not."""
    meaning = system.messages.get(code)
    if meaning is None or meaning.kind == "Info":
        return None
    texts = {"en": meaning.en, "zh": meaning.zh}
    return KINDS[meaning.kind](code, where=where, **texts, message=message)


def not_seen(names: tuple[str, ...], shown: str | None, system: SystemMap) -> Failure:
    """
    Why none of `names` was seen before the deadline: another screen came, named `shown`, or
    "" for an unknown one; None when nothing came that was complete.
    """
    facts = {"system": system.name, "expected": ", ".join(names)}
    if shown is None:
        return Unavailable("SCREEN_LATE", **facts, wait_s=f"{system.deadline_s:g}")
    if not shown:
        return Drifted("SCREEN_UNKNOWN", system=system.name)
    return Drifted("SCREEN_UNEXPECTED", **facts, shown=shown)
