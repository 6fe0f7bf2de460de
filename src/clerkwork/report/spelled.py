"""
Amounts in words, as a checker reads them against the figures.

Chinese in capitals (大写) as 支付结算办法, annex 1, asks for it; English as on a cheque.
"""

from __future__ import annotations

from decimal import Decimal

from clerkwork.facts import exponent, to_minor

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_UNITS = {  # currency -> whole unit, tenth, hundredth; "" where there is no such coin
    "CNY": ("元", "角", "分"),
    "HKD": ("港元", "角", "分"),
    "TWD": ("新台币元", "角", "分"),
    "USD": ("美元", "", "美分"),
    "EUR": ("欧元", "", "欧分"),
    "GBP": ("英镑", "", "便士"),
    "JPY": ("日元", "", ""),
}
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = (
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_SCALES = ("", " thousand", " million", " billion", " trillion", " quadrillion")
_NAMES = {
    "CNY": "yuan",
    "HKD": "Hong Kong dollars",
    "TWD": "New Taiwan dollars",
    "USD": "US dollars",
    "EUR": "euros",
    "GBP": "pounds sterling",
    "JPY": "yen",
}


def spelled(amount: Decimal, currency: str, language: str) -> str:
    """
    `amount` in words of `language` ("en" or "zh"), exactly; below zero it begins so.

    >>> spelled(Decimal("1409.50"), "CNY", "zh")
    '壹仟肆佰零玖元伍角'
    >>> spelled(Decimal("1409.50"), "CNY", "en")
    'one thousand four hundred and nine yuan and 50/100'
    """
    minor = abs(to_minor(amount, currency))
    whole, rest = divmod(minor, 10 ** exponent(currency))
    if language == "zh":
        return ("负" if amount < 0 else "") + _chinese(whole, rest, currency)
    return ("minus " if amount < 0 else "") + _english(whole, rest, currency)


def _chinese(whole: int, rest: int, currency: str) -> str:
    unit, tenth, hundredth = _UNITS.get(currency, (currency, "", ""))
    words = f"{_capitals(whole)}{unit}"
    if not rest:
        return f"{words}整"
    if not hundredth:  # no names of coins are known: digit by digit
        digits = f"{rest:0{exponent(currency)}d}"
        return f"{_capitals(whole)}点{''.join(_DIGITS[int(each)] for each in digits)}{unit}"
    if not whole:
        words = ""
    if not tenth:
        gap = "零" if whole and (rest < 10 or whole % 10 == 0) else ""
        return f"{words}{gap}{_capitals(rest)}{hundredth}"
    tenths, hundredths = divmod(rest, 10)
    # 元位是0而角位不是0，或角位是0而分位不是0：写一个零
    gap = "零" if whole and (not tenths or whole % 10 == 0) else ""
    words += gap + (f"{_DIGITS[tenths]}{tenth}" if tenths else "")
    return words + (f"{_DIGITS[hundredths]}{hundredth}" if hundredths else "")


def _capitals(number: int) -> str:
    """A whole number in capitals, with one 零 for each run of zeros inside it."""
    for size, name in ((10**8, "亿"), (10**4, "万")):
        high, low = divmod(number, size)
        if high:
            gap = _DIGITS[0] if 0 < low < size // 10 else ""
            return f"{_capitals(high)}{name}{gap}{_capitals(low) if low else ''}"
    return _group(number) or _DIGITS[0]


def _group(group: int) -> str:
    """Up to four digits."""
    words, is_gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if not digit:
            is_gap = bool(words)
            continue
        words += (_DIGITS[0] if is_gap else "") + _DIGITS[digit] + _PLACES[place]
        is_gap = False
    return words


def _english(whole: int, rest: int, currency: str) -> str:
    name, decimals = _NAMES.get(currency, currency), exponent(currency)
    words = f"{_number(whole)} {name}"
    return f"{words} and {rest:0{decimals}d}/{10**decimals}" if decimals else words


def _number(number: int) -> str:
    if number == 0:
        return _ONES[0]
    parts: list[str] = []
    for at in reversed(range(len(_SCALES))):
        group = number // 1000**at % 1000
        if group:
            lead = "and " if parts and not at and group < 100 else ""
            parts.append(f"{lead}{_hundreds(group)}{_SCALES[at]}")
    return " ".join(parts)


def _hundreds(group: int) -> str:
    hundreds, rest = divmod(group, 100)
    parts = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        parts.append(f"{_TENS[tens]}-{_ONES[ones]}" if ones else _TENS[tens])
    elif rest:
        parts.append(_ONES[rest])
    return " and ".join(parts)
