"""Small statements, drawn with letters: what is read of them, and how far it is proven."""

from __future__ import annotations

import re
from decimal import Decimal
from unicodedata import east_asian_width

import pytest

from clerkwork.read.child import read_pages
from clerkwork.read.words import Page, Word


def words_of(drawing: str) -> list[Word]:
    """A drawing as words: a letter is 6 wide (a Chinese one 12), lines are 12 apart."""
    return [
        Word(wide(line[: found.start()]), wide(line[: found.end()]), row * 12.0, 8.0, found[0])
        for row, line in enumerate(drawing.splitlines(), start=1)
        for found in re.finditer(r"\S+", line)
    ]


def wide(text: str) -> float:
    """How wide a text is drawn."""
    return sum(12.0 if east_asian_width(letter) in "WF" else 6.0 for letter in text)


def read(*drawings: str):
    """The statements on pages drawn with letters."""
    pages = [Page(number, words_of(each)) for number, each in enumerate(drawings, start=1)]
    return read_pages(pages, "digest", "en")


def amounts(statement) -> list[str]:
    """The amounts of its entries, as text."""
    return [str(entry.amount) for entry in statement.entries]


PLAIN = """
Account: 1234567          Statement period: 2026-03-01 to 2026-03-31
Opening balance: USD 1,000.00

Date         Description           Debit     Credit      Balance

2026-03-02   Rent                 200.00                  800.00
2026-03-05   Salary                          50.00        850.00
2026-03-09   Coffee                10.00                  840.00

Closing balance: USD 840.00
"""


def test_a_chain_between_printed_ends_is_the_best_proof():
    """Every balance follows from the one before, and both printed ends agree."""
    (statement,) = read(PLAIN)

    assert (
        "chain_with_ends", (3, 3), (), "1234567", "USD", ["-200.00", "50.00", "-10.00"],
        Decimal("1000.00"), "printed", Decimal("840.00"), ["chain"] * 3,
    ) == (
        statement.proof.grade, statement.proof.links, statement.proof.problems,
        statement.account, statement.currency, amounts(statement),
        statement.opening, statement.opening_basis, statement.closing,
        [entry.proof for entry in statement.entries],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("printed", "mutated", "problem"),
    [
        ("200.00                  800.00", "210.00                  800.00", "p1 r1"),
        (" 850.00", " 860.00", "p1 r2"),
        ("50.00        850.00", "-50.00       850.00", "p1 r2"),
        ("1,000.00", "1,000.10", "p1 r1"),
        ("Closing balance: USD 840.00", "Closing balance: USD 480.00", "closing balance"),
        ("2026-03-05   Salary                          50.00        850.00\n", "", "p1 r2"),
        (" 10.00 ", " 10.O0 ", "10.O0"),
        ("2026-03-09", "2026-13-09", "2026-13-09"),
    ],
)
def test_one_wrong_figure_takes_the_proof_and_is_named(printed, mutated, problem):
    """One broken link is grade "none", and the line that broke it is said."""
    assert printed in PLAIN
    (statement,) = read(PLAIN.replace(printed, mutated))

    assert statement.proof.grade == "none"
    assert any(problem in line for line in statement.proof.problems)


def test_without_printed_ends_the_first_amount_and_the_last_line_are_not_proven():
    """A chain says nothing of what came before it or after it, and says so."""
    drawing = PLAIN.replace("Opening balance: USD 1,000.00", "").replace("Closing balance", "See")
    (statement,) = read(drawing)

    assert ("chain", (2, 2), "implied", Decimal("1000.00")) == (
        statement.proof.grade,
        statement.proof.links,
        statement.opening_basis,
        statement.opening,
    )
    assert [entry.proof for entry in statement.entries] == ["none", "chain", "chain"]
    assert [line[:5] for line in statement.proof.problems] == ["p1 r1", "p1 r3"]


