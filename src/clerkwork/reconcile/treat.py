"""Breaks into instructions, by the bank's treatments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from clerkwork.errors import Refused
from clerkwork.facts import Break, Instruction, Take, plain, reference_of
from clerkwork.reconcile.rules import Accounts, Treatment, Treatments, Voucher

TARGET = "ledger"
FORM = "voucher"


def instruct(
    item: Break,
    *,
    treatments: Treatments,
    accounts: Accounts,
    business_date: date,
    branch: str,
) -> tuple[Break, tuple[Instruction, ...]]:
    """
    The instructions that settle `item`, and the break with their references.

    Raises Refused NO_TREATMENT for a reason that the treatments do not know.
    """
    if item.reason not in treatments.treatments:
        raise Refused("NO_TREATMENT", reason=item.reason, where=item.entry.id)
    treatment = treatments.treatments[item.reason]
    made: dict[str, Instruction] = {}
    for voucher in treatment.vouchers:
        made[voucher.purpose] = _instruction(
            item, treatment, voucher, made, accounts, business_date, branch
        )
    references = tuple(instruction.reference for instruction in made.values())
    return replace(item, references=references), tuple(made.values())


def _instruction(
    item: Break,
    treatment: Treatment,
    voucher: Voucher,
    made: Mapping[str, Instruction],
    accounts: Accounts,
    business_date: date,
    branch: str,
) -> Instruction:
    currency = item.entry.currency
    amount = _amount(item, voucher)
    sources = _sources(item)
    reference = reference_of(TARGET, voucher.purpose, sources)
    debit, credit = _sides(item, voucher, amount, accounts)
    keyed = -abs(amount) if voucher.colour == "red" else abs(amount)
    takes = {}
    original = ""
    if voucher.original == "journal":
        original = f"{branch}-{item.entry.accounting_date:%Y%m%d}-{item.entry.origin.row:05}"
    elif voucher.original:
        takes["original_voucher"] = Take(made[voucher.original].reference, "number")
    return Instruction(
        target=TARGET,
        form=FORM,
        purpose=voucher.purpose,
        kind=voucher.kind,
        reference=reference,
        fields={
            "accounting_date": business_date.isoformat(),
            "debit_account": debit,
            "credit_account": credit,
            "currency": currency,
            "amount": plain(keyed, currency),
            "colour": voucher.colour,
            "original_voucher": original,
            "narrative": _narrative(item, treatment, voucher, reference, business_date),
            "reference": reference,
        },
        sources=sources,
        amount=abs(amount),
        currency=currency,
        reason=item.reason,
        after=(made[voucher.after].reference,) if voucher.after else (),
        takes=takes,
    )


def _sources(item: Break) -> tuple[str, ...]:
    counterpart = (item.counterpart.id,) if item.counterpart else ()
    return (item.entry.id, *counterpart)


def _amount(item: Break, voucher: Voucher) -> Decimal:
    """The signed amount that the voucher is about."""
    if voucher.amount_of == "difference":
        return item.difference
    if voucher.amount_of == "entry":
        return item.entry.amount
    if item.counterpart is None:
        raise Refused("NO_COUNTERPART", reason=item.reason, where=item.entry.id)
    return item.counterpart.amount


def _sides(item: Break, voucher: Voucher, amount: Decimal, accounts: Accounts) -> tuple[str, str]:
    """Debit and credit account: what comes into an asset is debited, into a liability credited."""
    account = item.entry.account
    ours = accounts.accounts[account]
    name = voucher.in_ if amount > 0 else voucher.out
    other = ours.contra if name == "contra" else accounts.named[name]
    is_debit = (amount > 0) == (ours.side == "asset")
    return (account, other) if is_debit else (other, account)


def _narrative(
    item: Break, treatment: Treatment, voucher: Voucher, reference: str, business_date: date
) -> str:
    due = business_date + timedelta(days=treatment.due_days)
    return voucher.narrative.format(
        date=f"{business_date:%Y%m%d}",
        entry_reference=item.entry.reference,
        number=suspense_number(reference, business_date),
        owner=treatment.owner,
        due=f"{due:%Y%m%d}",
    )


def suspense_number(reference: str, business_date: date) -> str:
    """
    The number of a suspense item (挂账编号): day and the first characters of its reference.

    >>> suspense_number("CWABCD2345", date(2026, 6, 11))
    'GZ260611-ABCD23'
    """
    return f"GZ{business_date:%y%m%d}-{reference[2:8]}"
