"""The report: a form to sign, then tables; exact figures, texts that stay texts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from clerkwork.facts import (
    BalanceStatement,
    Break,
    CashCheck,
    Column,
    Entry,
    Report,
    Table,
)
from clerkwork.report import write_html, write_xlsx

DAY = date(2026, 6, 11)
USD = "1011840001"


def a_break(reason: str, books: str, difference: str, *, text: str = "", reference: str = "R1"):
    entry = Entry(USD, DAY, "USD", Decimal(difference), reference=reference, text=text)
    side = "right" if books == "ours" else "left"
    return Break(side, entry, reason, books, Decimal(difference), DAY)


BREAKS = (
    a_break("timing_theirs", "ours", "1200.00", text="INWARD REMITTANCE"),
    a_break("timing_theirs", "ours", "-300.00", text="OUTWARD PAYMENT"),
    a_break("bank_fee", "ours", "-25.00", text="SERVICE CHARGE"),
    a_break("timing_ours", "theirs", "500.00", text="货款"),
    a_break("counterparty_duplicate", "theirs", "-125.00", text='=HYPERLINK("http://x","y")'),
)

REPORT = Report(
    en="Teller reconciliation, branch 0755",
    zh="柜面对账，0755 支行",
    run="reconcile_teller-0755-20260611-1",
    business_date=DAY,
    balance_statements=(
        BalanceStatement(USD, "USD", DAY, Decimal("10000.00"), Decimal("10500.00"), BREAKS),
    ),
    cash=(
        CashCheck("1001156101", "T01", "CNY", DAY, Decimal("50000.00"), Decimal("50100.00")),
        CashCheck("1001156102", "T02", "CNY", DAY, Decimal("50000.00"), Decimal("49990.50")),
        CashCheck("1001156103", "T03", "CNY", DAY, Decimal("50000.00"), Decimal("50000.00")),
    ),
    tables=(
        Table(
            "breaks",
            "Breaks",
            "不符项",
            (
                Column("account", "Account", "账号"),
                Column("on", "Date", "日期", "date"),
                Column("currency", "Currency", "币种"),
                Column("amount", "Amount", "金额", "amount"),
                Column("reason", "Reason", "原因"),
                Column("age", "Age in days", "账龄（天）", "count"),
                Column("text", "Text", "摘要"),
            ),
            (
                (USD, DAY, "USD", Decimal("-25.00"), "bank_fee", 1, "=1+1"),
                (USD, DAY, "JPY", Decimal("1200"), "own_amount", 0, "#N/A"),
                (USD, None, "KWD", Decimal("-1.125"), "unheard_of", 12345, "<b>&\x07"),
            ),
        ),
        Table("matched", "Matched", "已勾对", (Column("id", "Id", "编号"),), ()),
    ),
    account_names={USD: ("Nostro USD, Meridian Bank New York", "存放美元，纽约子午线银行")},
    reason_names={
        "timing_theirs": ("Received or paid by them", "对方已记、我行未记"),
        "timing_ours": ("Booked by us after their cut-off", "我行已记、对方未记"),
        "bank_fee": ("Bank fee", "银行手续费"),
        "counterparty_duplicate": ("Booked twice by them", "对方重复记账"),
        "own_amount": ("Our amount is wrong", "我行金额记错"),
    },
    timing_reasons=frozenset({"timing_theirs", "timing_ours"}),
    prepared="RB01",
    checked="李敏 Li Min",
)


def first_sheet(path: Path) -> Worksheet:
    sheet = load_workbook(path).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def figures(sheet: Worksheet, *, words: str, amount: str) -> dict[str, Decimal]:
    """Every labelled figure of one side of the form, by its words."""
    return {
        str(sheet[f"{words}{row}"].value): Decimal(str(sheet[f"{amount}{row}"].value))
        for row in range(1, sheet.max_row + 1)
        if isinstance(sheet[f"{amount}{row}"].value, int | float)
        and isinstance(sheet[f"{words}{row}"].value, str)
    }


def test_the_form_adds_and_subtracts_as_a_bank_does(tmp_path):
    """Both columns go from the balance over 未达账项 and errors to the adjusted balance."""
    write_xlsx(REPORT, tmp_path / "r.xlsx", "en")

    sheet = first_sheet(tmp_path / "r.xlsx")
    ours = figures(sheet, words="A", amount="D")
    theirs = figures(sheet, words="E", amount="H")

    assert ours == ours | {
        "Balance in our books": Decimal("10000"),
        "Add: received by them, not yet by us": Decimal("1200"),
        "Less: paid by them, not yet by us": Decimal("300"),
        "Errors awaiting correction (+ / −)": Decimal("-25"),
        "Adjusted balance": Decimal("10875"),
    }
    assert theirs == theirs | {
        "Balance in their statement": Decimal("10500"),
        "Add: received by us, not yet by them": Decimal("500"),
        "Less: paid by us, not yet by them": Decimal("0"),
        "Errors awaiting correction (+ / −)": Decimal("-125"),
        "Adjusted balance": Decimal("10875"),
    }


@pytest.mark.parametrize(
    ("their_balance", "expected"),
    [("10500.00", "Result: Equal"), ("10500.01", "Result: Not equal; Difference -0.01")],
)
def test_the_form_says_whether_both_sides_are_equal(tmp_path, their_balance, expected):
    """An unequal statement says so, and by how much."""
    statement = replace(REPORT.balance_statements[0], their_balance=Decimal(their_balance))
    report = replace(REPORT, balance_statements=(statement,))

    write_xlsx(report, tmp_path / "r.xlsx", "en")
    write_html(report, tmp_path / "r.html", "en")

    texts = [cell.value for row in first_sheet(tmp_path / "r.xlsx").rows for cell in row]
    assert expected in texts
    assert expected in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_texts_never_become_formulas_or_errors(tmp_path):
    """A counterparty's text is text, whatever it begins with; control characters are shown."""
    write_xlsx(REPORT, tmp_path / "r.xlsx", "en")

    workbook = load_workbook(tmp_path / "r.xlsx")
    types = {cell.data_type for sheet in workbook for row in sheet.rows for cell in row}
    texts = [row[6].value for row in workbook["Breaks"].iter_rows(min_row=2)]

    assert types.isdisjoint({"f", "e"})
    assert texts == ["=1+1", "#N/A", "<b>&�"]


