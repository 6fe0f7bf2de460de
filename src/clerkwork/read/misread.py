"""What OCR confuses, put right only where the printed text can be no other."""

from __future__ import annotations

import re

from clerkwork.read.values import unified

_DIGIT_OF = str.maketrans({"O": "0", "o": "0", "〇": "0", "l": "1", "I": "1", "S": "5", "B": "8"})
_LETTER = "OoIlSB〇"
_NUMBER = re.compile(
    rf"(?P<head>[-+(¥$€£]*)(?P<whole>[\dOo〇][\d,. {_LETTER}]*)"
    rf"(?P<point>[.,]+ ?|[ :])(?P<cents>[\d{_LETTER}]{{2}})(?P<tail>[-+)]?(?:DR|CR|借|贷)?)"
)
_SPLIT = re.compile(r"(?<=[.,]) +| +(?=[.,])")  # a space beside a separator, never between digits
_DATE = re.compile(
    rf"(\d[\d{_LETTER}]{{3}})[-./:=·]*([\d{_LETTER}]{{2}})[-./:=·]*([\d{_LETTER}]{{2}})"
)
_NAMED = re.compile(
    rf"([\d{_LETTER}]{{1,2}})([-/ ]?)(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)"
    rf"([-/ ]?)([12][\d{_LETTER}]{{3}})",
    re.IGNORECASE,
)
_TIME = re.compile(r"(\d\d)[:：.;]*(\d\d)[:：.;]*(\d\d)")
# 昔 stands in all of the first and 贝 below all of the second: no flag turns into the other.
_DEBIT = frozenset("借惜措错猎")
_CREDIT = frozenset("贷货资贸贺")


def cleaned(text: str) -> str:
    """
    One cell as OCR read it, with what cannot stand in a figure, date, time or flag replaced.

    A letter becomes the digit it looks like only inside a figure; at its head "l", "S"
    and "B" may be a ruling or a currency sign, so they stay and the figure is unreadable.
    A wrong separator is put right only where every group of thousands is complete.

    >>> cleaned("48.216,3O1.61"), cleaned("1, 234.50"), cleaned("12,34,56")
    ('48,216,301.61', '1,234.50', '12,34,56')
    >>> cleaned("l,234.50"), cleaned("2O26.06-11"), cleaned("0854:44"), cleaned("货")
    ('l,234.50', '2026-06-11', '08:54:44', '贷')
    """
    plain = unified(text).strip().translate({ord("，"): ",", ord("。"): ".", ord("、"): ","})
    return _flag(plain) or _date(plain) or _time(plain) or _figure(plain) or text


def _figure(plain: str) -> str:
    found = _NUMBER.fullmatch(plain)
    if found is None:
        return ""
    whole = _SPLIT.sub("", found["whole"]).translate(_DIGIT_OF).rstrip(",.")
    is_pointed = found["point"] not in " :" or re.search(
        "[.,]", whole
    )  # "1 50", "11:50" may be others
    if " " in whole or not is_pointed or not _is_grouped(whole):
        return ""
    digits = re.sub("[.,]", "", whole)
    if len(digits) > 1 and digits[0] == "0":
        return ""
    cents = found["cents"].translate(_DIGIT_OF)
    return f"{found['head']}{int(digits):,}.{cents}{found['tail']}"


def _is_grouped(whole: str) -> bool:
    """Whether each separator before the decimals has a whole number of thousands after it."""
    first, *groups = re.split("[.,]+", whole)
    return bool(first) and all(group and len(group) % 3 == 0 for group in groups)


def _date(plain: str) -> str:
    found = _DATE.fullmatch(plain)
    if found and not plain.isdigit():
        year, month, day = (part.translate(_DIGIT_OF) for part in found.groups())
        if year[1] == "0":
            year = f"2{year[1:]}"  # no other century has a nought there
        is_date = year[:2] in ("19", "20") and "01" <= month <= "12" and "01" <= day <= "31"
        return f"{year}-{month}-{day}" if is_date and re.search("[-./:=·]", plain) else ""
    named = _NAMED.fullmatch(plain)
    if named:
        day, before, name, after, year = named.groups()
        return f"{day.translate(_DIGIT_OF)}{before or ' '}{name}{after or ' '}" + (
            year.translate(_DIGIT_OF)
        )
    return ""


def _time(plain: str) -> str:
    found = _TIME.fullmatch(plain)
    if found is None or plain.isdigit() or ":" not in plain:
        return ""
    hour, minute, second = found.groups()
    is_time = hour < "24" and minute < "60" and second < "60"
    return f"{hour}:{minute}:{second}" if is_time else ""


def _flag(plain: str) -> str:
    """借 or 贷, where a cell is one character; the head of such a column, where it is three."""
    if len(plain) == 1:
        return "借" if plain in _DEBIT else "贷" if plain in _CREDIT else ""
    is_head = len(plain) == 3 and plain[1] in "/|1" and plain[2] in _CREDIT
    return "借/贷" if is_head and (plain[0] in _DEBIT or not plain[0].isalpha()) else ""
