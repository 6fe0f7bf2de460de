"""People: who works here, added, disabled and reset by an administrator; their own first step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from clerkwork.console.visit import Visit
from clerkwork.errors import Failure, Refused
from clerkwork.people import (
    EVERY_DESK,
    ROLES,
    Person,
    change_person,
    disable_person,
    enable_person,
    find_person,
    list_people,
)
from clerkwork.people.links import (
    INVITATION,
    INVITATION_LASTS,
    accept_invitation,
    find_link,
    invite_person,
    reset_person,
)
from clerkwork.people.sessions import list_sessions

_PEOPLE = "/settings/people"
_TEMPLATE = "settings/people.html"
_PERSON = "settings/person.html"
_JOIN = "settings/join.html"


@dataclass(frozen=True)
class Link:
    """A link that is shown once: whoever has it sets the password of that person."""

    person: str
    address: str
    hours: int


def show(visit: Visit) -> Response:
    """Everybody, and the form to add somebody."""
    return _page(visit)


def add(visit: Visit) -> Response:
    """Add somebody; the link by which they set their password is shown, once."""
    typed = {name: visit.form.get(name, "").strip() for name in ("name", "en", "zh")}
    roles, desks = _chosen(visit, _desks(visit))
    try:
        link = invite(visit, typed, roles=roles, desks=desks)
    except Refused as failure:
        return _page(visit, failure, typed=typed, chosen=[*roles, *desks])
    return _page(visit, link=link)


def invite(
    visit: Visit, called: Mapping[str, str], *, roles: Sequence[str], desks: Sequence[str]
) -> Link:
    """
    Somebody new (`called` has name, en and zh), by the link that lets them in.

    Raises Refused DESK_MISSING, DESK_UNKNOWN, and as `people.links.invite_person`.
    """
    if not desks:
        raise Refused("DESK_MISSING")
    unknown = sorted(set(desks) - set(_desks(visit)))
    if unknown:
        raise Refused("DESK_UNKNOWN", desk=unknown[0], desks=", ".join(_desks(visit)))
    token = invite_person(
        visit.office.store,
        called["name"],
        called["en"] or called["zh"] or called["name"],
        called["zh"] or called["en"] or called["name"],
        roles,
        by=visit.person.name,
        record=visit.office.audit.record,
        desks=[EVERY_DESK] if EVERY_DESK in desks else desks,
        now=visit.office.clock(),
    )
    return _link(visit, called["name"], token)


def _chosen(visit: Visit, desks: Sequence[str]) -> tuple[list[str], list[str]]:
    """The roles and desks that the form ticks; "*" alone where it is among them."""
    roles = [role for role in ROLES if f"role.{role}" in visit.form]
    ticked = [desk for desk in desks if f"desk.{desk}" in visit.form]
    return roles, [EVERY_DESK] if EVERY_DESK in ticked else ticked


def show_one(visit: Visit) -> Response:
    """One person: what they may, since when they are signed in, and what can be changed."""
    return _one(visit, _known(visit))


def change(visit: Visit) -> Response:
    """Give somebody other roles and desks; where they are signed in is over."""
    person = _known(visit)
    roles, desks = _chosen(visit, _desks_of(visit, person))
    try:
        change_person(
            visit.office.store,
            person.name,
            roles=roles,
            desks=desks,
            by=visit.person.name,
            record=visit.office.audit.record,
            now=visit.office.clock(),
        )
    except Refused as failure:
        return _one(visit, person, failure, chosen=[*roles, *desks])
    return visit.go(f"{_PEOPLE}/{person.name}", "said.person_changed")


def enable(visit: Visit) -> Response:
    """Let somebody who was disabled work again."""
    person = _known(visit)
    record = visit.office.audit.record
    try:
        enable_person(visit.office.store, person.name, by=visit.person.name, record=record)
    except Refused as failure:
        return _one(visit, person, failure)
    return visit.go(f"{_PEOPLE}/{person.name}", "said.person_enabled")


def disable(visit: Visit) -> Response:
    """Let somebody do nothing any more."""
    person = _known(visit)
    try:
        disable_named(visit, person.name)
    except Refused as failure:
        return _one(visit, person, failure)
    return visit.go(f"{_PEOPLE}/{person.name}", "said.person_disabled")


def disable_named(visit: Visit, name: str) -> None:
    """Let that person do nothing any more. Raises as `people.disable_person`."""
    record, now = visit.office.audit.record, visit.office.clock()
    disable_person(visit.office.store, name, by=visit.person.name, record=record, now=now)


def reset(visit: Visit) -> Response:
    """Void what somebody signs in with; the link to a new password is shown, once."""
    person = _known(visit)
    try:
        link = reset_named(visit, person.name)
    except Refused as failure:
        return _one(visit, person, failure)
    return _one(visit, person, link=link)


def reset_named(visit: Visit, name: str) -> Link:
    """Void what that person signs in with. Raises as `people.links.reset_person`."""
    record, now = visit.office.audit.record, visit.office.clock()
    token = reset_person(visit.office.store, name, by=visit.person.name, record=record, now=now)
    return _link(visit, name, token)


def _known(visit: Visit) -> Person:
    """The person whose name stands in the address. Raises Refused PERSON_UNKNOWN."""
    name = visit.part("name")
    person = find_person(visit.office.store, name)
    if person is None:
        raise Refused("PERSON_UNKNOWN", name=name)
    return person


def _link(visit: Visit, name: str, token: str) -> Link:
    hours = int(INVITATION_LASTS.total_seconds() // 3600)
    return Link(name, f"{visit.console.address.origin}/join/{token}", hours)


def _desks(visit: Visit) -> list[str]:
    """Every desk: the owners of the workspace's bots, and "*" for all of them."""
    workspace = visit.office.workspace
    return [EVERY_DESK, *sorted({visit.desk(bot) for bot in workspace.bots} - {""})]


