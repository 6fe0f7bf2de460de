"""
The practice bank's world: any day from EPOCH on, the same for everybody, every time.

Each day and account has its events, drawn from the seed alone; an event leaves
postings in either side's books, on its own day or up to two days later. A day's
books are the postings that land on it; balances are the sums of all that landed.

What is keyed into the ledger is no part of this world: the core host adds those
vouchers to its journal and balances itself. So an error of our own stands open here
for ever, while at a bank that keys its vouchers it is settled the next day. Cash is
the same: what a box had over yesterday is still in it when it is counted today.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from clerkwork.practice.accounts import BOXES, BRANCH, CLEARING, EARLY_S, NOSTROS, Box, Nostro
from clerkwork.practice.books import (
    Balance,
    Day,
    Difference,
    JournalLine,
    StatementDay,
    StatementLine,
    VaultBox,
)
from clerkwork.practice.events import Event, Posting, money
from clerkwork.practice.traffic import events

__all__ = [
    "BRANCH",
    "EPOCH",
    "SEED",
    "Balance",
    "Day",
    "Difference",
    "JournalLine",
    "StatementDay",
    "StatementLine",
    "VaultBox",
    "day",
]

EPOCH = date(2026, 6, 11)
SEED = 755

_ACCOUNTS: tuple[Nostro | Box, ...] = (*NOSTROS, *BOXES)
_LONGEST_DAYS = 2  # an event leaves its last posting that many days after its own
_CLEARED_AT_S = 21 * 3600 + 50 * 60


def day(on: date, *, seed: int = SEED) -> Day:
    """
    The accounting day `on`, on both sides. Pure: same date and seed, same day.

    Raises ValueError before EPOCH.
    """
    if on < EPOCH:
        raise ValueError(f"the practice bank opened on {EPOCH}, {on} is before that")
    return _day(on, seed)


@lru_cache(maxsize=32)
def _day(on: date, seed: int) -> Day:
    truth = tuple(_open(on, seed))
    return Day(
        on=on,
        journal=_journal(on, seed),
        balances=MappingProxyType({a.account: _balance(a, on, seed) for a in _ACCOUNTS}),
        statements=tuple(_statement(nostro, on, seed) for nostro in NOSTROS),
        vault=tuple(_counted(box, on, seed, truth) for box in BOXES),
        truth=truth,
    )


def _days(first: date, last: date) -> Iterator[date]:
    """The days from `first` (or EPOCH) to `last`."""
    for ordinal in range(max(first, EPOCH).toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _events(account: str, on: date, seed: int) -> tuple[Event, ...]:
    return events(account, on, seed, on == EPOCH)


def _landing(account: str, on: date, seed: int, *, ours: bool) -> list[Posting]:
    """The postings that one side's books of `account` get on `on`, in order of time."""
    landing = [
        posting
        for planted in _days(on - timedelta(days=_LONGEST_DAYS), on)
        for event in _events(account, planted, seed)
        for posting in (event.ours if ours else event.theirs)
        if planted + timedelta(days=posting.days) == on
    ]
    return sorted(landing, key=_seconds)


def _seconds(posting: Posting) -> int:
    if posting.at is None:
        raise AssertionError(f"posting {posting.reference} has no time")
    return posting.at


