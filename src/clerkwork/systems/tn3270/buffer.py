"""What stands in the 3270 buffer: characters and field attributes, from `ReadBuffer(Unicode)`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from clerkwork.systems.maps import Mark, ScreenMap

_PROTECTED, _NUMERIC, _DISPLAY, _HIDDEN = 0x20, 0x10, 0x0C, 0x0C
_ATTRIBUTE = re.compile(r"SF\(c0=([0-9a-f]{2})")


@dataclass(frozen=True)
class Field:
    """One field: where its first character stands (from 0), its room, what it takes."""

    start: int
    length: int
    attribute: int

    @property
    def is_protected(self) -> bool:
        """Whether it takes no typing."""
        return bool(self.attribute & _PROTECTED)

    @property
    def is_numeric(self) -> bool:
        """Whether it is meant for numbers; s3270 itself would take letters."""
        return bool(self.attribute & _NUMERIC)

    @property
    def is_hidden(self) -> bool:
        """Whether it is not displayed, as a password is."""
        return self.attribute & _DISPLAY == _HIDDEN


@dataclass(frozen=True)
class Buffer:
    """The whole screen at one moment. `raw` has hidden text too and is never shown."""

    raw: str
    fields: tuple[Field, ...]
    columns: int

    @property
    def shown(self) -> str:
        """All characters as a person sees them: hidden fields are blank."""
        return blanked(self.raw, [field for field in self.fields if field.is_hidden])

    def offset(self, row: int, column: int) -> int:
        """The buffer position of (row, column), both from 1."""
        return (row - 1) * self.columns + column - 1

    def field_at(self, row: int, column: int) -> Field | None:
        """The field that begins exactly at (row, column); None when none does."""
        start = self.offset(row, column)
        return next((field for field in self.fields if field.start == start), None)


def blanked(text: str, fields: Sequence[Field]) -> str:
    """`text` with the characters of `fields` as spaces; a field may wrap around the end."""
    if not fields:
        return text
    characters = list(text)
    for field in fields:
        for place in range(field.start, field.start + field.length):
            characters[place % len(characters)] = " "
    return "".join(characters)


def parse_buffer(lines: Sequence[str]) -> Buffer:
    """
    The buffer from the lines of `ReadBuffer(Unicode)`, one line a row.

    A cell is a code point in hex, `SF(...)` an attribute in a cell of its own, `SA(...)`
    stands in no cell.
    """
    cells = " ".join(lines).split()
    if any("SA(" in line for line in lines):
        cells = [cell for cell in cells if not cell.startswith("SA(")]
    starts = {
        place: int(attribute[1], 16)
        for place, cell in enumerate(cells)
        if len(cell) > 4 and (attribute := _ATTRIBUTE.match(cell))
    }
    raw = "".join(map(_character, cells))
    return Buffer(raw, _fields(starts, len(cells)), len(cells) // len(lines))


@cache  # at most one entry a code point: a screen has 1,920 cells and few different ones
def _character(cell: str) -> str:
    return chr(int(cell, 16)) if len(cell) == 4 and cell != "0000" else " "


def _fields(starts: dict[int, int], size: int) -> tuple[Field, ...]:
    places = list(starts)
    ends = places[1:] + [place + size for place in places[:1]]
    return tuple(
        Field((place + 1) % size, end - place - 1, starts[place])
        for place, end in zip(places, ends, strict=True)
    )


def has_mark(buffer: Buffer, shown: str, mark: Mark) -> bool:
    """Whether `mark` stands at its place; row 0 is anywhere, column 0 anywhere in the row."""
    if not mark.row:
        return mark.text in shown
    line = shown[buffer.offset(mark.row, 1) : buffer.offset(mark.row + 1, 1)]
    if not mark.column:
        return mark.text in line
    return line.startswith(mark.text, mark.column - 1)


def recognised(buffer: Buffer, screens: Sequence[ScreenMap]) -> list[ScreenMap]:
    """The screens all of whose marks stand in `buffer`; one without marks never does."""
    shown = buffer.shown
    return [
        screen
        for screen in screens
        if screen.recognise and all(has_mark(buffer, shown, mark) for mark in screen.recognise)
    ]
