"""What is printed about an account, before it is decided how it is to be read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

from clerkwork.read.labels import Mark
from clerkwork.read.lines import Line
from clerkwork.read.rows import Rows
from clerkwork.read.strays import Stray
from clerkwork.read.table import Table


@dataclass
class Draft:
    """What is printed about one account, in the order of the document."""

    account: str = ""
    currency: str = ""  # as first said, before that the one of the account before it
    said: dict[str, str] = field(default_factory=dict)  # every currency named, and where
    rows: Rows = field(default_factory=Rows)
    marks: list[Mark[Decimal]] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)  # places of rows that are not booked yet
    period: tuple[str, str] | None = None
    card_words: set[str] = field(default_factory=set)
    others: dict[str, str] = field(default_factory=dict)  # account numbers that differ, and where
    signs: dict[str, str] = field(default_factory=dict)  # of currencies, alone, and where
    units: dict[str, str] = field(default_factory=dict)  # of figures, other than one, and where

    def take_in(self, other: Draft) -> None:
        """Add what was printed under another head and is of this account; its number is left."""
        count = len(self.rows)
        self.marks += [replace(each, at=each.at + count) for each in other.marks]
        self.strays += [replace(each, at=each.at + count) for each in other.strays]
        for block in other.rows.blocks():
            self.rows.add_block(block)
        self.pending += other.pending
        self.said = other.said | self.said
        self.signs = other.signs | self.signs
        self.units = other.units | self.units
        self.others = other.others | self.others
        self.card_words |= other.card_words
        self.period = self.period or other.period

    def name_currency(self, code: str, where: str) -> None:
        """Keep a currency that the document names, "" for none; the first is the account's."""
        if code:
            self.currency = self.currency if self.said else code
            self.said.setdefault(code, where)


@dataclass
class Front:
    """What the document says about itself as a whole."""

    issued: list[str] = field(default_factory=list)
    card_number: str = ""
    numbered: list[tuple[int, int, int]] = field(default_factory=list)  # page, number, of how many
    pages: int = 0
    scans: set[int] = field(default_factory=set)  # the pages that were read by OCR
    digest: str = ""


class Seen(NamedTuple):
    """
    A line of a page and what it was taken for: "head", "row", "stray", or the kind of a mark;
    `row` is its number, 0 where it has none, `columns` those of the table it stands in.
    """

    page: int
    row: int
    line: Line
    what: str
    columns: Table | None
