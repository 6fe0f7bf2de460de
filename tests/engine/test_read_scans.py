"""Scans: what OCR may replace, what repair may put, and one page from end to end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from clerkwork.read import read_document
from clerkwork.read.draft import Draft
from clerkwork.read.mend import mended
from clerkwork.read.misread import cleaned
from clerkwork.read.movements import Convention
from clerkwork.read.repair import Repairs, repair
from clerkwork.read.rows import Row
from clerkwork.read.sandbox import scan_limits
from tests.degraded import CHINESE, Scanner, statement_pdf


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("48.216.301.61", "48,216,301.61"),
        ("96.840,.552.36", "96,840,552.36"),
        ("4993.23", "4,993.23"),
        ("1, 234.50", "1,234.50"),
        ("2O3.4S", "203.45"),
        ("－１２．５０", "-12.50"),
        ("96.713.032 76", "96,713,032.76"),
        ("2026.06-11", "2026-06-11"),
        ("3026-06-11", "2026-06-11"),
        ("2026=0611", "2026-06-11"),
        ("97.110.507:27", "97,110,507.27"),
        ("1l JUN 2O26", "11 JUN 2026"),
        ("0854:44", "08:54:44"),
        ("货", "贷"),
        ("0/贷", "借/贷"),
    ],
)
def test_what_cannot_stand_in_a_figure_is_replaced(read, meant):
    """Separators, look-alike letters and flags with one meaning only."""
    assert meant == cleaned(read)


@pytest.mark.parametrize(
    "text",
    ["l234.50", "S4.50", "12,34,56.78", "48,21301.61", "1 50", "00.50", "20260611", "INV 5O231"]
    + ["信", "1.234", "2026-16-11", "25:61:00", "FT26162CFBZ4", "01.06.26", "11:50", "2926-06-11"],
)
def test_what_may_mean_two_things_is_left_as_it_was_read(text):
    """A ruling or a one, a lost digit or a lost comma, a reference, another flag."""
    assert text == cleaned(text)


OPENING, AMOUNTS, BALANCES = 1000, [100, -300, 70, 500], [1100, 800, 870, 1370]


def changed(figures, at, figure):
    """The figures with another one at a place."""
    return [*figures[:at], figure, *figures[at + 1 :]]


@pytest.mark.parametrize("misread", [-800, -30, None])
def test_an_amount_between_two_confirmed_balances_is_repaired(misread):
    """A wrong digit, a lost one, an unreadable amount."""
    found = repair(changed(AMOUNTS, 1, misread), BALANCES, OPENING, 1370)

    assert Repairs({1: -300}, {}) == found


@pytest.mark.parametrize("misread", [880, None])
def test_a_balance_that_the_amounts_bridge_is_repaired(misread):
    """Wrong or unreadable: both amounts beside it lead to the next balance."""
    assert Repairs({}, {1: 800}) == repair(AMOUNTS, changed(BALANCES, 1, misread), OPENING, 1370)


@pytest.mark.parametrize(
    ("amounts", "balances"),
    [
        (changed(AMOUNTS, 0, 107), BALANCES),  # nothing confirms the opening balance
        (changed(AMOUNTS, 1, 300), BALANCES),  # it stands in the other column
        ([100, -7712, 70, 500], BALANCES),  # not like -300: a row may be lost
        ([100, -800, 76, 500], BALANCES),  # two side by side
        (changed(AMOUNTS, 1, -800), changed(BALANCES, 1, 880)),  # both of one row
        ([100, -800, 70, 508], changed(BALANCES, 2, 877)),  # the balance after is not sure
    ],
)
def test_one_side_alone_repairs_nothing(amounts, balances):
    """What is not confirmed from both sides stays as it was read."""
    assert Repairs() == repair(amounts, balances, OPENING, 1370)


def test_an_opening_balance_printed_twice_confirms_the_first_amount():
    """Two prints that agree were not misread."""
    amounts = changed(AMOUNTS, 0, 107)

    found = repair(amounts, BALANCES, OPENING, 1370, is_opening_sure=True)

    assert Repairs({0: 100}, {}) == found


def test_a_scanned_page_is_read_and_proven(tmp_path: Path):
    """A degraded Chinese page of 150 dpi, a degree askew."""
    rows = [(date(2026, 6, 2 + at), Decimal(at * 7 - 20) * 111 / 100) for at in range(6)]
    printed = statement_pdf(tmp_path / "p.pdf", CHINESE, rows, opening=Decimal("9000.00"), tall=300)

    (statement,) = read_document(Scanner().scan(printed, tmp_path / "scan.pdf")).statements

    assert "chain_with_ends" == statement.proof.grade
    assert rows == [(entry.accounting_date, entry.amount) for entry in statement.entries]


def test_the_limits_of_a_scan_grow_with_its_pages_only():
    """Time for each page, memory for one."""
    one, ten = scan_limits(1), scan_limits(10)

    assert (one.memory_mb, 9 * 40) == (ten.memory_mb, ten.cpu_s - one.cpu_s)


def test_a_row_that_its_source_counts_nowhere_is_left_out_of_a_scan_too():
    """不计收支 is no misreading: nothing is repaired there, and the row is no flaw."""
    draft = Draft(account="62220001", currency="CNY")
    for number, (flag, amount) in enumerate([("收入", "28.50"), ("不计收支", "5.00")], 1):
        cells = {"date": "2026-03-01", "flag": flag, "amount": amount}
        draft.rows.add(Row(1, number, cells, "2026-03-01"))
    how = Convention("62220001", "CNY", order="ymd", flag="flag")

    read, repairs = mended(draft, {1}, how, is_newest_first=False)

    assert [2850] == [*read.amounts]
    assert ["NEUTRAL_ROW"] == [each.code for each in read.asides]
    assert not read.flaws and not repairs.at
