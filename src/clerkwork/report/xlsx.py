"""The report as a workbook: the statements to sign on the first sheet, then one sheet a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from clerkwork.facts import Column, Report, Table
from clerkwork.report import style
from clerkwork.report.cells import put_amount, put_count, put_date, put_text
from clerkwork.report.sheet import lay_statements
from clerkwork.report.values import checked, currency_of, text_of, written
from clerkwork.report.words import Language, chosen, word

_ROWS_A_SHEET = 1_000_000  # a worksheet holds 1,048,576
_WIDEST, _NARROWEST = 60, 13  # of a text column, in characters
_PAGE = 230  # characters across A4


def write_xlsx(report: Report, path: Path, language: Language) -> None:
    """
    Write `report` to `path` in `language`: "en" or "zh".

    Amounts are numbers with their currency's decimals, dates are dates, texts stay
    texts whatever they begin with.
    """
    workbook = Workbook()
    first = workbook.active
    assert isinstance(first, Worksheet)
    first.title = word("statement_tab", language)
    lay_statements(first, report, language)
    for table in report.tables:
        title = chosen((table.en, table.zh), language)
        for number, rows in enumerate(_parts(table.rows), start=1):
            name = title if number == 1 else f"{title} ({number})"
            sheet = workbook.create_sheet(_sheet_name(name, workbook.sheetnames))
            _lay_table(sheet, table, rows, report, language)
    workbook.properties.title = chosen((report.en, report.zh), language)
    workbook.properties.creator = "Clerkwork"
    workbook.save(path)


def _parts(rows: Sequence[tuple[object, ...]]) -> Iterator[Sequence[tuple[object, ...]]]:
    """The rows in parts that a sheet can hold; one empty part when there are none."""
    for start in range(0, max(len(rows), 1), _ROWS_A_SHEET):
        yield rows[start : start + _ROWS_A_SHEET]


def _sheet_name(title: str, taken: list[str]) -> str:
    """`title` as a sheet may be called: 31 characters, none of []:*?/\\, not twice."""
    name = re.sub(r"[\[\]:*?/\\]", " ", title).strip("' ")[:31]
    number = 1
    while name.casefold() in (other.casefold() for other in taken):
        number += 1
        name = f"{name[:27]} ({number})"
    return name


def _lay_table(
    sheet: Worksheet,
    table: Table,
    rows: Sequence[tuple[object, ...]],
    report: Report,
    language: Language,
) -> None:
    heads = [chosen((column.en, column.zh), language) for column in table.columns]
    for number, head in enumerate(heads, start=1):
        cell = _at(sheet, 1, number)
        put_text(cell, head)
        style.dress(cell, style.HEAD, language)
    lengths = [[style.columns_wide(head) for head in heads]]
    for row_number, row in enumerate(rows, start=2):
        lengths.append(_lay_row(sheet, row_number, table, row, report, language))
    if not rows:
        put_text(_at(sheet, 2, 1), word("nothing", language))
    wraps = [column.type == "text" for column in table.columns]
    widths = _fitting([max(column) for column in zip(*lengths, strict=True)], wraps)
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    for row_number, row_lengths in enumerate(lengths, start=1):
        sheet.row_dimensions[row_number].height = style.height_of(row_lengths, widths)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{len(rows) + 1}"
    sheet.print_title_rows = "1:1"
    style.set_up_print(sheet, chosen((table.en, table.zh), language), language)


def _lay_row(
    sheet: Worksheet,
    row_number: int,
    table: Table,
    row: tuple[object, ...],
    report: Report,
    language: Language,
) -> list[int]:
    """Write a row; how wide the text of each of its cells is."""
    currency = currency_of(table, row)
    lengths = []
    for number, (column, value) in enumerate(zip(table.columns, row, strict=True), start=1):
        cell = _at(sheet, row_number, number)
        is_figure = column.type in ("amount", "count")
        style.dress(cell, style.FIGURE if is_figure else style.BODY, language)
        _put(cell, column, value, currency, report, language)
        lengths.append(style.columns_wide(written(column, value, currency, report, language)))
    return lengths


def _fitting(lengths: list[int], wraps: list[bool]) -> list[int]:
    """Widths that print on one page and stay legible: texts wrap, figures never."""
    widths = [length + style.INDENT for length in lengths]
    for widest in range(_WIDEST, _NARROWEST, -1):
        fitted = [min(w, widest) if wrap else w for w, wrap in zip(widths, wraps, strict=True)]
        if sum(fitted) <= _PAGE:
            break
    return fitted


def _at(sheet: Worksheet, row: int, column: int) -> Cell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    return cell


def _put(
    cell: Cell, column: Column, value: object, currency: str, report: Report, language: Language
) -> None:
    """Write `value` as its column's type says; nothing for None."""
    if value is None:
        return
    match checked(column, value):
        case Decimal() as amount if column.type == "amount":
            put_amount(cell, amount, currency)
        case int() as count if column.type == "count":
            put_count(cell, count)
        case date() as on if column.type == "date":
            put_date(cell, on)
        case _:
            put_text(cell, text_of(column, value, report, language))
