"""The lines of the other side that come nearest to an unmatched one, and what keeps them apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from clerkwork.facts import Entry
from clerkwork.reconcile.keys import place, reference_key


@dataclass(frozen=True)
class Candidate:
    """
    A line of the other side. `apart` is its amount less that of the line it is near to,
    `days` how many accounting days lie between, `reference` "same", "other" or "none" (one of
    both prints none), `taken_by` the rule that matched it already, "" for an open one.
    """

    entry: Entry
    apart: Decimal
    days: int
    reference: str
    taken_by: str

    @property
    def why_not(self) -> tuple[str, ...]:
        """What keeps it apart: "taken", "sign", "amount", "reference", "no_reference", "day"."""
        mine = self.entry.amount - self.apart
        found = {
            "taken": bool(self.taken_by),
            "sign": (mine > 0) != (self.entry.amount > 0),
            "amount": bool(self.apart),
            "reference": self.reference == "other",
            "no_reference": self.reference == "none",
            "day": bool(self.days),
        }
        return tuple(name for name, holds in found.items() if holds)


def nearest(
    entry: Entry, others: Iterable[Entry], taken: Mapping[str, str], *, most: int = 5
) -> tuple[Candidate, ...]:
    """
    The `most` nearest of `others` at the same account and currency: those with its reference
    first, then by amount, open ones before those that are `taken` (id -> rule), then by day.
    """
    found = [
        _candidate(entry, other, taken.get(other.id, ""))
        for other in others
        if place(other) == place(entry)
    ]
    found.sort(
        key=lambda each: (
            each.reference != "same",
            abs(each.apart),
            bool(each.taken_by),
            each.days,
            each.entry.id,
        )
    )
    return tuple(found[:most])


def _candidate(entry: Entry, other: Entry, taken_by: str) -> Candidate:
    mine, theirs = reference_key(entry.reference), reference_key(other.reference)
    reference = "none" if not mine or not theirs else "same" if mine == theirs else "other"
    days = abs((other.accounting_date - entry.accounting_date).days)
    return Candidate(other, other.amount - entry.amount, days, reference, taken_by)
