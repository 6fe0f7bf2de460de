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
_WIDEST = 60


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
    widths = [style.columns_wide(head) for head in heads]
    for number, head in enumerate(heads, start=1):
        cell = _at(sheet, 1, number)
        put_text(cell, head)
        style.dress(cell, style.HEAD, language)
    for row_number, row in enumerate(rows, start=2):
        currency = currency_of(table, row)
        texts: list[str] = []
        for number, (column, value) in enumerate(zip(table.columns, row, strict=True), start=1):
            cell = _at(sheet, row_number, number)
            is_figure = column.type in ("amount", "count")
            style.dress(cell, style.FIGURE if is_figure else style.BODY, language)
            _put(cell, column, value, currency, report, language)
            text = written(column, value, currency, report, language)
            widths[number - 1] = max(widths[number - 1], style.columns_wide(text))
            texts.append(text)
        sheet.row_dimensions[row_number].height = style.height_of(texts, width=_WIDEST)
    if not rows:
        put_text(_at(sheet, 2, 1), word("nothing", language))
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = min(width + 4, _WIDEST)
    sheet.row_dimensions[1].height = 20
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{len(rows) + 1}"
    sheet.print_title_rows = "1:1"
    style.set_up_print(sheet, chosen((table.en, table.zh), language), language)


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
