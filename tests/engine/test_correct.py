"""The reversal of a booked instruction, by the bank's rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from clerkwork.errors import Refused
from clerkwork.facts import Instruction, Receipt, Take
from clerkwork.reconcile.correct import correcting, reversing
from clerkwork.reconcile.hand_rules import Reversal

RULE = Reversal(
    same_year="red", earlier_year="exchanged", kind="reversal", correction="correction",
    narrative="REVERSAL {number}",
)  # fmt: skip
FIELDS = {
    "accounting_date": "2026-06-11",
    "debit_account": "6421000001",
    "credit_account": "1011840001",
    "currency": "USD",
    "amount": "12.50",
    "colour": "blue",
    "original_voucher": "",
    "narrative": "BANK FEE",
    "reference": "CWAAAAAAAAAAAAAA",
}
WRONG = Instruction(
    "ledger", "voucher", "fee", "fee", "CWAAAAAAAAAAAAAA", FIELDS, ("e1",), Decimal("12.50"), "USD",
    after=("CWB",),
)  # fmt: skip
RECEIPT = Receipt("CWAAAAAAAAAAAAAA", "0755-20260611-0001", "posted", FIELDS)


def test_in_the_same_year_it_is_red() -> None:
    """The same sides, the amount below zero, naming the voucher that it takes back."""
    made = reversing(WRONG, RECEIPT, RULE, on=date(2026, 6, 12), number=1)

    changed = {name: value for name, value in made.fields.items() if value != FIELDS[name]}
    assert changed == {
        "accounting_date": "2026-06-12",
        "amount": "-12.50",
        "colour": "red",
        "original_voucher": "0755-20260611-0001",
        "narrative": "REVERSAL 0755-20260611-0001",
        "reference": made.reference,
    }
    assert (made.amount, made.signed_amount) == (Decimal("12.50"), Decimal("-12.50"))
    assert (made.kind, made.after, made.takes) == ("reversal", (), {})


def test_of_an_earlier_year_the_sides_are_exchanged() -> None:
    """Closed statements stay as they are: blue, the other way round."""
    made = reversing(WRONG, RECEIPT, RULE, on=date(2027, 1, 4), number=1)

    assert (made.fields["debit_account"], made.fields["credit_account"]) == (
        "1011840001",
        "6421000001",
    )
    assert (made.fields["amount"], made.fields["colour"]) == ("12.50", "blue")


def test_the_reversal_of_a_red_voucher_is_blue() -> None:
    """Minus of minus."""
    red = replace(WRONG, fields=FIELDS | {"amount": "-12.50", "colour": "red"})
    made = reversing(red, RECEIPT, RULE, on=date(2026, 6, 12), number=1)

    assert (made.fields["amount"], made.fields["colour"]) == ("12.50", "blue")


def test_each_is_known_by_its_own_reference() -> None:
    """The same one always under the same; the next after a refused one under another."""
    on = date(2026, 6, 12)
    references = [reversing(WRONG, RECEIPT, RULE, on=on, number=n).reference for n in (1, 1, 2)]

    assert references[0] == references[1] != references[2]
    assert WRONG.reference not in references


def test_what_has_no_two_sides_is_not_turned_round() -> None:
    """A letter or a task is no voucher."""
    letter = replace(WRONG, fields={"to": "somebody"})
    with pytest.raises(Refused, match="NOT_REVERSIBLE"):
        reversing(letter, RECEIPT, RULE, on=date(2026, 6, 12), number=1)


def test_what_is_right_follows_the_reversal_and_names_its_voucher() -> None:
    """Keyed only once the wrong one is taken back; it is another voucher with its own reference."""
    reversal = reversing(WRONG, RECEIPT, RULE, on=date(2026, 6, 12), number=1)
    right = replace(WRONG, fields=FIELDS | {"amount": "21.50"}, amount=Decimal("21.50"))
    made = correcting(right, reversal, RULE, on=date(2026, 6, 12))

    assert ((reversal.reference,), "correction") == (made.after, made.kind)
    assert {"original_voucher": Take(reversal.reference, "number")} == made.takes
    assert ("21.50", "blue", "2026-06-12") == tuple(
        made.fields[name] for name in ("amount", "colour", "accounting_date")
    )
    assert 3 == len({WRONG.reference, reversal.reference, made.reference})
