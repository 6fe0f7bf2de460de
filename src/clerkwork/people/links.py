"""Links that are good once: nobody ever works under a password that somebody else has set."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.people.register import (
    EVERY_DESK,
    Person,
    Record,
    add_person,
    check_password,
    hasher,
    person_of,
)
from clerkwork.people.signing_in import digest_of
from clerkwork.store import Store
from clerkwork.store.tables import links, people, tokens

FIRST = "first"
FIRST_LASTS = timedelta(hours=1)
INVITATION = "invitation"
INVITATION_LASTS = timedelta(days=3)


def first_link(store: Store, *, record: Record, now: datetime) -> str:
    """
    What stands in the link by which the first person makes themselves administrator.

    "" when somebody is known already. Earlier ones are void: the last that was printed counts.
    """
    with store.begin() as conn:
        if conn.execute(sa.select(people.c.name).limit(1)).first():
            return ""
        conn.execute(sa.delete(links).where(links.c.purpose == FIRST))
        token = secrets.token_urlsafe(32)
        conn.execute(
            sa.insert(links).values(
                digest=digest_of(token),
                purpose=FIRST,
                person="",
                created_at=now,
                expires_at=now + FIRST_LASTS,
            )
        )
        record("person.first_link_made", until=(now + FIRST_LASTS).isoformat(timespec="seconds"))
    return token


def find_link(store: Store, token: str, purpose: str, *, now: datetime) -> Any:
    """The row of a link that is good now. Raises Refused LINK_OVER."""
    with store.connect() as conn:
        row = conn.execute(sa.select(links).where(_good(token, purpose, now))).one_or_none()
    if row is None:
        raise Refused("LINK_OVER")
    return row


def add_first_person(
    store: Store,
    token: str,
    name: str,
    en: str,
    zh: str,
    password: str,
    *,
    record: Record,
    now: datetime,
) -> Person:
    """
    The administrator who came by the first link, which is used up by it.

    Raises Refused LINK_OVER, NOT_SIGNED_IN (somebody is known already), and as `add_person`.
    """
    find_link(store, token, FIRST, now=now)
    made = add_person(
        store, name, en, zh, ["administrator"], password, by="", record=record, now=now
    )
    with store.begin() as conn:
        conn.execute(sa.update(links).where(_good(token, FIRST, now)).values(used_at=now))
    return made


def invite_person(
    store: Store,
    name: str,
    en: str,
    zh: str,
    roles: Iterable[str],
    *,
    by: str,
    record: Record,
    now: datetime,
    desks: Iterable[str] = (EVERY_DESK,),
) -> str:
    """
    Add a person, who sets their own password by the link of which this is what stands in it.

    Raises Refused NAME_WRONG, NAME_TAKEN, ROLE_UNKNOWN.
    """
    password = secrets.token_urlsafe(32)  # nobody has it
    add_person(
        store, name, en, zh, roles, password, by=by, record=record, desks=desks, now=now
    )  # fmt: skip
    return _invite(store, name, by=by, record=record, now=now)


def reset_person(store: Store, name: str, *, by: str, record: Record, now: datetime) -> str:
    """
    Void the password, the one-time codes, sessions and tokens of a person; a new link for them.

    Raises Refused PERSON_UNKNOWN, also for who is disabled.
    """
    hashed = hasher.hash(secrets.token_urlsafe(32))
    able = (people.c.name == name) & people.c.disabled.is_(False)
    void = {"password": hashed, "totp_secret": None, "totp_step": None}
    with store.begin() as conn:
        changed = conn.execute(sa.update(people).where(able).values(void))
        if changed.rowcount != 1:
            raise Refused("PERSON_UNKNOWN", name=name)
        theirs = (tokens.c.person == name) & tokens.c.revoked_at.is_(None)
        conn.execute(sa.update(tokens).where(theirs).values(revoked_at=now))
        record("person.reset", person=name, by=by)
    return _invite(store, name, by=by, record=record, now=now)


def _invite(store: Store, name: str, *, by: str, record: Record, now: datetime) -> str:
    """A new link for that person; earlier ones are void."""
    token = secrets.token_urlsafe(32)
    until = now + INVITATION_LASTS
    theirs = (links.c.purpose == INVITATION) & (links.c.person == name)
    with store.begin() as conn:
        conn.execute(sa.delete(links).where(theirs))
        conn.execute(
            sa.insert(links).values(
                digest=digest_of(token),
                purpose=INVITATION,
                person=name,
                created_at=now,
                expires_at=until,
            )
        )
        record("person.invited", person=name, by=by, until=until.isoformat(timespec="seconds"))
    return token


def accept_invitation(
    store: Store, token: str, password: str, *, record: Record, now: datetime
) -> Person:
    """
    Set the password of the person whose link it is, which is used up by it.

    Raises Refused LINK_OVER, PASSWORD_TOO_SHORT.
    """
    check_password(password)
    hashed = hasher.hash(password)
    with store.begin() as conn:
        good = _good(token, INVITATION, now)
        # taken before anything is changed: of two at the same moment one comes too late
        taken = conn.execute(sa.update(links).where(good).values(used_at=now))
        if taken.rowcount != 1:
            raise Refused("LINK_OVER")
        used = links.c.digest == digest_of(token)
        name = conn.execute(sa.select(links.c.person).where(used)).scalar_one()
        able = (people.c.name == name) & people.c.disabled.is_(False)
        row = conn.execute(sa.select(people).where(able)).one_or_none()
        if row is None:
            raise Refused("LINK_OVER")
        changed = {"password": hashed, "failures": 0, "locked_until": None}
        conn.execute(sa.update(people).where(able).values(changed))
        record("person.password_changed", person=name)
    return person_of(row)


def _good(token: str, purpose: str, now: datetime) -> sa.ColumnElement[bool]:
    return (
        (links.c.digest == digest_of(token))
        & (links.c.purpose == purpose)
        & links.c.used_at.is_(None)
        & (links.c.expires_at > now)
    )
