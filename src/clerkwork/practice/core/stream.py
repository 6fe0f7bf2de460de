"""
The 3270 data stream (IBM GA23-0059), as far as a 24 by 80 host needs it.

A page goes out as one Erase/Write; what comes in is an AID, the cursor and the
fields whose modified-data tag (MDT) is on.

    row 1   |a T E X T ...           a = attribute byte: takes one position,
    row 2   |... L A B E L a _ _ _ a     says what the positions after it are
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ROWS, COLUMNS = 24, 80
CODE_PAGE = "cp037"

_ERASE_WRITE = 0xF5
_UNLOCK_AND_RESET_MDT = 0xC3
_SBA, _SF, _IC = 0x11, 0x1D, 0x13

_PROTECTED, _NUMERIC, _BRIGHT, _HIDDEN, _MODIFIED = 0x20, 0x10, 0x08, 0x0C, 0x01
_SKIP = _PROTECTED | _NUMERIC  # the cursor skips such a field

# GA23-0059, figure C-1: the graphic that carries each six-bit value.
_SIX = bytes(
    [0x40, *range(0xC1, 0xCA), *range(0x4A, 0x50), 0x50, *range(0xD1, 0xDA), *range(0x5A, 0x60)]
    + [0x60, 0x61, *range(0xE2, 0xEA), *range(0x6A, 0x70), *range(0xF0, 0xFA), *range(0x7A, 0x80)]
)

AIDS = {0x7D: "ENTER", 0x6D: "CLEAR", 0x6C: "PA1", 0x6E: "PA2", 0x6B: "PA3"} | {
    aid: f"PF{number}"
    for number, aid in enumerate(
        [*range(0xF1, 0xFA), 0x7A, 0x7B, 0x7C, *range(0xC1, 0xCA), 0x4A, 0x4B, 0x4C], start=1
    )
}


class BadStream(Exception):
    """What the client sent is not a 3270 data stream."""


@dataclass(frozen=True)
class Text:
    """A protected text. Rows and columns count from 1; the attribute stands before it."""

    row: int
    column: int
    text: str
    bright: bool = False


@dataclass(frozen=True)
class Input:
    """An unprotected field."""

    name: str
    row: int
    column: int
    length: int
    value: str = ""
    numeric: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class Page:
    """One screen to show. The cursor goes to the first input, else to the top left."""

    texts: tuple[Text, ...]
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True)
class Inbound:
    """What the operator sent: the key, and the modified fields by name, trimmed."""

    key: str
    fields: Mapping[str, str] = field(default_factory=dict)


def address(position: int) -> bytes:
    """A buffer position as a 12-bit address."""
    return bytes([_SIX[position >> 6], _SIX[position & 0x3F]])


def position(first: int, second: int) -> int:
    """The buffer position of a 12-bit or 14-bit address. Raises BadStream outside the screen."""
    is_12_bit = first & 0xC0
    place = (first & 0x3F) << 6 | second & 0x3F if is_12_bit else first << 8 | second
    if place >= ROWS * COLUMNS:
        raise BadStream(f"address {place}")
    return place


def _before(row: int, column: int) -> int:
    """Where the attribute of a field at (row, column) stands: the position before it."""
    return ((row - 1) * COLUMNS + column - 2) % (ROWS * COLUMNS)


def _start(place: int, attribute: int) -> bytes:
    return bytes([_SBA]) + address(place) + bytes([_SF, _SIX[attribute]])


def outbound(page: Page) -> bytes:
    """`page` as an Erase/Write that unlocks the keyboard."""
    out = bytearray([_ERASE_WRITE, _UNLOCK_AND_RESET_MDT])
    for text in page.texts:
        attribute = _SKIP | (_BRIGHT if text.bright else 0)
        out += _start(_before(text.row, text.column), attribute)
        out += text.text.encode(CODE_PAGE, "replace")
    for number, item in enumerate(page.inputs):
        attribute = _NUMERIC if item.numeric else 0
        attribute |= _HIDDEN if item.hidden else 0
        # A value shown again is marked modified, so that it is sent again.
        attribute |= _MODIFIED if item.value else 0
        out += _start(_before(item.row, item.column), attribute)
        if number == 0:
            out.append(_IC)
        out += item.value.encode(CODE_PAGE, "replace")
        out += _start(_before(item.row, item.column + item.length + 1), _SKIP)
    return bytes(out)


def inbound(record: bytes, page: Page) -> Inbound:
    """What `record` says about `page`. Raises BadStream."""
    if not record or record[0] not in AIDS:
        raise BadStream(f"AID {record[:1].hex()}")
    named = {(item.row - 1) * COLUMNS + item.column - 1: item.name for item in page.inputs}
    fields = {}
    for part in record[3:].split(bytes([_SBA]))[1:] if len(record) > 3 else []:
        if len(part) < 2:
            raise BadStream("address cut off")
        place = position(part[0], part[1])
        if place not in named:
            raise BadStream(f"no field at {place}")
        fields[named[place]] = part[2:].replace(b"\0", b"").decode(CODE_PAGE).strip()
    return Inbound(AIDS[record[0]], fields)
