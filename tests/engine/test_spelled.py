"""Amounts in words: the official examples, zeros, coins, and every amount back to its figures."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from clerkwork.report.spelled import spelled

DIGITS = {word: digit for digit, word in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"拾": 10, "佰": 100, "仟": 1000}


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        # 支付结算办法 annex 1
        ("1409.50", "壹仟肆佰零玖元伍角"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("107000.53", "壹拾万柒仟元零伍角叁分"),
        ("1680.32", "壹仟陆佰捌拾元零叁角贰分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        # to the yuan: 整
        ("0", "零元整"),
        ("10", "壹拾元整"),
        ("10007", "壹万零柒元整"),
        ("100700", "壹拾万零柒佰元整"),
        ("100000000", "壹亿元整"),
        ("100005000", "壹亿零伍仟元整"),
        ("120000000", "壹亿贰仟万元整"),
        ("1000000000000", "壹万亿元整"),
        # less than a yuan, and below zero
        ("0.53", "伍角叁分"),
        ("0.05", "伍分"),
        ("-20.10", "负贰拾元零壹角"),
    ],
)
def test_an_amount_in_capitals(amount: str, words: str):
    """As the rule of the People's Bank writes it."""
    assert words == spelled(Decimal(amount), "CNY", "zh")


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("0", "USD", "zero US dollars and 00/100"),
        ("0.05", "EUR", "zero euros and 05/100"),
        ("1409.50", "CNY", "one thousand four hundred and nine yuan and 50/100"),
        ("107000.53", "USD", "one hundred and seven thousand US dollars and 53/100"),
        ("10007", "JPY", "ten thousand and seven yen"),
        ("12.345", "KWD", "twelve KWD and 345/1000"),
        ("81000000000000", "USD", "eighty-one trillion US dollars and 00/100"),
        ("-6500.81", "USD", "minus six thousand five hundred US dollars and 81/100"),
    ],
)
def test_an_amount_in_english(amount: str, currency: str, words: str):
    """As on a cheque: words for the whole, a fraction for the rest."""
    assert words == spelled(Decimal(amount), currency, "en")


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("6500.81", "USD", "陆仟伍佰美元零捌拾壹美分"),
        ("291.61", "EUR", "贰佰玖拾壹欧元陆拾壹欧分"),
        ("10007", "JPY", "壹万零柒日元整"),
        ("12.345", "KWD", "壹拾贰点叁肆伍KWD"),
    ],
)
def test_another_currency_in_chinese(amount: str, currency: str, words: str):
    """With its own coins; digit by digit where it has none that are known."""
    assert words == spelled(Decimal(amount), currency, "zh")


def test_capitals_say_the_amount_and_no_other():
    """Read back by another way, 5,000 amounts of every size are what they were."""
    rng = random.Random(20260611)
    for _ in range(5000):
        amount = Decimal(rng.randrange(10 ** rng.randint(1, 15))).scaleb(-2)
        assert amount == read_back(spelled(amount, "CNY", "zh")), amount


def read_back(words: str) -> Decimal:
    """The amount that capitals say, by adding up digits and units from left to right."""
    whole, _, coins = words.rpartition("元")
    coins = coins.replace("整", "").replace("零", "")
    total = Decimal(number(whole))
    for unit, size in (("角", "0.1"), ("分", "0.01")):
        if unit in coins:
            digit, _, coins = coins.partition(unit)
            total += DIGITS[digit] * Decimal(size)
    return total


def number(words: str) -> int:
    """The whole number that capitals say."""
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        high, found, low = words.rpartition(unit)
        if found:
            return number(high) * size + number(low)
    total = digit = 0
    for char in words:
        if char in UNITS:
            total += digit * UNITS[char]
            digit = 0
        else:
            digit = DIGITS[char]
    return total + digit
