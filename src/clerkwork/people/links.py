"""Links that are good once: nobody ever works under a password that somebody else has set."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.people.register import Person, Record, add_person
from clerkwork.people.signing_in import digest_of
from clerkwork.store import Store
from clerkwork.store.tables import links, people

FIRST = "first"
FIRST_LASTS = timedelta(hours=1)


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


def _good(token: str, purpose: str, now: datetime) -> sa.ColumnElement[bool]:
    return (
        (links.c.digest == digest_of(token))
        & (links.c.purpose == purpose)
        & links.c.used_at.is_(None)
        & (links.c.expires_at > now)
    )
