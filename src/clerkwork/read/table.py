"""A line in the columns of its table: what stands in each."""

from __future__ import annotations

import re
from typing import Protocol

from clerkwork.read.lines import Line
from clerkwork.read.values import date_parts
from clerkwork.read.vocabulary import DATES
from clerkwork.read.words import Word


class Table(Protocol):
    """The columns of a table: what each holds, and the words that a line has in each."""

    @property
    def roles(self) -> list[str]: ...
    def cells(self, line: Line) -> list[list[Word]]: ...


def cells_of(columns: Table, line: Line) -> dict[str, str]:
    """Role -> text; several columns of one role are read from left to right."""
    cells: dict[str, str] = {}
    for role, words in zip(columns.roles, columns.cells(line), strict=True):
        if words:
            text = joined(words)
            cells[role] = f"{cells[role]} {text}" if role in cells else text
    return cells


BY_WEIGHT = ("booked", "date", "time", "value_date")


def date_of(cells: dict[str, str]) -> str:
    """
    The printed date that counts: of booking, else of the transaction, else of its time, else
    of value. A time of day beside it goes to its own cell.
    """
    for role in BY_WEIGHT:
        day, _, clock = cells.get(role, "").partition(" ")
        if ":" in clock and date_parts(day):
            cells["time"] = clock
            return day
        if role in DATES and role in cells:
            return cells[role]
    return ""


def joined(words: list[Word]) -> str:
    """Words with a space between them."""
    return words[0].text if len(words) == 1 else " ".join(word.text for word in words)


_DIGIT = re.compile(r"\d")


def has_digit(text: str | None) -> bool:
    """Whether there is a text, and a digit in it."""
    return text is not None and _DIGIT.search(text) is not None
