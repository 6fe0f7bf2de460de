"""What a system's message means: whether it lets us go on, by messages.toml."""

from __future__ import annotations

import re

from clerkwork.errors import KINDS, Drifted, Failure
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
    meaning = system.messages.get(screen.message_code)
    if meaning is None:
        facts = {"system": system.name, "message": screen.message}
        return Drifted("MESSAGE_UNKNOWN", where=where, **facts)
    if meaning.kind == "Info":
        return None
    kind = KINDS[meaning.kind]
    texts = {"en": meaning.en, "zh": meaning.zh}
    return kind(screen.message_code, where=where, **texts, message=screen.message)
