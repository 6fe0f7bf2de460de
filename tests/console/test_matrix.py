"""Every route, for everybody: allowed exactly as the hand-written list says."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from clerkwork.console.api.call import Call
from clerkwork.console.routes import ROUTES, Route
from clerkwork.console.security import form_token
from clerkwork.people import ROLES
from clerkwork.run.breaks import break_of
from clerkwork.run.hand_matching import propose_match
from clerkwork.run.items import instruction_of, list_items
from clerkwork.run.runs import list_runs
from clerkwork.run.worklist import standing_breaks
from clerkwork.store.tables import hand_matches

from .conftest import COOKIE, OTHER, OWN, House, broken

ALLOWED: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("allowed.toml").read_text(encoding="utf-8")
)
PEOPLE = ["", *(f"{role}.{word}" for role in ROLES for word in ("own", "other"))]


def name_of(route: Route) -> str:
    """As the list names it."""
    return f"{route.method} {route.path}"


def test_the_list_names_every_route_and_no_other():
    """A new page says here, too, whom it is for."""
    assert sorted(ALLOWED) == sorted(name_of(route) for route in ROUTES)


def test_a_route_without_a_permission_cannot_be_built():
    """What is nothing that somebody may do is no permission either."""
    for needs in ("", "everything", "Approve"):
        with pytest.raises(ValueError, match="nothing that a person may do"):
            Route("GET", "/somewhere", lambda visit: visit.go("/"), needs)


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_a_route_lets_in_whom_the_list_says(house: House, route: Route):
    """Nobody, and each role of the desk and of another; also with HEAD for what is read."""
    answered = {name: is_let_in(house, route, name) for name in PEOPLE}

    assert answered == {name: may(route, name) for name in PEOPLE}


def may(route: Route, name: str) -> bool:
    """What the list says of that person."""
    line = ALLOWED[name_of(route)]
    if line["who"] == "anybody":
        return True
    role, _, desk = name.partition(".")
    is_one_of = bool(name) and (line["who"] == "everybody" or role in line["who"])
    return is_one_of and (desk == "own" or not line.get("desk"))


def is_let_in(house: House, route: Route, name: str) -> bool:
    """Whether the page is answered; where it ends otherwise, nothing of it is shown."""
    with client_of(house, route, name) as client:
        sent = sent_to(house, route, client)
        with client.stream(route.method, filled(house, route), **sent) as answer:
            status, location = answer.status_code, answer.headers.get("location", "")
            assert status < 500, f"{name} {route.path}"
            if status == 403 and route.path != "/live":
                answer.read()
                assert "<table" not in answer.text
    if not name:
        return not (status == 401 or (status == 303 and location.startswith("/sign-in")))
    return status != 403


def client_of(house: House, route: Route, name: str) -> httpx.Client:
    """A browser for a page, a program with a token for what programs change."""
    if name and route.is_for_programs and route.method == "POST":
        return house.program(name)
    return house.visitor(name)


def sent_to(house: House, route: Route, client: httpx.Client, **form: str) -> dict[str, Any]:
    """What a good sender sends with the request: a form of ours, or a body as it is described."""
    if route.method == "GET":
        return {}
    if isinstance(route.page, Call):
        return {"json": sample(route.page.body.model_json_schema(), form)}
    seed = client.cookies.get(COOKIE) or "visitor"
    client.cookies.set("clerkwork-visitor", "visitor")
    return {"headers": {"Origin": house.origin}, "data": {"csrf": form_token(seed)} | form}


def sample(schema: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The least that is as described, with what is `given` of it."""
    needed = set(schema.get("required", ())) | (set(schema["properties"]) & set(given))
    return {name: _value(schema["properties"][name], name, given) for name in needed}


def _value(schema: dict[str, Any], name: str, given: dict[str, Any]) -> Any:
    if name in given:
        return int(given[name]) if schema.get("type") == "integer" else given[name]
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    kinds: dict[str, Any] = {"string": "x", "integer": 0, "object": {"x": "y"}, "boolean": False}
    if schema["type"] == "array":
        return [_value(schema["items"], "", {})]
    return kinds[schema["type"]]


