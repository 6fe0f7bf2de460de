"""What stands on a screen of characters: cells, and fields where the host says where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from clerkwork.systems.maps import Mark, ScreenMap

_PROTECTED, _NUMERIC, _DISPLAY, _HIDDEN = 0x20, 0x10, 0x0C, 0x0C
TAIL = "\0"  # the right half of a wide character
SHIFT = "\1"  # a cell that only says that wide characters begin or end (SO, SI)


@dataclass(frozen=True)
class Field:
    """One field: where its first character stands (from 0), its room, what it takes."""

    start: int
    length: int
    attribute: int = 0
    takes_wide: bool = True

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
    """
    The whole screen at one moment, one character a cell.

    `raw` has hidden text too and is never shown; a wide character is followed by TAIL.
    """

    raw: str
    fields: tuple[Field, ...]
    columns: int

    @cached_property
    def shown(self) -> str:
        """All characters as a person sees them: hidden fields are blank."""
        return blanked(self.raw, [field for field in self.fields if field.is_hidden])

    def offset(self, row: int, column: int) -> int:
        """The buffer position of (row, column), both from 1."""
        return (row - 1) * self.columns + column - 1

    def value(self, field: Field) -> str:
        """What stands in a field, hidden or not, without the blanks behind it."""
        return plain(self.raw[field.start : field.start + field.length]).rstrip()

    def line(self, row: int) -> str:
        """The cells of a row as a person sees them."""
        return self.shown[self.offset(row, 1) : self.offset(row + 1, 1)]

    def field_at(self, row: int, column: int) -> Field | None:
        """The field that begins exactly at (row, column); None when none does."""
        start = self.offset(row, column)
        return next((field for field in self.fields if field.start == start), None)


def blanked(text: str, fields: Sequence[Field]) -> str:
    """`text` with the characters of `fields` as spaces; a field may wrap around the end."""
    size = len(text)
    for field in fields:
        end = field.start + field.length
        over = max(0, end - size)  # how much of it stands at the beginning
        text = " " * over + text[over : field.start] + " " * (end - field.start - over) + text[end:]
    return text


def plain(cells: str) -> str:
    """Cells as text: a wide character once, and nothing for the marks around it."""
    return cells if cells.isprintable() else cells.replace(TAIL, "").replace(SHIFT, "")


def has_mark(buffer: Buffer, mark: Mark) -> bool:
    """Whether `mark` stands at its place; row 0 is anywhere, column 0 anywhere in the row."""
    shown = buffer.shown
    if not mark.row:
        return mark.text in plain(shown)
    first = buffer.offset(mark.row, 1)
    end = first + buffer.columns
    if not mark.column:
        return mark.text in plain(shown[first:end])
    if shown.startswith(mark.text, first + mark.column - 1, end):
        return True
    line = shown[first:end]
    if line.isascii() and TAIL not in line and SHIFT not in line:
        return False  # no character but its cell: spares most screens the rest
    return plain(line[mark.column - 1 :]).startswith(mark.text)


def recognised(buffer: Buffer, screens: Sequence[ScreenMap]) -> list[ScreenMap]:
    """The screens all of whose marks stand in `buffer`; one without marks never does."""
    found = []
    for screen in screens:
        for mark in screen.recognise:
            if not has_mark(buffer, mark):
                break
        else:
            if screen.recognise:
                found.append(screen)
    return found
