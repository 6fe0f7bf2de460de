"""What `ReadBuffer(Unicode)` of s3270 says, as a buffer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from clerkwork.systems.grid.buffer import SHIFT, TAIL, Buffer, Field

_ATTRIBUTE = re.compile(r"SF\(c0=([0-9a-f]{2})(.*)\)")
_WIDE = re.compile(r"fe=01|43=f8")  # SO and SI are made when typed; or all is double-byte
_SHIFTS = {0x0E, 0x0F}
_BLANK = 0x20


def parse_buffer(lines: Sequence[str]) -> Buffer:
    """
    The buffer from the lines of `ReadBuffer(Unicode)`, one line a row.

    A cell is a code point in hex, "-" the right half of a wide character, `SF(...)` an
    attribute in a cell of its own; `SA(...)` stands in no cell.
    """
    cells = " ".join(lines).split()
    if any("SA(" in line for line in lines):
        cells = [cell for cell in cells if not cell.startswith("SA(")]
    starts = {
        place: (int(attribute[1], 16), bool(_WIDE.search(attribute[2])))
        for place, cell in enumerate(cells)
        if len(cell) > 4 and (attribute := _ATTRIBUTE.match(cell))
    }
    raw = "".join(map(_character, cells))
    return Buffer(raw, _fields(starts, len(cells)), len(cells) // len(lines))


@cache  # at most one entry a code point: a screen has 1,920 cells and few different ones
def _character(cell: str) -> str:
    if cell == "-":
        return TAIL
    point = 0 if cell.startswith("SF(") else int(cell, 16)
    return SHIFT if point in _SHIFTS else chr(point or _BLANK)


def _fields(starts: dict[int, tuple[int, bool]], size: int) -> tuple[Field, ...]:
    places = list(starts)
    ends = places[1:] + [place + size for place in places[:1]]
    return tuple(
        Field((place + 1) % size, end - place - 1, *starts[place])
        for place, end in zip(places, ends, strict=True)
    )
