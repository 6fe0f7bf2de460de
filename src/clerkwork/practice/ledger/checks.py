"""What the ledger checks of a voucher, on the server, before it stores anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from clerkwork.practice.ledger.accounts import ACCOUNTS, CURRENCIES, takes
from clerkwork.practice.ledger.books import Draft
from clerkwork.practice.ledger.notices import Rejected

LENGTHS = {
    "accounting_date": 10,
    "debit_account": 10,
    "credit_account": 10,
    "currency": 3,
    "amount": 20,
    "colour": 4,
    "original_voucher": 20,
    "narrative": 60,
    "reference": 16,
}
_MAY_BE_EMPTY = {"original_voucher"}
_LARGEST_MINOR = 9_999_999_999_999_99
_AMOUNT = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d{1,2})?", re.ASCII)


def draft_of(form: Mapping[str, str], *, first: date, last: date) -> Draft:
    """
    The voucher that `form` describes. Raises Rejected; the first wrong field is named.

    `first` and `last` are the accounting dates that are open, both ends included.
    """
    typed = {field: form.get(field, "").strip(" ") for field in LENGTHS}
    for field, value in typed.items():
        _check_text(field, value)
    _check_date(typed["accounting_date"], first, last)
    _check_accounts(typed["debit_account"], typed["credit_account"], typed["currency"])
    minor = _minor(typed["amount"])
    _check_colour(typed["colour"], minor, typed)
    return Draft(amount_minor=minor, **{k: v for k, v in typed.items() if k != "amount"})


def _check_text(field: str, value: str) -> None:
    if not value and field not in _MAY_BE_EMPTY:
        raise Rejected("LG1011", field=field)
    if len(value) > LENGTHS[field]:
        raise Rejected("LG1012", field=field)
    if not value.isprintable() or "\ufffd" in value:
        raise Rejected("LG1013", field=field)


def _check_date(text: str, first: date, last: date) -> None:
    try:
        on = date.fromisoformat(text)
    except ValueError:
        raise Rejected("LG1004", value=text) from None
    if text != on.isoformat() or not first <= on <= last:
        raise Rejected("LG1004", value=text)


def _check_accounts(debit: str, credit: str, currency: str) -> None:
    if currency not in CURRENCIES:
        raise Rejected("LG1006", value=currency)
    for account in (debit, credit):
        if account not in ACCOUNTS:
            raise Rejected("LG1007", value=account)
        if not takes(account, currency):
            raise Rejected("LG1014", value=account)
    if debit == credit:
        raise Rejected("LG1008", value=debit)


def _minor(text: str) -> int:
    if not _AMOUNT.fullmatch(text):
        raise Rejected("LG1005", value=text)
    minor = int(Decimal(text.replace(",", "")).scaleb(2))
    if abs(minor) > _LARGEST_MINOR:
        raise Rejected("LG1005", value=text)
    return minor


def _check_colour(colour: str, minor: int, typed: Mapping[str, str]) -> None:
    if colour not in ("blue", "red"):
        raise Rejected("LG1015", value=colour)
    if (minor < 0) != (colour == "red") or minor == 0:
        raise Rejected("LG1010", value=typed["amount"])
    if colour == "red" and not typed["original_voucher"]:
        raise Rejected("LG1009")
