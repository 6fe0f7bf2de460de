"""The practice bank's documents: complete, deterministic, and printable anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pdfplumber
import pypdfium2
import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth

from clerkwork.practice.documents import render
from clerkwork.practice.layouts import PAPERS, american
from clerkwork.practice.world import EPOCH, StatementDay, StatementLine, day

SATURDAY = date(2026, 6, 13)
WRITTEN: dict[str, Callable[[date], str]] = {
    "meridian": american,
    "rhenane": lambda on: f"{on:%d.%m.%Y}",
    "huadong": date.isoformat,
}


@pytest.fixture(scope="module", params=[EPOCH, SATURDAY, SATURDAY + timedelta(days=1)], ids=str)
def on(request: pytest.FixtureRequest) -> date:
    chosen: date = request.param
    return chosen


@pytest.fixture(scope="module")
def folder(on: date, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("documents")
    render(on, place)
    return place


def pdf(folder: Path, sheet: StatementDay, on: date) -> Path:
    return folder / f"{sheet.correspondent}_{sheet.currency.lower()}_{on:%Y%m%d}.pdf"


def pages(path: Path) -> list[str]:
    """The text of every page, as pdfium reads it."""
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_range() for page in document]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def printed(sheet: StatementDay, line: StatementLine) -> str:
    """A line as it stands on paper, cell after cell, without spaces."""
    layout, _ = PAPERS[sheet.correspondent]
    return squeezed("".join(column.show(line) for column in layout.columns))


def test_four_documents_are_written(on: date, folder: Path):
    """Three statements and the vault sheet, named by what they are and their day."""
    names = {path.name for path in folder.iterdir()}

    assert names == {
        f"meridian_usd_{on:%Y%m%d}.pdf",
        f"rhenane_eur_{on:%Y%m%d}.pdf",
        f"huadong_cny_{on:%Y%m%d}.pdf",
        f"vault_0755_{on:%Y%m%d}.xlsx",
    }


def test_the_same_day_gives_the_same_bytes(on: date, folder: Path, tmp_path: Path):
    """Nothing of the moment of printing is in a document."""
    for path in render(on, tmp_path):
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_every_line_stands_in_the_statement_in_order(on: date, folder: Path):
    """All cells of all lines, the early ones behind the closing balance, in the order booked."""
    for sheet in day(on).statements:
        text = squeezed("".join(pages(pdf(folder, sheet, on))))
        place = 0
        for line in (*sheet.lines, *sheet.later):
            place = text.find(printed(sheet, line), place)
            assert place >= 0, line


def test_every_page_says_what_it_is(on: date, folder: Path):
    """At least six pages, each with account, currency, period, column heads and its number."""
    for sheet in day(on).statements:
        layout, words = PAPERS[sheet.correspondent]
        texts = [squeezed(text) for text in pages(pdf(folder, sheet, on))]
        period = f"{words.write(on)} - {words.write(on)}"
        heads = "".join(column.heading for column in layout.columns)
        assert len(texts) >= 6
        for number, text in enumerate(texts, start=1):
            foot = layout.page.format(page=number, pages=len(texts))
            for part in (sheet.their_account, sheet.currency, period, foot):
                assert squeezed(part) in text
        assert [n for n, text in enumerate(texts[:-1]) if squeezed(heads) not in text] == []


def test_opening_totals_and_closing_are_printed(on: date, folder: Path):
    """The first page opens, the last sums up: counts and totals of the day, and its closing."""
    for sheet in day(on).statements:
        _, words = PAPERS[sheet.correspondent]
        texts = [squeezed(text) for text in pages(pdf(folder, sheet, on))]
        closing = words.closing.format(day=WRITTEN[sheet.correspondent](on))
        assert squeezed(f"{words.opening}{sheet.opening:,.2f}") in texts[0]
        for side, label in (("D", words.debits), ("C", words.credits)):
            amounts = [line.amount for line in sheet.lines if line.side == side]
            total = f"{label.format(count=len(amounts))}{sum(amounts):,.2f}"
            assert squeezed(total) in texts[-1]
        assert squeezed(f"{closing}{sheet.closing:,.2f}") in texts[-1]


def test_early_lines_stand_behind_the_closing_balance(on: date, folder: Path):
    """First the day's closing balance, then a heading that says so, then what came later."""
    for sheet in day(on).statements:
        _, words = PAPERS[sheet.correspondent]
        text = squeezed("".join(pages(pdf(folder, sheet, on))))
        closing = words.closing.format(day=WRITTEN[sheet.correspondent](on))
        parts = [
            printed(sheet, sheet.lines[-1]),
            squeezed(closing),
            squeezed(words.later),
            printed(sheet, sheet.later[0]),
            squeezed(words.excluded),
        ]
        places = [text.index(part) for part in parts]
        assert sorted(places) == places


