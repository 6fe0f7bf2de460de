"""Statements that say less, more or something else than they seem to: nothing of them is proven."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from clerkwork.read import Document, read_document

FRONT = "Account number: 12345678\nCurrency: USD\n"
ENDS = "Opening balance: 1000.00\nClosing balance: 850.00\n"
BALANCED = "Date,Description,Debit,Credit,Balance\n"
TWO_COLUMNS = "Date,Description,Debit,Credit\n"
SIGNED = "Date,Description,Amount\n"
RENT, REFUND = "2026-01-02,Rent,200.00,,800.00\n", "2026-01-05,Refund,,50.00,850.00\n"
PAID, PAID_BACK = "2026-01-02,Rent,-200.00\n", "2026-01-05,Refund,50.00\n"
TOTALS = "Total debits: {}\nTotal credits: 50.00\n"


def csv(folder: Path, text: str) -> Document:
    """A CSV file that begins with the front and goes on with `text`, read."""
    path = folder / "statement.csv"
    path.write_text(FRONT + text)
    return read_document(path)


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        (ENDS + BALANCED + RENT + REFUND, "chain_with_ends"),
        (ENDS + SIGNED + PAID + PAID_BACK, "totals"),
        (ENDS + BALANCED + RENT + ",Subtotal,200.00,0.00,\n" + REFUND, "chain_with_ends"),
        (TOTALS.format("150.00") + TWO_COLUMNS + "2026-01-02,a,-50.00,\n" * 3
         + "2026-01-03,b,,50.00\n", "totals"),
        (ENDS + BALANCED.replace("\n", ",Account number\n")
         + RENT.replace("\n", ",12345678\n") + REFUND.replace("\n", ",****5678\n"), "none"),
        (ENDS + BALANCED.replace("\n", ",Account number\n")
         + RENT.replace("\n", ",****5678\n") + REFUND.replace("\n", ",****5678\n"),
         "chain_with_ends"),
        ("Balance: 850.00\n" + BALANCED + RENT + REFUND, "chain"),
        (ENDS + BALANCED + REFUND.replace("01-05", "01-02") + RENT, "chain_with_ends"),
        (ENDS + "Pending transactions\n" + BALANCED + "No pending transactions\n"
         "Posted transactions\n" + BALANCED + RENT + REFUND, "chain_with_ends"),
        (ENDS + BALANCED.replace("Debit,Credit", "Type,Amount")
         + "2026-01-02,Rent,DEBIT,-50.00,950.00\n2026-01-03,a,DEBIT,-50.00,900.00\n"
         + "2026-01-03,b,DEBIT,-100.00,800.00\n"
         "2026-01-05,c,CREDIT,50.00,850.00\n", "chain_with_ends"),
        ("Period: 2026-06-01 to 2026-06-30\n" + ENDS + BALANCED
         + RENT.replace("2026-01-02", "02/06/2026") + REFUND.replace("2026-01-05", "04/06/2026"),
         "chain_with_ends"),
    ],
)  # fmt: skip
def test_what_agrees_is_proven(tmp_path, text, grade):
    """The statements that the others below differ from by one thing."""
    document = csv(tmp_path, text)

    assert grade == document.statements[0].proof.grade


CONTRADICTIONS = {
    "after a closing row": SIGNED + "2026-01-01,Opening balance,1000.00\n" + PAID + PAID_BACK
    + "2026-01-05,Closing balance,850.00\n2026-01-06,Late,-5.00\n",
    "after the day of the closing balance": "Opening balance: 1000.00\n"
    "Closing balance at 2026-01-05: 850.00\n" + SIGNED + PAID + PAID_BACK
    + "2026-01-06,Late,-5.00\n",
    "after the period": "Period: 2026-01-01 to 2026-01-05\n" + ENDS + SIGNED + PAID + PAID_BACK
    + "2026-01-06,Late,-5.00\n",
    "after the totals": TWO_COLUMNS + "2026-01-02,Rent,200.00,\n2026-01-05,Refund,,50.00\n"
    ",Total,200.00,50.00\n2026-01-06,Late,5.00,\n",
    "a total without the minus of its column": TOTALS.format("200.00") + TWO_COLUMNS
    + "2026-01-02,Rent,-200.00,\n2026-01-05,Refund,,50.00\n",
    "a total without the minus of its flag": TOTALS.format("200.00")
    + "Date,Description,Amount,DR/CR\n2026-01-02,Rent,-200.00,D\n2026-01-05,Refund,50.00,C\n",
    "a total that agrees either way": TOTALS.format("-150.00") + TWO_COLUMNS
    + "2026-01-02,a,-50.00,\n" * 3 + "2026-01-03,b,,50.00\n",
    "an end in another currency": ENDS.replace("1000", "EUR 1000") + BALANCED + RENT + REFUND,
    "heads in another currency": ENDS + BALANCED.replace("Debit", "Debit (EUR)") + RENT + REFUND,
    "another currency in the middle": ENDS + BALANCED + RENT + "Currency: EUR\n" + REFUND,
    "rows of another account": ENDS + BALANCED.replace("\n", ",Account number\n")
    + RENT.replace("\n", ",99999999\n") + REFUND.replace("\n", ",99999999\n"),
    "a closing balance too fine": ENDS.replace("850.00", "850.001") + BALANCED + RENT + REFUND,
    "a row without a date, in whole figures": BALANCED + "2026-01-02,Rent,200,,800\n"
    "2026-01-05,Refund,,50,850\nno date,Last,,50,900\n",
    "a date that is none": BALANCED + RENT + REFUND + "03.Jnu,Last,,50.5,900.5\n",
    "a date in a form unknown": BALANCED + RENT + REFUND + "03.Jnu,Last,,5.00 CR,855.00 CR\n",
    "two dates": BALANCED + RENT + REFUND + "2026-01-06 2026-01-07,Last,,5.00,855.00\n",
    "two amounts": BALANCED + RENT + REFUND + '2026-01-06,Two,"5.00\n6.00",,839.00\n',
    "two rows without an amount": ENDS + SIGNED + PAID
    + "2026-01-03,a,\n2026-01-03,b,\n" + PAID_BACK,
    "rows without a date that cancel": ENDS + BALANCED + RENT + ",,300.00,,500.00\n"
    ",,,300.00,800.00\n" + REFUND,
    "a subtotal of nothing": BALANCED + RENT + ",Subtotal,300.00,,\n" + REFUND,
    "小计 of nothing": BALANCED + RENT + ",小计,300.00,,\n" + REFUND,
    "a shop called total": ENDS + BALANCED + RENT + ",Total Wine & More,300.00,,500.00\n" + REFUND,
    "a row above the heads": "2026-01-01,Early,5.00,,1000.00\n" + BALANCED + RENT + REFUND,
    "an amount in the foot": BALANCED + RENT + REFUND + "Page 1 of 1,Late,99.00,,751.00\n",
    "a month before a day and a day before a month": ENDS + BALANCED
    + RENT.replace("2026-01-02", "13/01/2026") + REFUND.replace("2026-01-05", "20/01/2026")
    + "01/21/2026,a,,5.00,855.00\n22/01/2026,b,5.00,,850.00\n",
    "days or months, both in the period": "Period: 1 January 2026 to 31 December 2026\n" + ENDS
    + BALANCED + RENT.replace("2026-01-02", "01/04/2026")
    + REFUND.replace("2026-01-05", "01/07/2026"),
    "a balance in the line of totals": BALANCED + RENT + REFUND + ",Total,200.00,50.00,845.00\n",
    "a balance on another line": BALANCED + RENT + REFUND + "Balance on 31 January 2026: 845.00\n",
    "a row that ends as a balance": BALANCED + RENT + REFUND
    + "2026-01-0G,Payment of card balance,5.00,,845.00\n",
    "a balance brought forward beside an opening one": ENDS.replace("1000.00", "0.00") + BALANCED
    + "2026-01-01,Balance b/f,,1000.00,1000.00\n" + RENT + REFUND,
    "an overdraft with the words of a card": "Credit limit: 500.00\nMinimum payment: 0.00\n" + ENDS
    + "Date,Description,Amount,Balance\n2026-01-02,Rent,-200.00,800.00\n"
    "2026-01-05,a,50.00,850.00\n",
    "a card in the eyes of its holder": "Credit limit: 500.00\nPayment due date: 2026-02-01\n"
    "Opening balance: -100.00\nClosing balance: -130.00\n" + SIGNED
    + "2026-01-02,Food,-50.00\n2026-01-05,Paid,20.00\n",
    "yen of dollars": ENDS + BALANCED + RENT + REFUND.replace(",50.00", ",¥50.00"),
    "元 of dollars": ENDS + BALANCED + RENT + REFUND.replace(",50.00", ",50.00元"),
    "an account in an apostrophe": ENDS + BALANCED.replace("\n", ",Account number\n")
    + RENT.replace("\n", ",'99999999\n") + REFUND.replace("\n", ",'99999999\n"),
    "decimal commas between commas": ENDS.replace("1000.00", "1000,50").replace("850.00", "850,75")
    + SIGNED + PAID.replace("200.00", "200,00") + PAID_BACK.replace("50.00", "50,25"),
    "an amount past the last head": ENDS + SIGNED + PAID + PAID_BACK.replace("\n", ",,-5.00\n"),
    "a card with one of its words": "Payment due date: 2026-02-01\nPrevious balance: 412.16\n"
    "New balance: 90.00\n" + SIGNED
    + "2026-01-02,Paid,-412.16\n2026-01-05,Shoes,80.00\n2026-01-06,Hat,10.00\n",
    "equal ends": "Opening balance: 0.00\nClosing balance: 0.00\nDate,Description,Credit,Debit\n"
    "2026-01-02,Receipt,,200.00\n2026-01-02,Sweep,200.00,\n",
    "figures in thousands": "Amounts in thousands\n" + ENDS + BALANCED + RENT + REFUND,
    "thousands in a head": ENDS + BALANCED.replace("Balance", "Balance (’000)") + RENT + REFUND,
    "the number of a card for an amount": SIGNED.replace("\n", ",Balance\n")
    + "2026-01-02,Rent,-200.00,800.00\n2026-01-05,Refund,6222021234567890123,850.00\n",
    "an amount under no head": SIGNED.replace("\n", ",Balance\n")
    + "2026-01-02,Rent,-200.00,800.00\n"
    "2026-01-05,Refund,50.00,850.00\n2026-01-06,Late,,,-5.00\n",
}  # fmt: skip


@pytest.mark.parametrize("text", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_what_contradicts_itself_is_not_proven_and_says_where(tmp_path, text):
    """No grade; and a problem says what to look at."""
    document = csv(tmp_path, text)

    assert ["none"] == [statement.proof.grade for statement in document.statements]
    assert document.statements[0].proof.problems


def test_two_accounts_in_one_table_are_two_statements(tmp_path):
    """A column of account numbers says whose each row is."""
    text = ENDS + BALANCED.replace("\n", ",Account number\n") + RENT.replace("\n", ",12345678\n")
    document = csv(tmp_path, text + REFUND.replace("\n", ",99999999\n"))

    assert ["12345678", "99999999"] == [each.account for each in document.statements]


def test_a_row_without_an_amount_is_named_by_its_place_in_the_sheet(tmp_path):
    """Two ends that hold show that it moved nothing; it is named all the same."""
    document = csv(tmp_path, ENDS + SIGNED + PAID + "2026-01-03,Gone,\n" + PAID_BACK)

    (statement,) = document.statements
    (problem,) = statement.proof.problems
    assert ("totals", "p1 r7: the line “2026-01-03  Gone”") == (
        statement.proof.grade,
        problem[:34],
    )


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ([46028, "Last", None, 50.0, 900.0], ("chain", 3)),
        ([date(2026, 1, 6), "Last", None, "=A1+5", "=E5+1"], ("none", 2)),
        ([date(2026, 1, 6), "Last", None, "#REF!", 900.0], ("none", 2)),
        ([date(2026, 1, 6), "Last\nLast", None, "50.00\n5.00", "900.00\n905.00"], ("none", 2)),
        ([date(2026, 1, 7), "Under a merged amount", None, None, None], ("none", 2)),
    ],
)
def test_a_last_row_of_a_workbook_is_read_or_named(tmp_path, row, found):
    """A day stored as a number, a formula without a value, an error, two values in a cell."""
    book = Workbook()
    sheet = book.active
    for each in (
        ["Account number: 12345678"], ["Currency: USD"],
        ["Date", "Description", "Debit", "Credit", "Balance"],
        [date(2026, 1, 2), "Rent", 200.0, None, 800.0],
        [date(2026, 1, 5), "Refund", None, 50.0, 850.0], row,
    ):  # fmt: skip
        sheet.append(each)
    book.save(tmp_path / "statement.xlsx")
    (statement,) = read_document(tmp_path / "statement.xlsx").statements

    assert found == (statement.proof.grade, len(statement.entries))
    assert any(problem.startswith("p1 r6: ") for problem in statement.proof.problems)


def test_a_mistyped_account_does_not_hide_that_the_end_differs(tmp_path):
    """The closing balance is that of the account the document names."""
    text = ENDS.replace("850", "860") + BALANCED.replace("\n", ",Account number\n")
    text += RENT.replace("\n", ",12345678\n") + REFUND.replace("\n", ",12345678\n")
    document = csv(tmp_path, text + "2026-01-06,a,,10.00,860.00,12345673\n")

    assert ["none", "none"] == [each.proof.grade for each in document.statements]


def test_dollars_are_no_euros(tmp_path):
    """A "$" beside an end or an amount contradicts the currency."""
    path = tmp_path / "statement.csv"
    for text in (
        ENDS.replace("1000", "$1000") + BALANCED + RENT,
        ENDS + BALANCED + RENT.replace("200", "$200"),
    ):
        path.write_text(FRONT.replace("USD", "EUR") + text + REFUND)
        (statement,) = read_document(path).statements

        assert "none" == statement.proof.grade
        assert any("$" in problem for problem in statement.proof.problems)


def test_the_year_of_a_date_is_the_one_in_the_period(tmp_path):
    """Also at the far end of a period of a year, and on a copy made much later."""
    rows = BALANCED + RENT.replace("2026-01-02", "15 Jan") + REFUND.replace("2026-01-05", "20 Aug")
    front = "Statement period: 01 Jan 2025 to 31 Dec 2025\nStatement date: 15 Aug 2026\n"
    (statement,) = csv(tmp_path, front + ENDS + rows).statements

    assert [date(2025, 1, 15), date(2025, 8, 20)] == [e.accounting_date for e in statement.entries]


def test_a_day_outside_the_period_is_named(tmp_path):
    """Between two days within it, or long after it."""
    front = "Period: 2026-01-01 to 2026-01-31\n" + ENDS + BALANCED
    for day in ("2026-11-02", "2025-01-02"):
        (statement,) = csv(tmp_path, front + RENT.replace("2026-01-02", day) + REFUND).statements

        assert any(day in problem for problem in statement.proof.problems)


def test_two_months_in_one_file_are_two_statements(tmp_path):
    """A new opening balance after a closing one begins the next statement of the account."""
    more = ENDS.replace("850", "840").replace("1000", "850") + BALANCED
    text = ENDS + BALANCED + RENT + REFUND + more + "2026-02-02,a,10.00,,840.00\n"
    document = csv(tmp_path, text)

    assert [("chain_with_ends", 2), ("chain_with_ends", 1)] == [
        (each.proof.grade, len(each.entries)) for each in document.statements
    ]


def test_a_sheet_that_stands_twice_is_proven_once(tmp_path):
    """Of two statements that are the same in everything the second says so."""
    book = Workbook()
    for sheet in (book.active, book.create_sheet()):
        for line in (FRONT + ENDS + BALANCED + RENT + REFUND).splitlines():
            sheet.append(line.split(","))
    book.save(tmp_path / "statement.xlsx")
    document = read_document(tmp_path / "statement.xlsx")

    assert ["chain_with_ends", "none"] == [each.proof.grade for each in document.statements]


def test_rows_swallowed_by_a_quotation_mark_refuse_the_file(tmp_path):
    """A mark that is not closed, or is closed by the next one, takes rows into a cell."""
    head = "Date,Amount,Balance,Description\n2026-01-02,-200.00,800.00,Rent\n"
    rows = '2026-01-05,50.00,850.00,"Refund\n2026-01-06,-5.00,845.00,a tube of 6'
    codes = [csv(tmp_path, head + rows + end).refused.code for end in ("\n", '"\n')]

    assert ["DOCUMENT_BROKEN", "QUOTE_MISSING"] == codes


def test_another_opening_balance_begins_an_account_that_is_not_named(tmp_path):
    """Only one that is the closing balance before it is of the same account."""
    more = "Acct no.:\n87654321\nOpening balance: 500.00\nClosing balance: 490.00\n" + BALANCED
    text = ENDS + BALANCED + RENT + REFUND + more + "2026-01-03,Fee,10.00,,490.00\n"
    document = csv(tmp_path, text)

    assert ["12345678", ""] == [each.account for each in document.statements]


def test_a_currency_is_known_by_its_name(tmp_path):
    """In the lines above the rows, and in a column."""
    document = csv(tmp_path, SIGNED.replace("\n", ",Currency\n") + "2026-01-02,a,5.00,Euros\n")

    assert ["EUR"] == [each.currency for each in document.statements]


def test_rows_after_a_closing_balance_among_them_have_an_open_end(tmp_path):
    """Every link holds; that nothing is missing after them is not proven, and said."""
    rows = "2026-01-01,Opening balance,,,1000.00\n" + RENT + "2026-01-02,Closing balance,,,800.00\n"
    (statement,) = csv(tmp_path, BALANCED + rows + REFUND).statements

    assert any("no closing balance" in problem for problem in statement.proof.problems)


def test_western_european_letters_are_read(tmp_path):
    """Where the bytes above ASCII stand alone the file is no Chinese one."""
    path = tmp_path / "statement.csv"
    text = "Datum;Verwendungszweck;Betrag;Saldo\n02.01.2026;Café;-200,00;800,00\n"
    path.write_bytes((text + "05.01.2026;Büro;50,00;850,00\n").encode("cp1252"))
    (statement,) = read_document(path).statements

    assert ["Café", "Büro"] == [entry.text for entry in statement.entries]


def test_charges_beside_an_amount_are_none(tmp_path):
    """The column of charges is not the debit one where another has the amounts."""
    heads = "Date,Description,Amount,Charges,Balance\n"
    rows = "2026-01-02,Rent,-200.00,0.00,800.00\n2026-01-05,Refund,50.00,0.00,850.00\n"
    (statement,) = csv(tmp_path, ENDS + heads + rows).statements

    assert "chain_with_ends" == statement.proof.grade
