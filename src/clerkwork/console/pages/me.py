"""What is one's own: language, password, one-time codes, tokens of programs."""

from __future__ import annotations

import base64
import hashlib
import hmac

from starlette.responses import Response

from clerkwork.console.pages.sign_in import begin_session
from clerkwork.console.security import local_path
from clerkwork.console.texts import LANGUAGES
from clerkwork.console.visit import Visit
from clerkwork.errors import Refused
from clerkwork.people import change_password, choose_language
from clerkwork.people.second_factor import enrolment_address, set_second_factor
from clerkwork.people.sessions import list_sessions
from clerkwork.people.tokens import (
    DAYS,
    LONGEST_LABEL,
    MOST_DAYS,
    list_tokens,
    make_token,
    revoke_by_id,
)

_TEMPLATE = "me/me.html"
_CODES = "me/codes.html"


def show(visit: Visit) -> Response:
    """Who one is here, and the forms to change it."""
    return _page(visit)


def _page(visit: Visit, failure: Refused | None = None, *, made: str = "") -> Response:
    now, store, name = visit.office.clock(), visit.office.store, visit.person.name
    return visit.page(
        _TEMPLATE,
        status=422 if failure else 200,
        failure=failure,
        sessions=list_sessions(store, name, now=now),
        tokens=list_tokens(store, name, now=now),
        days=DAYS,
        most_days=MOST_DAYS,
        longest_label=LONGEST_LABEL,
        made=made,
    )


def add_token(visit: Visit) -> Response:
    """A token for a program of one's own; it is shown once."""
    days = visit.form.get("days", "")
    roles = [role for role in visit.person.roles if f"role.{role}" in visit.form]
    try:
        if not roles:
            raise Refused("NOTHING_CHOSEN")
        made = make_token(
            visit.office.store,
            visit.person.name,
            person=visit.person,
            label=visit.form.get("label", ""),
            roles=roles,
            days=int(days) if days.isascii() and days.isdecimal() and len(days) < 5 else 0,
            record=visit.office.audit.record,
            now=visit.office.clock(),
        )
    except Refused as failure:
        return _page(visit, failure)
    return _page(visit, made=made)


def end_token(visit: Visit) -> Response:
    """Make a token of one's own void."""
    revoke_by_id(
        visit.office.store,
        visit.part("token"),
        owner=visit.person.name,
        by=visit.person.name,
        record=visit.office.audit.record,
        now=visit.office.clock(),
    )
    return visit.go("/me", "said.token_revoked")


def choose_language_here(visit: Visit) -> Response:
    """Show everything in this language from now on, and go back."""
    language = visit.form.get("language", "")
    if language in LANGUAGES:
        visit.cookies[visit.console.cookie("language")] = language
        if visit.is_signed_in:
            choose_language(visit.office.store, visit.person.name, language)
    return visit.go(local_path(visit.form.get("next", "/")))


def change_password_here(visit: Visit) -> Response:
    """Another password; every other session and token is void, this one goes on anew."""
    new = visit.form.get("new", "")
    try:
        if new != visit.form.get("again", ""):
            raise Refused("PASSWORDS_DIFFER")
        change_password(
            visit.office.store,
            visit.person.name,
            visit.form.get("old", ""),
            new,
            record=visit.office.audit.record,
            now=visit.office.clock(),
        )
    except Refused as failure:
        return _page(visit, failure)
    begin_session(visit, visit.person)
    return visit.go("/me", "said.password_changed")


def show_codes(visit: Visit) -> Response:
    """A secret for an authenticator app; it counts once a code of it was typed."""
    return _codes_page(visit)


def set_codes(visit: Visit) -> Response:
    """Ask for codes from now on."""
    if visit.person.has_second_factor:  # a session left open is no way round it
        raise Refused("CODES_SET_ALREADY")
    try:
        set_second_factor(
            visit.office.store,
            visit.person.name,
            _secret(visit),
            visit.form.get("code", ""),
            record=visit.office.audit.record,
            now=visit.office.clock(),
        )
    except Refused as failure:
        return _codes_page(visit, failure)
    return visit.go("/me", "said.codes_set")


def _secret(visit: Visit) -> str:
    """
    The secret that this session offers, in base32: 160 bits (RFC 4226, section 4).

    It follows from the session's token, so that no form can bring another one.
    """
    assert visit.session is not None
    made = hmac.new(visit.session.token.encode(), b"one-time codes", hashlib.sha1).digest()
    return base64.b32encode(made).decode("ascii")


def _codes_page(visit: Visit, failure: Refused | None = None) -> Response:
    secret = _secret(visit)
    grouped = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    address = enrolment_address(secret, visit.person.name)
    status = 422 if failure else 200
    return visit.page(_CODES, status=status, failure=failure, grouped=grouped, address=address)
