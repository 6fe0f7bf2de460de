"""Entries as columns in DuckDB, and back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from clerkwork.errors import Refused
from clerkwork.facts import Entry, Origin, identified
from clerkwork.facts.tables import read_entries, write_entries

FULL = Entry(
    account="6230580000088420",
    accounting_date=date(2026, 6, 11),
    currency="CNY",
    amount=Decimal("-386420.17"),
    reference="B0611001",
    text="张三 “货款” \n第二行",
    counterparty="华东",
    value_date=date(2026, 6, 12),
    time=time(9, 5, 59),
    balance=Decimal("1.00"),
    red=True,
    proof="chain",
    origin=Origin("ab" * 32, 7, 34),
)
BARE = Entry(account="", accounting_date=date(1, 1, 1), currency="JPY", amount=Decimal("500"))
FINE = Entry(account="A", accounting_date=date.max, currency="KWD", amount=Decimal("0.001"))


@pytest.fixture
def db() -> Iterator[Any]:
    """A database in memory."""
    with duckdb.connect() as connection:
        yield connection


@pytest.mark.parametrize("entries", [[], [BARE], [FULL, BARE, FINE, FULL]])
def test_entries_come_back_as_they_were(db: Any, entries: list[Entry]) -> None:
    """Every field, in order; amounts with all the decimals of their currency."""
    written = identified(entries)

    write_entries(db, "entries", written)

    assert written == list(read_entries(db, "entries"))


def test_amounts_are_whole_minor_units(db: Any) -> None:
    """Yen have none, dinars three decimals; the column is a 64-bit integer."""
    write_entries(db, "entries", identified([FULL, BARE, FINE]))

    amounts = db.execute("SELECT amount, typeof(amount) FROM entries ORDER BY position").fetchall()

    assert [(-38642017, "BIGINT"), (500, "BIGINT"), (1, "BIGINT")] == amounts


def test_an_amount_that_is_too_fine_is_refused(db: Any) -> None:
    """A third decimal of dollars is not rounded."""
    too_fine = Entry(
        account="A", accounting_date=date(2026, 6, 11), currency="USD", amount=Decimal("0.001")
    )

    with pytest.raises(Refused) as refusal:
        write_entries(db, "entries", [too_fine])

    assert "AMOUNT_TOO_FINE" == refusal.value.code
