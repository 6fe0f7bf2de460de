"""Tokens of programs: an owner, a name, an end, and never more than the owner may."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from clerkwork.errors import Refused
from clerkwork.people import Authoriser, disable_person, issue_token, token_owner
from clerkwork.people.tokens import list_tokens, make_token
from clerkwork.run.items import list_items

from .conftest import OWN, House, post

_SHOWN = re.compile(r'<output class="secret">(cw_[^<]+)</output>')


def calling(house: House, token: str) -> httpx.Client:
    """A program with that token."""
    client = house.visitor()
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def test_a_token_is_made_on_ones_own_page_and_shown_once(house: House):
    """With a name, some of one's roles and an end; listed with its last use, and made void."""
    house.add("two.roles", "operator", "auditor", desks=(OWN,))
    with house.visitor("two.roles") as browser:
        form = {"label": "nightly export", "days": "30", "role.auditor": "on"}
        shown = post(browser, "/me/tokens", page="/me", **form)
        (token,) = _SHOWN.findall(shown.text)
        assert token not in browser.get("/me").text
        with calling(house, token) as program:
            me = program.get("/api/me").json()
            assert me["roles"] == ["auditor"]
            (listed,) = program.get("/api/me/tokens").json()["tokens"]
            assert (listed["label"], listed["roles"]) == ("nightly export", ["auditor"])
            assert listed["used_at"]
            assert program.get("/api/runs").status_code == 200
            refused = program.post("/api/stop-all", json={"why": "I may, the token may not"})
            assert refused.json()["code"] == "NOT_ALLOWED"
            done = post(browser, f"/me/tokens/{listed['id']}/revoke", page="/me")
            assert done.headers["location"] == "/me"
            assert program.get("/api/me").status_code == 401
        assert post(browser, "/me/tokens/000000000000/revoke", page="/me").status_code == 404


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"days": "0", "role.checker": "on"}, "TOKEN_DAYS"),
        ({"days": "1000", "role.checker": "on"}, "TOKEN_DAYS"),
        ({"days": "soon", "role.checker": "on"}, "TOKEN_DAYS"),
        ({"days": "30"}, "NOTHING_CHOSEN"),
        ({"days": "30", "role.administrator": "on"}, "NOTHING_CHOSEN"),
        ({"days": "30", "role.checker": "on", "label": "x" * 61}, "TOKEN_LABEL"),
    ],
)
def test_a_token_that_would_be_more_is_not_made(house: House, form, code):
    """Not of a role that one has not, not for ever."""
    with house.visitor("checker.other") as browser:
        shown = post(browser, "/me/tokens", page="/me", **form)
        assert shown.status_code == 422
        assert code in shown.text
        assert not _SHOWN.findall(shown.text)


def test_another_ones_token_is_not_there_to_be_made_void(house: House):
    """Its id names nothing."""
    token = issue_token(
        house.office.store, "maker.own", by="maker.own", record=house.office.audit.record
    )
    (one, *_) = list_tokens(house.office.store, "maker.own", now=house.office.clock())
    with house.visitor("boss") as browser:
        assert post(browser, f"/me/tokens/{one.id}/revoke", page="/me").status_code == 404
    assert token_owner(house.office.store, token).name == "maker.own"


def test_a_token_follows_its_owner_down_and_never_up(house: House):
    """A role that is taken away is gone from it; one that is given does not come to it."""
    store, record = house.office.store, house.office.audit.record
    person = house.add("moves.on", "operator", "checker")
    token = issue_token(store, person.name, by="boss", record=record, roles=["checker"])
    with pytest.raises(Refused, match="ROLE_NOT_THEIRS"):
        issue_token(store, person.name, by="boss", record=record, roles=["manager"])
    set_roles(house, person.name, ["operator", "checker", "manager"])
    assert token_owner(store, token).roles == ("checker",)
    set_roles(house, person.name, ["operator"])
    fallen = token_owner(store, token)
    assert fallen.roles == ()
    with pytest.raises(Refused, match="NOT_ALLOWED"):
        Authoriser(store).may(fallen, "see")


def test_who_came_by_a_narrowed_token_makes_no_wider_one(house: House):
    """Not of another of their roles, and one without roles named is narrowed like theirs."""
    store, record, now = house.office.store, house.office.audit.record, house.office.clock()
    house.add("narrowed", "operator", "checker")
    came_by = issue_token(store, "narrowed", by="narrowed", record=record, roles=["operator"])
    person = token_owner(store, came_by)
    options = {"person": person, "label": "", "days": 1, "record": record, "now": now}
    with pytest.raises(Refused, match="ROLE_NOT_THEIRS"):
        make_token(store, "narrowed", roles=["checker"], **options)
    made = make_token(store, "narrowed", roles=[], **options)
    assert token_owner(store, made).roles == ("operator",)


def test_a_disabled_persons_tokens_are_dead_and_so_is_one_that_is_over(house: House):
    """At once, and by the clock."""
    store, record, now = house.office.store, house.office.audit.record, house.office.clock()
    house.add("leaver", "auditor")
    token = issue_token(store, "leaver", by="boss", record=record)
    short = issue_token(store, "leaver", by="boss", record=record, lasts=timedelta(days=1))
    with pytest.raises(Refused, match="TOKEN_REFUSED"):
        token_owner(store, short, now=now + timedelta(days=1, minutes=1))
    with calling(house, token) as program:
        assert program.get("/api/runs").status_code == 200
        disable_person(store, "leaver", by="boss", record=record)
        assert program.get("/api/runs").status_code == 401


def test_making_and_ending_a_token_stands_in_the_audit_log(house: House):
    """With its id and roles, never with itself."""
    with house.visitor("auditor.other") as browser:
        shown = post(browser, "/me/tokens", page="/me", days="1", **{"role.auditor": "on"})
        (token,) = _SHOWN.findall(shown.text)
        (one, *_) = list_tokens(house.office.store, "auditor.other", now=house.office.clock())
        post(browser, f"/me/tokens/{one.id}/revoke", page="/me")
    last = [event for _, event in house.office.audit.read()][-2:]
    assert [event.name for event in last] == ["person.token_issued", "person.token_revoked"]
    assert all(event.fields["token"] == one.id for event in last)
    assert last[0].fields["roles"] == ["auditor"]
    assert token not in str([event.fields for event in last])


def test_a_narrowed_token_approves_nothing_that_its_owner_started(house: House):
    """Whoever calls, it is the owner who has the hand."""
    house.add("started.it", "maker", "checker", "authoriser", "manager", desks=(OWN,))
    item = next(row for row in list_items(house.office, state="waiting"))
    set_starter(house, item.run_id, "started.it")
    store, record = house.office.store, house.office.audit.record
    token = issue_token(store, "started.it", by="started.it", record=record, roles=[item.needs[0]])
    with calling(house, token) as program:
        seen = {"version": item.version, "digest": item.digest}
        told = program.post(f"/api/items/{item.id}/agree", json=seen)
    assert told.json()["code"] == "SELF_APPROVAL"


def set_roles(house: House, name: str, roles: list[str]) -> None:
    """The person has these roles from now on."""
    import sqlalchemy as sa

    from clerkwork.store.tables import people

    with house.office.store.begin() as conn:
        conn.execute(sa.update(people).where(people.c.name == name).values(roles=roles))


def set_starter(house: House, run_id: str, name: str) -> None:
    """That person has started the run."""
    from .test_hands import started

    with house.office.store.begin() as conn:
        started(conn, run_id, name)
