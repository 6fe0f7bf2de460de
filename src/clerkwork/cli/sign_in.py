"""Who is at the command line, and whether they may."""

from __future__ import annotations

from typing import Any

from clerkwork.people import Authoriser, Person, current_person
from clerkwork.run.office import Office


def signed_in(office: Office, action: str, *, run: Any = None, item: Any = None) -> Person:
    """
    The signed-in person, who may do `action`.

    Raises Refused NOT_SIGNED_IN, NOT_ALLOWED, SELF_APPROVAL.
    """
    person = current_person(office.store, office.workspace.home)
    Authoriser(office.store).may(person, action, run=run, item=item)
    return person
