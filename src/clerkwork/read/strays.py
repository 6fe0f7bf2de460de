"""Lines that are neither a row nor a total, and may be a row that was lost."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from clerkwork.read import labels
from clerkwork.read.columns import Columns
from clerkwork.read.lines import Line
from clerkwork.read.table import Table, cells_of, date_of, has_digit, joined
from clerkwork.read.values import date_parts, unified
from clerkwork.read.vocabulary import FIGURES
from clerkwork.read.words import Page


@dataclass(frozen=True)
class Stray:
    """
    A line that has a figure or a date, and is neither a row nor a total.

    `at` is how many entries stand before it, `order` counts lines through the document;
    `figures` are the amounts it may be of, without their sign, None where it may be any.
    """

    page: int
    row: int
    text: str
    at: int
    order: int
    figures: tuple[Decimal, ...] | None
    is_in_sheet: bool


def is_stray(columns: Table | None, line: Line, page: Page, *, has_wholes: bool) -> bool:
    """
    Whether a line that says nothing else may be a row: it has a figure where rows have
    theirs, or a date and one (at its begin, before any table); in a sheet, where every line
    is a row, a date or a digit among the figures is enough.

    `has_wholes`: the amounts of rows have no decimals. On a scan a figure need not be
    whole, nor be one where a date stands: it may be misread.
    """
    parts = labels.without_dates(line.text).split()
    has_date = any(map(date_parts, labels.dates_in(line.text)))
    is_like_a_row = has_date and any(map(_ends_as_amount, parts))
    if columns is None:
        return is_like_a_row and date_parts(line.words[0].text) is not None
    cells = cells_of(columns, line)
    figures = [cells[role] for role in FIGURES if role in cells]
    is_sentence = "  " not in line.text and line.text.endswith(".")
    if any(map(_ends_as_amount, figures)) and not is_sentence:
        return page.is_grid or not labels.card_words(line.text)
    if labels.is_foot(line.text) or labels.card_words(line.text):
        return False
    is_dated = date_parts(date_of(cells)) is not None
    if page.is_grid and (is_dated or any(map(has_digit, figures))):
        return True
    if page.is_scan and figures and is_dated:
        return True
    if page.is_scan and any(has_digit(text) and re.search("[.,]", text) for text in figures):
        return True
    return is_like_a_row or (has_wholes and _is_whole_in_line(columns, line))


_DAILY = re.compile(
    r"(?:(?:\d{1,4}[-/]\d{1,2}(?:[-/]\d{1,4})?|[A-Za-z]{3,9} \d{1,2}|\d{1,2} [A-Za-z]{3,9})"
    r"\s+[-(]?\$?[\d,]+\.\d\d[-)]?(?:\s+|$))+"
)


def is_daily_balance(text: str) -> bool:
    """Whether a line is nothing but days, each with one figure: the balances of days."""
    return _DAILY.fullmatch(unified(text).strip()) is not None


_ENDING = re.compile(r"\d[.,]\d{1,3}\s?[-)]?\s?(?:[DC]R?\.?|[借贷]方?)?$", re.IGNORECASE)
_WHOLE = re.compile(r"[-+(]?\d+\)?-?")


def _ends_as_amount(text: str) -> bool:
    """Whether a cell ends as an amount does, with decimals or in groups of digits."""
    return _ENDING.search(unified(text)) is not None


def is_whole(text: str) -> bool:
    """Whether an amount has neither decimals nor groups."""
    return _WHOLE.fullmatch(text) is not None


def _is_whole_in_line(columns: Table, line: Line) -> bool:
    """Whether an amount without decimals stands where the figures of its column end."""
    if not isinstance(columns, Columns):
        return False
    cells = zip(columns.roles, columns.edges, columns.cells(line), strict=True)
    return any(
        edge is not None and abs(words[-1].x1 - edge) < 1.5 and is_whole(joined(words))
        for role, edge, words in cells
        if role in FIGURES and words
    )


def figures_in(line: Line, page: Page, currency: str) -> tuple[Decimal, ...] | None:
    """The amounts in a line without their sign; None where it may be of any: none, or by OCR."""
    found = []
    for part in labels.without_dates(line.text).split():
        if has_digit(part):
            found += labels.figure_in("", part, currency=currency)
    return None if page.is_scan or not found else tuple(abs(each.amount) for each in found)
