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
    person = Person(name, en, zh, _known_roles(roles), desks=tuple(desks))
    if not _NAME.fullmatch(person.name):
        raise Refused("NAME_WRONG", name=person.name)
    check_password(password)
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
        if name not in _administered(conn, without=name):
            raise Refused("PERSON_UNKNOWN", name=name)
        conn.execute(sa.update(people).where(people.c.name == name).values(disabled=True))
        theirs = (tokens.c.person == name) & tokens.c.revoked_at.is_(None)
        conn.execute(sa.update(tokens).where(theirs).values(revoked_at=now or datetime.now(UTC)))
        record("person.disabled", person=name, by=by)


def enable_person(store: Store, name: str, *, by: str, record: Record) -> None:
    """
    Let a disabled person work again, with the password and codes they had; tokens stay void.

    Raises Refused PERSON_UNKNOWN, also for who is not disabled.
    """
    closed = (people.c.name == name) & people.c.disabled.is_(True)
    able = {"disabled": False, "failures": 0, "locked_until": None}
    with store.begin() as conn:
        if conn.execute(sa.update(people).where(closed).values(**able)).rowcount != 1:
            raise Refused("PERSON_UNKNOWN", name=name)
        record("person.enabled", person=name, by=by)


def change_person(
    store: Store,
    name: str,
    *,
    roles: Iterable[str],
    desks: Iterable[str],
    by: str,
    record: Record,
    now: datetime | None = None,
) -> Person:
    """
    Give a person these roles and desks and no others; where they are signed in is over.

    Their tokens stay, and may from now on what the new roles may. Raises Refused OWN_ROLES,
    PERSON_UNKNOWN (also for who is disabled), ROLE_UNKNOWN, DESK_MISSING, LAST_ADMINISTRATOR.
    """
    if name == by:
        raise Refused("OWN_ROLES", person=name)
    able, wanted = _known_roles(roles), tuple(desks)
    if not wanted:
        raise Refused("DESK_MISSING")
    with store.begin() as conn:
        rows = _administered(conn, without="" if "administrator" in able else name)
        if name not in rows:
            raise Refused("PERSON_UNKNOWN", name=name)
        values = {"roles": list(able), "desks": list(wanted)}
        conn.execute(sa.update(people).where(people.c.name == name).values(**values))
        signed_in = (
            (tokens.c.person == name)
            & tokens.c.purpose.in_(("session", "console"))
            & tokens.c.revoked_at.is_(None)
        )
        void = {"revoked_at": now or datetime.now(UTC)}
        conn.execute(sa.update(tokens).where(signed_in).values(**void))
        before = rows[name]
        record(
            "person.changed",
            person=name,
            by=by,
            roles=values["roles"],
            desks=values["desks"],
            roles_before=list(before.roles),
            desks_before=list(before.desks),
        )
        return person_of(conn.execute(sa.select(people).where(people.c.name == name)).one())


def _administered(conn: sa.Connection, *, without: str) -> dict[str, Any]:
    """
    Who may work here, by name, and locked: somebody administers them also without `without`.

    Raises Refused LAST_ADMINISTRATOR.
    """
    able = sa.select(people).where(people.c.disabled.is_(False)).order_by(people.c.name)
    rows = {row.name: row for row in conn.execute(able.with_for_update())}
    left = [row for row in rows.values() if "administrator" in row.roles and row.name != without]
    if not left and without in rows:
        raise Refused("LAST_ADMINISTRATOR", name=without)
    return rows


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


def _known_roles(roles: Iterable[str]) -> tuple[str, ...]:
    """These roles in their order, each once. Raises Refused ROLE_UNKNOWN, also for none."""
    asked = set(roles)
    unknown = sorted(asked - set(ROLES))
    if unknown or not asked:
        raise Refused("ROLE_UNKNOWN", role=", ".join(unknown) or "-", roles=", ".join(ROLES))
    return tuple(role for role in ROLES if role in asked)
