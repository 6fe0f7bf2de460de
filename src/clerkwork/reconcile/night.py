"""One account's day: settle what was open, match, explain what is left, strike the totals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from clerkwork.facts import (
    BalanceStatement,
    Break,
    CashCheck,
    Entry,
    HandMatch,
    Match,
    SourceTotals,
    digest,
)
from clerkwork.reconcile.by_hand import set_apart
from clerkwork.reconcile.explain import explain
from clerkwork.reconcile.match import match
from clerkwork.reconcile.pool import Side
from clerkwork.reconcile.rules import Rules
from clerkwork.reconcile.settle import Settlement, settle

Struck = tuple[int, Decimal]  # count, sum of signed amounts
_NONE: Struck = 0, Decimal(0)
_SOURCES = {"left": "journal", "right": "statement"}


@dataclass(frozen=True)
class Outcome:
    """
    `breaks` are the day's new ones, `still_open` those of earlier days; `cleared` are
    the open ones that this day settled. `totals`: left ("journal"), right ("statement")
    and the open ones ("open breaks").
    """

    matches: tuple[Match, ...]
    breaks: tuple[Break, ...]
    cleared: tuple[Break, ...]
    still_open: tuple[Break, ...]
    totals: tuple[SourceTotals, ...]


def reconcile(
    left: Sequence[Entry],
    right: Sequence[Entry],
    *,
    business_date: date,
    rules: Rules,
    later: Sequence[Entry] = (),
    open_breaks: Sequence[Break] = (),
    by_hand: Sequence[HandMatch] = (),
) -> Outcome:
    """
    Reconcile one accounting day of one account and currency, ours against theirs.

    Entries have ids. `later` are lines of theirs dated after the day: evidence, not
    part of the day. What people have matched (`by_hand`) stays so: no rule uses its lines.
    """
    apart = set_apart(by_hand, left, right, open_breaks, on=business_date)
    settled = settle(apart.open_breaks, apart.left, apart.right)
    settled.cleared += apart.cleared
    settled.still_open += apart.kept_breaks
    matches = (*apart.matches, *match(settled.left, settled.right, rules.rules))
    # by side: the same line printed by both has the same id
    ours = {one for found in matches for one in found.left}
    theirs = {one for found in matches for one in found.right}
    lone_left = [e for e in settled.left if e.id not in ours] + apart.kept_left
    lone_right = [e for e in settled.right if e.id not in theirs] + apart.kept_right
    breaks = explain(
        lone_left,
        lone_right,
        matched_left=_without(left, lone_left),
        matched_right=_without(right, lone_right),
        later=later,
        business_date=business_date,
        reasons=rules.reasons,
    )
    everything = (*settled.matches, *matches)
    totals = (
        *_totals("left", left, everything, breaks),
        *_totals("right", right, everything, breaks),
        *_open_totals(open_breaks, settled),
    )
    return Outcome(
        matches=everything,
        breaks=(*breaks, *apart.rests),
        cleared=tuple(settled.cleared),
        still_open=tuple(settled.still_open),
        totals=totals,
    )


def _without(entries: Sequence[Entry], lone: Sequence[Entry]) -> list[Entry]:
    """The entries that have found their place."""
    ids = {entry.id for entry in lone}
    return [entry for entry in entries if entry.id not in ids]


def balance_statement(
    account: str,
    currency: str,
    as_of: date,
    *,
    our_balance: Decimal,
    their_balance: Decimal,
    breaks: Sequence[Break],
) -> BalanceStatement:
    """The balance reconciliation statement from everything that stands open."""
    return BalanceStatement(account, currency, as_of, our_balance, their_balance, tuple(breaks))


def cash_outcome(
    check: CashCheck, journal: Sequence[Entry], *, open_breaks: Sequence[Break]
) -> Outcome:
    """
    One cash box: what of its difference is known already, and what is new today.

    Vouchers for over or short of earlier days reach the journal as lines with their
    references; until then that part of today's difference is not new. Over and short
    are never netted: each box has its own break.
    """
    settled = settle(open_breaks, journal, (), by_amount=False)
    known = sum((item.difference for item in settled.still_open), Decimal(0))
    new = check.difference - known
    journal_totals = _by_currency(journal).items()  # whatever it holds is in the balance
    totals = (
        *(SourceTotals("cash journal", c, all_, all_, _NONE, _NONE) for c, all_ in journal_totals),
        *_open_totals(open_breaks, settled),
    )
    if not new:
        breaks: tuple[Break, ...] = ()
    else:
        reason = "cash_over" if new > 0 else "cash_short"
        entry = Entry(
            account=check.account,
            accounting_date=check.as_of,
            currency=check.currency,
            amount=new,
            text=f"VAULT COUNT {check.teller}",
            id=digest("count", check.account, check.as_of, check.currency, reason)[:32],
            origin=check.origin,
        )
        why = f"counted {check.counted}, journal {check.book}"
        breaks = (Break("right", entry, reason, "ours", new, check.as_of, because=why),)
    return Outcome(
        matches=tuple(settled.matches),
        breaks=breaks,
        cleared=tuple(settled.cleared),
        still_open=tuple(settled.still_open),
        totals=totals,
    )


def _totals(
    side: Side, entries: Sequence[Entry], matches: Sequence[Match], breaks: Sequence[Break]
) -> list[SourceTotals]:
    """
    Every use of an entry of one side, in its place: counted from the outcome, so that a
    line that was lost or used twice does not balance.
    """
    mine = {entry.id: entry for entry in entries}

    def used(status: str) -> list[Entry]:
        found = (one for m in matches if m.status == status for one in getattr(m, side))
        return [mine[one] for one in found if one in mine]

    broken = [b.entry if b.side == side else b.counterpart for b in breaks]
    parts = [
        _by_currency(part)
        for part in (entries, used("confirmed"), used("suggested"), filter(None, broken))
    ]
    return [
        SourceTotals(_SOURCES[side], currency, *(part.get(currency, _NONE) for part in parts))
        for currency in sorted(parts[0])
    ]


def _open_totals(open_breaks: Sequence[Break], settled: Settlement) -> list[SourceTotals]:
    """What stood open before the day: settled, or open still, by their differences."""
    before, after = (
        _struck((item.entry.currency, item.difference) for item in items)
        for items in (open_breaks, settled.still_open)
    )
    totals = []
    for currency, (count, amount) in sorted(before.items()):
        rest = after.get(currency, _NONE)
        cleared = count - rest[0], amount - rest[1]
        totals.append(SourceTotals("open breaks", currency, (count, amount), cleared, _NONE, rest))
    return totals


def _by_currency(entries: Iterable[Entry]) -> dict[str, Struck]:
    return _struck((entry.currency, entry.amount) for entry in entries)


def _struck(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Struck]:
    """Count and sum by currency."""
    struck: dict[str, Struck] = {}
    for currency, amount in amounts:
        count, total = struck.get(currency, _NONE)
        struck[currency] = count + 1, total + amount
    return struck
