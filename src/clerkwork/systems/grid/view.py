"""What a session shows of a buffer: the recognised screen's fields, message, rows and text."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from clerkwork.systems.grid.buffer import SHIFT, TAIL, Buffer, Field, blanked, plain
from clerkwork.systems.maps import ScreenMap, SystemMap, TableMap
from clerkwork.systems.masking import covered
from clerkwork.systems.meaning import code_in
from clerkwork.systems.port import Screen


def text_of(buffer: Buffer, screen: ScreenMap | None, secrets: Collection[str]) -> str:
    """
    The screen as text, one line per row, fit to be kept: hidden fields and fields mapped
    as secret are blank, what was typed into one is covered wherever it stands, and so is
    the middle of card numbers and resident ids.
    """
    lines = [_seen(cells) for cells in _rows(buffer, screen)]
    return covered("\n".join(lines), secrets)


def fields_of(buffer: Buffer, screen: ScreenMap | None, secrets: Collection[str]) -> str:
    """
    What the host says of each field and what stands in it, a line each, covered as in
    `text_of`.
    """
    shown = "".join(covered(cells, secrets) for cells in _rows(buffer, screen))
    lines = []
    for field in buffer.fields:
        row, column = (place + 1 for place in divmod(field.start, buffer.columns))
        cells = (shown + shown)[field.start : field.start + field.length]  # it may wrap around
        what = [f"row {row} column {column} length {field.length} attribute {field.attribute:02x}"]
        what += ["protected"] if field.is_protected else []
        what += ["numeric"] if field.is_numeric else []
        what += ["hidden"] if field.is_hidden else []
        what += [] if field.takes_wide else ["single-byte"]
        lines.append(f"{', '.join(what)}: {plain(cells)}".rstrip())
    return covered("\n".join(lines), secrets)


def screen_of(
    buffer: Buffer, screen: ScreenMap, system: SystemMap, secrets: Collection[str]
) -> Screen:
    """`buffer`, recognised as `screen`, as the port hands it over."""
    shown = buffer.shown
    fields = {}
    for name, mapped in screen.fields.items():
        start = buffer.offset(mapped.row, mapped.column)
        fields[name] = "" if mapped.secret else plain(shown[start : start + mapped.length]).strip()
    message = code = ""
    if screen.message:
        start = buffer.offset(screen.message.row, max(screen.message.column, 1))
        message = plain(shown[start : buffer.offset(screen.message.row + 1, 1)]).strip()
        code = code_in(message, system)
    return Screen(screen.name, fields, text_of(buffer, screen, secrets), message, code)


def rows_of(buffer: Buffer, table: TableMap) -> list[Mapping[str, str]]:
    """The rows of `table`, trimmed; those that are blank in every column are left out."""
    rows: list[Mapping[str, str]] = []
    for row in range(table.first_row, table.last_row + 1):
        line = buffer.line(row)
        cells = {
            name: plain(line[first - 1 : last]).strip()
            for name, (first, last) in table.columns.items()
        }
        if any(cells.values()):
            rows.append(cells)
    return rows


def _rows(buffer: Buffer, screen: ScreenMap | None) -> list[str]:
    """The cells of each row; hidden fields and fields mapped as secret are blank."""
    mapped = screen.fields.values() if screen else ()
    text = blanked(
        buffer.shown,
        [Field(buffer.offset(f.row, f.column), f.length, 0) for f in mapped if f.secret],
    )
    width = buffer.columns
    return [text[first : first + width] for first in range(0, len(text), width)]


def _seen(cells: str) -> str:
    """A row as a person sees it: a wide character fills its two cells."""
    return cells.replace(TAIL, "").replace(SHIFT, " ").rstrip()
