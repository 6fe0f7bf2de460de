"""How an item compares with those of its kind that were booked before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlalchemy as sa

from clerkwork.facts import Instruction
from clerkwork.run.items import instruction_of
from clerkwork.run.office import Office
from clerkwork.store.tables import items

LOOKED_AT = 500  # confirmed items that are compared with, the latest
FEW = 3  # of fewer nothing is usual


@dataclass(frozen=True)
class Usual:
    """
    The confirmed items of the same kind, target and currency, in whole minor units.

    `times` is the item's amount over their median, to one decimal, None for too few;
    `new_accounts` are those of its accounts that none of the target's items had.
    """

    count: int
    median: int = 0
    least: int = 0
    most: int = 0
    times: Decimal | None = None
    new_accounts: tuple[str, ...] = ()

    def is_outside(self, amount_minor: int) -> bool:
        """Whether the amount is more than all before, or less."""
        return self.count >= FEW and not self.least <= amount_minor <= self.most


def usual(office: Office, row: Any) -> Usual:
    """What is usual for an item like that of `row`, from what was confirmed before."""
    same_target = (
        (items.c.target == row.target)
        & (items.c.state == "confirmed")
        & (items.c.environment == row.environment)
        & (items.c.id != row.id)
    )
    latest = sa.select(items).where(same_target).order_by(items.c.updated_at.desc())
    alike = latest.where(items.c.kind == row.kind, items.c.currency == row.currency)
    with office.store.connect() as conn:
        known = [instruction_of(one) for one in conn.execute(latest.limit(LOOKED_AT))]
        amounts = sorted(one.amount_minor for one in conn.execute(alike.limit(LOOKED_AT)))
    new = _new_accounts(instruction_of(row), known)
    if not amounts:
        return Usual(0, new_accounts=new)
    median = _median(amounts)
    times = None
    if len(amounts) >= FEW and median:
        times = (Decimal(row.amount_minor) / median).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return Usual(len(amounts), median, amounts[0], amounts[-1], times, new)


def _median(amounts: Sequence[int]) -> int:
    """The middle one; of two the lower, so that it is an amount that was booked."""
    return amounts[(len(amounts) - 1) // 2]


def _new_accounts(instruction: Instruction, known: Sequence[Instruction]) -> tuple[str, ...]:
    if not known:
        return ()
    before = {account for one in known for account in _accounts(one)}
    return tuple(dict.fromkeys(one for one in _accounts(instruction) if one not in before))


def _accounts(instruction: Instruction) -> list[str]:
    return [
        value for name, value in instruction.fields.items() if name.endswith("account") and value
    ]
