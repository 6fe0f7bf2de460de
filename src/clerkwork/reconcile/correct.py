"""What was keyed wrongly, taken back and keyed right: the instructions for both."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from clerkwork.errors import Refused
from clerkwork.facts import Instruction, Receipt, Take, exact, plain, reference_of
from clerkwork.reconcile.hand_rules import Reversal

_NEEDED = ("accounting_date", "debit_account", "credit_account", "amount", "reference")


def reversing(
    wrong: Instruction, receipt: Receipt, rule: Reversal, *, on: date, number: int
) -> Instruction:
    """
    The instruction that takes `wrong` back, which stands in the target as `receipt` shows.

    Red: the same sides and the amount below zero; exchanged: the sides the other way round.
    `on` is the accounting date that it is booked for, `number` the how many-th reversal of
    `wrong` it is, from 1: one that was refused is not the same as the next. Raises Refused
    NOT_REVERSIBLE when its form has no two sides.
    """
    if missing := [name for name in _NEEDED if name not in wrong.fields]:
        raise Refused("NOT_REVERSIBLE", where=wrong.reference, missing=", ".join(missing))
    booked = date.fromisoformat(wrong.fields["accounting_date"])
    how = rule.same_year if booked.year == on.year else rule.earlier_year
    if "colour" not in wrong.fields:  # the form knows no red
        how = "exchanged"
    purpose = f"{rule.kind}:{wrong.reference}:{number}"
    reference = reference_of(wrong.target, purpose, wrong.sources)
    fields = dict(wrong.fields) | {"accounting_date": on.isoformat(), "reference": reference}
    if how == "red":
        amount = -exact(wrong.fields["amount"])
        fields["amount"] = plain(amount, wrong.currency)
        fields["colour"] = "red" if amount < 0 else "blue"
    else:
        fields["debit_account"] = wrong.fields["credit_account"]
        fields["credit_account"] = wrong.fields["debit_account"]
    if "original_voucher" in fields:
        fields["original_voucher"] = receipt.number
    if "narrative" in fields:
        fields["narrative"] = rule.narrative.format(number=receipt.number)
    return replace(
        wrong,
        purpose=purpose,
        kind=rule.kind,
        reference=reference,
        fields=fields,
        after=(),
        takes={},
    )


def correcting(
    right: Instruction, reversal: Instruction, rule: Reversal, *, on: date
) -> Instruction:
    """
    The instruction that keys what should have been, `right`, once `reversal` is booked.

    It names the reversal's voucher as its original, where the form has a place for that.
    """
    purpose = f"{rule.correction}:{reversal.reference}"
    reference = reference_of(right.target, purpose, right.sources)
    fields = dict(right.fields) | {"accounting_date": on.isoformat(), "reference": reference}
    takes = {}
    if "original_voucher" in fields:
        fields["original_voucher"] = ""
        takes["original_voucher"] = Take(reversal.reference, "number")
    return replace(
        right,
        purpose=purpose,
        kind=rule.correction,
        reference=reference,
        fields=fields,
        after=(reversal.reference,),
        takes=takes,
    )
