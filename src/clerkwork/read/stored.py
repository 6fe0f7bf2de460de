"""Cells as workbooks store them: a number there is binary, and means the figure it was typed as."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from clerkwork.errors import Refused
from clerkwork.facts import exponent
from clerkwork.read import values

LONGEST_CELL = 32_767  # characters: no spreadsheet holds more in a cell


def figures(cells: Sequence[str | float], currency: str) -> list[int | str]:
    """
    A column of stored numbers or printed amounts in minor units, where they are plain.

    "" where nothing stands, and a text where it takes `parse_amount` to read it.

    >>> figures([0.1, "", -1234.5, 0.125, "7.00"], "USD")
    [10, '', -123450, '0.1250', 700]
    """
    if float not in {*map(type, cells)}:
        return values.figures(cells, currency)  # type: ignore[arg-type]
    scale = 10 ** exponent(currency)
    return [
        ""
        if each == ""
        else units
        if each.__class__ is float
        and (units := round(each * scale)) / scale == each
        and -_MOST < units < _MOST
        else values.figures([cell_text(each)], currency)[0]
        for each in cells
    ]


def days(cells: Sequence[object]) -> list[object]:
    """
    A column of dates; one that is stored as the number of a day (1 is 1 January 1900, as
    workbooks count) as that day.

    >>> days([46023.0, 46023.5, "2026-01-02", 20260102.0])
    [datetime.date(2026, 1, 1), datetime.datetime(2026, 1, 1, 12, 0), '2026-01-02', 20260102.0]
    """
    return [_day(each) if each.__class__ is float else each for each in cells]


_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_SERIALS = range(20_000, 75_000)  # from 1954 to 2105


def _day(number: object) -> object:
    assert isinstance(number, float)
    if int(number) not in _SERIALS:
        return number
    moment = (_EPOCH + timedelta(seconds=round(number * 86_400))).replace(tzinfo=None)
    return moment.date() if number.is_integer() else moment


_MOST = 10**15  # minor units; a larger number is no amount


def cell_text(value: object) -> str:
    """
    A stored cell as text: numbers plain, dates and times by ISO 8601.

    A number has the 15 digits that a workbook keeps: 0.1 + 0.2 is stored as
    0.30000000000000004 and means 0.3. Of three decimals it has a fourth: "1.234" on paper
    may be a thousand, which a stored number is not.

    >>> cell_text(0.30000000000000004), cell_text(1.234), cell_text(date(2026, 6, 11))
    ('0.3', '1.2340', '2026-06-11')
    """
    match value:
        case str():
            if len(value) > LONGEST_CELL:
                raise Refused("DOCUMENT_TOO_COSTLY", limit=f"{LONGEST_CELL:,} characters a cell")
            return value.strip()
        case bool():
            return str(value).upper()
        case int():
            return str(value)
        case float():
            text = f"{value:.15g}"
            if "e" in text and value.is_integer():
                return f"{value:.0f}"
            is_like_thousands = len(text) > 4 and text[-4] == "."
            return f"{text}0" if is_like_thousands else text
        case datetime():
            is_day = value.time() == time(0)
            return value.date().isoformat() if is_day else value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
    return str(value).strip()
