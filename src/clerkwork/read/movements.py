"""From rows to movements: the sign from the column or a printed sign, never from a balance."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache
from typing import Any

from clerkwork.errors import Refused
from clerkwork.read.rows import Block, Row, Rows, place
from clerkwork.read.stored import figures
from clerkwork.read.values import NOTHING, amount_units, parse_date, parse_time, unified
from clerkwork.read.vocabulary import is_neutral, side_of

_OWN_MARK = {
    "debit": re.compile(r"\s*(?:DR?|借)\.?$", re.IGNORECASE),
    "credit": re.compile(r"\s*(?:CR?|贷)\.?$", re.IGNORECASE),
}
_MARKED = re.compile(r"(?:[DC]R|[借贷])\.?$", re.IGNORECASE)


@dataclass(frozen=True)
class Convention:
    """
    How one document writes its rows.

    `flag` is the role of the column that says debit or credit; `is_debt` that amounts
    and balances are what the holder owes; `has_signed_debits` that the debit column
    repeats the minus, `has_signed_flags` that amounts with a debit flag do,
    `has_signed_outgoing` that sections of amounts paid out do; `order`
    and `near` decide dates that may be read two ways or have no year.
    """

    account: str
    currency: str
    source: str = ""  # digest of the document
    order: str = ""
    near: date | None = None
    flag: str = ""
    is_debt: bool = False
    has_signed_debits: bool = False
    has_signed_flags: bool = False
    has_signed_outgoing: bool = False


class Neutral(Refused):
    """A row that its source counts neither as income nor as expense."""


NO_BALANCE = -(2**63)  # where a row prints none


def _numbers() -> array[int]:
    return array("q")


@dataclass
class Movements:
    """
    The movements of the rows that can be read, column by column in the order of the
    document: what of a row is no text. Dates are ordinals (0 for none), amounts and
    balances minor units (`NO_BALANCE`), `reds` 0 or 1; `at` has the place of each among the rows,
    `flaws` why others are left out, `asides` which others the source itself leaves out.
    """

    dates: array[int] = field(default_factory=_numbers)
    amounts: array[int] = field(default_factory=_numbers)
    reds: array[int] = field(default_factory=_numbers)
    balances: array[int] = field(default_factory=_numbers)
    value_dates: array[int] = field(default_factory=_numbers)
    times: list[str] = field(default_factory=list)
    pages: array[int] = field(default_factory=_numbers)
    rows: array[int] = field(default_factory=_numbers)
    at: array[int] = field(default_factory=_numbers)
    flaws: list[Refused] = field(default_factory=list)
    asides: list[Refused] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.amounts)

    def append(self, *values: int | str) -> None:
        """One more movement: a value for each column, in their order."""
        for column, value in zip(_COLUMNS, values, strict=True):
            getattr(self, column).append(value)

    def place(self, number: int) -> str:
        """Where the movement `number` stands."""
        return place(self.pages[number], self.rows[number])

    def reversed(self) -> Movements:
        """The same, the last one first."""
        turned = {name: getattr(self, name)[::-1] for name in _COLUMNS}
        return Movements(**turned, flaws=self.flaws, asides=self.asides)


def outgoing_signs(block: Block) -> tuple[int, int]:
    """Of the rows under a title that says "paid out": those with a minus, and the others."""
    cells = zip(block.cells.get("amount", ()), block.outgoing, strict=False)
    texts = [unified(str(cell)) for cell, is_out in cells if is_out and cell]
    negative = sum(map(_has_minus, texts))
    return negative, len(texts) - negative


def signs(block: Block) -> tuple[int, int, int]:
    """Amounts of a signed column with a minus, without one, and with DR or CR."""
    texts = [unified(str(cell)) for cell in block.cells.get("amount", ()) if cell != ""]
    negative = sum(map(_has_minus, texts))
    return negative, len(texts) - negative, sum(bool(_MARKED.search(text)) for text in texts)


def _has_minus(text: str) -> bool:
    """Whether a figure has a minus, or the parentheses that mean one."""
    return "-" in text or "(" in text


_COLUMNS = tuple(each.name for each in fields(Movements))[:-2]  # flaws and asides are none


def minuses(block: Block) -> tuple[int, int]:
    """Figures in the debit column with a minus, and without one (one such is enough to know)."""
    negative = 0
    for cell, times in Counter(block.cells.get("debit", ())).items():
        if str(cell).startswith("-") or unified(str(cell)).startswith(("-", "(")):
            negative += times * bool(re.search("[1-9]", str(cell)))
        elif re.search("[1-9]", str(cell)):
            return negative, 1
    return negative, 0


def movements_of(rows: Rows, how: Convention) -> Movements:
    """The movements of all rows that can be read."""
    found = Movements()
    first = 0
    for block in rows.blocks():
        _read_block(block, first, how, found)
        first += len(block)
    return found


def _read_block(block: Block, first: int, how: Convention, into: Movements) -> None:
    """
    Add the movements of a block.

    What is written plainly is read a column at a time; a row with anything else, for
    which a column gives None, is read by itself.
    """
    read_date = _dates(how.order, how.near)
    amounts, reds = _amounts(block, how)
    columns: list[list[Any]] = [
        [read_date(text) or None for text in block.dates],
        amounts,
        reds,
        _balances(block, how.currency),
        list(map(read_date, _column(block, "value_date"))),
        list(map(_clock, _column(block, "time"))),
        list(block.pages),
        list(block.rows),
        list(range(first, first + len(block))),
    ]
    lost = []
    for at in _odd_ones(columns):
        try:
            columns_at = movement_of(block.row(at), how, into.flaws)
        except Neutral as aside:
            into.asides.append(aside)
            lost.append(at)
            continue
        except Refused as flaw:
            into.flaws.append(flaw)
            lost.append(at)
            continue
        for column, value in zip(columns, columns_at, strict=False):
            column[at] = value
    for at in reversed(lost):
        for column in columns:
            del column[at]
    for name, values in zip(_COLUMNS, columns, strict=True):
        getattr(into, name).extend(values)


def _odd_ones(columns: Sequence[Sequence[object]]) -> list[int]:
    """Where a date, an amount, a balance, a value date or a time is not written plainly."""
    odd = {
        at
        for column in columns
        if None in column
        for at, value in enumerate(column)
        if value is None
    }
    return sorted(odd)


def _column(block: Block, role: str) -> Sequence[str]:
    return block.texts(role) or [""] * len(block)


@cache
def _dates(order: str, near: date | None) -> Callable[[str], int | None]:
    """Printed date -> its ordinal, 0 for no text, None for what is no date."""

    @cache
    def ordinal(text: str) -> int | None:
        try:
            return parse_date(text, where="", order=order, near=near).toordinal() if text else 0
        except Refused:
            return None

    return ordinal


@cache
def _clock(text: str) -> str | None:
    """Printed time of day -> by ISO 8601, "" for no text, None for what is none."""
    try:
        return parse_time(text, where="").isoformat() if text else ""
    except Refused:
        return None


def _amounts(block: Block, how: Convention) -> tuple[list[int | None], list[int]]:
    """The amounts into the account, None where they are not plain; and which are in red."""
    black = [0] * len(block)
    empty: list[str | float] = [""] * len(block)
    if "debit" in block.cells or "credit" in block.cells:
        debits, credits = (
            figures(block.cells.get(side, empty), how.currency) for side in ("debit", "credit")
        )
        return [_one_of(*pair) for pair in zip(debits, credits, strict=True)], black
    plain = figures(block.cells.get("amount", empty), how.currency)
    amounts = [each if isinstance(each, int) else None for each in plain]
    if any(block.outgoing):
        return [None] * len(block), black
    if how.flag:
        factors = map(_factor, _column(block, how.flag))
        pairs = zip(amounts, factors, strict=True)
        if how.has_signed_flags:
            return [a if f and a is not None and a * f >= 0 else None for a, f in pairs], black
        return [a * f if f and a is not None and a >= 0 else None for a, f in pairs], black
    if how.is_debt:
        amounts = [None if each is None else -each for each in amounts]
    return amounts, black


def _one_of(debit: int | str, credit: int | str) -> int | None:
    """The amount of two cells of which one is a figure above zero and the other is empty."""
    if debit == "":
        return credit if isinstance(credit, int) and credit > 0 else None
    if credit == "" and isinstance(debit, int) and debit > 0:
        return -debit
    return None


@cache
def _factor(flag: str) -> int:
    """1 for credit, -1 for debit, 0 for a flag that says neither."""
    return {"credit": 1, "debit": -1, None: 0}[side_of(flag)]


def _balances(block: Block, currency: str) -> list[int | None]:
    """The printed balances, `NO_BALANCE` where none is printed, None where it is not plain."""
    plain = figures(block.cells.get("balance") or [""] * len(block), currency)
    return [NO_BALANCE if each == "" else each if each.__class__ is int else None for each in plain]


def movement_of(
    row: Row, how: Convention, flaws: list[Refused]
) -> tuple[int, int, int, int, int, str]:
    """
    One row in the order of the columns of `Movements`. A balance that cannot be read is a
    flaw; anything else that cannot be raises it.
    """
    where = row.place
    amount, is_red = _movement_of(row, how)
    on = parse_date(row.date, where=where, order=how.order, near=how.near)
    value = row.cells.get("value_date", "")
    value_on = value and parse_date(value, where=where, order=how.order, near=how.near)
    clock = row.cells.get("time", "")
    at = parse_time(clock, where=where).isoformat() if clock else ""
    try:
        balance = _units(row, "balance", how) if _filled(row, "balance") else NO_BALANCE
    except Refused as flaw:
        flaws.append(flaw)
        balance = NO_BALANCE
    value_date = value_on.toordinal() if value_on else 0
    return on.toordinal(), amount, int(is_red), balance, value_date, at


def _filled(row: Row, role: str) -> str:
    """What a cell of figures holds; a dash or a stroke is nothing."""
    text = row.cells.get(role, "")
    return "" if text in NOTHING else text


def _units(row: Row, role: str, how: Convention) -> int:
    """
    The figure of a cell in minor units; where figures are debt, one marked CR is less of it.

    Raises Refused when it cannot be read.
    """
    text = _filled(row, role)
    units = amount_units(text, currency=how.currency, where=row.place)
    return -units if how.is_debt and _MARKED.search(unified(text)) else units


def _movement_of(row: Row, how: Convention) -> tuple[int, bool]:
    """The amount into the account, and whether it is in red."""
    if "debit" in row.cells or "credit" in row.cells:
        return _from_columns(row, how)
    amount = _units(row, "amount", how)
    if how.flag:
        flag = row.cells.get(how.flag, "")
        if is_neutral(flag):
            raise Neutral("NEUTRAL_ROW", where=row.place, flag=flag, amount=_filled(row, "amount"))
        side = side_of(flag)
        if side is None:
            raise Refused("SIGN_UNKNOWN", where=row.place, amount=_filled(row, "amount"))
        if how.has_signed_flags and amount:
            if (amount < 0) != (side == "debit"):
                raise Refused("AMOUNT_TWO_SIGNS", where=row.place, text=_filled(row, "amount"))
            return amount, False
        return (amount if side == "credit" else -amount), amount < 0
    if row.is_outgoing:
        return (amount if how.has_signed_outgoing else -amount), False
    return (-amount if how.is_debt else amount), False


def _from_columns(row: Row, how: Convention) -> tuple[int, bool]:
    """A negative figure in the debit or the credit column is 红字: the other direction."""
    sides = {}
    for side, mark in _OWN_MARK.items():
        text = mark.sub("", unified(_filled(row, side)))
        if text:
            sides[side] = amount_units(text, currency=how.currency, where=row.place)
    if all(sides.get(side) for side in ("debit", "credit")):
        raise Refused("TWO_COLUMNS_FILLED", where=row.place)
    if not sides:
        return _units(row, "amount", how), False
    side = max(sides, key=lambda each: abs(sides[each]))
    amount = sides[side]
    if side == "debit" and how.has_signed_debits:
        return amount, False
    return (amount if side == "credit" else -amount), amount < 0
