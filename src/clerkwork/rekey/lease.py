"""The lease on (target, sign-on): one executor keys there at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from clerkwork.errors import Unavailable
from clerkwork.store import Store
from clerkwork.store.tables import leases

LASTS = timedelta(seconds=120)


@dataclass
class Lease:
    """
    A lease held by `holder`. It is taken and renewed by `hold`, which the keying
    protocol calls immediately before the committing key: a zombie finds out there.
    """

    store: Store
    target: str
    operator: str
    holder: str
    clock: Callable[[], datetime]
    epoch: int = 0

    def hold(self) -> None:
        """Take or renew the lease. Raises Unavailable LEASE_LOST when another has it."""
        now = self.clock()
        mine = (leases.c.target == self.target) & (leases.c.operator == self.operator)
        with self.store.begin() as conn:
            row = conn.execute(sa.select(leases).where(mine)).one_or_none()
            if row is None:
                self.epoch = 1
                conn.execute(
                    sa.insert(leases).values(
                        target=self.target,
                        operator=self.operator,
                        holder=self.holder,
                        epoch=1,
                        until=now + LASTS,
                    )
                )
                return
            taken_over = self.epoch and row.epoch != self.epoch
            held_by_other = row.holder != self.holder and row.until > now
            if taken_over or held_by_other:
                raise Unavailable("LEASE_LOST", target=self.target, operator=self.operator)
            self.epoch = row.epoch if row.holder == self.holder else row.epoch + 1
            conn.execute(
                sa.update(leases)
                .where(mine)
                .values(holder=self.holder, epoch=self.epoch, until=now + LASTS)
            )
