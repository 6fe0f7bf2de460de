"""Long statements made up for measuring: as PDF in two languages, as workbook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import NamedTuple

from openpyxl import Workbook
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

ROWS_A_PAGE = 34
OPENING_CENTS = 1_000_000_00
LEFT = (40, 105, 235)  # date, description, reference
RIGHT = (380, 460, 552)  # debit, credit, balance
RULES = (36, 101, 231, 312, 384, 464, 558)
WORDS = {
    "en": {
        "font": "Helvetica",
        "front": ("Account number: 1234567890  Currency: USD", "Opening balance: {}"),
        "heads": ("Date", "Description", "Reference", "Debit", "Credit", "Balance"),
        "texts": ("Card payment SHOP", "Salary ACME LTD", "Transfer to J SMITH", "Interest"),
        "end": "Closing balance: {}",
        "foot": "Page {} of {}",
    },
    "zh": {
        "font": "STSong-Light",
        "front": ("账号：6222000011112222  币种：人民币", "期初余额：{}"),
        "heads": ("交易日期", "摘要", "流水号", "借方", "贷方", "余额"),
        "texts": ("转账汇款", "工资", "网上支付 水费", "利息"),
        "end": "期末余额：{}",
        "foot": "第 {} 页 共 {} 页",
    },
}


class Movement(NamedTuple):
    """One row; cents, below zero is out."""

    day: date
    text: int
    reference: str
    cents: int
    balance: int


def movements(count: int) -> Iterator[Movement]:
    """So many rows of one year, always the same."""
    rng, balance, begun = Random(1), OPENING_CENTS, date(2026, 1, 1)
    for number in range(count):
        cents = rng.randrange(100, 900_000) * rng.choice((-1, 1))
        balance += cents
        day = begun + timedelta(number * 300 // count)
        yield Movement(day, rng.randrange(4), f"T{number:08d}", cents, balance)


def total(count: int) -> Decimal:
    """The sum of so many rows."""
    return Decimal(sum(each.cents for each in movements(count))) / 100


def write_pdf(path: Path, pages: int, language: str) -> Path:
    """A statement with 34 rows a page: English without rules, Chinese with."""
    words = WORDS[language]
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(path), pagesize=(595, 842), pageCompression=1, invariant=1)
    rows = movements(pages * ROWS_A_PAGE)
    for page in range(1, pages + 1):
        canvas.setFont(words["font"], 8)
        if page == 1:
            for at, line in enumerate(words["front"]):
                canvas.drawString(40, 810 - 14 * at, line.format(_money(OPENING_CENTS)))
        _row(canvas, 772, words["heads"], is_ruled=language == "zh")
        for at in range(1, ROWS_A_PAGE + 1):
            row = next(rows)
            amount = _money(abs(row.cents))
            sides = (amount, "") if row.cents < 0 else ("", amount)
            text = words["texts"][row.text]
            cells = (row.day.isoformat(), text, row.reference, *sides, _money(row.balance))
            _row(canvas, 772 - 20 * at, cells, is_ruled=language == "zh")
        if page == pages:
            canvas.drawString(40, 60, words["end"].format(_money(row.balance)))
        canvas.drawString(270, 20, words["foot"].format(page, pages))
        canvas.showPage()
    canvas.save()
    return path


def _row(canvas: Canvas, y: int, cells: tuple[str, ...], *, is_ruled: bool) -> None:
    for x, cell in zip(LEFT, cells[:3], strict=True):
        canvas.drawString(x, y, cell)
    for x, cell in zip(RIGHT, cells[3:], strict=True):
        canvas.drawRightString(x, y, cell)
    if is_ruled:
        canvas.line(RULES[0], y - 6, RULES[-1], y - 6)
        for x in RULES:
            canvas.line(x, y - 6, x, y + 14)


def _money(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02}"


def write_xlsx(path: Path, rows: int) -> Path:
    """The same as a workbook: dates and figures as such."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("s")
    sheet.append(["Account number: 1234567890"])
    sheet.append(["Opening balance", OPENING_CENTS / 100])
    sheet.append(["Date", "Description", "Reference", "Debit", "Credit", "Balance"])
    texts = WORDS["en"]["texts"]
    for row in movements(rows):
        amount = abs(row.cents) / 100
        sides = (amount, None) if row.cents < 0 else (None, amount)
        sheet.append([row.day, texts[row.text], row.reference, *sides, row.balance / 100])
    book.save(path)
    return path
