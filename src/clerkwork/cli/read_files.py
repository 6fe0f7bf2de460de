"""What `clerkwork read` writes to files: all entries as one table (CSV, XLSX), and pictures."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from clerkwork.cli.named_files import replacing
from clerkwork.facts import Entry, plain
from clerkwork.read import Document

COLUMNS = (
    "file", "account", "currency", "accounting_date", "time", "value_date", "description",
    "amount", "red", "balance", "reference", "counterparty", "page", "row", "proof", "grade", "id",
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """The entries of all documents, one row each, in the order of `COLUMNS`."""

    documents: Sequence[Document]

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Values: text, Decimal, date, int, bool or None."""
        for document in self.documents:
            for statement in document.statements:
                for entry in statement.entries:
                    yield (document.file, *_values(entry), statement.proof.grade, entry.id)


def _values(entry: Entry) -> tuple[object, ...]:
    clock = entry.time.isoformat() if entry.time else ""
    return (
        entry.account, entry.currency, entry.accounting_date, clock, entry.value_date, entry.text,
        entry.amount, entry.red, entry.balance, entry.reference, entry.counterparty,
        entry.origin.page, entry.origin.row, entry.proof,
    )  # fmt: skip


def write_csv(table: Table, path: Path) -> None:
    """
    The entries as CSV in UTF-8 with its mark, so that spreadsheets show Chinese.

    A text that a spreadsheet would take for a formula is written with a "'" before it.
    """
    with replacing(path) as beside, beside.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in table.rows():
            writer.writerow([_text(value, str(row[2])) for value in row])


def _text(value: object, currency: str) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else ""
        case Decimal():
            return plain(value, currency)
        case str() if value.startswith(("=", "+", "-", "@", "\t", "\r")):
            return f"'{value}"
    return str(value)


def write_xlsx(table: Table, path: Path) -> None:
    """The entries as a workbook: amounts are numbers, dates are dates, texts stay texts."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "entries"
    for row_number, row in enumerate([COLUMNS, *table.rows()], start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(row_number, column)
            assert isinstance(cell, Cell)
            _put(cell, value, currency=str(row[2]))
    for letter, width in zip("ABDGHJK", (30, 22, 16, 44, 16, 18, 20), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    # whole before it is written: a ZipFile that fails complains once more when it is dropped
    content = BytesIO()
    workbook.save(content)
    with replacing(path) as beside:
        beside.write_bytes(content.getbuffer())


def write_picture(content: bytes, path: Path) -> None:
    """A PNG that `draw_document` has drawn."""
    with replacing(path) as beside:
        beside.write_bytes(content)


def _put(cell: Any, value: object, *, currency: str) -> None:
    """One value, by its type."""
    from clerkwork.report.cells import put_amount, put_count, put_date, put_text

    match value:
        case None:
            return
        case bool():
            put_text(cell, "1" if value else "")
        case Decimal():
            put_amount(cell, value, currency)
        case date():
            put_date(cell, value)
        case int():
            put_count(cell, value)
        case _:
            put_text(cell, str(value))
