"""People: who they are, how they prove it, and what each may do."""

from clerkwork.people.authoriser import ACTIONS, Authoriser
from clerkwork.people.register import (
    ROLES,
    Person,
    add_person,
    disable_person,
    display_name,
    find_person,
    list_people,
)
from clerkwork.people.signing_in import (
    current_person,
    issue_token,
    revoke_token,
    session_file,
    sign_in,
    token_owner,
)

__all__ = [
    "ACTIONS",
    "ROLES",
    "Authoriser",
    "Person",
    "add_person",
    "current_person",
    "disable_person",
    "display_name",
    "find_person",
    "issue_token",
    "list_people",
    "revoke_token",
    "session_file",
    "sign_in",
    "token_owner",
]
