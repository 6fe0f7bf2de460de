"""One day's business of the practice bank: payments through its nostros, cash over its desks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from random import Random

from clerkwork.practice.accounts import BOXES, NOSTROS, Box
from clerkwork.practice.books import Difference
from clerkwork.practice.events import Draw, Event, Posting, money
from clerkwork.practice.planting import pair, planted
from clerkwork.practice.wording import deposit, reversal

_OPENS_S, _CLOSES_S = 8 * 3600 + 35 * 60, 16 * 3600 + 55 * 60
_SATURDAY = 5


@lru_cache(maxsize=512)
def events(account: str, on: date, seed: int, is_first_day: bool) -> tuple[Event, ...]:
    """Everything that happens on `on` at one of our accounts. Pure, and free of balances."""
    rng = Random(f"{seed} {account} {on.isoformat()}")
    for index, nostro in enumerate(NOSTROS):
        if nostro.account == account:
            draw = Draw(rng, nostro, on)
            turn = index + on.toordinal()
            return _nostro_events(draw, turn=turn, is_first_day=is_first_day)
    index, box = next((i, box) for i, box in enumerate(BOXES) if box.account == account)
    return _box_events(rng, box, on, seed=seed, is_first_day=is_first_day) + _miscounts(
        rng, box, on, turn=(index + on.toordinal()) % 3
    )


def _nostro_events(draw: Draw, *, turn: int, is_first_day: bool) -> tuple[Event, ...]:
    """Payments, deposits, one line in red and the planted differences, in order of business."""
    rng = draw.rng
    count = rng.randrange(196, 206) if draw.on.weekday() >= _SATURDAY else rng.randrange(205, 236)
    business = planted(draw, turn=turn, is_first_day=is_first_day)
    business += [_deposit(draw, NOSTROS.index(draw.nostro) * 10 + n) for n in (1, 2)]
    payments = [_payment(draw, n, count) for n in range(count)]
    business += payments
    rng.shuffle(business)
    return _timed(business, rng) + (_red(draw, payments[-1]),)


def _payment(draw: Draw, n: int, count: int) -> Event:
    """One payment; the first tenth of them lacks its reference at the correspondent."""
    low = draw.rng.choice((100_00, 1_000_00, 1_000_00, 10_000_00))
    remainder = Draw.UNREFERENCED if n < count // 10 else Draw.PLAIN
    amount = draw.amount(low, low * 10, remainder=remainder)
    ours, theirs = pair(draw, amount if n % 2 else -amount)
    if n < count // 10:
        theirs = replace(theirs, reference="")
    elif n % 20 == 0:
        theirs = replace(theirs, value_days=1)
    return Event((ours,), (theirs,))


def _deposit(draw: Draw, serial: int) -> Event:
    """Three to six lines of ours under one batch reference, one line of theirs."""
    reference = f"B{draw.on:%m%d}{serial:03d}"
    amounts = [draw.amount(200_00, 9_000_00) for _ in range(draw.rng.randrange(3, 7))]
    while not draw.claim(sum(amounts)):
        amounts[-1] = draw.amount(200_00, 9_000_00)
    text = deposit(draw.nostro.correspondent, len(amounts))
    ours = tuple(Posting(amount, reference, "COUNTER DEPOSIT") for amount in amounts)
    return Event(ours, (Posting(sum(amounts), reference, text),))


def _red(draw: Draw, payment: Event) -> Event:
    """`payment` again in red on both sides, late in the day, under a reference of its own."""
    wrong = payment.ours[0]
    reference = draw.reference()
    at = draw.rng.randrange(_CLOSES_S, _CLOSES_S + 240)
    text = reversal(draw.nostro.correspondent, wrong.reference)
    ours = Posting(-wrong.amount, reference, "RED REVERSAL", at, red=True)
    return Event((ours,), (replace(ours, text=text, at=at + 420),))


def _timed(business: list[Event], rng: Random) -> tuple[Event, ...]:
    """`business` with a time for every posting that has none; lines of one event stay together."""
    lines = sum(posting.at is None for event in business for posting in event.ours)
    times = iter(sorted(rng.sample(range(_OPENS_S, _CLOSES_S), lines)))
    timed = []
    for event in business:
        ours = tuple(p if p.at is not None else replace(p, at=next(times)) for p in event.ours)
        last = rng.randrange(_OPENS_S, _CLOSES_S)
        if ours and ours[-1].at:
            last = ours[-1].at
        theirs = []
        for posting in event.theirs:
            if posting.at is None:
                last += rng.randrange(60, 1500)
                posting = replace(posting, at=last)
            theirs.append(posting)
        timed.append(replace(event, ours=ours, theirs=tuple(theirs)))
    return tuple(timed)


def _box_target(box: Box, on: date, seed: int) -> int:
    """What the vault leaves in the box at the close of `on`: its target, give or take a quarter."""
    swing = box.target // 4 // 100_00
    return box.target + 100_00 * Random(f"{seed} {box.account} {on} target").randrange(
        -swing, swing
    )


def _box_events(
    rng: Random, box: Box, on: date, *, seed: int, is_first_day: bool
) -> tuple[Event, ...]:
    """Deposits and withdrawals over the desk, then the transfer that brings the box to target."""
    previous = date.fromordinal(on.toordinal() - 1)
    start = box.target if is_first_day else _box_target(box, previous, seed)
    lines: list[Event] = []
    total = 0
    unit = box.denominations[-1]
    for n in range(rng.randrange(10, 15)):
        amount = rng.randrange(100_00, box.target // 14) // unit * unit * rng.choice((1, 1, -1))
        total += amount
        text = "CASH DEPOSIT" if amount > 0 else "CASH WITHDRAWAL"
        at = rng.randrange(_OPENS_S, _CLOSES_S)
        lines.append(Event((Posting(amount, f"{box.teller}{on:%y%m%d}{n + 1:04d}", text, at),)))
    transfer = _box_target(box, on, seed) - start - total
    text = "FROM VAULT" if transfer > 0 else "TO VAULT"
    reference = f"{box.teller}{on:%y%m%d}V001"
    if transfer:
        lines.append(Event((Posting(transfer, reference, text, 17 * 3600 + 600),)))
    return tuple(lines)


def _miscounts(rng: Random, box: Box, on: date, *, turn: int) -> tuple[Event, ...]:
    """Cash over in one yuan box, cash short in the next, none in the others."""
    if box.currency != "CNY" or turn == 2:
        return ()
    reason, sign = ("cash_over", 1) if turn == 0 else ("cash_short", -1)
    amount = money(sign * rng.choice((20_00, 50_00, 100_00, 150_00, 200_00, 300_00)))
    truth = Difference(
        reason, box.account, box.currency, "right", "", amount, amount, "ours", since=on
    )
    return (Event(difference=truth),)
