"""Two plain lists of entries, reconciled outside any bot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from clerkwork.errors import Refused
from clerkwork.facts import Break, Entry
from clerkwork.read.entry_lists import read_entries
from clerkwork.reconcile import DEFAULT_RULES, Outcome, Rules, load_matching, reconcile


@dataclass(frozen=True)
class Lists:
    """Both lists and what came of them; `day` is the latest date of either."""

    left: list[Entry]
    right: list[Entry]
    outcome: Outcome
    day: date

    def is_equal(self) -> bool:
        """Whether both sides adjust to the same sum, per account and currency."""
        sums: dict[tuple[str, str], Decimal] = {}
        sides = [(e, e.amount) for e in self.left] + [(e, -e.amount) for e in self.right]
        for item in self.outcome.breaks:
            signed = item.difference if item.books == "ours" else -item.difference
            sides.append((item.entry, signed))
        for entry, signed in sides:
            key = entry.account, entry.currency
            sums[key] = sums.get(key, Decimal(0)) + signed
        return not any(sums.values())

    def explain(self, entry_id: str) -> str:
        """Why an entry is matched, or why not, in one line. Raises Refused ENTRY_UNKNOWN."""
        for found in self.outcome.matches:
            if entry_id in (*found.left, *found.right):
                others = ", ".join(one for one in (*found.left, *found.right) if one != entry_id)
                return f"{found.status} by {found.rule} with {others}: {'; '.join(found.because)}"
        for item in self.outcome.breaks:
            if entry_id in (item.entry.id, item.counterpart.id if item.counterpart else ""):
                return f"{item.reason}: {item.because}; nearest: {self._nearest(item)}"
        raise Refused("ENTRY_UNKNOWN", entry=entry_id)

    def _nearest(self, item: Break) -> str:
        """The other side's line that comes closest in amount, and what keeps it apart."""
        others = self.right if item.side == "left" else self.left
        mine = [
            o
            for o in others
            if (o.account, o.currency) == (item.entry.account, item.entry.currency)
        ]
        if not mine:
            return "-"
        near = min(mine, key=lambda o: (abs(o.amount - item.entry.amount), o.id))
        days = abs((near.accounting_date - item.entry.accounting_date).days)
        apart = near.amount - item.entry.amount
        reference = near.reference or "-"
        return f"{near.id} ({near.amount}, {apart:+} apart, {days} day(s), reference {reference})"

    def as_json(self) -> dict[str, Any]:
        """The shape of the design, section 8."""
        return {
            "matches": [
                {
                    "left": list(m.left),
                    "right": list(m.right),
                    "rule": m.rule,
                    "status": m.status,
                    "because": list(m.because),
                    "alternatives": [list(a) for a in m.alternatives],
                }
                for m in self.outcome.matches
            ],
            "breaks": [
                {
                    "side": b.side,
                    "entry": b.entry.id,
                    "counterpart": b.counterpart.id if b.counterpart else None,
                    "reason": b.reason,
                    "treatment": "carried",
                    "age_days": (self.day - b.entry.accounting_date).days,
                }
                for b in self.outcome.breaks
            ],
            "totals": [
                {
                    "source": "left" if t.source == "journal" else "right",
                    "currency": t.currency,
                    **{
                        part: {"count": getattr(t, part)[0], "amount": str(getattr(t, part)[1])}
                        for part in ("entries", "matched", "suggested", "breaks", "refused")
                    },
                }
                for t in self.outcome.totals
            ],
        }


def reconcile_lists(left: Path, right: Path, rules: Path | None) -> Lists:
    """Read and reconcile two lists, by the rules in `rules` or sound default ones."""
    ours, theirs = read_entries(left), read_entries(right)
    day = max((entry.accounting_date for entry in (*ours, *theirs)), default=date.min)
    chosen: Rules = load_matching(rules) if rules else DEFAULT_RULES
    outcome = reconcile(ours, theirs, business_date=day, rules=chosen)
    return Lists(ours, theirs, outcome, day)
