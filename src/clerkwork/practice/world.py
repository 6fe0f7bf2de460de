"""The practice bank's world: any day from EPOCH on, the same for everybody, every time."""

from __future__ import annotations

from datetime import date

from clerkwork.practice.books import (
    Balance,
    Day,
    Difference,
    JournalLine,
    StatementDay,
    StatementLine,
    VaultBox,
)

__all__ = [
    "BRANCH",
    "EPOCH",
    "SEED",
    "Balance",
    "Day",
    "Difference",
    "JournalLine",
    "StatementDay",
    "StatementLine",
    "VaultBox",
    "day",
]

EPOCH = date(2026, 6, 11)
SEED = 755
BRANCH = "0755"


def day(on: date, *, seed: int = SEED) -> Day:
    """The accounting day `on`. Pure: the same date and seed give the same day."""
    raise NotImplementedError
