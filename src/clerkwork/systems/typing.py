"""What may be typed into a field: checked before a key goes out, whatever the driver."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from clerkwork.errors import Refused
from clerkwork.systems.maps import FieldMap

PATTERNS = {
    "digits": re.compile(r"[0-9]*"),
    "amount": re.compile(r"(-?[0-9]+(\.[0-9]+)?)?"),
    "date": re.compile(r"([0-9]{4}-?[0-9]{2}-?[0-9]{2})?"),
    "number": re.compile(r"[0-9.,-]*"),  # what a numeric 3270 field takes (GA23-0059)
}


@dataclass(frozen=True)
class Unit:
    """What the length of a field counts, in both languages, as a message has it."""

    en: str
    zh: str


CHARACTERS = Unit("characters", "个字符")
CELLS = Unit("cells (a Chinese character takes two)", "个半角位（汉字占 2 个）")
SHIFTED_CELLS = Unit(
    "cells (a Chinese character takes two, and a run of them one more at each end)",
    "个半角位（汉字占 2 个，连续汉字前后各另占 1 个）",
)


def check_typed(
    name: str, value: str, mapped: FieldMap, *, length: int, kinds: tuple[str, ...],
    code_page: str, where: str, cells: Callable[[str], int] = len, unit: Unit = CHARACTERS,
) -> None:  # fmt: skip
    """
    That `value` fits the field: at most `length` by `cells`, of all `kinds`, and none that
    the field or the code page does not have (a line end would begin a new action).

    Raises Refused FIELD_TOO_LONG, FIELD_NOT_NUMERIC, FIELD_NOT_ENCODABLE.
    """
    if cells(value) > length:
        raise too_long(name, length, given=cells(value), unit=unit, where=where)
    for kind in kinds:
        pattern = PATTERNS.get(kind)
        if pattern and not pattern.fullmatch(value):
            shown = hidden(value, mapped)
            raise Refused("FIELD_NOT_NUMERIC", where=where, field=name, type=kind, value=shown)
    for character in value:
        if character in mapped.without or not _is_encodable(character, code_page):
            shown = character if character.isprintable() else f"U+{ord(character):04X}"
            facts = {"character": hidden(shown, mapped), "code_page": code_page}
            raise Refused("FIELD_NOT_ENCODABLE", where=where, field=name, **facts)


def too_long(name: str, length: int, *, given: int, unit: Unit, where: str) -> Refused:
    """FIELD_TOO_LONG, saying what is counted."""
    return Refused("FIELD_TOO_LONG", where=where, field=name, length=length, given=given, unit=unit)


def is_wide(character: str) -> bool:
    """Whether a terminal gives a character two cells (Unicode TR 11)."""
    return unicodedata.east_asian_width(character) in "WF"


def hidden(value: str, mapped: FieldMap) -> str:
    """`value` as a message may show it."""
    return "***" if mapped.secret else value


def _is_encodable(character: str, code_page: str) -> bool:
    if not character.isprintable():
        return False
    try:
        character.encode(code_page)
    except UnicodeEncodeError:
        return False
    except LookupError:
        return True  # a page Python lacks (cp935, ...): the read-back decides
    return True
