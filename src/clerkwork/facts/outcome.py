"""Matches and breaks: what reconciliation makes of entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from clerkwork.facts.entry import Entry, Origin


@dataclass(frozen=True)
class Match:
    """
    Entries that belong together, by id. `status` is "confirmed" or "suggested";
    `because` says what agreed, in words; `alternatives` are other right sides that
    would fit as well.
    """

    left: tuple[str, ...]
    right: tuple[str, ...]
    rule: str
    status: str
    because: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Break:
    """
    An entry with no counterpart (or whose counterpart differs).

    `side` is "left" (ours) or "right" (theirs); `reason` a key of
    resources/rules/treatments.toml; `counterpart` the entry it differs from, where
    there is one. `difference`, signed as money into the account, is what the books
    named by `books` ("ours" or "theirs") will show once it is settled. `references`
    are those of the instructions that settle it, `since` the accounting date on which
    it was first seen.
    """

    side: str
    entry: Entry
    reason: str
    books: str
    difference: Decimal
    since: date
    counterpart: Entry | None = None
    because: str = ""
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class HandMatch:
    """
    Open breaks that people say belong together (手工勾对): their lines are matched.

    `day` is the accounting date that has the last of them; until it they stand open. `rest`
    is the break that is left where the sides differ, `because` what was said, and by whom.
    """

    day: date
    breaks: tuple[Break, ...]
    because: tuple[str, ...]
    rest: Break | None = None

    @property
    def account(self) -> str:
        """The account of all its lines."""
        return self.breaks[0].entry.account

    def lines(self, side: str) -> tuple[Entry, ...]:
        """Its lines of one side, "left" or "right"."""
        found = ((b.entry if b.side == side else b.counterpart) for b in self.breaks)
        return tuple(entry for entry in found if entry is not None)


@dataclass(frozen=True)
class BalanceStatement:
    """
    The balance reconciliation statement (余额调节表) of one account as of one day.

    our balance + what will reach our books = adjusted = their balance + what will
    reach theirs. `breaks` are all that stand open; timing ones (未达账项) are shown
    apart from errors awaiting correction.
    """

    account: str
    currency: str
    as_of: date
    our_balance: Decimal
    their_balance: Decimal
    breaks: tuple[Break, ...]

    def adjusted(self, books: str) -> Decimal:
        """The adjusted balance of `books`, "ours" or "theirs"."""
        start = self.our_balance if books == "ours" else self.their_balance
        return start + sum((b.difference for b in self.breaks if b.books == books), Decimal(0))

    @property
    def is_equal(self) -> bool:
        """Whether both sides adjust to the same balance."""
        return self.adjusted("ours") == self.adjusted("theirs")


@dataclass(frozen=True)
class CashCheck:
    """One cash box: balance in the journal against the count in the vault sheet (账实核对)."""

    account: str
    teller: str
    currency: str
    as_of: date
    book: Decimal
    counted: Decimal
    origin: Origin = Origin()  # where the count was read

    @property
    def difference(self) -> Decimal:
        """Above zero is cash over (长款), below zero cash short (短款)."""
        return self.counted - self.book
