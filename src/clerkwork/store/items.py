"""The one way an item changes its state (design, section 6)."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.store.tables import item_states, items

# in_doubt -> keyed is ours: a look-up may find the voucher held (待授权) by the target.
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "new": ("waiting", "approved", "refused"),
    "waiting": ("approved", "refused", "new"),
    "approved": ("keying", "abandoned"),
    "keying": ("keyed", "confirmed", "in_doubt", "excepted", "approved"),
    "keyed": ("confirmed", "excepted"),
    "in_doubt": ("confirmed", "keyed", "approved", "excepted"),
    "excepted": ("approved", "confirmed", "abandoned"),
    "confirmed": (),
    "refused": (),
    "abandoned": (),
}


def move(conn: sa.Connection, item_id: str, to: str, *, by: str, why: str) -> int:
    """
    Move the item to state `to` within the caller's transaction; gives its new version.

    Raises Refused ITEM_STATE when the design has no such transition.
    """
    row = conn.execute(
        sa.select(items.c.state, items.c.version).where(items.c.id == item_id)
    ).one()
    if to not in TRANSITIONS[row.state]:
        raise Refused("ITEM_STATE", where=item_id, state=row.state, to=to)
    now = datetime.now(UTC)
    version: int = row.version + 1
    moved = conn.execute(
        sa.update(items)
        .where(items.c.id == item_id, items.c.version == row.version)
        .values(state=to, version=version, updated_at=now)
    )
    if moved.rowcount != 1:
        raise Refused("ITEM_CHANGED", where=item_id)
    conn.execute(
        sa.insert(item_states).values(
            item_id=item_id,
            seq=version,
            from_state=row.state,
            to_state=to,
            by=by,
            at=now,
            why=why,
        )
    )
    return version
