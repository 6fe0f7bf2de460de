"""What may be typed into a 3270 field, and how it is written so that it stays data."""

from __future__ import annotations

import re

from clerkwork.errors import Refused
from clerkwork.systems.maps import FieldMap

_PATTERNS = {
    "digits": re.compile(r"[0-9]*"),
    "amount": re.compile(r"(-?[0-9]+(\.[0-9]+)?)?"),
    "date": re.compile(r"([0-9]{4}-?[0-9]{2}-?[0-9]{2})?"),
    "number": re.compile(r"[0-9.,-]*"),  # what a numeric field takes (GA23-0059)
}


def check_value(
    name: str,
    value: str,
    mapped: FieldMap,
    *,
    room: int,
    is_numeric: bool,
    code_page: str,
    where: str,
) -> None:
    """
    Say no before a key goes out: s3270 itself spills what is too long into the next
    field, takes letters into numeric ones and drops what the code page lacks.

    Raises Refused FIELD_TOO_LONG, FIELD_NOT_NUMERIC, FIELD_NOT_ENCODABLE.
    """
    length = min(mapped.length, room)
    if len(value) > length:
        raise Refused("FIELD_TOO_LONG", where=where, field=name, length=length, given=len(value))
    kinds = [mapped.type] + ["number"] * is_numeric
    for kind in kinds:
        pattern = _PATTERNS.get(kind)
        if pattern and not pattern.fullmatch(value):
            shown = "***" if mapped.secret else value
            raise Refused("FIELD_NOT_NUMERIC", where=where, field=name, type=kind, value=shown)
    for character in value:
        if character in mapped.without or not _is_encodable(character, code_page):
            shown = "***" if mapped.secret else character
            raise Refused(
                "FIELD_NOT_ENCODABLE",
                where=where,
                field=name,
                character=shown if shown.isprintable() else f"U+{ord(shown):04X}",
                code_page=code_page,
            )


def _is_encodable(character: str, code_page: str) -> bool:
    if not character.isprintable():
        return False  # a line end would begin a new action
    try:
        character.encode(code_page)
    except UnicodeEncodeError:
        return False
    except LookupError:
        return True  # a page Python lacks (cp935, ...): the read-back decides
    return True


def quoted(value: str) -> str:
    r"""
    `value` as the argument of String(): no character of it can end the text or act.

    All but letters, digits and spaces go as code points: to s3270 4.1 the closing quote
    of "A\\" is escaped by the second backslash, and the action never ends.

    >>> quoted('A"B\\C')
    '"A\\u0022B\\u005cC"'
    """
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    if character == " " or (character.isascii() and character.isalnum()) or character > "\uffff":
        return character
    return f"\\u{ord(character):04x}"
