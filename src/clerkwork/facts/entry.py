"""Entries and statements: what a source says about one account in one currency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from clerkwork.facts.identity import entry_ids, normalised


@dataclass(frozen=True)
class Origin:
    """Where an entry was read: digest of the document or screen, page (from 1) and row (from 1)."""

    source: str = ""
    page: int = 0
    row: int = 0


@dataclass(frozen=True)
class Entry:
    """
    One line of money.

    `amount` is signed: above zero is money into the account as its holder sees it
    (design, section 4). `red` marks 红字: a negative figure in a debit or credit
    column, same column, reversed sign (the sign of `amount` is already reversed).
    """

    account: str
    accounting_date: dt.date
    currency: str
    amount: Decimal
    reference: str = ""
    text: str = ""
    counterparty: str = ""
    value_date: dt.date | None = None
    time: dt.time | None = None
    balance: Decimal | None = None
    red: bool = False
    proof: str = "none"
    origin: Origin = Origin()
    id: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What its id is made of, but for the ordinal among equals."""
        amount = f"{self.amount.normalize():f}"
        words = normalised(self.text)
        return (self.account, self.accounting_date, self.currency, amount, self.reference, words)


def identified(entries: list[Entry]) -> list[Entry]:
    """The same entries, in the same order, with their ids."""
    ids = entry_ids(entry.key for entry in entries)
    return [replace(entry, id=entry_id) for entry, entry_id in zip(entries, ids, strict=True)]


@dataclass(frozen=True)
class Proof:
    """
    How far arithmetic proves a statement (design, section 8).

    grade: "chain_with_ends", "chain", "totals" or "none"; links: (confirmed, total);
    problems: one line each, naming page and row.
    """

    grade: str
    links: tuple[int, int] = (0, 0)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statement:
    """One account, one currency: opening balance, entries, closing balance, proof."""

    account: str
    currency: str
    entries: Sequence[Entry]
    opening: Decimal | None = None
    closing: Decimal | None = None
    opening_basis: str | None = None  # "printed", "implied" or None
    period: tuple[dt.date, dt.date] | None = None
    balance_side: str = "credit"  # "debt": the printed balance is what the holder owes (cards)
    proof: Proof = field(default_factory=lambda: Proof("none"))
