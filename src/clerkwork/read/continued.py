"""Drafts that are one statement: another account number stands on a page that goes on."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from clerkwork.errors import Refused
from clerkwork.read.draft import Draft
from clerkwork.read.rows import place
from clerkwork.read.values import parse_amount


def joined(drafts: Iterable[Draft]) -> list[Draft]:
    """
    The drafts, those as one of which the first does not close and the next begins with
    the balance that the first ends with; the number that differs is kept as a contradiction.
    """
    found: list[Draft] = []
    for draft in drafts:
        if found and _goes_on(found[-1], draft):
            found[-1] = _joined(found[-1], draft)
        else:
            found.append(draft)
    return found


def _goes_on(one: Draft, other: Draft) -> bool:
    ends = {mark.kind for mark in one.marks}
    if "closing" in ends or not one.rows or not other.rows or one.currency != other.currency:
        return False
    kinds = {mark.kind for mark in other.marks if mark.at == 0}
    carried = [mark.amount for mark in other.marks if mark.kind == "carried" and mark.at == 0]
    return "opening" not in kinds and bool(carried) and carried[0] == _last_balance(one)


def _last_balance(draft: Draft) -> Decimal | None:
    """The balance that the draft carries forward, else that of its last row."""
    carried = [m.amount for m in draft.marks if m.kind == "carried" and m.at == len(draft.rows)]
    if carried:
        return carried[-1]
    *_, last = draft.rows.blocks()
    text = last.row(len(last) - 1).cells.get("balance", "")
    try:
        return parse_amount(text, currency=draft.currency, where="")
    except Refused:
        return None


def _joined(one: Draft, other: Draft) -> Draft:
    if other.account not in ("", one.account):
        one.others[other.account] = place(next(iter(other.rows)).page, 0)
    one.take_in(other)
    return one
