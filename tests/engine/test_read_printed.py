"""Statements as large banks print them: summaries, sections and tables that are no entries."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from clerkwork.facts import Statement
from clerkwork.read import read_document

FRONT = """
Account number: 12345678                    Currency: USD
Beginning Balance                           1,000.00
Ending Balance                              1,179.50
"""
SECTIONS = """
DEPOSITS AND ADDITIONS
DATE      DESCRIPTION                                  AMOUNT
12/18     Deposit 1234567                              300.00
Total Deposits and Additions                          $300.00

ATM & DEBIT CARD WITHDRAWALS
DATE      DESCRIPTION                                  AMOUNT
12/28     Card Purchase 12/27 Shell Oil                 20.50
01/13     ATM Withdrawal 01/13 Main St                 100.00
Total ATM & Debit Card Withdrawals                    $120.50
"""
PERIOD = "\nExample Bank        December 15, 2025 through January 15, 2026\n"
COLUMNS = """
Date          Description              Paid out     Paid in      Balance
01/12/2026    Deposit                                300.00     1,300.00
13/01/2026    ATM                        100.00                 1,200.00
14/01/2026    Shop                        20.50                 1,179.50
"""


def printed(folder: Path, text: str) -> Statement:
    """The one statement of a page with these lines, read."""
    canvas = Canvas(str(folder / "statement.pdf"), pagesize=(595, 842))
    for at, line in enumerate(text.splitlines()):
        canvas.setFont("Courier", 8)
        for cell in re.finditer(r"\S+(?: \S+)*", line):
            canvas.drawString(20 + cell.start() * 4.8, 810 - at * 11.6, cell.group())
    canvas.save()
    (statement,) = read_document(folder / "statement.pdf").statements
    return statement


def test_a_period_beside_the_name_of_the_bank_gives_the_years(tmp_path):
    """A range of days that is a cell by itself says for when the statement is."""
    statement = printed(tmp_path, FRONT + PERIOD + SECTIONS)

    assert (date(2025, 12, 15), date(2026, 1, 15)) == statement.period
    assert [2025, 2025, 2026] == [each.accounting_date.year for each in statement.entries]
    assert "totals" == statement.proof.grade


def test_balances_of_days_are_no_entries(tmp_path):
    """The table that its title calls one of daily balances moves nothing."""
    days = "\nDAILY ENDING BALANCE\nDATE          AMOUNT\n12/18      $1,300.00\n"
    days += "12/28       1,279.50\n01/13       1,179.50\n"
    statement = printed(tmp_path, FRONT + PERIOD + SECTIONS + days)

    assert ("totals", 3) == (statement.proof.grade, len(statement.entries))


def test_a_number_of_entries_stands_before_its_amount(tmp_path):
    """It is compared with the entries, and the amount with their sum."""
    totals = (
        "Total withdrawals         {}                120.50\nEnding Balance     3        1,179.50\n"
    )
    front = FRONT.replace("Ending Balance                              1,179.50\n", "")
    grades = [
        printed(tmp_path, front + totals.format(count) + PERIOD + SECTIONS).proof.grade
        for count in (2, 3)
    ]

    assert ["totals", "none"] == grades


def test_figures_alone_under_the_rows_are_no_row(tmp_path):
    """A summary in columns of its own has no words, which a row has."""
    rows = COLUMNS.replace("01/12/2026", "12/01/2026")
    foot = "\nClosing summary of the account\n              1,000.00   120.50   300.00\n"
    statement = printed(tmp_path, FRONT + rows + foot)

    assert ("chain_with_ends", 3) == (statement.proof.grade, len(statement.entries))


def test_days_and_months_between_points_have_no_year(tmp_path):
    """They are of the period: "18.12." is the 18 December of its year."""
    rows = COLUMNS.replace("01/12/2026", "18.12.    ").replace("13/01/2026", "13.01.    ")
    period = "\nStatement period 15.12.2025 to 14.01.2026\n"
    statement = printed(tmp_path, FRONT + period + rows.replace("14/01/2026", "14.01.    "))

    assert [date(2025, 12, 18), date(2026, 1, 13), date(2026, 1, 14)] == [
        each.accounting_date for each in statement.entries
    ]
    assert Decimal("300.00") == statement.entries[0].amount
