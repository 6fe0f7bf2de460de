"""What may be typed into a 3270 field, and how it is written so that it stays data."""

from __future__ import annotations

from clerkwork.systems.maps import FieldMap
from clerkwork.systems.typing import check_typed


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
    kinds = (mapped.type, "number") if is_numeric else (mapped.type,)
    length = min(mapped.length, room)
    check_typed(name, value, mapped, length=length, kinds=kinds, code_page=code_page, where=where)


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
