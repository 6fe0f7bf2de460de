"""Why a line has no counterpart, told from what the lines themselves show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from clerkwork.facts import Break, Entry
from clerkwork.reconcile.rules import Reasons


def explain(
    left: Sequence[Entry],
    right: Sequence[Entry],
    *,
    matched_left: Iterable[Entry],
    matched_right: Iterable[Entry],
    later: Iterable[Entry],
    business_date: date,
    reasons: Reasons,
) -> tuple[Break, ...]:
    """
    One break for each unmatched line, or pair of lines whose amounts differ.

    `matched_*` are the day's matched lines (a second equal one is a duplicate), `later`
    what they have booked already with a later date.
    """
    differing, lefts, rights = _differing(left, right, business_date)
    ours, theirs = (_keys(side) for side in (matched_left, matched_right))
    coming = _keys(later)
    breaks = list(differing)
    for entry in lefts:
        reason, books, why = _ours(entry, ours, coming, reasons)
        difference = -entry.amount if books == "ours" else entry.amount
        breaks.append(Break("left", entry, reason, books, difference, business_date, because=why))
    for entry in rights:
        reason, books, why = _theirs(entry, theirs, reasons)
        difference = entry.amount if books == "ours" else -entry.amount
        breaks.append(Break("right", entry, reason, books, difference, business_date, because=why))
    return tuple(breaks)


def _differing(
    left: Sequence[Entry], right: Sequence[Entry], business_date: date
) -> tuple[list[Break], list[Entry], list[Entry]]:
    """Pairs with one reference and two amounts; and the lines that are in no such pair."""
    breaks, lefts, rights = [], [], list(right)
    for entry in left:
        same = [
            other
            for other in rights
            if entry.reference and _place(entry) == _place(other) and other.amount != entry.amount
        ]
        if len(same) != 1:
            lefts.append(entry)
            continue
        other = same[0]
        rights.remove(other)
        slip = _is_transposed(entry.amount, other.amount)
        why = "our digits are theirs in another order" if slip else "no slip of the pen explains it"
        breaks.append(
            Break(
                side="left",
                entry=entry,
                reason="own_amount" if slip else "unknown",
                books="ours",
                difference=other.amount - entry.amount,
                since=business_date,
                counterpart=other,
                because=f"reference {entry.reference}: {entry.amount} and {other.amount}, {why}",
            )
        )
    return breaks, lefts, rights


def _is_transposed(one: Decimal, other: Decimal) -> bool:
    """
    Whether the amounts have the same digits in another order and the same sign.

    >>> _is_transposed(Decimal("1845.20"), Decimal("1485.20"))
    True
    >>> _is_transposed(Decimal("1845.20"), Decimal("1486.20"))
    False
    """
    digits = sorted(f"{abs(one):f}"), sorted(f"{abs(other):f}")
    return digits[0] == digits[1] and (one > 0) == (other > 0)


def _ours(
    entry: Entry, matched: set[tuple[object, ...]], coming: set[tuple[object, ...]], told: Reasons
) -> tuple[str, str, str]:
    """Reason, whose books lack it, and why: for a line of ours."""
    if entry.reference and _key(entry) in matched:
        return "own_duplicate", "ours", f"reference {entry.reference} is matched once already"
    if entry.reference and _key(entry) in coming:
        return "booked_later", "theirs", f"they booked reference {entry.reference} a day later"
    if entry.time is not None and entry.time >= told.cut_off:
        return "timing_ours", "theirs", f"at {entry.time}, after their cut-off {told.cut_off}"
    return "counterparty_missing", "theirs", "in good time, and not in their statement"


def _theirs(entry: Entry, matched: set[tuple[object, ...]], told: Reasons) -> tuple[str, str, str]:
    """Reason, whose books lack it, and why: for a line of theirs."""
    if entry.reference and _key(entry) in matched:
        return (
            "counterparty_duplicate",
            "theirs",
            f"reference {entry.reference} is matched once already",
        )
    text = entry.text.upper()
    pattern = next((p for p in told.fee.patterns if p.upper() in text), None)
    if pattern and not entry.reference and -told.fee.up_to <= entry.amount < 0:
        return "bank_fee", "ours", f"text “{pattern}”, at most {told.fee.up_to}"
    if entry.time is not None and entry.time >= told.date_roll:
        return "timing_theirs", "ours", f"at {entry.time}, after our date roll {told.date_roll}"
    return "unknown", "ours", "not in our journal, and nothing says why"


def _place(entry: Entry) -> tuple[str, str, str]:
    return entry.account, entry.currency, entry.reference


def _key(entry: Entry) -> tuple[object, ...]:
    return (*_place(entry), entry.amount)


def _keys(entries: Iterable[Entry]) -> set[tuple[object, ...]]:
    return {_key(entry) for entry in entries}
