"""
The planted differences of one account on one day, each with its truth.

    ours  08:35 ...... 16:55 | 17:00 cut-off ...... 22:00 date roll |
    theirs ................. | their next day ..... our next day    |

Every account has the timing kinds and a fee each day; the rest take turns, so that
each occurs once a day somewhere. Errors of the correspondent are put right by it two
days later; those of our own stay, because only vouchers in the ledger correct them
and the ledger is no part of this world.
"""

from __future__ import annotations

from clerkwork.practice.accounts import CUT_OFF_S, DATE_ROLL_S, EARLY_S
from clerkwork.practice.books import Difference
from clerkwork.practice.events import Draw, Event, Posting, money
from clerkwork.practice.wording import charge, narrative, phrase, reversal

LARGE = 386_420_17  # above every tier of the practice authority, below the ledger's own limit


def planted(draw: Draw, *, turn: int, is_first_day: bool) -> list[Event]:
    """The planted events of `draw`'s account and day; `turn` says which kinds are its own."""
    events = [_timing_ours(draw), _timing_theirs(draw), _booked_later(draw), _bank_fee(draw)]
    events += [plant(draw) for plant in _IN_TURN[turn % 3 :: 3]]
    if is_first_day and draw.nostro.currency == "CNY":
        events.append(_never_booked(draw, LARGE))
    return events


def _difference(
    draw: Draw, reason: str, books: str, *, line: Posting, lacking: int, side: str
) -> Difference:
    """The truth about `line`: what `books` lack, in minor units."""
    return Difference(
        reason=reason,
        account=draw.nostro.account,
        currency=draw.nostro.currency,
        side=side,
        reference=line.reference,
        amount=money(line.amount),
        difference=money(lacking),
        books=books,
        since=draw.on,
    )


def _amount(draw: Draw) -> int:
    """A signed amount that no other planted difference of these days has."""
    return draw.sign() * draw.amount(1_000_00, 19_999_99, remainder=draw.planted)


def pair(draw: Draw, amount: int) -> tuple[Posting, Posting]:
    """What both sides write about one payment: the same reference, each its own words."""
    reference = draw.reference()
    nostro, is_in = draw.nostro, amount > 0
    theirs = phrase(draw.rng, nostro.correspondent, nostro.language, is_in=is_in)
    return (
        Posting(amount, reference, narrative(draw.rng, is_in=is_in)),
        Posting(amount, reference, theirs),
    )


def _at(posting: Posting, at: int, days: int = 0) -> Posting:
    return Posting(posting.amount, posting.reference, posting.text, at, days)


def _timing_ours(draw: Draw) -> Event:
    """Ours after the correspondent's cut-off: theirs on the next day."""
    amount = _amount(draw)
    ours, theirs = pair(draw, amount)
    ours = _at(ours, draw.rng.randrange(CUT_OFF_S + 300, DATE_ROLL_S - 1800))
    truth = _difference(draw, "timing_ours", "theirs", line=ours, lacking=amount, side="left")
    theirs = _at(theirs, draw.rng.randrange(EARLY_S + 600, 3 * 3600), days=1)
    return Event((ours,), (theirs,), truth, settled_after=1)


def _timing_theirs(draw: Draw) -> Event:
    """Theirs after our date roll: ours on the next day, before business begins."""
    amount = _amount(draw)
    ours, theirs = pair(draw, amount)
    theirs = _at(theirs, draw.rng.randrange(DATE_ROLL_S + 300, 24 * 3600))
    truth = _difference(draw, "timing_theirs", "ours", line=theirs, lacking=amount, side="right")
    ours = _at(ours, draw.rng.randrange(8 * 3600, 8 * 3600 + 1800), days=1)
    return Event((ours,), (theirs,), truth, settled_after=1)


def _booked_later(draw: Draw) -> Event:
    """Ours in good time, theirs just after midnight: printed behind the day's closing balance."""
    amount = _amount(draw)
    ours, theirs = pair(draw, amount)
    truth = _difference(draw, "booked_later", "theirs", line=ours, lacking=amount, side="left")
    theirs = _at(theirs, draw.rng.randrange(60, EARLY_S), days=1)
    return Event((ours,), (theirs,), truth, settled_after=1)


