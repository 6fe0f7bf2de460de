"""What a session shows of a buffer: the recognised screen's fields, message, rows and text."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from clerkwork.systems.maps import ScreenMap, SystemMap, TableMap
from clerkwork.systems.port import Screen
from clerkwork.systems.tn3270.buffer import Buffer, Field, blanked

_SHORTEST_MASKED = 4  # a shorter secret would mask half the screen; its field is blank anyway


def text_of(buffer: Buffer, screen: ScreenMap | None, secrets: Collection[str]) -> str:
    """
    The screen as text, one line per row, fit to be kept: hidden fields and fields mapped
    as secret are blank, and what was typed into one is masked wherever it stands.
    """
    mapped = screen.fields.values() if screen else ()
    text = blanked(
        buffer.shown,
        [Field(buffer.offset(f.row, f.column), f.length, 0) for f in mapped if f.secret],
    )
    for value in secrets:
        if len(value) >= _SHORTEST_MASKED:
            text = text.replace(value, "*" * len(value))
    width = buffer.columns
    return "\n".join(text[i : i + width].rstrip() for i in range(0, len(text), width))


def screen_of(
    buffer: Buffer, screen: ScreenMap, system: SystemMap, secrets: Collection[str]
) -> Screen:
    """`buffer`, recognised as `screen`, as the port hands it over."""
    shown = buffer.shown
    fields = {}
    for name, mapped in screen.fields.items():
        start = buffer.offset(mapped.row, mapped.column)
        fields[name] = "" if mapped.secret else shown[start : start + mapped.length].strip()
    message = code = ""
    if screen.message:
        start = buffer.offset(screen.message.row, max(screen.message.column, 1))
        message = shown[start : buffer.offset(screen.message.row + 1, 1)].strip()
        found = re.search(system.message_code, message) if system.message_code else None
        code = found[1] if found else ""
    return Screen(screen.name, fields, text_of(buffer, screen, secrets), message, code)


def rows_of(buffer: Buffer, table: TableMap) -> list[Mapping[str, str]]:
    """The rows of `table`, trimmed; those that are blank in every column are left out."""
    shown = buffer.shown
    rows: list[Mapping[str, str]] = []
    for row in range(table.first_row, table.last_row + 1):
        line = shown[buffer.offset(row, 1) : buffer.offset(row + 1, 1)]
        cells = {
            name: line[first - 1 : last].strip() for name, (first, last) in table.columns.items()
        }
        if any(cells.values()):
            rows.append(cells)
    return rows
