"""What may be typed into a web field, and when a field shows what was typed."""

from __future__ import annotations

import re
from decimal import Decimal

from clerkwork.errors import Refused
from clerkwork.systems.maps import FieldMap

_PATTERNS = {
    "digits": re.compile(r"[0-9]*"),
    "amount": re.compile(r"(-?[0-9]+(\.[0-9]+)?)?"),
    "date": re.compile(r"([0-9]{4}-?[0-9]{2}-?[0-9]{2})?"),
}
_GROUPED = re.compile(r"-?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?")


def check_value(name: str, value: str, mapped: FieldMap, *, code_page: str, where: str) -> None:
    """
    Say no before a key goes out: browsers cut what is too long without a word, and a
    line end in a value would press Enter.

    Raises Refused FIELD_TOO_LONG, FIELD_NOT_NUMERIC, FIELD_NOT_ENCODABLE, FIELD_PADDED.
    """
    if value != value.strip():
        raise Refused("FIELD_PADDED", where=where, field=name, value=hidden(value, mapped))
    if len(value) > mapped.length:
        raise Refused(
            "FIELD_TOO_LONG", where=where, field=name, length=mapped.length, given=len(value)
        )
    pattern = _PATTERNS.get(mapped.type)
    if pattern and not pattern.fullmatch(value):
        shown = hidden(value, mapped)
        raise Refused("FIELD_NOT_NUMERIC", where=where, field=name, type=mapped.type, value=shown)
    for character in value:
        if character in mapped.without or not _is_encodable(character, code_page):
            shown = character if character.isprintable() else f"U+{ord(character):04X}"
            facts = {"character": hidden(shown, mapped), "code_page": code_page}
            raise Refused("FIELD_NOT_ENCODABLE", where=where, field=name, **facts)


def hidden(value: str, mapped: FieldMap) -> str:
    """`value` as a message may show it."""
    return "***" if mapped.secret else value


def is_same(shown: str, wanted: str, mapped: FieldMap) -> bool:
    """
    Whether a field shows what was typed; an amount may have been grouped by the page.

    >>> is_same("1,234.50", "1234.5", FieldMap(type="amount", length=20))
    True
    """
    if mapped.type == "amount" and wanted and _GROUPED.fullmatch(shown):
        return Decimal(shown.replace(",", "")) == Decimal(wanted)
    return shown == wanted


def _is_encodable(character: str, code_page: str) -> bool:
    if not character.isprintable():
        return False
    try:
        character.encode(code_page)
    except UnicodeEncodeError:
        return False
    return True