def _bank_fee(draw: Draw) -> Event:
    """The correspondent's fee: no reference, and we learn of it from the statement."""
    amount = -draw.amount(12_00, 480_00, remainder=draw.planted)
    at = draw.rng.randrange(17 * 3600, 18 * 3600)
    fee = Posting(amount, "", charge(draw.nostro.correspondent), at)
    truth = _difference(draw, "bank_fee", "ours", line=fee, lacking=amount, side="right")
    return Event((), (fee,), truth)


def _counterparty_missing(draw: Draw) -> Event:
    """They never booked it; two days later they do."""
    amount = _amount(draw)
    ours, theirs = pair(draw, amount)
    reason = "counterparty_missing"
    truth = _difference(draw, reason, "theirs", line=ours, lacking=amount, side="left")
    theirs = _at(theirs, draw.rng.randrange(9 * 3600, 12 * 3600), days=2)
    return Event((ours,), (theirs,), truth, settled_after=2)


def _counterparty_duplicate(draw: Draw) -> Event:
    """They booked it twice; two days later the second stands again in red."""
    amount = _amount(draw)
    ours, theirs = pair(draw, amount)
    reason = "counterparty_duplicate"
    truth = _difference(draw, reason, "theirs", line=theirs, lacking=-amount, side="right")
    text = reversal(draw.nostro.correspondent, theirs.reference)
    at = draw.rng.randrange(9 * 3600, 12 * 3600)
    red = Posting(-amount, theirs.reference, text, at, days=2, red=True)
    return Event((ours,), (theirs, theirs, red), truth, settled_after=2)


def _own_duplicate(draw: Draw) -> Event:
    """We wrote it twice."""
    amount = _amount(draw)
    ours, theirs = pair(draw, amount)
    truth = _difference(draw, "own_duplicate", "ours", line=ours, lacking=-amount, side="left")
    return Event((ours, ours), (theirs,), truth)


def _own_amount(draw: Draw) -> Event:
    """We wrote it with two digits exchanged; theirs is right."""
    amount, ours_amount = _exchanged(draw)
    ours, theirs = pair(draw, amount)
    ours = Posting(ours_amount, ours.reference, ours.text)
    lacking = amount - ours_amount
    truth = _difference(draw, "own_amount", "ours", line=ours, lacking=lacking, side="left")
    return Event((ours,), (theirs,), truth)


def _exchanged(draw: Draw) -> tuple[int, int]:
    """An amount, and the same with two neighbouring digits before the point exchanged."""
    while True:
        amount = _amount(draw)
        digits = list(str(abs(amount)))
        place = draw.rng.randrange(len(digits) - 3)
        digits[place], digits[place + 1] = digits[place + 1], digits[place]
        wrong = int("".join(digits))
        if digits[0] != "0" and wrong != abs(amount) and draw.claim(wrong):
            return amount, wrong if amount > 0 else -wrong


def _amount_unexplained(draw: Draw) -> Event:
    """The same reference on both sides, and amounts that no slip of the pen explains."""
    while True:
        amount = _amount(draw)
        off = draw.rng.randrange(31_00, 890_00)
        other = amount + (off if amount > 0 else -off)
        digits = sorted(str(abs(amount))), sorted(str(abs(other)))
        if off % 9 and digits[0] != digits[1] and draw.claim(abs(other)):
            break
    ours, theirs = pair(draw, amount)
    theirs = Posting(other, theirs.reference, theirs.text)
    lacking = other - amount
    truth = _difference(draw, "unknown", "ours", line=ours, lacking=lacking, side="left")
    return Event((ours,), (theirs,), truth)


def _line_unexplained(draw: Draw) -> Event:
    """A line of theirs that we know nothing of."""
    return _never_booked(draw, _amount(draw))


def _never_booked(draw: Draw, amount: int) -> Event:
    draw.claim(abs(amount))
    line = pair(draw, amount)[1]
    truth = _difference(draw, "unknown", "ours", line=line, lacking=amount, side="right")
    return Event((), (line,), truth)


_IN_TURN = (
    _counterparty_missing,
    _own_duplicate,
    _own_amount,
    _counterparty_duplicate,
    _amount_unexplained,
    _line_unexplained,
)
