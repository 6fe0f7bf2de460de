"""Sessions of the console: kept in the store, over when left alone too long or at their end."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clerkwork.people.register import Person, Record, person_of
from clerkwork.people.signing_in import NOTED, digest_of, note_use, revoke_token
from clerkwork.store import Store
from clerkwork.store.tables import people, tokens

PURPOSE = "console"
LASTS = timedelta(hours=12)  # a working day
IDLE = timedelta(minutes=30)


@dataclass(frozen=True)
class Session:
    """Somebody who is signed in, and until when at the latest."""

    person: Person
    token: str
    until: datetime


def open_session(
    store: Store, person: Person, *, instead_of: str = "", record: Record, now: datetime
) -> Session:
    """
    A new session, under a token that nobody knew before; the one it is `instead_of` is void.

    Tokens are made here and never taken from outside: there is nothing to fixate.
    """
    if instead_of:
        revoke_token(store, instead_of, record=record, now=now)
    token = secrets.token_urlsafe(32)
    with store.begin() as conn:
        conn.execute(
            sa.insert(tokens).values(
                digest=digest_of(token),
                person=person.name,
                purpose=PURPOSE,
                created_at=now,
                used_at=now,
                expires_at=now + LASTS,
            )
        )
    return Session(person, token, now + LASTS)


def find_session(
    store: Store, token: str, *, counts_as_use: bool = True, now: datetime | None = None
) -> Session | None:
    """The session of that token, None when it is over; what a page does by itself is no use."""
    at = now or datetime.now(UTC)
    digest = digest_of(token)
    good = (
        (tokens.c.digest == digest)
        & (tokens.c.purpose == PURPOSE)
        & tokens.c.revoked_at.is_(None)
        & (tokens.c.expires_at > at)
        & (tokens.c.used_at > at - IDLE)
        & people.c.disabled.is_(False)
    )
    wanted = (
        sa.select(people, tokens.c.used_at, tokens.c.expires_at)
        .join(tokens, tokens.c.person == people.c.name)
        .where(good)
    )
    with store.connect() as conn:
        row = conn.execute(wanted).one_or_none()
    if row is None:
        return None
    if counts_as_use and at - row.used_at > NOTED:
        note_use(store, digest, at)
    return Session(person_of(row), token, row.expires_at)


def list_sessions(store: Store, name: str, *, now: datetime) -> list[Any]:
    """The console sessions of a person that are not over, newest first."""
    open_ones = (
        (tokens.c.person == name)
        & (tokens.c.purpose == PURPOSE)
        & tokens.c.revoked_at.is_(None)
        & (tokens.c.expires_at > now)
        & (tokens.c.used_at > now - IDLE)
    )
    wanted = sa.select(tokens.c.created_at, tokens.c.used_at).where(open_ones)
    with store.connect() as conn:
        return list(conn.execute(wanted.order_by(tokens.c.created_at.desc())))