def test_a_negative_figure_in_a_column_is_red():
    """红字: the same column, the other direction."""
    drawing = PLAIN.replace("10.00                  840.00", "-10.00                  860.00")
    (statement,) = read(drawing.replace("USD 840.00", "USD 860.00"))

    last = statement.entries[-1]
    assert ("chain_with_ends", Decimal("10.00"), True) == (
        statement.proof.grade,
        last.amount,
        last.red,
    )


def test_a_debit_column_may_repeat_the_minus():
    """Where every figure of the column is negative and so it proves itself, none is red."""
    drawing = """
Opening balance: 1,000.00
Date         Description           Debit     Credit      Balance
2026-03-02   Rent                -200.00                  800.00
2026-03-05   Salary                          50.00        850.00
2026-03-09   Coffee               -10.00                  840.00
2026-03-09   Tea                  -20.00                  820.00
Closing balance: 820.00
"""
    (statement,) = read(drawing)

    assert (
        statement.proof.grade,
        amounts(statement),
        any(entry.red for entry in statement.entries),
    ) == ("chain_with_ends", ["-200.00", "50.00", "-10.00", "-20.00"], False)


def test_a_sign_is_never_taken_from_the_balance():
    """Unsigned amounts whose balances fall are not made negative."""
    drawing = """
Opening balance: 1,000.00
Date         Description          Amount     Balance
2026-03-02   Rent                 200.00      800.00
2026-03-05   Salary                50.00      850.00
Closing balance: 850.00
"""
    (statement,) = read(drawing)

    assert (statement.proof.grade, amounts(statement)) == ("none", ["200.00", "50.00"])


CHINESE = """
账号：6222000012345678    币种：人民币    期初余额：1,000.00
交易日期       交易时间      借/贷     发生额       余额        对方户名     摘要
2026-03-02     08:15:00      借        200.00       800.00      张三         房租
2026-03-05     09:30:10      贷        50.00        850.00      某某公司     工资
2026-03-06     10:00:00      贷        -50.00       800.00      某某公司     冲正
期末余额：800.00
"""


def test_a_flag_column_says_debit_or_credit():
    """借 is out, 贷 is in, and a negative figure is red on its own side."""
    (statement,) = read(CHINESE)

    assert (
        statement.proof.grade,
        statement.account,
        statement.currency,
        amounts(statement),
    ) == ("chain_with_ends", "6222000012345678", "CNY", ["-200.00", "50.00", "-50.00"])
    assert [entry.red for entry in statement.entries] == [False, False, True]
    assert (
        str(statement.entries[0].time),
        statement.entries[0].counterparty,
        statement.entries[0].text,
    ) == ("08:15:00", "张三", "房租")


def test_a_flag_that_says_neither_is_a_problem_of_its_line():
    """Without debit or credit an amount has no sign."""
    (statement,) = read(CHINESE.replace("贷        50.00 ", "？        50.00 "))

    assert statement.proof.grade == "none"
    assert any("p1 r2" in line and "50.00" in line for line in statement.proof.problems)


def test_the_newest_line_may_stand_first():
    """Falling dates are read from below; the entries keep the order of the paper."""
    drawing = """
Date         Description          Amount     Balance
2026-03-09   Coffee               -10.00      840.00
2026-03-05   Salary                50.00      850.00
2026-03-02   Rent                -200.00      800.00
"""
    (statement,) = read(drawing)

    assert ("chain", (2, 2), Decimal("840.00"), Decimal("1000.00")) == (
        statement.proof.grade,
        statement.proof.links,
        statement.closing,
        statement.opening,
    )
    assert amounts(statement) == ["-10.00", "50.00", "-200.00"]


