"""Exact money: Decimal at the edges, whole minor units in columns, never a float."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from clerkwork.errors import Refused

# ISO 4217:2015, table A.1: the currencies whose exponent is not 2.
_EXPONENTS = {
    "BHD": 3, "BIF": 0, "CLF": 4, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3,
    "JPY": 0, "KMF": 0, "KRW": 0, "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3,
    "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip


def exponent(currency: str) -> int:
    """How many decimals `currency` (ISO 4217) has."""
    return _EXPONENTS.get(currency, 2)


def to_minor(amount: Decimal, currency: str) -> int:
    """
    `amount` in whole minor units of `currency`.

    Raises Refused AMOUNT_TOO_FINE when it has more decimals than the currency.

    >>> to_minor(Decimal("12.50"), "EUR")
    1250
    """
    scaled = amount.scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise Refused("AMOUNT_TOO_FINE", amount=str(amount), currency=currency)
    return int(scaled)


def from_minor(minor: int, currency: str) -> Decimal:
    """
    The amount that `minor` whole minor units of `currency` are, with all its decimals.

    >>> from_minor(1250, "EUR")
    Decimal('12.50')
    """
    return Decimal(minor).scaleb(-exponent(currency))


def exact(text: str, *, where: str = "") -> Decimal:
    """
    A plain decimal as our own files and screens' read-backs hold it: "-1234.50".

    Printed amounts ("1,234.50 DR") are `read.values.parse_amount`'s work.
    Raises Refused AMOUNT_UNREADABLE.
    """
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise Refused("AMOUNT_UNREADABLE", text=text, where=where) from None
    if not amount.is_finite():
        raise Refused("AMOUNT_UNREADABLE", text=text, where=where)
    return amount


def plain(amount: Decimal, currency: str) -> str:
    """
    `amount` with exactly the currency's decimals and no grouping, as it is keyed.

    >>> plain(Decimal("1234.5"), "USD")
    '1234.50'
    """
    return f"{from_minor(to_minor(amount, currency), currency):f}"


def grouped(amount: Decimal, currency: str) -> str:
    """
    `amount` for a person to read.

    >>> grouped(Decimal("-1234.5"), "USD")
    '-1,234.50'
    """
    return f"{from_minor(to_minor(amount, currency), currency):,f}"
