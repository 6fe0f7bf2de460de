"""The core's books: the world's day, and what was keyed into the ledger before it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

from clerkwork.practice.world import Balance, Day, JournalLine

_NEW_DAY = timedelta(days=1)
_VOUCHERS = """
    SELECT accounting_date, debit_account, credit_account, currency, amount_minor, colour,
           narrative, reference, keyed_by
    FROM vouchers WHERE state = 'posted' AND accounting_date < ? ORDER BY number
"""


@dataclass(frozen=True)
class _Voucher:
    """One posted voucher, as far as the core takes it over on `on`."""

    on: date
    sides: tuple[tuple[str, str], ...]  # (account, "D" or "C")
    currency: str
    amount: Decimal
    narrative: str
    reference: str
    teller: str


class Journal:
    """
    What the core shows of its books.

    A voucher posted in the ledger under accounting date D stands in the journal of D+1,
    for each of its accounts that is the core's, and in the balances from D+1 on.
    """

    def __init__(self, day_of: Callable[[date], Day], ledger_db: Path):
        self._day_of = day_of
        self._ledger_db = ledger_db

    def lines(self, on: date) -> list[JournalLine]:
        """The journal of `on`, numbered from 1. Raises ValueError for a day before the first."""
        day = self._day_of(on)
        taken_over = [
            JournalLine(
                serial=0,
                at=time(0, 0, 0),
                account=account,
                side=side,
                amount=voucher.amount,
                currency=voucher.currency,
                reference=voucher.reference,
                narrative=voucher.narrative,
                teller=voucher.teller,
            )
            for voucher in self._vouchers(before=on)
            if voucher.on == on
            for account, side in voucher.sides
            if account in day.balances
        ]
        start = [replace(line, at=_second(n)) for n, line in enumerate(taken_over, start=1)]
        every = [*start, *day.journal]
        return [replace(line, serial=n) for n, line in enumerate(every, start=1)]

    def balance(self, account: str, on: date) -> Balance | None:
        """Opening and closing balance of `account` on `on`; None when it is not the core's."""
        day = self._day_of(on)
        if account not in day.balances:
            return None
        before = during = Decimal(0)
        for voucher in self._vouchers(before=on):
            effect = _effect(voucher, account)
            if voucher.on == on:
                during += effect
            else:
                before += effect
        world = day.balances[account]
        return Balance(world.opening + before, world.closing + before + during)

    def _vouchers(self, *, before: date) -> list[_Voucher]:
        """The posted vouchers keyed before `before`; none while the ledger has no database."""
        if not self._ledger_db.exists():
            return []
        with closing(
            sqlite3.connect(f"{self._ledger_db.absolute().as_uri()}?mode=ro", uri=True)
        ) as db:
            known = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'vouchers'").fetchone()
            rows = db.execute(_VOUCHERS, (before.isoformat(),)).fetchall() if known else []
        return [_voucher(row) for row in rows]


def _voucher(row: tuple[str, str, str, str, int, str, str, str, str]) -> _Voucher:
    accounting_date, debit, credit, currency, minor, colour, narrative, reference, teller = row
    amount = Decimal(abs(minor)).scaleb(-2)  # every currency of the practice bank has cents
    return _Voucher(
        on=date.fromisoformat(accounting_date) + _NEW_DAY,
        sides=((debit, "D"), (credit, "C")),
        currency=currency,
        amount=-amount if colour == "red" else amount,
        narrative=narrative,
        reference=reference,
        teller=teller,
    )


def _effect(voucher: _Voucher, account: str) -> Decimal:
    """What `voucher` puts into `account`: the core's accounts are assets, so debit is in."""
    sides = [side for number, side in voucher.sides if number == account]
    return voucher.amount * (sides.count("D") - sides.count("C"))


def _second(number: int) -> time:
    return time(number // 3600, number // 60 % 60, number % 60)
