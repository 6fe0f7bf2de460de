"""People: who they are, how they prove it, and what each may do."""

from clerkwork.people.authoriser import ACTIONS, Authoriser
from clerkwork.people.register import (
    EVERY_DESK,
    ROLES,
    Person,
    add_person,
    change_person,
    choose_language,
    disable_person,
    display_name,
    enable_person,
    find_person,
    list_people,
)
from clerkwork.people.signing_in import (
    change_password,
    current_person,
    issue_token,
    revoke_token,
    session_file,
    sign_in,
    token_owner,
)

__all__ = [
    "ACTIONS",
    "EVERY_DESK",
    "ROLES",
    "Authoriser",
    "Person",
    "add_person",
    "change_password",
    "change_person",
    "choose_language",
    "current_person",
    "disable_person",
    "display_name",
    "enable_person",
    "find_person",
    "issue_token",
    "list_people",
    "revoke_token",
    "session_file",
    "sign_in",
    "token_owner",
]
