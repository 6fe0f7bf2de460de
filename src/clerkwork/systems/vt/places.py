"""Where things stand on a screen of cells: marks, fields, and the cursor of a mapped screen."""

from __future__ import annotations

from collections.abc import Sequence

from clerkwork.systems.maps import Mark, ScreenMap
from clerkwork.systems.vt.page import TAIL


def text_at(raw: str, start: int, length: int) -> str:
    """The characters in `length` cells from `start`; a wide one stands in two."""
    return raw[start : start + length].replace(TAIL, "")


def stands(raw: str, columns: int, mark: Mark) -> bool:
    """Whether `mark` stands at its place; row 0 is anywhere, column 0 anywhere in the row."""
    if not mark.row:
        return mark.text in raw.replace(TAIL, "")
    first = (mark.row - 1) * columns
    if not mark.column:
        return mark.text in text_at(raw, first, columns)
    start = first + mark.column - 1
    return text_at(raw, start, first + columns - start).startswith(mark.text)


def screen_at(raw: str, columns: int, screens: Sequence[ScreenMap]) -> ScreenMap | None:
    """The mapped screen all of whose marks stand; one without marks never does."""
    for screen in screens:
        if screen.recognise and all(stands(raw, columns, mark) for mark in screen.recognise):
            return screen
    return None


def is_at_rest(screen: ScreenMap, cursor: tuple[int, int]) -> bool:
    """
    Whether the cursor (from 0) is where the finished screen has it: at its mapped place, or
    else in a field that takes typing; anywhere on a screen that has neither.
    """
    if screen.cursor:
        return (cursor[0] + 1, cursor[1] + 1) == screen.cursor
    open_fields = [field for field in screen.fields.values() if not field.readonly]
    return not open_fields or any(
        cursor[0] + 1 == field.row and 0 <= cursor[1] + 1 - field.column <= field.length
        for field in open_fields
    )