def _desks_of(visit: Visit, person: Person) -> list[str]:
    """Every desk, and those of the person that no bot belongs to any more."""
    known = _desks(visit)
    return [*known, *(desk for desk in person.desks if desk not in known)]


def _one(
    visit: Visit,
    person: Person,
    failure: Failure | None = None,
    *,
    chosen: Sequence[str] | None = None,
    link: Link | None = None,
) -> Response:
    store = visit.office.store
    return visit.page(
        _PERSON,
        status=422 if failure else 200,
        failure=failure,
        one=person,
        roles=ROLES,
        desks=_desks_of(visit, person),
        chosen=[*person.roles, *person.desks] if chosen is None else chosen,
        sessions=list_sessions(store, person.name, now=visit.office.clock()),
        link=link,
    )


def _page(
    visit: Visit,
    failure: Failure | None = None,
    *,
    typed: dict[str, str] | None = None,
    chosen: list[str] | None = None,
    link: Link | None = None,
) -> Response:
    return visit.page(
        _TEMPLATE,
        status=422 if failure else 200,
        failure=failure,
        people=list_people(visit.office.store),
        roles=ROLES,
        desks=_desks(visit),
        typed=typed or {"name": "", "en": "", "zh": ""},
        chosen=chosen or [],
        link=link,
    )


def show_join(visit: Visit) -> Response:
    """The form by which somebody who was invited sets their password."""
    now = visit.office.clock()
    row = find_link(visit.office.store, visit.part("token"), INVITATION, now=now)
    return visit.page(_JOIN, name=row.person)


def join(visit: Visit) -> Response:
    """Set the password, and go to sign in with it."""
    password = visit.form.get("password", "")
    now = visit.office.clock()
    row = find_link(visit.office.store, visit.part("token"), INVITATION, now=now)
    try:
        if password != visit.form.get("again", ""):
            raise Refused("PASSWORDS_DIFFER")
        accept_invitation(
            visit.office.store,
            visit.part("token"),
            password,
            record=visit.office.audit.record,
            now=now,
        )
    except Refused as failure:
        return visit.refused(_JOIN, failure, name=row.person)
    return visit.go("/sign-in", "said.joined")
