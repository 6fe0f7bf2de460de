"""A truth in its layout as a workbook or a CSV file."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal

from openpyxl import Workbook

from . import heads, printed
from .layout import Layout
from .model import Account, Truth

_FIGURES = ("debit", "credit", "amount", "balance")


def write(truth: Truth, layout: Layout) -> bytes:
    """The file: a sheet per account."""
    tables = [_table(truth, account, layout) for account in truth.accounts]
    if layout.kind == "csv":
        return _csv([row for table in tables for row in table], layout)
    book = Workbook()
    for at, table in enumerate(tables):
        sheet = book.active if at == 0 else book.create_sheet()
        for row in table:
            sheet.append(row)
    book.properties.created = book.properties.modified = datetime(2026, 7, 1)  # noqa: DTZ001
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _csv(rows: list[list[object]], layout: Layout) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=layout.delimiter).writerows(rows)
    return out.getvalue().encode(layout.encoding)


def _table(truth: Truth, account: Account, layout: Layout) -> list[list[object]]:
    """The rows of one account's sheet."""
    rows: list[list[object]] = [[heads.TITLES[layout.tongue][layout.seed % 4]]]
    rows += [[line] for line in printed.front_of(truth, account, layout)]
    at_top = layout.ends in ("top", "box")
    rows += _pairs(account, layout, opening=at_top or layout.ends == "first", closing=at_top,
                   is_totals=at_top)  # fmt: skip
    rows.append([])
    for title, lines in printed.sections_of(account, layout):
        rows += [[title]] if title else []
        rows.append([head.replace("\n", " ") for _, head in layout.columns])
        if layout.ends == "table":
            rows.append(_note(layout.end_words[0], account.opening, layout, account))
        for at, row in enumerate(lines):
            balance = printed.has_balance(lines, at, layout)
            cells = printed.cells_of(row, layout, account, at + 1, balance)
            rows.append([_cell(role, cells[role], row, layout) for role in layout.roles])
        if layout.ends == "table":
            rows.append(_note(layout.end_words[1], account.closing, layout, account))
    bottom = layout.ends == "bottom"
    rows += _pairs(account, layout, opening=bottom, closing=bottom, is_totals=not at_top)
    return rows


def _pairs(
    account: Account, layout: Layout, *, opening: bool, closing: bool, is_totals: bool
) -> list[list[object]]:
    pairs = printed.summary_of(account, layout, opening=opening, closing=closing)
    return [[a, b] for a, b in pairs if is_totals or a in layout.end_words]


def _note(words: str, amount: Decimal, layout: Layout, account: Account) -> list[object]:
    owed = -amount if layout.is_card else amount
    figure = printed.print_figure(owed, layout, account.currency).removeprefix("+")
    cells = {"text": words, "balance": figure}
    return [cells.get(role, "") for role in layout.roles]


def _cell(role: str, text: str, row: object, layout: Layout) -> object:
    """A cell of a workbook: a number or a date where it has them."""
    if layout.kind != "xlsx" or not layout.number_cells:
        return text
    if role in ("date", "value_date") and text:
        day: date = row.on if role == "date" else row.value_date  # type: ignore[attr-defined]
        return day
    if role in _FIGURES and layout.number == "english" and layout.sign != "suffix":
        try:
            return Decimal(text.replace(",", ""))
        except ArithmeticError:
            return text
    return text
