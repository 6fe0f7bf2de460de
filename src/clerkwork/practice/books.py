"""The practice bank's books of one day: what each side wrote, and the truth about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal


@dataclass(frozen=True)
class JournalLine:
    """
    One line of our journal (流水). `side` "D" is into an asset account; a red line
    (红字) has a negative `amount` in the same column.
    """

    serial: int  # from 1, in order of time, per day
    at: time
    account: str
    side: str
    amount: Decimal
    currency: str
    reference: str
    narrative: str
    teller: str

    @property
    def signed(self) -> Decimal:
        """The amount into the account, as its holder sees it, where the account is an asset."""
        return self.amount if self.side == "D" else -self.amount


@dataclass(frozen=True)
class StatementLine:
    """
    One line of a correspondent's statement. `side` "C" is into our account, as the
    correspondent prints it; `balance` is the running balance after the line.
    """

    on: date
    at: time
    value_date: date
    text: str
    reference: str  # "" where the correspondent prints none
    side: str
    amount: Decimal
    balance: Decimal

    @property
    def signed(self) -> Decimal:
        """The amount into our account."""
        return self.amount if self.side == "C" else -self.amount


@dataclass(frozen=True)
class StatementDay:
    """
    What one correspondent sends for one day: the day's lines, and after the closing
    balance `later`, lines it has already booked with the date of the next day. The
    running balance goes on through `later`; `closing` is that of the day itself.
    """

    correspondent: str
    account: str  # ours
    their_account: str
    currency: str
    opening: Decimal
    lines: tuple[StatementLine, ...]
    closing: Decimal
    later: tuple[StatementLine, ...] = ()


@dataclass(frozen=True)
class VaultBox:
    """One cash box as counted at the close of the day: (denomination, count) and the total."""

    account: str
    teller: str
    currency: str
    counts: tuple[tuple[Decimal, int], ...]
    total: Decimal


@dataclass(frozen=True)
class Balance:
    """Opening and closing balance of one account of ours on one day."""

    opening: Decimal
    closing: Decimal


@dataclass(frozen=True)
class Difference:
    """
    One planted difference: the truth, which no bot can read.

    `side` "left" is our journal (or cash journal), "right" the statement (or count);
    `amount` the line's, `difference` what the books named by `books` ("ours" or
    "theirs") still lack, both signed as money into the account.
    """

    reason: str
    account: str
    currency: str
    side: str
    reference: str
    amount: Decimal
    difference: Decimal
    books: str
    since: date  # the day it was planted


@dataclass(frozen=True)
class Day:
    """
    One accounting day of the practice bank, on both sides.

    `truth` has every difference that stands open at the close of `on`, those of
    earlier days included. `balances` and `journal` are the core's own: vouchers that
    somebody keys into the ledger reach the core's journal through the core host, and
    are not part of this world.
    """

    on: date
    journal: tuple[JournalLine, ...]
    balances: Mapping[str, Balance]  # by our account number
    statements: tuple[StatementDay, ...]
    vault: tuple[VaultBox, ...]
    truth: tuple[Difference, ...]