def _time(posting: Posting) -> time:
    at = _seconds(posting)
    return time(at // 3600, at // 60 % 60, at % 60)


@lru_cache(maxsize=4096)
def _net(account: str, on: date, seed: int, ours: bool) -> int:
    return sum(posting.amount for posting in _landing(account, on, seed, ours=ours))


def _opening(place: Nostro | Box, on: date, seed: int, *, ours: bool) -> int:
    """The balance before the first line of `on`, in minor units."""
    start = place.opening if isinstance(place, Nostro) else place.target
    before = on - timedelta(days=1)
    return start + sum(_net(place.account, past, seed, ours) for past in _days(EPOCH, before))


def _balance(place: Nostro | Box, on: date, seed: int) -> Balance:
    opening = _opening(place, on, seed, ours=True)
    return Balance(money(opening), money(opening + _net(place.account, on, seed, True)))


def _journal(on: date, seed: int) -> tuple[JournalLine, ...]:
    """
    All lines of the day in order of time. The other leg of every line is in one
    clearing line per account at the close, so that debits equal credits per currency.
    """
    lines: list[tuple[Posting, Nostro | Box, str]] = []
    for place in _ACCOUNTS:
        landing = _landing(place.account, on, seed, ours=True)
        lines += [(posting, place, place.account) for posting in landing]
        net = -sum(posting.amount for posting in landing)
        reference = f"CLR{on:%y%m%d}{place.account[-7:]}"
        cleared = Posting(net, reference, "CLEARING TOTAL", _CLEARED_AT_S)
        if net:
            lines.append((cleared, place, CLEARING))
    lines.sort(key=lambda line: _seconds(line[0]))
    return tuple(
        JournalLine(
            serial=serial,
            at=_time(posting),
            account=account,
            side="D" if posting.is_in else "C",
            amount=posting.figure,
            currency=place.currency,
            reference=posting.reference,
            narrative=posting.text,
            teller=place.teller if isinstance(place, Box) else "K01",
        )
        for serial, (posting, place, account) in enumerate(lines, start=1)
    )


def _statement(nostro: Nostro, on: date, seed: int) -> StatementDay:
    """What the correspondent prints of `on`, with what it booked just after midnight."""
    opening = _opening(nostro, on, seed, ours=False)
    lines = _lines(_landing(nostro.account, on, seed, ours=False), on, opening)
    closing = opening + _net(nostro.account, on, seed, False)
    early = sorted(
        (
            posting
            for event in _events(nostro.account, on, seed)
            for posting in event.theirs
            if posting.days == 1 and _seconds(posting) < EARLY_S
        ),
        key=_seconds,
    )
    return StatementDay(
        correspondent=nostro.correspondent,
        account=nostro.account,
        their_account=nostro.their_account,
        currency=nostro.currency,
        opening=money(opening),
        lines=lines,
        closing=money(closing),
        later=_lines(early, on + timedelta(days=1), closing),
    )


def _lines(postings: list[Posting], on: date, balance: int) -> tuple[StatementLine, ...]:
    """The correspondent's lines, with the running balance that follows `balance`."""
    lines = []
    for posting in postings:
        balance += posting.amount
        lines.append(
            StatementLine(
                on=on,
                at=_time(posting),
                value_date=on + timedelta(days=posting.value_days),
                text=posting.text,
                reference=posting.reference,
                side="C" if posting.is_in else "D",
                amount=posting.figure,
                balance=money(balance),
            )
        )
    return tuple(lines)


def _open(on: date, seed: int) -> Iterator[Difference]:
    """Every difference planted up to `on` that the two sides have not settled by then."""
    for planted in _days(EPOCH, on):
        for place in _ACCOUNTS:
            for event in _events(place.account, planted, seed):
                age = (on - planted).days
                if event.difference and (event.settled_after is None or age < event.settled_after):
                    yield event.difference


def _counted(box: Box, on: date, seed: int, truth: tuple[Difference, ...]) -> VaultBox:
    """The box as counted: what the journal says, and every miscount that is still in it."""
    book = _balance(box, on, seed).closing
    total = book + sum(d.difference for d in truth if d.account == box.account)
    return VaultBox(box.account, box.teller, box.currency, _in_notes(box, total), total)


def _in_notes(box: Box, total: Decimal) -> tuple[tuple[Decimal, int], ...]:
    """`total` in notes and coins: nine tenths of it in the largest, the rest smaller."""
    left = int(total.scaleb(2))
    counts = []
    for denomination in box.denominations[:-1]:
        count = left * 9 // 10 // denomination
        counts.append((money(denomination), count))
        left -= count * denomination
    smallest = box.denominations[-1]
    counts.append((money(smallest), left // smallest))
    return tuple(counts)
