"""The core's journal, proven by the core's own balances."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from clerkwork.errors import Refused
from clerkwork.facts import Entry, Proof, Statement


def prove(
    journal: Sequence[Entry], account: str, currency: str, opening: Decimal, closing: Decimal
) -> Statement:
    """
    The journal's entries of one account as a statement, proven from balance to balance.

    Raises Refused JOURNAL_DOES_NOT_FOOT: a line was lost, doubled or misread.
    """
    entries = tuple(entry for entry in journal if entry.account == account)
    total = opening + sum((entry.amount for entry in entries), Decimal(0))
    if total != closing or any(entry.currency != currency for entry in entries):
        raise Refused(
            "JOURNAL_DOES_NOT_FOOT",
            where=account,
            en="opening {opening} and {count} lines make {total}, the core's closing is {closing};"
            " run again, and tell core operations when it stays",
            zh="期初 {opening} 加 {count} 笔流水为 {total}，核心系统期末为 {closing}；"
            "请重新运行，仍不符请联系核心系统运维",
            opening=opening,
            count=len(entries),
            total=total,
            closing=closing,
        )
    return Statement(
        account=account,
        currency=currency,
        entries=entries,
        opening=opening,
        closing=closing,
        opening_basis="printed",
        proof=Proof("totals"),
    )
