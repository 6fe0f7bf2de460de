"""Which way round a document writes its dates, and what year they are of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from clerkwork.errors import Refused
from clerkwork.read.values import DateParts, date_parts, parse_date

_MONTH_DAYS = 45  # a statement is for a month, give or take


def is_open(texts: Iterable[str]) -> bool:
    """Whether any of the dates can be read two ways, or has no year."""
    found = filter(None, map(date_parts, texts))
    return any(parts.year is None or not parts.month for parts in found)


def span(period: Sequence[str]) -> tuple[date, date] | None:
    """The days of a printed period; None where there is none, or it may be read two ways."""
    try:
        first, last = (parse_date(text, where="") for text in period)
    except (Refused, ValueError):
        return None
    return (first, last) if first <= last else None


def middle(days: tuple[date, date] | None) -> date | None:
    """The day in the middle of a period: a date without a year is the nearest to it."""
    return days[0] + (days[1] - days[0]) // 2 if days else None


def order_of(
    texts: Iterable[str],
    rows: list[str],
    near: date | None,
    period: tuple[date, date] | None = None,
) -> str:
    """
    "dmy" or "mdy" as the document shows it, "" where no date leaves a choice or nothing decides.

    `texts` are all its dates, `rows` those of its rows in order. Most numbers above 12
    decide; else the one order in which all rows are in the printed `period`; else rows that run
    one way only in one order; else the order in which the rows are of about a month and the
    other in which they are of much more.
    """
    open_ones = [parts for parts in map(date_parts, texts) if parts and not parts.month]
    dmy = sum(parts.first > 12 for parts in open_ones)
    mdy = sum(parts.second > 12 for parts in open_ones)
    if dmy != mdy:
        return "dmy" if dmy > mdy else "mdy"
    if dmy or not any(parts.first != parts.second for parts in open_ones):
        return ""
    by_order = {order: _dates(rows, order, near) for order in ("dmy", "mdy")}
    if period:
        within = [order for order, days in by_order.items() if days and _are_in(days, period)]
        if within:
            return within[0] if len(within) == 1 else ""
    one_way = [order for order, dates in by_order.items() if dates and _runs_one_way(dates)]
    if len(one_way) == 1:
        return one_way[0]
    return _shortest(by_order)


def _dates(rows: list[str], order: str, near: date | None) -> list[date]:
    try:
        return [parse_date(text, where="", order=order, near=near) for text in rows]
    except Refused:
        return []


def _are_in(days: list[date], period: tuple[date, date]) -> bool:
    return period[0] <= min(days) and max(days) <= period[1]


def _runs_one_way(dates: list[date]) -> bool:
    return dates in (sorted(dates), sorted(dates, reverse=True))


def _shortest(by_order: dict[str, list[date]]) -> str:
    """The order in which at least three days are of one month, when the other makes them a year."""
    spans = {
        order: (max(dates) - min(dates)).days
        for order, dates in by_order.items()
        if len(set(dates)) >= 3
    }
    if len(spans) < 2:
        return ""
    (short, order), (long, _) = sorted((days, order) for order, days in spans.items())
    return order if short <= _MONTH_DAYS and long > 2 * _MONTH_DAYS else ""


def latest(texts: Iterable[str], order: str) -> date | None:
    """The latest of some printed dates; those that cannot be read are passed over."""
    found = []
    for text in texts:
        parts: DateParts | None = date_parts(text)
        if parts and parts.year is not None:
            found += _dates([text], order, None)
    return max(found, default=None)
