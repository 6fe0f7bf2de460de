"""
The 3270 data stream (IBM GA23-0059), as far as a host of plain forms needs it.

A page goes out as one Erase/Write; what comes in is an AID, the cursor and the
fields whose modified-data tag (MDT) is on.

    row 1   |a T E X T ...           a = attribute byte: takes one position,
    row 2   |... L A B E L a _ _ _ a     says what the positions after it are

Pages are laid out for 24 by 80. On a larger screen they stand in its upper left corner,
or the host asks the terminal for its 24 by 80 size; both is what real hosts do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from clerkwork.practice.core.code_pages import CodePage, code_page

ROWS, COLUMNS = 24, 80

_ERASE_WRITE, _ERASE_WRITE_ALTERNATE, _WRITE = 0xF5, 0x7E, 0xF1
_UNLOCK_AND_RESET_MDT, _UNLOCK, _STAY_LOCKED = 0xC3, 0xC2, 0x40
_SBA, _SF, _SFE, _IC = 0x11, 0x1D, 0x29, 0x13
_FIELD_ATTRIBUTE, _INPUT_CONTROL, _MAKE_SHIFTS = 0xC0, 0xFE, 0x01

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
    chinese: bool = False  # double-byte characters may be typed, where the page has them


@dataclass(frozen=True)
class Page:
    """One screen to show. The cursor goes to the first input, else to the top left."""

    texts: tuple[Text, ...]
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True)
class Display:
    """The terminal a page is shown on: its size and code page, and the size it is asked for."""

    rows: int = ROWS
    columns: int = COLUMNS
    page: CodePage = field(default_factory=lambda: code_page("cp037"))
    is_alternate: bool = False  # Erase/Write Alternate: the larger size of models 3 to 5

    def before(self, row: int, column: int) -> int:
        """Where the attribute of a field at (row, column) stands: the position before it."""
        return ((row - 1) * self.columns + column - 2) % (self.rows * self.columns)

    def at(self, row: int, column: int) -> int:
        """The buffer position of (row, column), both from 1."""
        return (row - 1) * self.columns + column - 1


PLAIN = Display()


@dataclass(frozen=True)
class Inbound:
    """What the operator sent: the key, and the modified fields by name, trimmed."""

    key: str
    fields: Mapping[str, str] = field(default_factory=dict)


def address(position: int) -> bytes:
    """A buffer position as a 12-bit address."""
    return bytes([_SIX[position >> 6], _SIX[position & 0x3F]])


def position(first: int, second: int, display: Display = PLAIN) -> int:
    """The buffer position of a 12-bit or 14-bit address. Raises BadStream outside the screen."""
    is_12_bit = first & 0xC0
    place = (first & 0x3F) << 6 | second & 0x3F if is_12_bit else first << 8 | second
    if place >= display.rows * display.columns:
        raise BadStream(f"address {place}")
    return place


def outbound(page: Page, display: Display = PLAIN, *, unlock: bool = True) -> bytes:
    """`page` as an Erase/Write that unlocks the keyboard, unless it is to stay locked."""
    command = _ERASE_WRITE_ALTERNATE if display.is_alternate else _ERASE_WRITE
    control = _UNLOCK_AND_RESET_MDT if unlock else _STAY_LOCKED
    return bytes([command, control]) + _orders(page, display)


def parts(page: Page, display: Display = PLAIN) -> tuple[bytes, ...]:
    """`page` in three records: its first row, what is between, the last two rows."""
    rows = [range(1, 2), range(2, ROWS - 1), range(ROWS - 1, ROWS + 1)]
    first, *later = [
        Page(
            tuple(text for text in page.texts if text.row in part),
            tuple(item for item in page.inputs if item.row in part),
        )
        for part in rows
    ]
    write = bytes([_WRITE, _UNLOCK])
    return outbound(first, display), *(write + _orders(part, display) for part in later)


def _orders(page: Page, display: Display) -> bytes:
    out = bytearray()
    for text in page.texts:
        attribute = _SKIP | (_BRIGHT if text.bright else 0)
        out += _start(display.before(text.row, text.column), attribute)
        out += _cells(text, display)
    for number, item in enumerate(page.inputs):
        out += _start(display.before(item.row, item.column), _attribute(item), chinese=item.chinese)
        if number == 0:
            out.append(_IC)
        out += display.page.encode(item.value)
        out += _start(display.before(item.row, item.column + item.length + 1), _SKIP)
    return bytes(out)


def _attribute(item: Input) -> int:
    attribute = _NUMERIC if item.numeric else 0
    attribute |= _HIDDEN if item.hidden else 0
    # A value shown again is marked modified, so that it is sent again.
    return attribute | (_MODIFIED if item.value else 0)


def _start(place: int, attribute: int, *, chinese: bool = False) -> bytes:
    at = bytes([_SBA]) + address(place)
    if not chinese:
        return at + bytes([_SF, _SIX[attribute]])
    pairs = [_FIELD_ATTRIBUTE, _SIX[attribute], _INPUT_CONTROL, _MAKE_SHIFTS]
    return at + bytes([_SFE, 2, *pairs])


def _cells(text: Text, display: Display) -> bytes:
    """The cells of a text; one that runs over several rows of 80 does so on any screen."""
    cells = display.page.encode(text.text)
    if display.columns == COLUMNS or len(cells) <= COLUMNS:
        return cells
    out = cells[:COLUMNS]
    for row, start in enumerate(range(COLUMNS, len(cells), COLUMNS), start=text.row + 1):
        place = display.at(row, text.column)
        out += bytes([_SBA]) + address(place) + cells[start : start + COLUMNS]
    return out


def inbound(record: bytes, page: Page, display: Display = PLAIN) -> Inbound:
    """What `record` says about `page`. Raises BadStream."""
    if not record or record[0] not in AIDS:
        raise BadStream(f"AID {record[:1].hex()}")
    named = {display.at(item.row, item.column): item.name for item in page.inputs}
    fields = {}
    rest = record[3:]
    while rest:
        if rest[0] != _SBA or len(rest) < 3:
            raise BadStream("address cut off")
        place = position(rest[1], rest[2], display)
        if place not in named:
            raise BadStream(f"no field at {place}")
        end = rest.find(_SBA, 3)
        end = len(rest) if end < 0 else end
        fields[named[place]] = display.page.decode(rest[3:end].replace(b"\0", b"")).strip()
        rest = rest[end:]
    return Inbound(AIDS[record[0]], fields)
