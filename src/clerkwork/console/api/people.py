"""People, for programs: who works here; and who one is oneself."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from clerkwork.console.api.call import Answer, Body, Text
from clerkwork.console.pages.people import Link, disable_named, invite, reset_named
from clerkwork.console.visit import Visit
from clerkwork.people import ACTIONS, EVERY_DESK, find_person, list_people
from clerkwork.people import Person as Known
from clerkwork.people.tokens import list_tokens, revoke_by_id

Role = Literal[
    "operator", "maker", "checker", "authoriser", "manager", "auditor", "developer",
    "administrator",
]  # fmt: skip


class Person(Answer):
    """Somebody who works here, or worked here."""

    name: str
    en: str
    zh: str
    roles: list[Role]
    desks: list[str]
    disabled: bool
    has_second_factor: bool


class People(Answer):
    """Everybody, by name."""

    people: list[Person]


class Me(Person):
    """Who one is here, and what one may do at all."""

    may: list[str]


class Token(Answer):
    """A token that is good: `roles` empty for all those of its owner."""

    id: str
    label: str
    roles: list[Role]
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime


class Tokens(Answer):
    """One's own tokens, newest first; a new one is made in a browser or on the command line."""

    tokens: list[Token]


class Newcomer(Body):
    """Somebody to be added; who has one name has it in both languages."""

    name: Text
    en: Text = ""
    zh: Text = ""
    roles: Annotated[list[Role], Field(min_length=1)]
    desks: Annotated[list[Text], Field(min_length=1)] = [EVERY_DESK]


class Invited(Answer):
    """A link that is shown once: whoever has it sets the password of that person."""

    person: str
    address: str
    hours: int


def list_them(visit: Visit) -> People:
    """Everybody."""
    return People(people=[Person(**_facts(one)) for one in list_people(visit.office.store)])


def _facts(one: Known) -> dict[str, Any]:
    names = ("name", "en", "zh", "roles", "desks", "disabled", "has_second_factor")
    return {name: getattr(one, name) for name in names}


def add(visit: Visit, body: Newcomer) -> Invited:
    """Add somebody; the link by which they set their password is given once."""
    called = {"name": body.name, "en": body.en, "zh": body.zh}
    return _invited(invite(visit, called, roles=body.roles, desks=body.desks))


def _invited(link: Link) -> Invited:
    return Invited(person=link.person, address=link.address, hours=link.hours)


def disable(visit: Visit) -> Person:
    """Let somebody do nothing any more."""
    name = visit.part("name")
    disable_named(visit, name)
    found = find_person(visit.office.store, name)
    assert found is not None
    return Person(**_facts(found))


def reset(visit: Visit) -> Invited:
    """Void what somebody signs in with; the link to a new password is given once."""
    return _invited(reset_named(visit, visit.part("name")))


def me(visit: Visit) -> Me:
    """Who one is here."""
    may = sorted(action for action in ACTIONS if visit.is_able(action))
    return Me(**_facts(visit.person), may=may)


def my_tokens(visit: Visit) -> Tokens:
    """One's own tokens that are good."""
    return Tokens(tokens=_tokens(visit))


def _tokens(visit: Visit) -> list[Token]:
    names = ("id", "label", "roles", "created_at", "used_at", "expires_at")
    found = list_tokens(visit.office.store, visit.person.name, now=visit.office.clock())
    return [Token(**{name: getattr(one, name) for name in names}) for one in found]


def end_token(visit: Visit) -> Tokens:
    """Make a token of one's own void; gives those that are left."""
    revoke_by_id(
        visit.office.store,
        visit.part("token"),
        owner=visit.person.name,
        by=visit.person.name,
        record=visit.office.audit.record,
        now=visit.office.clock(),
    )
    return my_tokens(visit)
