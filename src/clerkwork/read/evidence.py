"""What a statement prints that its entries are held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from clerkwork.errors import Refused
from clerkwork.facts import from_minor
from clerkwork.read.labels import Mark
from clerkwork.read.movements import Movements


@dataclass(frozen=True)
class Lost:
    """
    A line that may be an entry that was not read.

    `order` counts lines through the document; `figures` are the amounts it may be of, without
    their sign, None where it may be any.
    """

    order: int
    problem: Refused
    figures: tuple[Decimal, ...] | None
    is_named: bool  # even where the proof shows that it is no entry


@dataclass(frozen=True)
class Evidence:
    """
    What is to be proven, oldest entry first, balances and marks as printed.

    Amounts of movements and marks are minor units of `currency` ("" for unknown: two
    decimals). `days` gives the date of each closing mark that says of which day it is; `cut` is how
    many entries are of the printed period (the later ones are not in the closing balance).
    """

    movements: Movements
    marks: Sequence[Mark[int]]
    currency: str = ""
    is_newest_first: bool = False  # on paper; here the oldest stands first
    factor: int = 1  # -1 where balances are what the holder owes
    days: dict[str, int] = field(default_factory=dict)
    cut: int | None = None
    strays: tuple[Lost, ...] = ()  # lines that may be rows
    pages: tuple[Refused, ...] = ()
    signs_are_sure: bool = False  # each entry says its own side
    contradictions: tuple[Refused, ...] = ()  # of currency or account

    def shown(self, units: int) -> Decimal:
        """Minor units as the amount they are."""
        return from_minor(units, self.currency)