def test_ends_prove_what_has_no_running_balance():
    """Opening and the sum of the lines make the closing balance: grade "totals"."""
    drawing = """
Opening balance: 1,000.00
Date         Description          Amount
2026-03-02   Rent                -200.00
2026-03-05   Salary                50.00
Closing balance: 850.00
"""
    (statement,) = read(drawing)
    (altered,) = read(drawing.replace(" 50.00\n", " 50.10\n"))

    assert (
        statement.proof.grade,
        [entry.proof for entry in statement.entries],
    ) == ("totals", ["totals", "totals"])
    assert altered.proof.grade == "none"


def test_printed_totals_of_both_sides_prove_too():
    """Total debits and total credits that agree; one of them alone proves nothing."""
    drawing = """
Date         Description           Debit     Credit
2026-03-02   Rent                 200.00
2026-03-05   Salary                          50.00
Total debits (1 entries): 200.00
Total credits (1 entries): 50.00
"""
    (statement,) = read(drawing)
    (half,) = read(drawing.replace("Total credits (1 entries): 50.00", ""))
    (miscounted,) = read(drawing.replace("credits (1", "credits (2"))

    assert [each.proof.grade for each in (statement, half, miscounted)] == [
        "totals",
        "none",
        "none",
    ]


def test_what_a_card_owes_is_proven_as_debt():
    """On a card statement a charge raises the balance: the amount is out, the balance a debt."""
    drawing = """
Credit limit: 5,000.00    Minimum payment: 50.00    Payment due date: 2026-04-20
Previous balance: 412.16
Date         Description          Amount
2026-03-02   Payment             (412.16)
2026-03-05   Shoes                 80.00
Total amount due: 80.00
"""
    (statement,) = read(drawing)

    assert ("totals", "debt", ["412.16", "-80.00"], Decimal("412.16")) == (
        statement.proof.grade,
        statement.balance_side,
        amounts(statement),
        statement.opening,
    )


def test_advertising_cards_does_not_turn_an_account_into_one():
    """The words "credit card" alone change no sign."""
    drawing = PLAIN.replace("\nAccount", "\nAsk for our credit card!\nAccount")
    (statement,) = read(drawing)

    assert (statement.balance_side, statement.proof.grade) == ("credit", "chain_with_ends")


def test_titles_over_tables_may_say_that_amounts_go_out():
    """Sections for deposits and for withdrawals, each with unsigned amounts."""
    drawing = """
Statement date: June 5, 2026
Beginning balance on May 3, 2026    1,000.00
Ending balance on June 5, 2026      1,030.00

Deposits
Description             Date Credited     Amount
Salary                  05-15              50.00

ATM Withdrawals
Description             Date Paid         Amount
Cash                    05-18              20.00
"""
    (statement,) = read(drawing)

    assert (
        statement.proof.grade,
        amounts(statement),
        str(statement.entries[0].accounting_date),
    ) == ("totals", ["50.00", "-20.00"], "2026-05-15")


FIRST = """
Account: 1234567          Opening balance: 1,000.00
Date         Description                Amount      Balance
2026-03-02   Rent of the               -200.00       800.00
             big house
2026-03-05   Salary                      50.00       850.00
             Balance carried forward                 850.00
                                                 Page 1 of 2
"""
SECOND = """
Account: 1234567
Date         Description                Amount      Balance
             Balance brought forward                 850.00
2026-03-09   Coffee                     -10.00       840.00
             Closing balance                         840.00
Thank you for banking with us.                   Page 2 of 2
"""


def test_a_statement_goes_on_over_pages():
    """Heads are repeated, balances carried over, descriptions wrapped, feet no part of them."""
    (statement,) = read(FIRST, SECOND)

    assert (
        statement.proof.grade,
        statement.proof.links,
        [entry.text for entry in statement.entries],
    ) == ("chain_with_ends", (3, 3), ["Rent of the big house", "Salary", "Coffee"])
    assert [(entry.origin.page, entry.origin.row) for entry in statement.entries] == [
        (1, 1),
        (1, 2),
        (2, 2),
    ]


