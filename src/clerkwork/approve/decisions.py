"""A person's yes or no, bound to the digest of what they saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import sqlalchemy as sa

from clerkwork.approve.policy import role_of
from clerkwork.errors import Refused
from clerkwork.store import Store
from clerkwork.store.items import agreed, has_a_hand_in, lock_item, move
from clerkwork.store.tables import decisions

MOVES = {"send_back": "new", "refuse": "refused"}  # where those who do not agree send it

Record = Callable[..., object]
Said = tuple[str, str]  # role, person
Then = Callable[[sa.Connection, str], object]


class Decider(Protocol):
    """A person, as far as a decision goes."""

    @property
    def name(self) -> str:
        """What they sign in with."""
        ...

    @property
    def roles(self) -> tuple[str, ...]:
        """Their roles."""
        ...


def decide(
    store: Store,
    item: Any,
    person: Decider,
    decision: str,
    why: str,
    *,
    record: Record,
    then: Then = lambda _conn, _state: None,
    now: datetime | None = None,
) -> str:
    """
    Write the decision of `person` ("agree", "send_back" or "refuse") on the row `item`
    that they saw, and move the item once all who must agree have; gives its state.

    All in one transaction: `record` appends the audit event, `then` gets the connection
    and the new state, to queue what follows. Raises Refused ITEM_CHANGED when the item
    is no longer what was seen, ITEM_STATE when it does not wait, SELF_APPROVAL,
    ROLE_NOT_NEEDED, WHY_MISSING.
    """
    if decision not in ("agree", *MOVES):
        raise ValueError(f"{decision!r} is not a decision")
    if decision != "agree" and not why.strip():
        raise Refused("WHY_MISSING", where=item.id)
    at = now or datetime.now(UTC)
    with store.begin() as conn:
        row = lock_item(conn, item.id)
        _is_what_was_seen(row, item, decision)
        role = _role(conn, row, person, decision)
        conn.execute(
            sa.insert(decisions).values(
                item_id=row.id,
                version=row.version,
                person=person.name,
                role=role,
                decision=decision,
                digest=row.digest,
                why=why,
                at=at,
            )
        )
        state = MOVES.get(decision) or ("waiting" if _open_needs(conn, row) else "approved")
        if state != row.state:
            move(conn, row.id, state, by=person.name, why=why or decision, at=at)
        then(conn, state)
        record(
            "item.decided",
            run=row.run_id,
            item=row.id,
            by=person.name,
            role=role,
            decision=decision,
            digest=row.digest,
            why=why,
        )
    return state


def may_agree(row: Any, person: Decider, started_by: str, agreed_by: Sequence[Said]) -> bool:
    """
    Whether a word of `person` is still needed on the waiting item, in which they have no hand.

    `agreed_by` are the (role, person) who have agreed to it as it stands now.
    """
    has_hand = person.name in (started_by, *row.edited_by, *(name for _, name in agreed_by))
    still = (need for need in row.needs if not any(_is_met(need, *by) for by in agreed_by))
    return not has_hand and any(_is_able(need, person) for need in still)


def _is_what_was_seen(row: Any, item: Any, decision: str) -> None:
    if row.digest != item.digest:
        raise Refused("ITEM_CHANGED", where=row.id)
    if row.state != "waiting":
        to = MOVES.get(decision, "approved")
        raise Refused("ITEM_STATE", where=row.id, state=row.state, to=to)
    if row.version != item.version:  # it went away and came back: what was said of it is void
        raise Refused("ITEM_CHANGED", where=row.id)


def _role(conn: sa.Connection, row: Any, person: Decider, decision: str) -> str:
    """In which role the person decides: one that is still needed, unless they say no."""
    if decision == "agree":
        if has_a_hand_in(conn, row, person.name):
            raise Refused("SELF_APPROVAL", where=row.id, person=person.name)
        candidates = _open_needs(conn, row)
    else:
        candidates = row.needs
    for need in candidates:
        if _is_able(need, person):
            return role_of(need)
    able = ", ".join(candidates)
    raise Refused("ROLE_NOT_NEEDED", where=row.id, person=person.name, needs=able)


def _open_needs(conn: sa.Connection, row: Any) -> list[str]:
    """The needs of the item that nobody has agreed for yet."""
    done = agreed(conn, row)
    return [need for need in row.needs if not any(_is_met(need, *by) for by in done)]


def _is_able(need: str, person: Decider) -> bool:
    """Whether the word of `person` can meet `need`."""
    return role_of(need) in person.roles and _is_met(need, role_of(need), person.name)


def _is_met(need: str, role: str, person: str) -> bool:
    """Whether the word of `person` in `role` meets `need`."""
    return need in (role, f"{role}:{person}")
