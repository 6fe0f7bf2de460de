"""What `ReadBuffer(Ascii)` of s3270 says, as a buffer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from clerkwork.systems.grid.buffer import SHIFT, TAIL, Buffer, Field

_ATTRIBUTE = re.compile(r"SF\(c0=([0-9a-f]{2})([^)]*)\)")
_CELLLESS = re.compile(r"SA\([^)]*\) ?")
_WIDE = re.compile(r"fe=01|43=f8")  # SO and SI are made when typed; or all is double-byte
# What stands for an attribute and for the right half of a wide character while a buffer is
# decoded: characters that Unicode keeps for such use inside a program, so no cell holds them.
_SF, _HALF = "\ufdd0", "\ufdd1"
_SF_CELL = re.compile(_SF)
_SF_CODE, _HALF_CODE = (mark.encode().hex() for mark in (_SF, _HALF))


def parse_buffer(lines: Sequence[str]) -> Buffer:
    """
    The buffer from the lines of `ReadBuffer(Ascii)`, one line a row.

    A cell is a character in hex UTF-8, "-" the right half of a wide character, `SF(...)` an
    attribute in a cell of its own; `SA(...)` stands in no cell.
    """
    cells, attributes = _decoded(" ".join(lines))
    size = len(cells)
    places = [found.start() for found in _SF_CELL.finditer(cells)]
    ends = places[1:] + [place + size for place in places[:1]]
    fields = tuple(
        _field((place + 1) % size, end - place - 1, attribute)
        for place, end, attribute in zip(places, ends, attributes, strict=True)
    )
    return Buffer(cells.replace(_SF, " "), fields, size // len(lines))


def with_field(buffer: Buffer, lines: Sequence[str]) -> Buffer | None:
    """
    `buffer`, and in it one field as it is by the lines of `ReadBuffer(Ascii,Field)`.

    None when `buffer` has no such field: it begins elsewhere, has another length, or
    wraps around the end.
    """
    told = dict(line.split(": ", 1) for line in lines)
    cells, attributes = _decoded(told["Contents"])
    start, end = int(told["StartOffset"]) + 1, int(told["StartOffset"]) + len(cells)
    nth = next((n for n, field in enumerate(buffer.fields) if field.start == start), None)
    if nth is None or buffer.fields[nth].length != end - start or end > len(buffer.raw):
        return None
    field = _field(start, end - start, attributes[0])
    raw = buffer.raw[:start] + cells[1:] + buffer.raw[end:]
    return replace(buffer, raw=raw, fields=(*buffer.fields[:nth], field, *buffer.fields[nth + 1 :]))


def _decoded(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The characters of cells, an attribute as _SF; and what is said of each of those."""
    if "SA(" in text:
        text = _CELLLESS.sub("", text)
    attributes = _ATTRIBUTE.findall(text)
    codes = _ATTRIBUTE.sub(_SF_CODE, text).replace("-", _HALF_CODE)
    cells = bytes.fromhex(codes).decode()
    cells = cells.replace("\0", " ").replace("\x0e", SHIFT).replace("\x0f", SHIFT)
    return cells.replace(_HALF, TAIL), attributes


@lru_cache(maxsize=4096)  # screens have the same fields again and again
def _field(start: int, length: int, attribute: tuple[str, str]) -> Field:
    bits, more = attribute
    return Field(start, length, int(bits, 16), bool(more and _WIDE.search(more)))