def test_a_page_may_have_no_heads():
    """The columns of the page before go on."""
    headless = "\n".join(line for line in SECOND.splitlines() if not line.startswith("Date"))
    (statement,) = read(FIRST, headless)

    assert (statement.proof.grade, len(statement.entries)) == ("chain_with_ends", 3)


def test_a_balance_carried_over_that_differs_is_a_broken_link():
    """What a page hands on is what the next one begins with."""
    (statement,) = read(FIRST, SECOND.replace("forward                 850.00", "forward 805.00"))

    assert statement.proof.grade == "none"
    assert any("carried over" in line for line in statement.proof.problems)


def test_a_missing_last_page_is_no_open_chain():
    """Every link holds, but the page says that another one follows."""
    (statement,) = read(FIRST)

    assert (statement.proof.grade, statement.proof.links) == ("none", (2, 2))
    assert any("1 of 2" in line for line in statement.proof.problems)


def test_lines_after_the_closing_balance_are_entries_too():
    """Later-dated lines follow in the same statement; the closing balance is not theirs."""
    drawing = PLAIN.replace("Statement period: 2026-03-01 to 2026-03-31", "")
    later = """
             Closing balance                              840.00
Entries booked after the statement date (not in the closing balance)
2026-03-10   Tea                    5.00                  835.00
"""
    (statement,) = read(drawing.replace("\nClosing balance: USD 840.00\n", later))

    assert ("chain_with_ends", (4, 4), Decimal("840.00")) == (
        statement.proof.grade,
        statement.proof.links,
        statement.closing,
    )


def test_a_line_after_the_closing_balance_that_cannot_be_read_takes_the_proof():
    """Nothing printed says that nothing was lost there."""
    later = """
             Closing balance                              840.00
2026-0?-10   Tea                    5.00                  835.00
"""
    (statement,) = read(PLAIN.replace("\nClosing balance: USD 840.00\n", later))

    assert statement.proof.grade == "none"
    assert any("Tea" in line for line in statement.proof.problems)


def test_several_accounts_are_several_statements():
    """Another account number before another table begins another statement."""
    other = PLAIN.replace("1234567", "7654321").replace("1,000.00", "1,010.00")
    first, second = read(PLAIN, other)

    assert [(each.account, each.proof.grade) for each in (first, second)] == [
        ("1234567", "chain_with_ends"),
        ("7654321", "none"),
    ]


def test_each_currency_has_its_own_chain():
    """Rows of two currencies in one list are two statements."""
    drawing = """
Date         Description       Amount   Currency    Balance
2026-03-02   Rent             -200.00   HKD          800.00
2026-03-03   Gift              100.00   CNY          100.00
2026-03-05   Salary             50.00   HKD          850.00
2026-03-06   Gift               10.00   CNY          110.00
"""
    found = read(drawing)

    assert [(each.currency, each.proof.grade, len(each.entries)) for each in found] == [
        ("HKD", "chain", 2),
        ("CNY", "chain", 2),
    ]


def test_dates_that_may_be_read_two_ways_are_decided_by_the_document_or_not_at_all():
    """One number above 12 decides for all; without it two short dates are refused."""
    drawing = """
Date         Description          Amount     Balance
03/04/2026   Rent                -200.00      800.00
{other}   Salary                50.00      850.00
"""
    (decided,) = read(drawing.format(other="15/04/2026"))
    (open_one,) = read(drawing.format(other="04/04/2026"))

    assert str(decided.entries[0].accounting_date) == "2026-04-03"
    assert open_one.proof.grade == "none"
    assert any("day/month or month/day" in line for line in open_one.proof.problems)


def test_a_day_printed_once_holds_for_the_lines_below_it():
    """Banks print the date of a day's first line only, and its balance on the last."""
    drawing = """
Opening balance: 1,000.00
Date         Description           Debit     Credit      Balance
2026-03-02   Rent                 200.00
             Coffee                10.00                  790.00
2026-03-05   Salary                          50.00        840.00
Closing balance: 840.00
"""
    (statement,) = read(drawing)

    assert (
        statement.proof.grade,
        statement.proof.links,
        str(statement.entries[1].accounting_date),
        [entry.proof for entry in statement.entries],
    ) == ("chain_with_ends", (2, 2), "2026-03-02", ["chain"] * 3)


