"""What all rows of a draft together show, before one of them is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from clerkwork.read import movements
from clerkwork.read.draft import Draft
from clerkwork.read.rows import Block, Rows
from clerkwork.read.vocabulary import FIGURES, currency_of, sign_of


@dataclass
class Survey:
    """What all rows of a draft together show, from one look at them."""

    currencies: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    dates: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    outgoing: tuple[int, int] = (0, 0)  # rows of sections paid out: with a minus, without
    has_comma: bool = False  # "1.234,50": who writes so puts the day before the month
    debits: tuple[int, int] = (0, 0)  # those with a minus, and whether one has none
    signed: tuple[int, int] = (0, 0)  # amounts with a minus, and without
    is_marked: bool = False  # whether an amount has DR or CR
    signs: set[str] = field(default_factory=set)  # of currencies, alone beside figures

    @classmethod
    def of(cls, rows: Rows) -> Survey:
        found = cls()
        for block in rows.blocks():
            found.currencies.update(_currencies(block))
            found.accounts.update(map(_number, {*block.texts("account")}))
            found.dates.update(block.dates, block.texts("value_date"))
            found.has_comma |= any(
                _DECIMAL_COMMA.search(str(cell))
                for role in FIGURES
                for cell in block.cells.get(role, ())[:_FEW]
            )
            found.types.update(block.texts("type") or [""])
            minus, plain = movements.outgoing_signs(block)
            found.outgoing = found.outgoing[0] + minus, found.outgoing[1] + plain
            negative, positive = movements.minuses(block)
            found.debits = found.debits[0] + negative, found.debits[1] + positive
            minus, plain, marked = movements.signs(block)
            found.signed = found.signed[0] + minus, found.signed[1] + plain
            found.is_marked |= marked > 0
            found.signs.update(_signs(block))
        found.dates.discard("")
        found.accounts.discard("")
        return found

    @property
    def repeats_minus(self) -> bool:
        """Whether the debit column could repeat the minus: three figures, all negative."""
        return self.debits[0] >= ENOUGH and not self.debits[1]


ENOUGH = 3
_FEW = 50  # rows that tell how figures are written
_DECIMAL_COMMA = re.compile(r"\d,\d\d(?!\d|.*[.,])")


def parted(draft: Draft, account: str) -> dict[tuple[str, str], tuple[Rows, list[int]]]:
    """
    The rows of each account and currency, and where they stand among all; one that prints
    none has the draft's, or that of the row before.
    """
    found: dict[tuple[str, str], tuple[Rows, list[int]]] = {}
    currency, first = draft.currency, 0
    for block in draft.rows.blocks():
        numbers = list(map(_number, block.texts("account"))) or [""] * len(block)
        for at, (own, number) in enumerate(zip(_currencies(block), numbers, strict=True)):
            currency = own or draft.currency or currency
            account = number or account
            rows, places = found.setdefault((account, currency), (Rows(), []))
            rows.add(block.row(at))
            places.append(first + at)
        first += len(block)
    return found


def _number(text: str) -> str:
    """The account number in a column of them, as labelled ones are kept; "" for what is none."""
    plain = re.sub(r"\(?[A-Z]{3}\)?$|\.0$", "", text.strip().upper())
    plain = re.sub(r"[^A-Z0-9*•-]", "", plain)
    return plain if re.search(r"\d{3}", plain) else ""


def _currencies(block: Block) -> Sequence[str]:
    """The currency that each row itself prints: in its own column, else beside a figure."""
    printed = {text: _code(text) for text in {*block.texts("currency")}}
    found = [printed[text] for text in block.texts("currency")] or [""] * len(block)
    for role in FIGURES:
        cells = block.cells.get(role, ())
        joined = "".join(cell for cell in cells if cell.__class__ is str)
        if "$" in joined or joined.upper() != joined.lower() or not joined.isascii():
            beside = (_BESIDE.search(str(cell)) for cell in cells)
            found = [
                one or (currency_of(at[0]) if at else "")
                for one, at in zip(found, beside, strict=True)
            ]
    return found


def _signs(block: Block) -> set[str]:
    """The signs of currencies that stand alone beside the figures of a block."""
    found: set[str] = set()
    for role in FIGURES:
        texts = {cell for cell in block.cells.get(role, ()) if isinstance(cell, str)}
        if not _PLAIN.fullmatch("".join(texts)):
            found.update(map(sign_of, texts))
    return found - {""}


_PLAIN = re.compile(r"[-+()\d.,' ]*")
_BESIDE = re.compile(r"[A-Z]{0,2}[$€£₹₩]|(?<![A-Z])[A-Z]{3}(?![A-Z])")


def _code(text: str) -> str:
    """The code in a column of currencies; a text that is none that is known, as it is."""
    return currency_of(text) or text.strip().upper()
