"""The keying journal: intents, durable before the first keystroke."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from clerkwork.facts import Instruction
from clerkwork.store import Store
from clerkwork.store.tables import intents

Record = Callable[..., object]


@dataclass(frozen=True)
class Journal:
    """
    Intents of one item by one executor.

    `record` writes the audit event: it raises when it cannot, so there is no
    keystroke without a record.
    """

    store: Store
    item_id: str
    executor: str
    record: Record
    clock: Callable[[], datetime]

    def intend(self, instruction: Instruction) -> None:
        """Make durable what is about to be keyed: target, reference, digest of the fields."""
        self.record(
            "item.intended",
            item=self.item_id,
            target=instruction.target,
            reference=instruction.reference,
            digest=instruction.digest,
        )
        with self.store.begin() as conn:
            conn.execute(
                sa.insert(intents).values(
                    item_id=self.item_id,
                    reference=instruction.reference,
                    target=instruction.target,
                    fields_digest=instruction.digest,
                    executor=self.executor,
                    at=self.clock(),
                )
            )

    def settle(self, instruction: Instruction, outcome: str) -> None:
        """Write what became of the open intents of `instruction`."""
        open_intents = (intents.c.reference == instruction.reference) & intents.c.outcome.is_(None)
        with self.store.begin() as conn:
            conn.execute(
                sa.update(intents)
                .where(open_intents, intents.c.target == instruction.target)
                .values(outcome=outcome, outcome_at=self.clock())
            )
