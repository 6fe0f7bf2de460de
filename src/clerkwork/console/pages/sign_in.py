"""Signing in and out, and the first person's way in."""

from __future__ import annotations

from starlette.responses import Response

from clerkwork.console.security import local_path
from clerkwork.console.visit import Visit
from clerkwork.errors import Refused
from clerkwork.people import Person, revoke_token, sign_in
from clerkwork.people.links import FIRST, add_first_person, find_link
from clerkwork.people.sessions import open_session

_TEMPLATE = "sign_in/sign_in.html"
_FIRST = "sign_in/first.html"


def show(visit: Visit) -> Response:
    """The form; who is signed in already goes on."""
    next_path = local_path(visit.asked("next", "/"))
    if visit.is_signed_in:
        return visit.go(next_path)
    return visit.page(_TEMPLATE, next=next_path, name="")


def sign_in_here(visit: Visit) -> Response:
    """Sign in, and go where the person wanted to."""
    oidc = visit.office.workspace.oidc
    if oidc is not None and oidc.only:
        raise Refused("SIGN_IN_BY_PROVIDER")
    next_path = local_path(visit.form.get("next", "/"))
    name = visit.form.get("name", "").strip()
    try:
        person = sign_in(
            visit.office.store,
            name,
            visit.form.get("password", ""),
            code=visit.form.get("code", ""),
            record=visit.office.audit.record,
            now=visit.office.clock(),
        )
    except Refused as failure:
        return visit.refused(_TEMPLATE, failure, next=next_path, name=name)
    begin_session(visit, person)
    return visit.go(next_path)


def begin_session(visit: Visit, person: Person) -> None:
    """A session under a new token; what the browser had before is void."""
    session = open_session(
        visit.office.store,
        person,
        instead_of=visit.request.cookies.get(visit.console.cookie("session"), ""),
        record=visit.office.audit.record,
        now=visit.office.clock(),
    )
    visit.cookies[visit.console.cookie("session")] = session.token
    visit.cookies[visit.console.cookie("visitor")] = ""


def sign_out(visit: Visit) -> Response:
    """The session is void here and in the store."""
    if visit.session is not None:
        record, now = visit.office.audit.record, visit.office.clock()
        revoke_token(visit.office.store, visit.session.token, record=record, now=now)
    visit.cookies[visit.console.cookie("session")] = ""
    return visit.go("/sign-in", "said.signed_out")


def show_first(visit: Visit) -> Response:
    """The form by which the first person makes themselves administrator."""
    find_link(visit.office.store, visit.part("token"), FIRST, now=visit.office.clock())
    return visit.page(_FIRST, typed={"name": "", "en": "", "zh": ""})


def add_first(visit: Visit) -> Response:
    """Make them administrator, and sign them in."""
    typed = {field: visit.form.get(field, "").strip() for field in ("name", "en", "zh")}
    password = visit.form.get("password", "")
    try:
        if password != visit.form.get("again", ""):
            raise Refused("PASSWORDS_DIFFER")
        person = add_first_person(
            visit.office.store,
            visit.part("token"),
            typed["name"],
            typed["en"] or typed["zh"] or typed["name"],
            typed["zh"] or typed["en"] or typed["name"],
            password,
            record=visit.office.audit.record,
            now=visit.office.clock(),
        )
    except Refused as failure:
        return visit.refused(_FIRST, failure, typed=typed)
    begin_session(visit, person)
    return visit.go("/", "said.first_added")
