"""The one way a work item changes its state, and who has had a hand in it (design, section 6)."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.facts import Instruction, to_minor
from clerkwork.facts.codec import to_json
from clerkwork.store.tables import decisions, item_states, items, runs

# Two are not in the design. in_doubt -> keyed: a look-up may find that the target holds it
# (待授权). excepted -> new: a person mends the value that the target refused, and it is approved
# anew; should the target have it after all, the look-up before keying finds it.
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "new": ("waiting", "approved", "refused"),
    "waiting": ("approved", "refused", "new"),
    "approved": ("keying", "abandoned"),
    "keying": ("keyed", "confirmed", "in_doubt", "excepted", "approved"),
    "keyed": ("confirmed", "excepted"),
    "in_doubt": ("confirmed", "keyed", "approved", "excepted"),
    "excepted": ("approved", "confirmed", "abandoned", "new"),
    "confirmed": (),
    "refused": (),
    "abandoned": (),
}

_ID_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that a person mistakes for another
_ID_LENGTH = 8


def free_id(conn: sa.Connection, reference: str) -> str:
    """
    An id for the item with `reference`: its first characters after "CW", or others where
    those are taken (the same instruction in another environment).
    """
    item_id = reference[2 : 2 + _ID_LENGTH]
    while conn.execute(sa.select(items.c.id).where(items.c.id == item_id)).one_or_none():
        item_id = "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))
    return item_id


def lock_item(conn: sa.Connection, item_id: str) -> Any:
    """The item's row, which no other transaction changes until this one ends."""
    return conn.execute(sa.select(items).where(items.c.id == item_id).with_for_update()).one()


def move(
    conn: sa.Connection,
    item_id: str,
    to: str,
    *,
    by: str,
    why: str,
    at: datetime | None = None,
    version: int | None = None,
) -> int:
    """
    Move the item to state `to` within the caller's transaction; gives its new version.

    `version` is the one the caller has seen, where that matters. Raises Refused
    ITEM_STATE when the design has no such transition, ITEM_CHANGED when the item has
    moved on.
    """
    row = lock_item(conn, item_id)
    if version not in (None, row.version):
        raise Refused("ITEM_CHANGED", where=item_id)
    if to not in TRANSITIONS[row.state]:
        raise Refused("ITEM_STATE", where=item_id, state=row.state, to=to)
    now = at or datetime.now(UTC)
    moved = conn.execute(
        sa.update(items)
        .where(items.c.id == item_id, items.c.version == row.version)
        .values(state=to, version=row.version + 1, updated_at=now)
    )
    if moved.rowcount != 1:
        raise Refused("ITEM_CHANGED", where=item_id)
    conn.execute(
        sa.insert(item_states).values(
            item_id=item_id,
            seq=row.version + 1,
            from_state=row.state,
            to_state=to,
            by=by,
            at=now,
            why=why,
        )
    )
    return int(row.version) + 1


def edit(
    conn: sa.Connection,
    item_id: str,
    instruction: Instruction,
    *,
    needs: tuple[str, ...],
    by: str,
    why: str,
    at: datetime | None = None,
    version: int | None = None,
) -> None:
    """
    Give a waiting, new or excepted item another instruction; it is new, and its approvals are void.

    `needs` are the roles that must agree to it now, `version` the one the caller has seen,
    where that matters. Raises Refused ITEM_STATE, ITEM_CHANGED.
    """
    row = lock_item(conn, item_id)
    if version not in (None, row.version):
        raise Refused("ITEM_CHANGED", where=item_id)
    if row.state != "new":
        move(conn, item_id, "new", by=by, why=why, at=at)
    conn.execute(
        sa.update(items)
        .where(items.c.id == item_id)
        .values(
            instruction=to_json(instruction).decode(),
            digest=instruction.digest,
            kind=instruction.kind,
            amount_minor=to_minor(instruction.amount, instruction.currency),
            currency=instruction.currency,
            needs=list(needs),
            failure=None,
            edited_by=sorted({*row.edited_by, by}),
            updated_at=at or datetime.now(UTC),
        )
    )


def agreed(conn: sa.Connection, row: Any) -> list[tuple[str, str]]:
    """Who has agreed to the item as it stands now: (role, person), in order."""
    current = (
        (decisions.c.item_id == row.id)
        & (decisions.c.version == row.version)
        & (decisions.c.digest == row.digest)
        & (decisions.c.decision == "agree")
    )
    wanted = sa.select(decisions).where(current).order_by(decisions.c.id)
    return [(decision.role, decision.person) for decision in conn.execute(wanted)]


def has_a_hand_in(conn: sa.Connection, row: Any, person: str) -> bool:
    """Whether `person` started the item's run, edited the item, or agreed to it already."""
    starter = conn.execute(sa.select(runs.c.started_by).where(runs.c.id == row.run_id)).scalar_one()
    agreeing = (name for _role, name in agreed(conn, row))
    return person in (starter, *row.edited_by, *agreeing)
