"""Sign-in: by password, guarded by a lock, or by a token; the session lies in the home folder."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from argon2.exceptions import VerifyMismatchError

from clerkwork.errors import Misconfigured, Refused
from clerkwork.people.register import Person, Record, check_password, hasher, person_of
from clerkwork.people.second_factor import take_code
from clerkwork.store import Store
from clerkwork.store.tables import people, tokens

FAILURES = 5  # wrong passwords in a row, then the sign-in is locked
LOCKED = timedelta(minutes=15)
SESSION_LASTS = timedelta(hours=12)
TOKEN_LASTS = timedelta(days=90)
NOTED = timedelta(minutes=1)  # use is written down this often: not with each request
VARIABLE = "CLERKWORK_TOKEN"
FILE_VARIABLE = "CLERKWORK_TOKEN_FILE"


def sign_in(
    store: Store,
    name: str,
    password: str,
    *,
    record: Record,
    code: str = "",
    now: datetime | None = None,
) -> Person:
    """
    The person who proves by password, and by `code` where they use one, to be `name`.

    The attempt counts before the password is looked at, so that many at once are no way
    round the lock. Raises Refused SIGN_IN_REFUSED, which does not say why.
    """
    at = now or datetime.now(UTC)
    row, why = _attempt(store, name, at)
    known = row.password if row is not None else _nobodys_password()
    try:
        hasher.verify(known, password)
    except VerifyMismatchError:
        why = why or "password"
    if row is not None and not why and row.totp_secret and not take_code(store, row, code, at):
        why = "code"
    if row is None or why:
        record("person.sign_in_refused", person=name, why=why)
        raise Refused("SIGN_IN_REFUSED", failures=FAILURES, minutes=LOCKED.seconds // 60)
    record("person.signed_in", person=name)
    with store.begin() as conn:
        forgiven = {"failures": 0, "locked_until": None}
        conn.execute(sa.update(people).where(people.c.name == name).values(forgiven))
    return person_of(row)


def _attempt(store: Store, name: str, at: datetime) -> tuple[Any, str]:
    """Count an attempt; the person's row, and why it cannot succeed, "" when it can."""
    with store.begin() as conn:
        wanted = sa.select(people).where(people.c.name == name).with_for_update()
        row = conn.execute(wanted).one_or_none()
        if row is None:
            return None, "unknown"
        if row.disabled:
            return row, "disabled"
        if row.locked_until is not None and row.locked_until > at:
            return row, "locked"
        failures = 1 if row.locked_until else row.failures + 1
        locked_until = at + LOCKED if failures >= FAILURES else None
        counted = {"failures": failures, "locked_until": locked_until}
        conn.execute(sa.update(people).where(people.c.name == name).values(counted))
    return row, ""


