"""Who is at the command line, and whether they may."""

from __future__ import annotations

from typing import Any

from clerkwork.people import Authoriser, Person, current_person
from clerkwork.run.office import Office
from clerkwork.workspace import desk_of


def signed_in(
    office: Office, action: str, *, bot: str = "", run: Any = None, item: Any = None
) -> Person:
    """
    The signed-in person, who may do `action` with the `bot`, or that of the `run`.

    Raises Refused NOT_SIGNED_IN, NOT_ALLOWED, OTHER_DESK, SELF_APPROVAL.
    """
    person = current_person(office.store, office.workspace.home)
    of_bot = bot or (run.bot if run is not None else "")
    desk = desk_of(office.workspace, of_bot) if of_bot else None
    Authoriser(office.store).may(person, action, run=run, item=item, desk=desk)
    return person
