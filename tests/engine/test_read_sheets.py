"""Sheets: what stands in their cells is an entry, is named, or is refused; never passed over."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from clerkwork.read import Document, read_document


def csv(folder: Path, text: str, encoding: str = "utf-8") -> Document:
    """A CSV file with this text, read."""
    path = folder / "sheet.csv"
    path.write_bytes(text.encode(encoding))
    return read_document(path)


FRAME = "Opening balance,0.00,\nDate,Description,Amount{}\n{}\nClosing balance,150.00,\n"


@pytest.mark.parametrize(
    ("heads", "rows"),
    [
        ("", "2026-03-01,a,150.00\n2026-03-02,b,NaN"),
        ("", "2026-03-01,a,150.00\n2026-03-02,b,n/a"),
        ("", "2026-03-01,a,USD 100.00\n2026-03-02,b,EUR 50.00"),
        (",Currency", "2026-03-01,a,100.00,USD\n2026-03-02,b,50.00,XAU"),
        (",Currency", "2026-03-01,a,100.00,USD\n2026-03-02,b,50.00,EUR"),
    ],
)
def test_what_is_no_amount_or_another_currency_is_never_added_up(tmp_path, heads, rows):
    """Though the ends agree with what is left, nothing is proven."""
    document = csv(tmp_path, FRAME.format(heads, rows))

    assert {"none"} == {statement.proof.grade for statement in document.statements}


def test_amounts_in_one_currency_between_ends_that_agree_are_proven(tmp_path):
    """The frame of the test above is a proof where nothing is wrong."""
    document = csv(tmp_path, FRAME.format("", "2026-03-01,a,100.00\n2026-03-02,b,50.00"))

    assert ["totals"] == [statement.proof.grade for statement in document.statements]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("divider", [",", ";", "\t"])
def test_a_csv_file_is_read_however_it_is_written(tmp_path, end, encoding, divider):
    """Its line ends, its encoding, what divides its cells."""
    lines = [
        "交易日期,摘要,金额,余额",
        "2026-03-01,工资,100.00,100.00",
        "2026-03-02,水费,-5.00,95.00",
    ]
    text = end.join(line.replace(",", divider) for line in lines)
    (statement,) = csv(tmp_path, text, encoding).statements

    assert [("工资", Decimal("100.00")), ("水费", Decimal("-5.00"))] == [
        (entry.text, entry.amount) for entry in statement.entries
    ]


def test_rows_that_their_source_counts_nowhere_are_named_and_left_out(tmp_path):
    """A wallet's 不计收支 is neither income nor expense; its own totals prove the rest."""
    text = (
        "共3笔记录\n收入：1笔 28.50元\n支出：1笔 16.00元\n不计收支：1笔 5.00元\n"
        "交易时间,交易类型,收/支,金额(元)\n"
        "2026-03-01 10:00:00,转账,收入,28.50\n"
        "2026-03-02 11:00:00,充值,不计收支,5.00\n"
        "2026-03-03 12:00:00,消费,支出,16.00\n"
    )
    (statement,) = csv(tmp_path, text).statements

    assert "totals" == statement.proof.grade
    assert [Decimal("28.50"), Decimal("-16.00")] == [entry.amount for entry in statement.entries]
    assert ["p1 r7"] == [line[:5] for line in statement.proof.problems]


def test_stored_numbers_dates_and_formulas_mean_what_they_show(tmp_path):
    """0.1 + 0.2 is 0.3; a date is a date, with its time of day; a formula has its stored value."""
    book = Workbook()
    sheet = book.active
    sheet.append(["", "Account: 12345678"])
    sheet.append([])
    sheet.append(["Date", "Description", "Debit", "Credit", "Balance"])
    sheet.append([date(2026, 3, 1), "a", None, 0.1 + 0.2, 0.3])
    clock = datetime(2026, 3, 2, 9, 30)  # noqa: DTZ001 a workbook knows no zones
    sheet.append([clock, "b", 0.25, None, 0.05])
    book.save(tmp_path / "sheet.xlsx")
    (statement,) = read_document(tmp_path / "sheet.xlsx").statements

    assert [
        (date(2026, 3, 1), None, Decimal("0.30"), 4),
        (date(2026, 3, 2), "09:30", Decimal("-0.25"), 5),
    ] == [
        (e.accounting_date, e.time and f"{e.time:%H:%M}", e.amount, e.origin.row)
        for e in statement.entries
    ]  # fmt: skip
    assert ("12345678", "chain") == (statement.account, statement.proof.grade)


def test_rows_over_many_blocks_are_one_statement(tmp_path):
    """A wrong figure in the ten thousandth row is named by its row."""
    lines = [f"2026-03-{1 + n // 400:02},n,1.00,{n + 1}.00" for n in range(12_000)]
    head = "Date,Description,Amount,Balance"
    (right,) = csv(tmp_path, "\n".join([head, *lines])).statements
    lines[9_999] = lines[9_999].replace(",1.00,", ",7.00,")
    (wrong,) = csv(tmp_path, "\n".join([head, *lines])).statements

    assert (12_000, "chain") == (len(right.entries), right.proof.grade)
    assert "none" == wrong.proof.grade
    assert "p1 r10001" == wrong.proof.problems[0].partition(":")[0]


@pytest.mark.parametrize(
    ("length", "code"), [(32_000, "NO_STATEMENT"), (40_000, "DOCUMENT_BROKEN")]
)
def test_a_cell_longer_than_any_spreadsheet_holds_is_refused(tmp_path, length, code):
    """A long note is only a note."""
    assert code == csv(tmp_path, "a,b\n" + "x" * length + ",1\n").refused.code


def test_a_line_that_no_table_has_is_refused(tmp_path):
    """Before it takes the memory of either process."""
    assert "DOCUMENT_TOO_COSTLY" == csv(tmp_path, "a" * (1 << 21)).refused.code
