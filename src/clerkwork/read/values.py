"""Printed values: one amount, one date, one time of day; exact, or refused with the reason."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import lru_cache

from clerkwork.errors import Refused
from clerkwork.facts import exponent, to_minor

# What fills a cell of figures that holds none.
NOTHING = frozenset(("", "-", "--", "---", "–", "—", "——", "/"))
_TOO_LARGE = 10**15  # no amount: the number of a card
_COMMON = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)\.\d\d")
_SHAPE = re.compile(
    r"(?P<head>[^\d().,]*)(?P<open>\(?)(?P<before>[^\d().,]*(?:Rs\.)?[^\d().,]*)"
    r"(?P<number>\d[\d.,' ]*\d|\d|\.\d+)"
    r"(?P<after>[^\d()]*)(?P<close>\)?)(?P<tail>[^\d()]*)"
)
_SYMBOLS = re.compile(
    r"(?:US|HK|NT|NZ|SG|MX|[SARC])?\$|[€£¥₹₩₽฿₫₱]|RMB|Rs\.?|人民币|[元圆](?!\w)", re.IGNORECASE
)
_NEGATIVE = {"-", "DR", "D", "借", "借方"}
_POSITIVE = {"+", "CR", "C", "贷", "贷方"}
_MARK = re.compile(r"[-+]|DR|CR|借方?|贷方?|[A-Z]{3}|[DC]")
_ENGLISH = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+|\d{1,3}(?:,\d{2})+,\d{3})?(?:\.\d+)?")
_SPACED = re.compile(r"\d{1,3}(?:[ ']\d{3})+(?:[.,]\d+)?")
_EUROPEAN = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}|\d+,\d{1,2}")


def parse_amount(text: str, *, currency: str, where: str) -> Decimal:
    """
    Read one printed amount, exactly; "DR" and parentheses make it negative.

    `currency` is an ISO 4217 code, "" where none is printed. Three digits after the only
    comma or point are decimals of a currency that has three, else a group: "1.234" is then
    more than a thousand, and refused where the currency is not known.

    Raises Refused AMOUNT_UNREADABLE when it is not one number, AMOUNT_TWO_SIGNS when
    two signs stand ("-" and "DR"), AMOUNT_TOO_FINE when it has more decimals than the
    currency.

    >>> parse_amount("1,234.50 DR", currency="EUR", where="p1 r7")
    Decimal('-1234.50')
    >>> parse_amount("（１，２３４．５０）", currency="CNY", where="p1 r7")
    Decimal('-1234.50')
    >>> parse_amount("1.234,50", currency="EUR", where="p1 r7")
    Decimal('1234.50')
    >>> parse_amount("1,234", currency="EUR", where="p1 r7")
    Decimal('1234')
    >>> parse_amount("1.234", currency="VND", where="p1 r7")
    Decimal('1234')
    """
    if len(text) < _LONGEST and _COMMON.fullmatch(text) and exponent(currency) == 2:
        return _signed(Decimal(text.replace(",", "")))
    plain = unified(text).strip()
    shape = _SHAPE.fullmatch(plain)
    if shape is None or bool(shape["open"]) != bool(shape["close"]):
        raise Refused("AMOUNT_UNREADABLE", text=text, where=where)
    marks = _marks(shape["head"] + shape["before"], currency)
    after = _marks(shape["after"] + shape["tail"], currency)
    if marks is None or after is None:
        raise Refused("AMOUNT_UNREADABLE", text=text, where=where)
    signs = [*marks, *after, *(["-"] if shape["open"] else [])]
    if len(signs) > 1:
        raise Refused("AMOUNT_TWO_SIGNS", text=text, where=where)
    amount = _number(shape["number"], currency)
    if amount is None or amount >= _TOO_LARGE:
        raise Refused("AMOUNT_UNREADABLE", text=text, where=where)
    check_decimals(amount, currency, where)
    return _signed(-amount if signs and signs[0] in _NEGATIVE else amount)


def amount_units(text: str, *, currency: str, where: str) -> int:
    """The amount in minor units of its currency. Raises what `parse_amount` raises."""
    return to_minor(parse_amount(text, currency=currency, where=where), currency)


_LONGEST = 17  # characters of an amount that is surely none too large


def figures(texts: Sequence[str], currency: str) -> list[int | str]:
    """
    A column of printed amounts in minor units, where they are written plainly.

    "" where nothing stands, and the text itself where it takes `parse_amount` to read it.

    >>> figures(["1,234.50", "", "-0.10", "7 DR"], "USD")
    [123450, '', -10, '7 DR']
    """
    decimals = exponent(currency)
    cell, column = _plain_figures(decimals)
    joined = "\n".join(texts) + "\n"
    if column.fullmatch(joined) and max(map(len, texts), default=0) < _LONGEST:
        digits = joined.replace(",", "").replace(".", "").split("\n")[:-1]
        return [int(each) if each else "" for each in digits]
    return [
        int(text.replace(",", "").replace(".", ""))
        if len(text) < _LONGEST and cell.fullmatch(text)
        else text
        for text in texts
    ]


@lru_cache
def _plain_figures(decimals: int) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """One plain amount with so many decimals; a whole column of them, a line each."""
    figure = r"-?(?:\d{1,3}(?:,\d{3})+|\d+)" + (rf"\.\d{{{decimals}}}" if decimals else "")
    return re.compile(figure, re.ASCII), re.compile(rf"(?:(?:{figure})?\n)*", re.ASCII)


def _signed(amount: Decimal) -> Decimal:
    """Zero has no sign."""
    return amount if amount else abs(amount)


def _marks(text: str, currency: str) -> list[str] | None:
    """The signs in what stands beside a number; None when anything else stands there."""
    rest = _SYMBOLS.sub(" ", text).upper()
    found = _MARK.findall(rest)
    if _MARK.sub("", rest).strip():
        return None
    codes = [mark for mark in found if mark not in _NEGATIVE | _POSITIVE]
    if any(code != currency for code in codes if currency) or len(codes) > 1:
        return None
    return [mark for mark in found if mark in _NEGATIVE | _POSITIVE]


_ONE_GROUP = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


def _number(text: str, currency: str) -> Decimal | None:
    """Digits, grouped the English, Indian, European or Swiss way; None when ambiguous."""
    if _ONE_GROUP.fullmatch(text):
        has_three = exponent(currency) == 3
        if text[-4] == "." and not has_three:
            return Decimal(text.replace(".", "")) if currency else None
        if text[-4] == "," and has_three:
            return Decimal(text.replace(",", "."))
    if _ENGLISH.fullmatch(text):
        return Decimal(text.replace(",", ""))
    if _SPACED.fullmatch(text):
        return Decimal(re.sub("[ ']", "", text).replace(",", "."))
    if _EUROPEAN.fullmatch(text):
        return Decimal(text.replace(".", "").replace(",", "."))
    return None


def check_decimals(amount: Decimal, currency: str, where: str) -> None:
    """Raise Refused AMOUNT_TOO_FINE with the place."""
    try:
        to_minor(amount, currency)
    except Refused:
        raise Refused(
            "AMOUNT_TOO_FINE", where=where, amount=str(amount), currency=currency
        ) from None


_HIGH = re.compile(rb"[\x80-\xff]+")


def is_paired(chunks: Iterable[bytes]) -> bool:
    """Whether most bytes above ASCII follow one another, as those of Chinese letters do."""
    runs = [len(run) for chunk in chunks for run in _HIGH.findall(chunk)]
    return 2 * sum(run for run in runs if run > 1) > sum(runs)


_MINUS = re.compile("[−–‒‐‑﹣]")


def unified(text: str) -> str:
    """
    `text` with full-width characters made narrow, every dash that means minus a "-", and
    the apostrophe of print the one of keys.

    >>> unified("－１２．５０")
    '-12.50'
    """
    if text.isascii():
        return text
    return _MINUS.sub("-", unicodedata.normalize("NFKC", text)).replace("\u2019", "'")


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<year>(?:19|20)\d\d)(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})",
        r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)",
        r"(?P<year>\d{4})\s?年\s?(?P<month>\d{1,2})\s?月\s?(?P<day>\d{1,2})\s?日",
        r"(?P<month>\d{1,2})\s?月\s?(?P<day>\d{1,2})\s?日",
        r"(?P<first>\d{1,2})(?P<sep>[-/.])(?P<second>\d{1,2})(?P=sep)(?P<year>(?:19|20)?\d\d)",
        rf"(?P<day>\d{{1,2}})[-/ ]?{_NAME}[-/ ,]*(?P<year>(?:19|20)?\d\d)?",
        rf"{_NAME} ?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:, ?|,? )(?P<year>(?:19|20)\d\d)",
        rf"{_NAME} (?P<day>\d{{1,2}})",
        r"(?P<first>\d{1,2})[-/](?P<second>\d{1,2})",
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.",
    )
)


@dataclass(frozen=True)
class DateParts:
    """
    A printed date before it is decided: `year` None where none is printed; day and
    month, or the two numbers `first` and `second` whose order is not known yet.
    """

    year: int | None
    month: int = 0
    day: int = 0
    first: int = 0
    second: int = 0


@lru_cache(maxsize=4096)
def date_parts(text: str) -> DateParts | None:
    """The parts of `text` when it is written as one date, else None."""
    plain = " ".join(unified(text).split())
    for pattern in _DATES:
        found = pattern.fullmatch(plain)
        if found:
            return _parts(found.groupdict())
    return None


def _parts(groups: dict[str, str | None]) -> DateParts:
    """
    What a pattern found; a year of two digits is one of this century.

    Dots stand only in dates that begin with the day (Germany, Luxembourg, Switzerland).
    """
    if groups.get("sep") == "." and groups.get("first"):
        groups |= {"day": groups["first"], "month": groups["second"], "first": None, "second": None}
    name, year = groups.get("name"), groups.get("year")
    month = _MONTHS.index(name.lower()) + 1 if name else int(groups.get("month") or 0)
    full_year = None if year is None else int(year) + (2000 if len(year) == 2 else 0)
    numbers = [int(groups.get(key) or 0) for key in ("day", "first", "second")]
    return DateParts(full_year, month, *numbers)


@lru_cache(maxsize=4096)
def parse_date(text: str, *, where: str, order: str = "", near: date | None = None) -> date:
    """
    Read one printed date.

    `order` is "dmy" or "mdy" where the document shows which; without it a date that
    could be both is refused. A date without a year is the one nearest to `near`.

    Raises Refused DATE_UNREADABLE, DATE_AMBIGUOUS, DATE_WITHOUT_YEAR.

    >>> parse_date("11 JUN 2026", where="p1 r1")
    datetime.date(2026, 6, 11)
    >>> parse_date("05/06/2026", where="p1 r1", order="dmy")
    datetime.date(2026, 6, 5)
    >>> parse_date("28/12", where="p1 r1", order="dmy", near=date(2026, 1, 31))
    datetime.date(2025, 12, 28)
    """
    parts = date_parts(text)
    if parts is None:
        raise Refused("DATE_UNREADABLE", text=text, where=where)
    month, day = parts.month, parts.day
    if not month:
        month, day = _month_and_day(parts, order, text, where)
    if parts.year is None and near is None:
        raise Refused("DATE_WITHOUT_YEAR", text=text, where=where)
    try:
        if parts.year is not None:
            return date(parts.year, month, day)
        assert near is not None
        return _nearest(month, day, near)
    except ValueError:
        raise Refused("DATE_UNREADABLE", text=text, where=where) from None


def _month_and_day(parts: DateParts, order: str, text: str, where: str) -> tuple[int, int]:
    """Which of the two numbers is the month."""
    if order == "mdy" or (not order and parts.second > 12):
        return parts.first, parts.second
    if order == "dmy" or parts.first > 12 or parts.first == parts.second:
        return parts.second, parts.first
    raise Refused("DATE_AMBIGUOUS", text=text, where=where)


def _nearest(month: int, day: int, near: date) -> date:
    """The day of that name that is nearest; ValueError when no year has it."""
    found = []
    for year in range(near.year - 4, near.year + 5):
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue  # 29 February
    return min(found, key=lambda each: abs((each - near).days))


_TIME = re.compile(
    r"(?P<h>\d{1,2})[:：.时](?P<m>\d\d)(?:[:：.分](?P<s>\d\d)(?:\.\d+)?秒?|分)? ?(?P<half>[ap]m)?"
    r"|(?P<hh>\d\d)(?P<mm>\d\d)(?P<ss>\d\d)",
    re.IGNORECASE,
)


def parse_time(text: str, *, where: str) -> time:
    """
    Read one printed time of day; fractions of a second are dropped.

    Raises Refused TIME_UNREADABLE.

    >>> parse_time("08:42:03", where="p1 r1"), parse_time("134217", where="p1 r1")
    (datetime.time(8, 42, 3), datetime.time(13, 42, 17))
    """
    found = _TIME.fullmatch(unified(text).strip())
    if found is None:
        raise Refused("TIME_UNREADABLE", text=text, where=where)
    part = found.groupdict()
    hour = int(part["h"] or part["hh"])
    if part["half"]:
        hour = hour % 12 + (12 if part["half"].lower() == "pm" else 0)
    try:
        return time(hour, int(part["m"] or part["mm"]), int(part["s"] or part["ss"] or 0))
    except ValueError:
        raise Refused("TIME_UNREADABLE", text=text, where=where) from None