def test_amounts_are_numbers_with_their_currencys_decimals(tmp_path):
    """Two decimals for dollars, none for yen, three for Kuwaiti dinars; dates are dates."""
    write_xlsx(REPORT, tmp_path / "r.xlsx", "en")

    rows = list(load_workbook(tmp_path / "r.xlsx")["Breaks"].iter_rows(min_row=2))

    assert [row[3].value for row in rows] == [-25, 1200, -1.125]
    assert [row[3].number_format.partition(";")[0] for row in rows] == [
        "#,##0.00",
        "#,##0",
        "#,##0.000",
    ]
    assert (rows[0][1].value.date(), rows[0][1].number_format) == (DAY, "yyyy-mm-dd")
    assert (rows[0][0].value, rows[0][0].data_type) == (USD, "s")
    assert [row[5].value for row in rows] == [1, 0, 12345]


def test_an_amount_beyond_a_spreadsheets_digits_stays_exact(tmp_path):
    """A number of more than fifteen digits is written as text rather than rounded."""
    table = replace(
        REPORT.tables[0],
        rows=((USD, DAY, "CNY", Decimal("12345678901234567.89"), "bank_fee", 1, ""),),
    )
    write_xlsx(replace(REPORT, tables=(table,)), tmp_path / "r.xlsx", "en")

    cell = load_workbook(tmp_path / "r.xlsx")["Breaks"]["D2"]

    assert (cell.value, cell.data_type) == ("12,345,678,901,234,567.89", "s")


def test_a_value_of_the_wrong_type_is_a_defect(tmp_path):
    """A text in an amount column stops the report instead of looking right."""
    table = replace(REPORT.tables[0], rows=((USD, DAY, "USD", "12.00", "bank_fee", 1, ""),))

    with pytest.raises(TypeError, match="column amount takes amount, not '12.00'"):
        write_xlsx(replace(REPORT, tables=(table,)), tmp_path / "r.xlsx", "en")


def test_sheets_are_named_ordered_and_ready_to_print(tmp_path):
    """The statement first, then the tables in order; headers frozen and repeated."""
    write_xlsx(REPORT, tmp_path / "r.xlsx", "zh")

    workbook = load_workbook(tmp_path / "r.xlsx")
    breaks = workbook["不符项"]

    assert workbook.sheetnames == ["余额调节表", "不符项", "已勾对"]
    assert (breaks.freeze_panes, breaks.print_title_rows) == ("A2", "$1:$1")
    assert {sheet.page_setup.orientation for sheet in workbook} == {"landscape"}
    assert {sheet.sheet_properties.pageSetUpPr.fitToPage for sheet in workbook} == {True}
    assert breaks.column_dimensions["G"].width >= 6
    assert workbook["已勾对"]["A2"].value == "无记录。"


