"""Instructions: what is to be keyed, and what the target showed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from clerkwork.facts.identity import digest


@dataclass(frozen=True)
class Take:
    """A field whose value comes from the receipt of another instruction."""

    reference: str
    receipt_field: str


@dataclass(frozen=True)
class Instruction:
    """
    What is to be keyed, once.

    `fields` are what the form gets, as text, in the order they are typed; `sources`
    the ids of the entries or documents it comes from; `reference` is
    `facts.identity.reference_of(target, purpose, sources)`. `after` names references
    that must be confirmed first; `takes` fills fields from their receipts.
    `kind` and `amount` are what policy looks at: "fee", "reversal", "suspense", ...
    """

    target: str
    form: str
    purpose: str
    kind: str
    reference: str
    fields: Mapping[str, str]
    sources: tuple[str, ...]
    amount: Decimal
    currency: str
    reason: str = ""
    after: tuple[str, ...] = ()
    takes: Mapping[str, Take] = field(default_factory=dict)

    @property
    def signed_amount(self) -> Decimal:
        """The amount as it is keyed: below zero on a red voucher."""
        is_below = self.fields.get("amount", "").startswith("-")
        return -abs(self.amount) if is_below else abs(self.amount)

    @property
    def digest(self) -> str:
        """What a decision is bound to: everything that will be keyed."""
        fields = [part for pair in self.fields.items() for part in pair]
        takes = [f"{k}={t.reference}.{t.receipt_field}" for k, t in sorted(self.takes.items())]
        return digest(self.target, self.form, self.reference, *fields, *takes, *self.after)


@dataclass(frozen=True)
class Receipt:
    """
    What the target showed when it was read back by reference.

    `state` is "posted", "held" (待授权), or "draft" (草稿) for what is not booked yet;
    `fields` has the target's own values by the instruction's field names; `number` is
    the target's own voucher number.
    """

    reference: str
    number: str
    state: str
    fields: Mapping[str, str]
