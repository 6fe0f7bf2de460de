"""A difference that nobody will book any more, written off by the bank's rule: one voucher."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from clerkwork.errors import Refused
from clerkwork.facts import Break, Instruction
from clerkwork.reconcile.hand_rules import WriteOff
from clerkwork.reconcile.rules import Accounts, Treatment, Treatments, Voucher
from clerkwork.reconcile.treat import instruct


def rule_for(item: Break, rules: Sequence[WriteOff]) -> WriteOff:
    """The first rule that is for such a break. Raises Refused NO_WRITE_OFF."""
    currency = item.entry.currency
    for rule in rules:
        most = rule.up_to.get(currency)
        is_small = most is not None and abs(item.difference) <= most
        if is_small and item.reason in rule.reasons and item.books == "ours":
            return rule
    raise Refused(
        "NO_WRITE_OFF",
        where=item.entry.id,
        reason=item.reason,
        difference=str(item.difference),
        currency=currency,
    )


def writing_off(
    item: Break, rule: WriteOff, *, accounts: Accounts, on: date, number: int
) -> tuple[Break, Instruction]:
    """
    The voucher that writes the break off, booked for `on`, and the break with its reference.

    `number` is the how many-th such voucher it is, from 1: one that was refused is not the
    same as the next.
    """
    voucher = Voucher.model_validate(
        {
            "purpose": f"write_off:{rule.name}:{number}",
            "kind": rule.kind,
            "amount_of": "difference",
            "in": rule.in_,
            "out": rule.out,
            "narrative": rule.narrative,
        }
    )
    treatment = Treatment(en=rule.en, zh=rule.zh, vouchers=(voucher,))
    settled, (instruction,) = instruct(
        item,
        treatments=Treatments(treatments={item.reason: treatment}, reasons={}),
        accounts=accounts,
        business_date=on,
        branch="",
    )
    return settled, instruction
