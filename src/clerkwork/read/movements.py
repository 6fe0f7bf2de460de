"""From rows to entries: the sign from the column or a printed sign, never from a balance."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from clerkwork.errors import Refused
from clerkwork.facts import Entry, Origin
from clerkwork.read.draft import Row
from clerkwork.read.values import parse_amount, parse_date, parse_time, unified
from clerkwork.read.vocabulary import side_of

_OWN_MARK = {
    "debit": re.compile(r"\s*(?:DR?|借)\.?$", re.IGNORECASE),
    "credit": re.compile(r"\s*(?:CR?|贷)\.?$", re.IGNORECASE),
}
_EMPTY = re.compile(r"[-/–—]*")


@dataclass(frozen=True)
class Convention:
    """
    How one document writes its rows.

    `flag` is the role of the column that says debit or credit; `is_debt` that amounts
    and balances are what the holder owes; `has_signed_debits` that the debit column
    repeats the minus; `order` and `near` decide dates that may be read two ways or have
    no year.
    """

    account: str
    currency: str
    source: str = ""  # digest of the document
    order: str = ""
    near: date | None = None
    flag: str = ""
    is_debt: bool = False
    has_signed_debits: bool = False


def flag_of(rows: Sequence[Row]) -> str:
    """The role of the column that says debit or credit: "flag", "type" or none."""
    if any("flag" in row.cells for row in rows):
        return "flag"
    if rows and all(side_of(row.cells.get("type", "")) for row in rows):
        return "type"
    return ""


def place(row: Row) -> str:
    """Where a row stands, as problems name it."""
    return f"p{row.page} r{row.row}"


def entry_of(row: Row, how: Convention) -> Entry:
    """
    The entry that a row is. Raises Refused when its date or amount cannot be read.

    The balance is left out: `balance_of` reads it.
    """
    where = place(row)
    clock = row.cells.get("time", "")
    amount, is_red = _movement(row, how)
    value = row.cells.get("value_date", "")
    texts = [row.cells.get("text", "")]
    if how.flag != "type":
        texts.insert(0, row.cells.get("type", ""))
    return Entry(
        account=how.account,
        accounting_date=parse_date(row.date, where=where, order=how.order, near=how.near),
        currency=how.currency,
        amount=amount,
        reference=row.cells.get("reference", "").replace(" ", ""),
        text=" ".join(text for text in texts if text),
        counterparty=row.cells.get("counterparty", ""),
        value_date=(
            parse_date(value, where=where, order=how.order, near=how.near) if value else None
        ),
        time=parse_time(clock, where=where) if clock else None,
        red=is_red,
        origin=Origin(how.source, row.page, row.row),
    )


def balance_of(row: Row, how: Convention) -> Decimal | None:
    """The balance printed on the row. Raises Refused when it cannot be read."""
    text = _filled(row, "balance")
    return parse_amount(text, currency=how.currency, where=place(row)) if text else None


def _filled(row: Row, role: str) -> str:
    """What a cell of figures holds; a dash or a stroke is nothing."""
    text = row.cells.get(role, "")
    return "" if _EMPTY.fullmatch(text) else text


def _movement(row: Row, how: Convention) -> tuple[Decimal, bool]:
    """The amount into the account, and whether it is in red."""
    if "debit" in row.cells or "credit" in row.cells:
        return _from_columns(row, how)
    amount = parse_amount(_filled(row, "amount"), currency=how.currency, where=place(row))
    if how.flag:
        side = side_of(row.cells.get(how.flag, ""))
        if side is None:
            raise Refused("SIGN_UNKNOWN", where=place(row), amount=amount)
        return (amount if side == "credit" else -amount), amount < 0
    if row.is_outgoing:
        return -abs(amount), False
    return (-amount if how.is_debt else amount), False


def _from_columns(row: Row, how: Convention) -> tuple[Decimal, bool]:
    """A negative figure in the debit or the credit column is 红字: the other direction."""
    sides = {}
    for side, mark in _OWN_MARK.items():
        text = mark.sub("", unified(_filled(row, side)))
        if text:
            sides[side] = parse_amount(text, currency=how.currency, where=place(row))
    if all(sides.get(side) for side in ("debit", "credit")):
        raise Refused("TWO_COLUMNS_FILLED", where=place(row))
    if not sides:
        return parse_amount(_filled(row, "amount"), currency=how.currency, where=place(row)), False
    side = max(sides, key=lambda each: abs(sides[each]))
    amount = sides[side]
    if side == "debit" and how.has_signed_debits:
        return amount, False
    return (amount if side == "credit" else -amount), amount < 0


def repeats_minus(rows: Sequence[Row]) -> bool:
    """Whether the debit column could be one that repeats the minus: three figures, all negative."""
    debits = [unified(text) for row in rows if (text := _filled(row, "debit"))]
    figures = [text for text in debits if re.search("[1-9]", text)]
    return len(figures) >= 3 and all(text.startswith(("-", "(")) for text in figures)
