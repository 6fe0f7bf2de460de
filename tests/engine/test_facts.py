"""Money, identity and the JSON of facts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from clerkwork.errors import Refused
from clerkwork.facts import (
    Break,
    Entry,
    Instruction,
    Plan,
    Take,
    exact,
    from_minor,
    identified,
    plain,
    reference_of,
    to_minor,
)
from clerkwork.facts.codec import from_json, to_json

ENTRY = Entry(
    account="1011840001",
    accounting_date=date(2026, 6, 11),
    currency="USD",
    amount=Decimal("1.50"),
    reference="R1",
    text="DEPOSIT  Müller",
)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("12.50", "EUR", 1250), ("-7", "JPY", -7), ("1.234", "KWD", 1234), ("0.10", "CNY", 10)],
)
def test_minor_units_follow_the_currency(amount: str, currency: str, minor: int) -> None:
    """The exponent is the currency's own (ISO 4217), and back again nothing is lost."""
    assert minor == to_minor(Decimal(amount), currency)
    assert Decimal(amount) == from_minor(minor, currency)


def test_more_decimals_than_the_currency_has_are_refused() -> None:
    """Nothing is rounded silently."""
    with pytest.raises(Refused, match="AMOUNT_TOO_FINE"):
        plain(Decimal("1.005"), "USD")


@pytest.mark.parametrize("text", ["", "1,5", "NaN", "Infinity", "ten"])
def test_what_is_not_one_amount_is_refused(text: str) -> None:
    """An unreadable amount never becomes zero."""
    with pytest.raises(Refused, match="AMOUNT_UNREADABLE"):
        exact(text)


def test_an_entry_keeps_its_id_however_it_is_printed() -> None:
    """Spacing, width and case of the text, decimals of the amount and the page count nothing."""
    again = Entry(
        account="1011840001",
        accounting_date=date(2026, 6, 11),
        currency="USD",
        amount=Decimal("1.5"),
        reference="R1",
        text="Deposit ＭÜLLER",
    )

    assert identified([ENTRY])[0].id == identified([again])[0].id


def test_equal_entries_are_told_apart() -> None:
    """Two equal lines of a day are two lines of money."""
    first, second = identified([ENTRY, ENTRY])

    assert first.id != second.id


def test_a_reference_depends_on_sources_not_on_their_order() -> None:
    """The same day run again has the same references; another purpose has another."""
    assert reference_of("ledger", "fee", ["a", "b"]) == reference_of("ledger", "fee", ["b", "a"])
    assert reference_of("ledger", "fee", ["a"]) != reference_of("ledger", "reversal", ["a"])
    assert len(reference_of("ledger", "fee", ["a"])) == 16


def test_facts_survive_their_json() -> None:
    """What is kept as an artifact comes back the same, to the last decimal."""
    plan = Plan(
        business_date=date(2026, 6, 11),
        left=(ENTRY,),
        breaks=(Break("left", ENTRY, "unknown", "ours", Decimal("0.10"), date(2026, 6, 11)),),
        instructions=(
            Instruction(
                target="ledger",
                form="voucher",
                purpose="fee",
                kind="fee",
                reference="CW1",
                fields={"amount": "1.50"},
                sources=("s",),
                amount=Decimal("1.50"),
                currency="USD",
                takes={"original_voucher": Take("CW0", "number")},
            ),
        ),
        account_names={"1011840001": ("USD nostro", "存放同业美元")},
        timing_reasons=frozenset({"timing_ours"}),
    )

    assert plan == from_json(Plan, to_json(plan))


def test_a_changed_field_changes_what_was_approved() -> None:
    """A decision is bound to everything that will be keyed."""
    made = {
        field: Instruction(
            target="ledger",
            form="voucher",
            purpose="fee",
            kind="fee",
            reference="CW1",
            fields={"amount": field},
            sources=(),
            amount=Decimal(1),
            currency="USD",
        ).digest
        for field in ("1.00", "1.01")
    }

    assert made["1.00"] != made["1.01"]
