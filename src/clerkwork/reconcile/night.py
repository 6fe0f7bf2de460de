"""One account's day: settle what was open, match, explain what is left, strike the totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from clerkwork.facts import (
    BalanceStatement,
    Break,
    CashCheck,
    Entry,
    Match,
    SourceTotals,
    digest,
)
from clerkwork.reconcile.explain import explain
from clerkwork.reconcile.match import match
from clerkwork.reconcile.rules import Rules
from clerkwork.reconcile.settle import settle


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
) -> Outcome:
    """
    Reconcile one accounting day of one account and currency, ours against theirs.

    Entries have ids. `later` are lines of theirs dated after the day: evidence, not
    part of the day.
    """
    settled = settle(open_breaks, left, right)
    matches = match(settled.left, settled.right, rules.rules)
    matched = {one for found in matches for one in (*found.left, *found.right)}
    breaks = explain(
        [entry for entry in settled.left if entry.id not in matched],
        [entry for entry in settled.right if entry.id not in matched],
        matched_left=[entry for entry in settled.left if entry.id in matched],
        matched_right=[entry for entry in settled.right if entry.id in matched],
        later=later,
        business_date=business_date,
        reasons=rules.reasons,
    )
    everything = (*settled.matches, *matches)
    totals = [
        *_totals("journal", left, everything, breaks),
        *_totals("statement", right, everything, breaks),
    ]
    return Outcome(
        matches=everything,
        breaks=breaks,
        cleared=tuple(settled.cleared),
        still_open=tuple(settled.still_open),
        totals=tuple(totals),
    )


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
    settled = settle(open_breaks, journal, ())
    known = sum((item.difference for item in settled.still_open), Decimal(0))
    new = check.difference - known
    totals = _totals("cash journal", journal, (), (), is_counted=True)
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
        )
        why = f"counted {check.counted}, journal {check.book}"
        breaks = (Break("right", entry, reason, "ours", new, check.as_of, because=why),)
    return Outcome(
        matches=tuple(settled.matches),
        breaks=breaks,
        cleared=tuple(settled.cleared),
        still_open=tuple(settled.still_open),
        totals=tuple(totals),
    )


def _totals(
    source: str,
    entries: Sequence[Entry],
    matches: Sequence[Match],
    breaks: Sequence[Break],
    *,
    is_counted: bool = False,
) -> list[SourceTotals]:
    """Every entry of the source in its place: counted from the outcome, not from what is left."""
    status = {one: found.status for found in matches for one in (*found.left, *found.right)}
    broken = {item.entry.id for item in breaks}
    broken |= {item.counterpart.id for item in breaks if item.counterpart}
    totals = []
    for currency in sorted({entry.currency for entry in entries}):
        mine = [entry for entry in entries if entry.currency == currency]
        totals.append(
            SourceTotals(
                source=source,
                currency=currency,
                entries=_struck(mine),
                matched=_struck(
                    mine if is_counted else [e for e in mine if status.get(e.id) == "confirmed"]
                ),
                suggested=_struck([e for e in mine if status.get(e.id) == "suggested"]),
                breaks=_struck([] if is_counted else [e for e in mine if e.id in broken]),
            )
        )
    return totals


def _struck(entries: Sequence[Entry]) -> tuple[int, Decimal]:
    return len(entries), sum((entry.amount for entry in entries), Decimal(0))
