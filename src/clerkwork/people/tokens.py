"""Tokens of programs: what each is called, the roles it was narrowed to, its last use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.people.register import Person, Record, find_person
from clerkwork.people.signing_in import id_of, issue_token
from clerkwork.store import Store
from clerkwork.store.tables import tokens

DAYS = 90
MOST_DAYS = 366
LONGEST_LABEL = 60
_PURPOSE = "token"


@dataclass(frozen=True)
class Token:
    """A token that is good: `roles` empty for all those of its owner; itself it is not known."""

    id: str
    person: str
    label: str
    roles: tuple[str, ...]
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime


def make_token(
    store: Store,
    owner: str,
    *,
    person: Person,
    label: str,
    roles: Sequence[str],
    days: int,
    record: Record,
    now: datetime,
) -> str:
    """
    A new token of `owner` on the word of `person`, which says itself once, here.

    Nobody's own token is good for more than they came with: who is here by a narrowed one
    makes such. Raises Refused TOKEN_DAYS, TOKEN_LABEL, ROLE_NOT_THEIRS, PERSON_UNKNOWN.
    """
    if not 1 <= days <= MOST_DAYS:
        raise Refused("TOKEN_DAYS", most=MOST_DAYS)
    if len(label) > LONGEST_LABEL:
        raise Refused("TOKEN_LABEL", most=LONGEST_LABEL)
    if owner == person.name:
        whole = find_person(store, owner)
        is_narrowed = whole is not None and set(person.roles) != set(whole.roles)
        roles = roles or (person.roles if is_narrowed else ())
        others = sorted(set(roles) - set(person.roles))
        if others or (is_narrowed and not roles):
            theirs = ", ".join(person.roles) or "-"
            raise Refused("ROLE_NOT_THEIRS", role=", ".join(others), name=owner, roles=theirs)
    return issue_token(
        store,
        owner,
        by=person.name,
        record=record,
        lasts=timedelta(days=days),
        label=" ".join(label.split()),
        roles=roles,
        now=now,
    )


def list_tokens(store: Store, name: str, *, now: datetime) -> list[Token]:
    """The tokens of a person that are good, newest first."""
    wanted = sa.select(tokens).where(tokens.c.person == name, _good(now))
    with store.connect() as conn:
        rows = conn.execute(wanted.order_by(tokens.c.created_at.desc())).all()
    return [_token(row) for row in rows]


def _token(row: Any) -> Token:
    return Token(
        id=id_of(row.digest),
        person=row.person,
        label=row.label or "",
        roles=tuple(row.roles or ()),
        created_at=row.created_at,
        used_at=row.used_at,
        expires_at=row.expires_at,
    )


def revoke_by_id(
    store: Store, token_id: str, *, owner: str = "", by: str, record: Record, now: datetime
) -> Token:
    """
    Make void the token of that id, which is `owner`'s ("": whoever's).

    Raises Refused TOKEN_UNKNOWN.
    """
    mine = _good(now) & (tokens.c.person == owner) if owner else _good(now)
    with store.begin() as conn:
        rows = conn.execute(sa.select(tokens).where(mine)).all()
        found = [row for row in rows if id_of(row.digest) == token_id]
        if not found:
            raise Refused("TOKEN_UNKNOWN", token=token_id)
        (row,) = found
        this = tokens.c.digest == row.digest
        conn.execute(sa.update(tokens).where(this).values(revoked_at=now))
        record("person.token_revoked", person=row.person, by=by, token=token_id)
    return _token(row)


def _good(now: datetime) -> sa.ColumnElement[bool]:
    return (
        (tokens.c.purpose == _PURPOSE) & tokens.c.revoked_at.is_(None) & (tokens.c.expires_at > now)
    )