def test_balances_are_carried_from_page_to_page(on: date, folder: Path):
    """What a page carries forward (过次页) the next one brings forward (承前页)."""
    for sheet in day(on).statements:
        foot, head = (squeezed(word) for word in PAPERS[sheet.correspondent][0].forwards)
        if foot:
            texts = [squeezed(text) for text in pages(pdf(folder, sheet, on))]
            carried = [re.findall(rf"{foot}([\d,]+\.\d\d)", text) for text in texts]
            brought = [re.findall(rf"{head}([\d,]+\.\d\d)", text) for text in texts]
            assert carried[:-1] == brought[1:]
            assert {len(found) for found in carried[:-1]} == {1}


def test_every_cell_fits_its_column(on: date):
    """No text runs into the next column."""
    for sheet in day(on).statements:
        layout, _ = PAPERS[sheet.correspondent]
        for column in layout.columns:
            for line in sheet.lines if not column.wraps else ():
                assert stringWidth(column.show(line), layout.font, 7.0) <= column.width - 4


def test_pdfplumber_reads_the_chinese_statement_too(folder: Path, on: date):
    """Chinese text is text for both readers, and the ruled table has its eight columns."""
    sheet = day(on).statements[2]
    with pdfplumber.open(pdf(folder, sheet, on)) as document:
        rows = document.pages[0].extract_table()

    assert rows[0] == ["日期", "时间", "起息日", "流水号", "摘要", "借/贷", "发生额", "余额"]
    assert rows[2][4] == sheet.lines[0].text
    assert rows[2][5] == ("贷" if sheet.lines[0].side == "C" else "借")


def test_long_texts_wrap_in_their_cell(folder: Path, on: date):
    """The ruled statement breaks long descriptions over lines of one cell."""
    sheet = day(on).statements[0]
    with pdfplumber.open(pdf(folder, sheet, on)) as document:
        rows = [row for page in document.pages for row in page.extract_table() or []]
    texts = [row[3] for row in rows if row[3] and row[0] and row[0][0].isdigit()]

    assert [text.replace("\n", " ") for text in texts] == [
        line.text for line in (*sheet.lines, *sheet.later)
    ]
    assert [text for text in texts if text.count("\n") == 2]


def test_a_variant_is_the_same_content_on_other_pages(folder: Path, on: date, tmp_path: Path):
    """Printed again: other bytes, other page breaks, every line still there in order."""
    render(on, tmp_path, variant=1)
    for sheet in day(on).statements:
        first, again = pdf(folder, sheet, on), pdf(tmp_path, sheet, on)
        lines = [printed(sheet, line) for line in (*sheet.lines, *sheet.later)]
        breaks = [
            [sum(line in text for line in lines) for text in map(squeezed, pages(path))]
            for path in (first, again)
        ]
        assert first.read_bytes() != again.read_bytes()
        assert breaks[0] != breaks[1]
        assert sum(breaks[0]) == sum(breaks[1]) == len(lines)
    vault = f"vault_0755_{on:%Y%m%d}.xlsx"
    assert (folder / vault).read_bytes() != (tmp_path / vault).read_bytes()


@pytest.mark.parametrize("variant", [0, 1])
def test_the_vault_sheet_has_every_count(on: date, tmp_path: Path, variant: int):
    """One sheet per box: denomination x count = amount, and a total row, in both languages."""
    *_, path = render(on, tmp_path, variant=variant)
    book = openpyxl.load_workbook(path)

    for box in day(on).vault:
        rows = list(book[f"{box.teller} {box.currency}"].values)
        head = dict(row[:2] for row in rows[1:6])
        assert head["账号 Account"] == box.account
        assert head["币种 Currency"] == box.currency
        assert head["盘点日期 Date"].date() == on
        start = rows.index(("面额 Denomination", "张数 Count", "金额 Amount"))
        table = [tuple(Decimal(str(cell)) for cell in row) for row in rows[start + 1 : -1]]
        assert table == [(value, count, value * count) for value, count in box.counts]
        assert rows[-1][0] == "合计 Total"
        assert Decimal(str(rows[-1][2])) == box.total == sum(amount for *_, amount in table)
    book.close()


def test_no_document_names_a_reason(folder: Path, on: date):
    """The truth about a difference is in no file."""
    reasons = {d.reason for d in day(on).truth}
    texts = "".join("".join(pages(path)) for path in folder.glob("*.pdf")).lower()

    assert [
        reason for reason in reasons if reason in texts or reason.replace("_", " ") in texts
    ] == []