def change_password(
    store: Store, name: str, old: str, new: str, *, record: Record, now: datetime | None = None
) -> None:
    """
    Give the person who proves it by `old` another password; their sessions and tokens are void.

    A wrong `old` counts like a wrong sign-in. Raises Refused SIGN_IN_REFUSED, PASSWORD_TOO_SHORT.
    """
    check_password(new)
    at = now or datetime.now(UTC)
    row, why = _attempt(store, name, at)
    try:
        hasher.verify(row.password if row is not None else _nobodys_password(), old)
    except VerifyMismatchError:
        why = why or "password"
    if row is None or why:
        record("person.sign_in_refused", person=name, why=why)
        raise Refused("SIGN_IN_REFUSED", failures=FAILURES, minutes=LOCKED.seconds // 60)
    hashed = hasher.hash(new)
    with store.begin() as conn:
        changed = {"password": hashed, "failures": 0, "locked_until": None}
        conn.execute(sa.update(people).where(people.c.name == name).values(changed))
        theirs = (tokens.c.person == name) & tokens.c.revoked_at.is_(None)
        conn.execute(sa.update(tokens).where(theirs).values(revoked_at=at))
        record("person.password_changed", person=name)


@cache
def _nobodys_password() -> str:
    """For names that nobody has: the answer takes as long as for a real one."""
    return hasher.hash(secrets.token_hex())


def issue_token(
    store: Store,
    name: str,
    *,
    by: str,
    record: Record,
    lasts: timedelta = TOKEN_LASTS,
    purpose: str = "token",
    label: str = "",
    roles: Sequence[str] = (),
    now: datetime | None = None,
) -> str:
    """
    A new token of the person `name`, narrowed to `roles` (none: all theirs, as they change).

    The store keeps its digest only. Raises Refused PERSON_UNKNOWN, also for who is disabled,
    ROLE_NOT_THEIRS.
    """
    at = now or datetime.now(UTC)
    token = f"cw_{secrets.token_urlsafe(32)}"
    with store.begin() as conn:
        able = (people.c.name == name) & people.c.disabled.is_(False)
        theirs = conn.execute(sa.select(people.c.roles).where(able)).scalar_one_or_none()
        if theirs is None:
            raise Refused("PERSON_UNKNOWN", name=name)
        others = sorted(set(roles) - set(theirs))
        if others:
            raise Refused("ROLE_NOT_THEIRS", role=others[0], name=name, roles=", ".join(theirs))
        conn.execute(
            sa.insert(tokens).values(
                digest=digest_of(token),
                person=name,
                purpose=purpose,
                created_at=at,
                expires_at=at + lasts,
                label=label or None,
                roles=list(roles) or None,
            )
        )
        if purpose == "token":
            record(
                "person.token_issued",
                person=name,
                by=by,
                until=(at + lasts).isoformat(timespec="seconds"),
                token=id_of(digest_of(token)),
                roles=list(roles),
            )
    return token


def token_owner(store: Store, token: str, *, now: datetime | None = None) -> Person:
    """
    Whose token it is, with those of their roles that it was made for.

    Raises Refused TOKEN_REFUSED: unknown, expired, revoked, or disabled.
    """
    at = now or datetime.now(UTC)
    digest = digest_of(token)
    good = (
        (tokens.c.digest == digest)
        & tokens.c.purpose.in_(("token", "session"))  # the console's are asked for in sessions.py
        & tokens.c.revoked_at.is_(None)
        & (tokens.c.expires_at > at)
        & people.c.disabled.is_(False)
    )
    narrowed = (tokens.c.roles.label("only"), tokens.c.used_at)
    wanted = sa.select(people, *narrowed).join(tokens, tokens.c.person == people.c.name)
    with store.connect() as conn:
        row = conn.execute(wanted.where(good)).one_or_none()
    if row is None:
        raise Refused("TOKEN_REFUSED")
    if row.used_at is None or at - row.used_at > NOTED:
        note_use(store, digest, at)
    person = person_of(row)
    if row.only is None:
        return person
    return replace(person, roles=tuple(role for role in person.roles if role in row.only))


def note_use(store: Store, digest: str, at: datetime) -> None:
    """Write down when a token was used last."""
    with store.begin() as conn:
        conn.execute(sa.update(tokens).where(tokens.c.digest == digest).values(used_at=at))


def revoke_token(store: Store, token: str, *, record: Record, now: datetime | None = None) -> str:
    """Make the token void; the name of its owner, "" for a token that nobody has."""
    this = tokens.c.digest == digest_of(token)
    with store.begin() as conn:
        owner = conn.execute(sa.select(tokens.c.person).where(this)).scalar_one_or_none()
        if owner is None:
            return ""
        still_good = this & tokens.c.revoked_at.is_(None)
        void = {"revoked_at": now or datetime.now(UTC)}
        conn.execute(sa.update(tokens).where(still_good).values(void))
        record("person.signed_out", person=owner)
    return str(owner)


def session_file(home: Path) -> Path:
    """Where `people sign-in` leaves the token of who is signed in."""
    return home / "session"


def current_person(
    store: Store,
    home: Path,
    *,
    token_file: Path | None = None,
    env: Mapping[str, str] = os.environ,
    now: datetime | None = None,
) -> Person:
    """
    Who is here: by `token_file`, CLERKWORK_TOKEN, CLERKWORK_TOKEN_FILE or HOME/session.

    The first that is given counts, also when it is not good. Raises Refused NOT_SIGNED_IN,
    TOKEN_REFUSED, Misconfigured TOKEN_FILE_UNREADABLE.
    """
    file = token_file or (Path(env[FILE_VARIABLE]) if env.get(FILE_VARIABLE) else None)
    if token_file is None and env.get(VARIABLE):
        token = env[VARIABLE]
    elif file is not None:
        token = _read(file)
    elif session_file(home).exists():
        token = _read(session_file(home))
    else:
        raise Refused("NOT_SIGNED_IN")
    return token_owner(store, token.strip(), now=now)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as refused:
        detail = getattr(refused, "strerror", None) or "not a token"
        raise Misconfigured("TOKEN_FILE_UNREADABLE", file=str(file), detail=detail) from None


def digest_of(token: str) -> str:
    """What the store has of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def id_of(digest: str) -> str:
    """What a token is called where it is listed: the beginning of its digest tells nothing."""
    return digest[:12]
