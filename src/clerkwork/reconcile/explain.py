"""Why a line has no counterpart, told from what the lines themselves show."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from clerkwork.facts import Break, Entry, to_minor
from clerkwork.reconcile.keys import Key, Place, key, place, reference_key
from clerkwork.reconcile.rules import Reasons

Told = tuple[str, str, str]  # reason, whose books lack it ("ours", "theirs"), why


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
    what they have booked already with a later date: each explains one line of ours.
    """
    pairs = _one_to_one(left, right)
    breaks = [_differing(ours, theirs, business_date) for ours, theirs in pairs]
    paired_left, paired_right = ({id(pair[side]) for pair in pairs} for side in (0, 1))
    evidence = _Evidence(
        ours={key(entry) for entry in matched_left},
        theirs={key(entry) for entry in matched_right},
        coming=Counter(key(entry) for entry in later),
        reasons=reasons,
    )
    for entry in left:
        if id(entry) not in paired_left:
            breaks.append(_lone("left", entry, evidence.of_ours(entry), business_date))
    for entry in right:
        if id(entry) not in paired_right:
            breaks.append(_lone("right", entry, evidence.of_theirs(entry), business_date))
    return tuple(breaks)


def _lone(side: str, entry: Entry, told: Told, since: date) -> Break:
    """A line without counterpart: either the books that lack it get it, or its own lose it."""
    reason, books, why = told
    own_books = "ours" if side == "left" else "theirs"
    difference = -entry.amount if books == own_books else entry.amount
    return Break(side, entry, reason, books, difference, since, because=why)


def _one_to_one(left: Sequence[Entry], right: Sequence[Entry]) -> list[tuple[Entry, Entry]]:
    """Lines with one reference that is unmatched once on each side: their amounts differ."""
    sides: tuple[dict[tuple[Place, str], list[Entry]], ...] = (defaultdict(list), defaultdict(list))
    for found, entries in zip(sides, (left, right), strict=True):
        for entry in entries:
            if reference := reference_key(entry.reference):
                found[place(entry), reference].append(entry)
    ours, theirs = sides
    return [
        (entries[0], theirs[same][0])
        for same, entries in ours.items()
        if len(entries) == 1
        and len(theirs.get(same, ())) == 1
        and entries[0].amount != theirs[same][0].amount
    ]


def _differing(ours: Entry, theirs: Entry, since: date) -> Break:
    """One reference and two amounts: our slip of the pen, or nobody knows."""
    slip = _is_transposed(ours, theirs)
    why = "our digits are theirs in another order" if slip else "no slip of the pen explains it"
    return Break(
        side="left",
        entry=ours,
        reason="own_amount" if slip else "unknown",
        books="ours",
        difference=theirs.amount - ours.amount,
        since=since,
        counterpart=theirs,
        because=f"reference {ours.reference}: {ours.amount} and {theirs.amount}, {why}",
    )


def _is_transposed(ours: Entry, theirs: Entry) -> bool:
    """Whether the amounts have the same sign, and the same digits in another order."""
    digits = [sorted(str(abs(to_minor(one.amount, one.currency)))) for one in (ours, theirs)]
    return digits[0] == digits[1] and (ours.amount > 0) == (theirs.amount > 0)


@dataclass
class _Evidence:
    """What the other lines of the day say about a lone one."""

    ours: set[Key]  # matched lines
    theirs: set[Key]
    coming: Counter[Key]  # theirs, with a later date; counted down as they explain
    reasons: Reasons

    def of_ours(self, entry: Entry) -> Told:
        """The reason of a line of ours."""
        what, cut_off = key(entry), self.reasons.cut_off_of(entry.account)
        is_named = bool(what[1])
        if is_named and what in self.ours:
            return "own_duplicate", "ours", f"reference {entry.reference} is matched once already"
        if is_named and self.coming[what]:
            self.coming[what] -= 1
            return "booked_later", "theirs", f"they booked reference {entry.reference} a day later"
        if entry.time is not None and entry.time >= cut_off:
            return "timing_ours", "theirs", f"at {entry.time}, after their cut-off {cut_off}"
        return "counterparty_missing", "theirs", "in good time, and not in their statement"

    def of_theirs(self, entry: Entry) -> Told:
        """The reason of a line of theirs."""
        what, date_roll = key(entry), self.reasons.date_roll_of(entry.account)
        fee, text = self.reasons.fee, entry.text.upper()
        if what[1] and what in self.theirs:
            why = f"reference {entry.reference} is matched once already"
            return "counterparty_duplicate", "theirs", why
        pattern = next((p for p in fee.patterns if p.upper() in text), None)
        if pattern and not what[1] and -fee.up_to <= entry.amount < 0:
            return "bank_fee", "ours", f"text “{pattern}”, at most {fee.up_to}"
        if entry.time is not None and entry.time >= date_roll:
            return "timing_theirs", "ours", f"at {entry.time}, after our date roll {date_roll}"
        return "unknown", "ours", "not in our journal, and nothing says why"
