"""The one place that every command and page asks whether a person may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.people.register import ROLES, Person, person_of
from clerkwork.store import Store
from clerkwork.store.items import has_a_hand_in
from clerkwork.store.tables import items, people

# Who may do what; what stands nowhere here, nobody may.
ACTIONS: dict[str, frozenset[str]] = {
    "start_run": frozenset({"operator", "maker"}),
    "rehearse": frozenset({"operator", "maker", "developer"}),
    "edit_item": frozenset({"maker"}),
    # what others must agree to before it counts: reversals, matches by hand, write-offs
    "correct": frozenset({"maker"}),
    "approve": frozenset({"checker", "authoriser", "manager"}),
    "agree_match": frozenset({"checker", "authoriser", "manager"}),
    "reject": frozenset({"checker", "authoriser", "manager"}),
    # assign, comment, have the target asked: nothing is keyed by it
    "settle": frozenset({"operator", "maker", "checker", "authoriser", "manager"}),
    # day-end balancing, and reconciliation statements
    "sign": frozenset({"operator", "maker"}),
    "countersign": frozenset({"checker", "authoriser", "manager"}),
    "schedule": frozenset({"operator", "maker", "manager"}),
    "stop_all": frozenset({"operator", "maker", "manager", "administrator"}),
    "pause_system": frozenset({"operator", "maker", "manager", "administrator"}),
    "stop_run": frozenset({"operator", "maker", "manager"}),
    "acknowledge_alert": frozenset(ROLES) - {"auditor"},  # who only looks has nothing in hand
    "test_alert": frozenset({"operator", "manager", "administrator"}),
    "practice": frozenset({"operator", "maker", "developer", "administrator"}),
    "verify_audit": frozenset({"auditor", "manager", "administrator"}),
    "manage_people": frozenset({"administrator"}),
    "see": frozenset(ROLES),
    # documents are kept as they came, account numbers and all
    "see_documents": frozenset(ROLES) - {"developer", "administrator"},
}


def is_able(person: Person, action: str) -> bool:
    """Whether some role of the person, as it was last read, may do `action` at all."""
    return not person.disabled and bool(ACTIONS.get(action, frozenset()) & set(person.roles))


@dataclass(frozen=True)
class Authoriser:
    """Says no by raising; asks the store each time, so that a change counts at once."""

    store: Store

    def may(
        self,
        person: Person,
        action: str,
        *,
        run: Any = None,
        item: Any = None,
        desk: str | None = None,
    ) -> None:
        """
        Nothing, when `person` may do `action`, to the row of a run or an item.

        `desk` is whose it is: the owner of the bot; None where it is nobody's in particular.

        Nobody approves an item of a run that they started, that they edited, or to which
        they have agreed already, in whatever role. To approve is asked about an item.
        Raises Refused NOT_ALLOWED, SELF_APPROVAL.
        """
        needed = ACTIONS.get(action, frozenset())
        with self.store.connect() as conn:
            wanted = sa.select(people).where(people.c.name == person.name)
            known = conn.execute(wanted).one_or_none()
            roles = set() if known is None or known.disabled else set(known.roles)
            roles &= set(person.roles)  # who came by a narrowed token has fewer
            if not needed & roles or (action == "approve" and item is None):
                able = ", ".join(sorted(needed)) or "-"
                raise Refused("NOT_ALLOWED", person=person.name, action=action, roles=able)
            if desk is not None and not person_of(known).works_at(desk):
                raise Refused("OTHER_DESK", person=person.name, desk=desk or "-")
            if action != "approve":
                return
            row = conn.execute(sa.select(items).where(items.c.id == item.id)).one()
            started = run is not None and run.started_by == person.name
            if started or has_a_hand_in(conn, row, person.name):
                raise Refused("SELF_APPROVAL", where=row.id, person=person.name)