def test_names_that_a_sheet_may_not_have_are_mended(tmp_path):
    """Forbidden characters, 31 characters at most, no name twice."""
    tables = tuple(replace(REPORT.tables[1], en=en) for en in ("A/B: " + "x" * 40, "Same", "same"))
    write_xlsx(replace(REPORT, tables=tables), tmp_path / "r.xlsx", "en")

    names = load_workbook(tmp_path / "r.xlsx").sheetnames

    assert names == ["Balance reconciliation", "A B  " + "x" * 26, "Same", "same (2)"]


def test_the_page_needs_nothing_else_and_runs_nothing(tmp_path):
    """One file: no script, no address, and what others wrote is escaped."""
    write_html(REPORT, tmp_path / "r.html", "en")

    page = (tmp_path / "r.html").read_text(encoding="utf-8")

    assert "<script" not in page
    assert re.findall(r"(?:src|href|@import|url)\s*[=(]", page) == []
    assert "&lt;b&gt;&amp;" in page
    assert "<b>&" not in page


def test_each_file_is_in_one_language(tmp_path):
    """The Chinese page has no English label, the English one no Chinese label."""
    write_html(REPORT, tmp_path / "zh.html", "zh")
    write_html(REPORT, tmp_path / "en.html", "en")

    zh = (tmp_path / "zh.html").read_text(encoding="utf-8")
    en = (tmp_path / "en.html").read_text(encoding="utf-8")

    assert "加：对方已收、我行未收" in zh and "余额调节表" in zh and "银行手续费" in zh
    assert not re.search(r">(Amount|Result|Reason|Equal|Bank fee)<", zh)
    assert not re.search(r">[^<]*(金额|余额|摘要)[^<]*<", en)


def test_people_sign_by_name_and_an_empty_signature_leaves_a_line(tmp_path):
    """Who prepared, checked and authorised stands below each form; who has not yet, may sign."""
    write_xlsx(REPORT, tmp_path / "r.xlsx", "zh")

    texts = [cell.value for row in first_sheet(tmp_path / "r.xlsx").rows for cell in row]

    assert "经办：RB01" in texts
    assert "复核：李敏 Li Min" in texts
    assert "授权：____________" in texts


def test_cash_over_and_short_stand_box_by_box(tmp_path):
    """One box over and one short are two differences, never netted."""
    write_xlsx(REPORT, tmp_path / "r.xlsx", "zh")

    rows = [
        (row[0].value, row[6].value, row[7].value)
        for row in first_sheet(tmp_path / "r.xlsx").iter_rows()
        if str(row[0].value).startswith("T0")
    ]

    assert rows == [("T01", "长款", 100), ("T02", "短款", -9.5), ("T03", "相符", 0)]


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(tmp_path, monkeypatch):
    """No row is dropped when a table has more rows than a worksheet holds."""
    monkeypatch.setattr("clerkwork.report.xlsx._ROWS_A_SHEET", 2)
    write_xlsx(REPORT, tmp_path / "r.xlsx", "en")

    workbook = load_workbook(tmp_path / "r.xlsx")

    assert workbook.sheetnames[1:3] == ["Breaks", "Breaks (2)"]
    assert [workbook[name].max_row for name in ("Breaks", "Breaks (2)")] == [3, 2]


def test_long_texts_wrap_rather_than_shrink_the_page(tmp_path):
    """A table of many long texts keeps to the width of a page; its rows grow instead."""
    columns = tuple(Column(f"c{n}", f"Text {n}", f"文{n}") for n in range(12))
    rows = (tuple("A long particulars text of a correspondent" for _ in columns),)
    table = Table("wide", "Wide", "宽", columns, rows)
    write_xlsx(replace(REPORT, tables=(table,)), tmp_path / "r.xlsx", "en")

    sheet = load_workbook(tmp_path / "r.xlsx")["Wide"]
    widths = [sheet.column_dimensions[letter].width for letter in "ABCDEFGHIJKL"]

    assert sum(widths) <= 230
    assert sheet.row_dimensions[2].height > 2 * sheet.row_dimensions[1].height
