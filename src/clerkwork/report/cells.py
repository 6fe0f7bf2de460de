"""
Typed writers of worksheet cells: what a cell is comes from its column, never from its text.

openpyxl takes a text that begins with "=" for a formula and "#N/A" for an error;
a counterparty's text must never become either.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment

from clerkwork.facts import exponent, grouped, plain

# A spreadsheet keeps 15 significant digits; a longer amount is written as text, exactly.
_EXACT_DIGITS = 15
_LONGEST_TEXT = 32_767


def put_text(cell: Cell, text: str) -> None:
    """`text` as text, whatever it looks like; control characters become "�"."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("�", text)[:_LONGEST_TEXT]
    cell.data_type = "s"
    cell.number_format = "@"
    if text.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True


def put_amount(cell: Cell, amount: Decimal, currency: str) -> None:
    """`amount` as a number with the currency's decimals, red when below zero."""
    if len(amount.as_tuple().digits) > _EXACT_DIGITS:
        put_text(cell, shown(amount, currency))
        cell.alignment = Alignment(horizontal="right", vertical="top")
        return
    cell.value = Decimal(plain(amount, currency)) if currency else amount
    cell.number_format = amount_format(amount, currency)


def put_date(cell: Cell, on: date) -> None:
    """`on` as a date."""
    cell.value = on
    cell.number_format = "yyyy-mm-dd"


def put_count(cell: Cell, count: int) -> None:
    """`count` as a whole number."""
    cell.value = count
    cell.number_format = "#,##0"


def amount_format(amount: Decimal, currency: str) -> str:
    """The number format of `currency`; without one, of the amount's own decimals."""
    places = exponent(currency) if currency else decimals(amount)
    figure = "#,##0" + ("." + "0" * places if places else "")
    return f"{figure};[Red]-{figure}"


def shown(amount: Decimal, currency: str) -> str:
    """`amount` for a person to read, in text."""
    return grouped(amount, currency) if currency else f"{amount:,f}"


def decimals(amount: Decimal) -> int:
    """How many decimals `amount` is written with."""
    scale = amount.as_tuple().exponent
    return max(0, -scale) if isinstance(scale, int) else 0
