"""The second factor: one-time codes by time (TOTP, RFC 6238), each good once."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from typing import Any

import pyotp
import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.people.register import Record
from clerkwork.store import Store
from clerkwork.store.tables import people

STEP_S = 30  # what every authenticator app uses
DRIFT = 1  # steps that a clock may be off


def enrolment_address(secret: str, name: str) -> str:
    """The otpauth: address of `secret`, as apps take it from a picture or a link."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="Clerkwork")


def set_second_factor(
    store: Store, name: str, secret: str, code: str, *, record: Record, now: datetime | None = None
) -> None:
    """
    Ask this person for codes of `secret` from now on; `code` proves that they have it.

    Raises Refused CODE_WRONG.
    """
    at = now or datetime.now(UTC)
    step = _step_of(secret, code, at)
    if step is None:
        raise Refused("CODE_WRONG")
    with store.begin() as conn:
        values = {"totp_secret": secret, "totp_step": step}
        conn.execute(sa.update(people).where(people.c.name == name).values(values))
        record("person.second_factor_set", person=name)


def remove_second_factor(store: Store, name: str, *, by: str, record: Record) -> None:
    """
    Ask this person for no codes any more: the phone is lost.

    Raises Refused PERSON_UNKNOWN, also for who uses none.
    """
    theirs = (people.c.name == name) & people.c.totp_secret.is_not(None)
    with store.begin() as conn:
        values = {"totp_secret": None, "totp_step": None}
        if conn.execute(sa.update(people).where(theirs).values(values)).rowcount == 0:
            raise Refused("PERSON_UNKNOWN", name=name)
        record("person.second_factor_removed", person=name, by=by)


def take_code(store: Store, row: Any, code: str, at: datetime) -> bool:
    """Whether `code` is good now for the person of `row`, and was not used before."""
    step = _step_of(row.totp_secret, code, at)
    if step is None:
        return False
    unused = (people.c.name == row.name) & (
        people.c.totp_step.is_(None) | (people.c.totp_step < step)
    )
    with store.begin() as conn:
        taken = conn.execute(sa.update(people).where(unused).values(totp_step=step))
    return taken.rowcount == 1


def _step_of(secret: str, code: str, at: datetime) -> int | None:
    """The step of time whose code it is, among those near `at`; None for none."""
    typed = code.replace(" ", "")
    now = int(at.timestamp()) // STEP_S
    made = pyotp.TOTP(secret)
    for step in range(now - DRIFT, now + DRIFT + 1):
        if hmac.compare_digest(made.generate_otp(step).encode(), typed.encode()):
            return step
    return None