def the_item(house: House) -> Any:
    """The item that addresses name."""
    return next(row for row in list_items(house.office) if row.kind == "reversal")


def filled(house: House, route: Route) -> str:
    """The address with something real in it, of the desk that ran last night."""
    office = house.office
    item = the_item(house)
    found = next(row for row in standing_breaks(office, bots=None) if row.reason == "bank_fee")
    is_item = "{item}" in route.path
    parts = {
        "run": house.runs[OWN],
        "artifact": house.evidence("screen"),
        "name": "en.html" if "{run}" in route.path else "nobody",
        "token": "none",
        "item": item.id,
        "break": found.id,
        "entry": instruction_of(item).sources[-1] if is_item else break_of(found).entry.id,
        "bot": "reconcile_teller",
        "schedule": "reconcile_teller",
        "event": house.event("run.ended"),
        "alert": house.alert(),
        "system": "core",
        "day": str(list_runs(office)[-1].business_date),
        "desk": OWN,
        "books": "theirs",
        "match": match_of(house),
    }
    return route.path.format(**parts)


def match_of(house: House) -> str:
    """The number of a match by hand that somebody proposed, whatever became of it."""
    with house.office.store.connect() as conn:
        known = conn.execute(sa.select(hand_matches.c.id)).scalars().first()
    if known is None:
        rows = broken(house, "left", "60.00"), broken(house, "right", "60.00")
        known = propose_match(house.office, rows, house.person("maker.own"), "OK").id
    return str(known)


def test_documents_are_not_for_who_only_keeps_the_system(house: House):
    """They are as they came: a developer and an administrator see the masked pictures only."""
    address = f"/runs/{house.runs[OWN]}/evidence/{house.evidence('document')}"
    answered = {}
    for role in ROLES:
        with house.visitor(f"{role}.own") as client:
            answered[role] = client.get(address).status_code
            name = ".pdf"
            assert (name in client.get(f"/runs/{house.runs[OWN]}").text) == (answered[role] == 200)

    closed = {"developer", "administrator"}
    assert answered == {role: 403 if role in closed else 200 for role in ROLES}


def test_another_desks_runs_stand_in_no_list(house: House):
    """Not on the page, not for programs, not on the page of today; also when asked for by bot."""
    for name, seen, hidden in (("checker.own", OWN, OTHER), ("checker.other", OTHER, OWN)):
        with house.visitor(name) as client:
            for address in ("/", "/runs", "/runs?bot=count_cash", "/api/runs"):
                shown = client.get(address).text
                assert house.runs[hidden] not in shown, address
            assert house.runs[seen] in client.get("/runs").text
            assert client.get(f"/api/runs/{house.runs[hidden]}").json()["code"] == "OTHER_DESK"


def test_evidence_is_found_under_its_own_run_only(house: House):
    """The address of one's own run opens nothing of another's."""
    with house.visitor("boss") as client:
        address = f"/runs/{house.runs[OTHER]}/evidence/{house.evidence('screen')}"
        assert client.get(address).status_code == 404


def test_a_program_comes_in_by_its_token_and_only_to_the_api(house: House):
    """A token is no session: pages do not take it; a wrong one is nobody's."""
    from clerkwork.people import issue_token

    record = house.office.audit.record
    token = issue_token(house.office.store, "auditor.own", by="boss", record=record)
    with httpx.Client(base_url=house.origin) as program:
        sent = {"Authorization": f"Bearer {token}"}
        assert house.runs[OWN] in program.get("/api/runs", headers=sent).text
        assert program.get("/", headers=sent).status_code == 303
        wrong = program.get("/api/runs", headers={"Authorization": "Bearer cw_nothing"})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "NOT_SIGNED_IN")
    with house.visitor() as browser:
        browser.cookies.set(COOKIE, token)
        assert browser.get("/").status_code == 303


def test_a_session_is_no_token_for_the_command_line(house: House):
    """What a browser holds opens no command: idle time would not count there."""
    from clerkwork.errors import Refused
    from clerkwork.people import token_owner

    with pytest.raises(Refused, match="TOKEN_REFUSED"):
        token_owner(house.office.store, house.session("boss"))
