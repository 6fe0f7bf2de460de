"""The vault sheet: one sheet per cash box, denomination x count = amount, and their total."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from clerkwork.practice.accounts import BRANCH
from clerkwork.practice.books import VaultBox

_HEADINGS = ("面额 Denomination", "张数 Count", "金额 Amount")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_CREATED = re.compile(rb"(<dcterms:created[^>]*>)[^<]*")
_THIN = Side(style="thin", color="999999")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


def workbook(boxes: Iterable[VaultBox], on: date, *, variant: int = 0) -> bytes:
    """
    The counts of all boxes at the close of `on` as XLSX; figures are values, not formulas.

    A variant says which copy it is, and its tables begin that many rows lower.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "Pengcheng Practice Bank"
    for box in boxes:
        sheet = book.create_sheet(f"{box.teller} {box.currency}")
        _fill_head(sheet, box, on, variant)
        _fill_table(sheet, box, 8 + variant)
    buffer = BytesIO()
    book.save(buffer)
    return _undated(buffer.getvalue(), on)


def _fill_head(sheet: Worksheet, box: VaultBox, on: date, variant: int) -> None:
    """Whose box it is, and when it was counted."""
    copy = f" (副本 copy {variant})" if variant else ""
    sheet["A1"] = f"现金盘点表 Cash box count{copy}"
    sheet["A1"].font = Font(bold=True, size=14)
    head: tuple[tuple[str, str | date], ...] = (
        ("机构 Branch", BRANCH),
        ("柜员 Teller", box.teller),
        ("账号 Account", box.account),
        ("币种 Currency", box.currency),
        ("盘点日期 Date", on),
    )
    for row, (label, value) in enumerate(head, start=2):
        sheet.cell(row, 1, label).font = Font(bold=True)
        sheet.cell(row, 2, value).alignment = Alignment(horizontal="left")
    sheet.cell(6, 2).number_format = "yyyy-mm-dd"
    for column, width in zip("ABC", (26, 16, 20), strict=True):
        sheet.column_dimensions[column].width = width


def _fill_table(sheet: Worksheet, box: VaultBox, first: int) -> None:
    """Headings, one row per denomination, the total."""
    pieces = sum(count for _, count in box.counts)
    rows: list[tuple[str | int | Decimal, ...]] = [_HEADINGS]
    rows += [(denomination, count, denomination * count) for denomination, count in box.counts]
    rows.append(("合计 Total", pieces, box.total))
    for row, values in enumerate(rows, start=first):
        is_bold = row in (first, first + len(rows) - 1)
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(row, column, value)
            cell.border = _GRID
            cell.font = Font(bold=is_bold)
            cell.number_format = "#,##0" if column == 2 else "#,##0.00"
            if row == first:
                cell.fill = PatternFill("solid", fgColor="E6EBF0")
            cell.alignment = Alignment(horizontal="left" if isinstance(value, str) else "right")


def _undated(content: bytes, on: date) -> bytes:
    """The same workbook without the moment of writing: saved at the close of `on`."""
    stamp = f"{on.isoformat()}T18:00:00Z".encode()
    buffer = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(buffer, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = _MODIFIED.sub(rb"\g<1>" + stamp, _CREATED.sub(rb"\g<1>" + stamp, part))
            entry = ZipInfo(name, (on.year, on.month, on.day, 18, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            new.writestr(entry, part)
    return buffer.getvalue()