def test_a_table_without_heads_is_read_but_proves_nothing():
    """Lines that begin with a date and end with an amount."""
    drawing = """
Bank Statement
03/15/2026   Payment      -120.50
03/16/2026   Deposit     +1500.00
"""
    (statement,) = read(drawing)

    assert (statement.proof.grade, amounts(statement)) == ("none", ["-120.50", "1500.00"])


def test_no_statement_is_made_of_a_letter():
    """Words of a statement in sentences are no table."""
    assert read("Dear customer, please compare date and balance of your account.\nThank you") == []


def test_problems_are_said_in_chinese_too():
    """The line, its place and its figures in the reader's language."""
    drawing = PLAIN.replace(" 850.00", " 860.00")
    (statement,) = read_pages([Page(1, words_of(drawing))], "digest", "zh")

    assert statement.proof.problems[0].startswith("第1页第2行: 800.00 加 50.00 应为 850.00")


def test_the_same_entries_have_the_same_ids_wherever_they_are_printed():
    """Places, pages and files are no part of an entry's identity."""
    (one,) = read(PLAIN)
    (other,) = read("\n\n\n" + PLAIN.replace("    Balance", "        Balance"))

    assert [entry.id for entry in one.entries] == [entry.id for entry in other.entries]


FIRST_PAGE = """
Account number: 12345678                 Currency: USD
Opening balance: 1,000.00

Date         Description           Debit     Credit      Balance
2026-03-02   Rent                 200.00                  800.00
             Balance carried forward                      800.00
{}
Page 1 of 2
"""
SECOND_PAGE = """
{}
Date         Description           Debit     Credit      Balance
             Balance brought forward                      800.00
2026-03-05   Salary                          50.00        850.00

Closing balance: 850.00
Page 2 of 2
"""


@pytest.mark.parametrize(
    "foot", ["", "To repay use account 99887766", "IBAN DE02120300000000202051"]
)
def test_a_number_in_a_foot_begins_no_account(foot):
    """The page after it goes on with the same table."""
    (statement,) = read(FIRST_PAGE.format(foot), SECOND_PAGE.format(""))

    assert ("chain_with_ends", "12345678") == (statement.proof.grade, statement.account)


def test_another_number_on_a_page_that_goes_on_takes_the_proof():
    """One wrong digit: the balance carried over shows that it is the same account."""
    (statement,) = read(FIRST_PAGE.format(""), SECOND_PAGE.format("Account number: 12345679"))

    assert ("none", 2) == (statement.proof.grade, len(statement.entries))
    assert any("12345679" in problem for problem in statement.proof.problems)


@pytest.mark.parametrize("pages", [[SECOND_PAGE.format("")], [FIRST_PAGE.format("")]])
def test_a_page_that_its_numbers_say_is_missing_takes_the_proof(pages):
    """The first or the last one, though the balances of the other one hold."""
    (statement,) = read(*pages)

    assert "none" == statement.proof.grade
    assert any("page" in problem for problem in statement.proof.problems)


def test_a_row_whose_amount_stands_on_its_second_line_keeps_its_date():
    """The dated line above it is of the same row."""
    drawing = PLAIN.replace(
        "2026-03-05   Salary                          50.00        850.00",
        "2026-03-05   Salary from\n"
        "             the employer                    50.00        850.00",
    )
    (statement,) = read(drawing)

    assert ("chain_with_ends", "2026-03-05", "Salary from the employer") == (
        statement.proof.grade,
        statement.entries[1].accounting_date.isoformat(),
        statement.entries[1].text,
    )
