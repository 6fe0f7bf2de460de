"""Printed amounts, dates and times: exact, or refused with the code that says why."""

from __future__ import annotations

import doctest
from datetime import date, time
from decimal import Decimal

import pytest

from clerkwork.errors import Refused
from clerkwork.read import parse_amount, parse_date, parse_time, sheet, stored, values, vocabulary


@pytest.mark.parametrize("module", [values, vocabulary, sheet, stored])
def test_the_examples_in_the_docstrings_hold(module):
    """What a docstring shows is what happens."""
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("1,234.50", "USD", "1234.50"),
        ("1,234.50 DR", "EUR", "-1234.50"),
        ("1,234.50CR", "EUR", "1234.50"),
        ("DR 20.00", "", "-20.00"),
        ("(412.16)", "SGD", "-412.16"),
        ("$(45.00)", "", "-45.00"),
        ("-$75.00", "", "-75.00"),
        ("$-75.00", "", "-75.00"),
        ("$ 12.00", "", "12.00"),
        ("S$22,800", "", "22800"),
        ("HK$ 5.10", "HKD", "5.10"),
        ("Rs. 2000", "", "2000"),
        ("100.00-", "USD", "-100.00"),
        ("+1500.00", "", "1500.00"),
        ("−12.00", "USD", "-12.00"),
        ("CNY 5.00", "CNY", "5.00"),
        ("￥１２，３４５．６７", "CNY", "12345.67"),
        ("（１２．００）", "CNY", "-12.00"),
        ("123.45元", "CNY", "123.45"),
        ("借 1.23", "CNY", "-1.23"),
        ("贷方 1.23", "CNY", "1.23"),
        ("1,23,456.78", "INR", "123456.78"),
        ("1'234.50", "CHF", "1234.50"),
        ("1 234 567,89", "EUR", "1234567.89"),
        ("1.234,56", "EUR", "1234.56"),
        ("1.234.567", "EUR", "1234567"),
        ("-4,50", "EUR", "-4.50"),
        ("1,234", "EUR", "1234"),
        ("1.234", "EUR", "1234"),
        ("900.000", "VND", "900000"),
        ("100,250", "TND", "100.250"),
        ("100.250", "KWD", "100.250"),
        ("1,234.567", "KWD", "1234.567"),
        ("1,234.00", "JPY", "1234.00"),
        (".50", "USD", "0.50"),
        ("-0.00", "USD", "0.00"),
    ],
)
def test_a_printed_amount_is_read_exactly(text, currency, amount):
    """Signs, groups, currencies and full-width digits of every usual way to print an amount."""
    read = parse_amount(text, currency=currency, where="p1 r1")

    assert (Decimal(amount), False) == (read, str(read).startswith("-0."))


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("", "USD", "AMOUNT_UNREADABLE"),
        ("—", "USD", "AMOUNT_UNREADABLE"),
        ("12..34", "EUR", "AMOUNT_UNREADABLE"),
        ("1,2345", "USD", "AMOUNT_UNREADABLE"),
        ("1,234.5.6", "USD", "AMOUNT_UNREADABLE"),
        ("1.", "USD", "AMOUNT_UNREADABLE"),
        ("12 34", "USD", "AMOUNT_UNREADABLE"),
        ("12-34", "USD", "AMOUNT_UNREADABLE"),
        ("xx,yyyy.zz", "CNY", "AMOUNT_UNREADABLE"),
        ("100.00 200.00", "USD", "AMOUNT_UNREADABLE"),
        ("(100.00", "USD", "AMOUNT_UNREADABLE"),
        ("EUR 5.00", "CNY", "AMOUNT_UNREADABLE"),
        ("1e5", "USD", "AMOUNT_UNREADABLE"),
        ("-100 DR", "USD", "AMOUNT_TWO_SIGNS"),
        ("(100.00) CR", "USD", "AMOUNT_TWO_SIGNS"),
        ("(-100.00)", "USD", "AMOUNT_TWO_SIGNS"),
        ("0.123", "EUR", "AMOUNT_TOO_FINE"),
        ("1.2345", "EUR", "AMOUNT_TOO_FINE"),
        ("1.234", "", "AMOUNT_UNREADABLE"),
        ("1.5", "JPY", "AMOUNT_TOO_FINE"),
    ],
)
def test_what_is_not_one_amount_is_refused_with_its_place(text, currency, code):
    """There is no default for an amount that cannot be read."""
    with pytest.raises(Refused) as refused:
        parse_amount(text, currency=currency, where="p3 r7")

    assert (code, "p3 r7") == (refused.value.code, refused.value.where)


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2026-06-11", "", date(2026, 6, 11)),
        ("2026/6/1", "", date(2026, 6, 1)),
        ("20260611", "", date(2026, 6, 11)),
        ("2026年6月11日", "", date(2026, 6, 11)),
        ("２０２６－０６－１１", "", date(2026, 6, 11)),
        ("11 JUN 2026", "", date(2026, 6, 11)),
        ("11JUN26", "", date(2026, 6, 11)),
        ("June 5, 2003", "", date(2003, 6, 5)),
        ("05.06.2026", "", date(2026, 6, 5)),
        ("05/06/2026", "dmy", date(2026, 6, 5)),
        ("05/06/2026", "mdy", date(2026, 5, 6)),
        ("13/06/2026", "", date(2026, 6, 13)),
        ("06/13/26", "", date(2026, 6, 13)),
        ("06/06/2026", "", date(2026, 6, 6)),
        ("28/12", "dmy", date(2025, 12, 28)),
        ("12 FEB", "", date(2026, 2, 12)),
    ],
)
def test_a_printed_date_is_read(text, order, day):
    """A date without a year is the one nearest to the statement's own date."""
    assert day == parse_date(text, where="", order=order, near=date(2026, 1, 31))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("05/06/2026", "DATE_AMBIGUOUS"),
        ("05-18", "DATE_WITHOUT_YEAR"),
        ("31/02/2026", "DATE_UNREADABLE"),
        ("mm/dd/yyyy", "DATE_UNREADABLE"),
        ("12.50", "DATE_UNREADABLE"),
    ],
)
def test_a_date_is_never_invented(text, code):
    """Two readings, no year, no such day: refused."""
    with pytest.raises(Refused) as refused:
        parse_date(text, where="p1 r1")

    assert code == refused.value.code


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("08:42:03", time(8, 42, 3)),
        ("13:42", time(13, 42)),
        ("134217", time(13, 42, 17)),
        ("1:05 pm", time(13, 5)),
        ("08时42分03秒", time(8, 42, 3)),
    ],
)
def test_a_printed_time_is_read(text, clock):
    """With colons, without, with a half of the day, in Chinese."""
    assert clock == parse_time(text, where="")


def test_a_time_that_no_clock_shows_is_refused():
    """25:00 is no time of day."""
    with pytest.raises(Refused, match="TIME_UNREADABLE"):
        parse_time("25:00", where="p1 r1")
