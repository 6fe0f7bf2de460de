"""The register of people: names, roles, and who may no longer work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher

from clerkwork.errors import Refused
from clerkwork.store import Store
from clerkwork.store.tables import people, tokens

ROLES = (
    "operator",
    "maker",
    "checker",
    "authoriser",
    "manager",
    "auditor",
    "developer",
    "administrator",
)
PASSWORD_LENGTH = 8  # GB/T 22239-2019, 8.1.4.1 asks for complexity; a length at least
EVERY_DESK = "*"
_NAME = re.compile(r"[a-z][a-z0-9._-]{0,30}")

Record = Callable[..., object]  # appends an audit event; no record, no change
hasher = PasswordHasher()


@dataclass(frozen=True)
class Person:
    """Somebody known here: `name` is what they sign in with."""

    name: str
    en: str
    zh: str
    roles: tuple[str, ...]
    disabled: bool = False
    desks: tuple[str, ...] = (EVERY_DESK,)
    language: str = ""  # chosen in the console
    has_second_factor: bool = False

    def works_at(self, desk: str) -> bool:
        """Whether what belongs to `desk` (the owner of a bot) is this person's business."""
        return EVERY_DESK in self.desks or desk in self.desks


def add_person(
    store: Store,
    name: str,
    en: str,
    zh: str,
    roles: Iterable[str],
    password: str,
    *,
    by: str,
    record: Record,
    desks: Iterable[str] = (EVERY_DESK,),
    now: datetime | None = None,
) -> Person:
    """
    Add a person, on the word of `by`; "" is nobody, who may add the first administrator.

    Raises Refused NAME_WRONG, NAME_TAKEN, ROLE_UNKNOWN, PASSWORD_TOO_SHORT, NOT_SIGNED_IN,
    FIRST_ADMINISTERS.
    """
    able = tuple(role for role in ROLES if role in set(roles))
    person = Person(name, en, zh, able, desks=tuple(desks))
    _check(person, roles, password)
    hashed = hasher.hash(password)
    with store.begin() as conn:
        if conn.dialect.name == "postgresql":  # so that of two first people one is second
            conn.execute(sa.text(f"LOCK TABLE {people.name} IN EXCLUSIVE MODE"))
        known = set(conn.execute(sa.select(people.c.name)).scalars())
        if name in known:
            raise Refused("NAME_TAKEN", name=name)
        if not by and known:
            raise Refused("NOT_SIGNED_IN")
        if not by and "administrator" not in person.roles:
            raise Refused("FIRST_ADMINISTERS")
        conn.execute(
            sa.insert(people).values(
                name=name,
                en=en,
                zh=zh,
                roles=list(person.roles),
                desks=list(person.desks),
                password=hashed,
                created_at=now or datetime.now(UTC),
                created_by=by or name,
            )
        )
        record("person.added", person=name, roles=list(person.roles), by=by or name)
    return person


def disable_person(
    store: Store, name: str, *, by: str, record: Record, now: datetime | None = None
) -> None:
    """
    Let a person do nothing any more; their tokens are void.

    Raises Refused PERSON_UNKNOWN, LAST_ADMINISTRATOR.
    """
    with store.begin() as conn:
        able = sa.select(people).where(people.c.disabled.is_(False)).with_for_update()
        rows = {row.name: row for row in conn.execute(able)}
        if name not in rows:
            raise Refused("PERSON_UNKNOWN", name=name)
        left = [row for row in rows.values() if "administrator" in row.roles and row.name != name]
        if not left:
            raise Refused("LAST_ADMINISTRATOR", name=name)
        conn.execute(sa.update(people).where(people.c.name == name).values(disabled=True))
        theirs = (tokens.c.person == name) & tokens.c.revoked_at.is_(None)
        conn.execute(sa.update(tokens).where(theirs).values(revoked_at=now or datetime.now(UTC)))
        record("person.disabled", person=name, by=by)


def check_password(password: str) -> None:
    """Nothing, when the password is long enough. Raises Refused PASSWORD_TOO_SHORT."""
    if len(password) < PASSWORD_LENGTH:
        raise Refused("PASSWORD_TOO_SHORT", length=PASSWORD_LENGTH)


def choose_language(store: Store, name: str, language: str) -> None:
    """Show the console to this person in "en" or "zh" from now on."""
    with store.begin() as conn:
        conn.execute(sa.update(people).where(people.c.name == name).values(language=language))


def find_person(store: Store, name: str) -> Person | None:
    """The person with that name, disabled or not; None when there is none."""
    with store.connect() as conn:
        row = conn.execute(sa.select(people).where(people.c.name == name)).one_or_none()
    return None if row is None else person_of(row)


def list_people(store: Store) -> list[Person]:
    """Everybody, by name."""
    with store.connect() as conn:
        return [person_of(row) for row in conn.execute(sa.select(people).order_by(people.c.name))]


def display_name(store: Store, name: str, language: str) -> str:
    """How the person is called in "en" or "zh"; `name` itself for who is not a person here."""
    person = find_person(store, name)
    if person is None:
        return name
    return person.zh if language == "zh" else person.en


def person_of(row: Any) -> Person:
    """The person of a row of the table."""
    return Person(
        row.name,
        row.en,
        row.zh,
        tuple(row.roles),
        row.disabled,
        desks=tuple(row.desks),
        language=row.language or "",
        has_second_factor=row.totp_secret is not None,
    )


def _check(person: Person, roles: Iterable[str], password: str) -> None:
    if not _NAME.fullmatch(person.name):
        raise Refused("NAME_WRONG", name=person.name)
    unknown = sorted(set(roles) - set(ROLES))
    if unknown or not person.roles:
        raise Refused("ROLE_UNKNOWN", role=", ".join(unknown) or "-", roles=", ".join(ROLES))
    check_password(password)
