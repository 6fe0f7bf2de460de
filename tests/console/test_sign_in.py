"""Signing in: by password and code, guarded; sessions that end; the first person's way in."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
import sqlalchemy as sa

from clerkwork.people.sessions import IDLE, LASTS
from clerkwork.people.signing_in import FAILURES, digest_of
from clerkwork.store.tables import links, people, tokens

from .conftest import COOKIE, PASSWORD, House, post


def sign_in(client: httpx.Client, name: str, password: str = PASSWORD, **more: str):
    """Fill in the form."""
    return post(client, "/sign-in", name=name, password=password, **more)


def is_in(client: httpx.Client) -> bool:
    """Whether the page of today is shown."""
    return client.get("/").status_code == 200


def change(house: House, table: sa.Table, where: sa.ColumnElement[bool], **values: object) -> None:
    """Let time have passed in the store."""
    with house.office.store.begin() as conn:
        conn.execute(sa.update(table).where(where).values(**values))


def events(house: House) -> list[str]:
    """Names of what the audit log has."""
    return [event.name for _, event in house.office.audit.read()]


def test_a_person_signs_in_goes_where_they_wanted_and_signs_out(house: House):
    """The whole way; afterwards the session is void, whoever still has its cookie."""
    with house.visitor() as client:
        asked = client.get("/runs")
        assert asked.headers["location"] == "/sign-in?next=/runs"
        assert 'name="next" value="/runs"' in client.get(asked.headers["location"]).text

        done = sign_in(client, "checker.own", next="/runs")
        assert (done.status_code, done.headers["location"]) == (303, "/runs")
        assert is_in(client)
        kept = client.cookies[COOKIE]

        assert post(client, "/sign-out", page="/").status_code == 303
        assert not is_in(client)
    with house.visitor() as thief:
        thief.cookies.set(COOKIE, kept)
        assert not is_in(thief)


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(house: House):
    """HttpOnly, SameSite=Strict, for the whole site; gone with the browser."""
    with house.visitor() as client:
        done = sign_in(client, "checker.own")

    told = next(c for c in done.headers.get_list("set-cookie") if c.startswith(COOKIE))
    flags = {part.strip().lower() for part in told.split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= flags
    assert not any(flag.startswith(("max-age", "expires", "domain")) for flag in flags)


def test_no_session_is_fixed_from_outside(house: House):
    """A cookie that was there before is never taken up; signing in makes a new one, each time."""
    with house.visitor() as client:
        client.cookies.set(COOKIE, "chosen-by-somebody-else")
        sign_in(client, "checker.own")
        first = [c for c in client.cookies.jar if c.name == COOKIE and c.value != "chosen-by"]
        values = {cookie.value for cookie in first} - {"chosen-by-somebody-else"}
        assert len(values) == 1

    token = values.pop()
    with house.visitor() as client:  # signs in again while signed in: the old one is void
        client.get("/sign-in")
        seed = client.cookies["clerkwork-visitor"]
        client.cookies.set(COOKIE, token)
        assert seed and is_in(client)
        page = client.get("/me").text
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)
        assert csrf is not None
        again = client.post(
            "/sign-in",
            data={"csrf": csrf[1], "name": "checker.own", "password": PASSWORD},
            headers={"Origin": house.origin},
        )
        assert again.status_code == 303
    with house.visitor() as thief:
        thief.cookies.set(COOKIE, token)
        assert not is_in(thief)


def test_after_failures_the_sign_in_is_locked_for_the_right_password_too(house: House):
    """Counted in the store, so for every console and the command line at once."""
    house.add("locked.out", "checker")
    with house.visitor() as client:
        for _ in range(FAILURES):
            wrong = sign_in(client, "locked.out", "wrong-password")
            assert wrong.status_code == 422
            assert "SIGN_IN_REFUSED" in wrong.text
        assert sign_in(client, "locked.out").status_code == 422
        earlier = house.office.clock() - timedelta(seconds=1)
        change(house, people, people.c.name == "locked.out", locked_until=earlier)
        assert sign_in(client, "locked.out").status_code == 303


def test_who_is_unknown_or_disabled_learns_no_more_than_who_is_wrong(house: House):
    """The same answer, but for the name that they typed."""
    house.add("gone", "checker")
    change(house, people, people.c.name == "gone", disabled=True)
    said = set()
    with house.visitor() as client:
        for name in ("nobody", "gone", "checker.other"):
            answer = sign_in(client, name, "wrong-password")
            plain = re.sub(r'value="[^"]*"', "", answer.text)
            said.add((answer.status_code, plain))

    assert len(said) == 1


@pytest.mark.parametrize("passed", ["idle", "absolute", "disabled", "revoked"])
def test_a_session_ends(house: House, passed: str):
    """Left alone for half an hour; after a working day; with the person; by signing out."""
    name = f"ends.{passed}"
    house.add(name, "checker")
    with house.visitor(name) as client:
        assert is_in(client)
        this = tokens.c.digest == digest_of(client.cookies[COOKIE])
        now = house.office.clock()
        if passed == "idle":
            change(house, tokens, this, used_at=now - IDLE)
        elif passed == "absolute":
            change(house, tokens, this, expires_at=now)
        elif passed == "disabled":
            change(house, people, people.c.name == name, disabled=True)
        else:
            change(house, tokens, this, revoked_at=now)
        assert not is_in(client)


def test_use_keeps_a_session_and_a_page_that_renews_itself_does_not(house: House):
    """Somebody at work stays; an open page on a desk that nobody sits at does not."""
    with house.visitor("checker.own") as client:
        this = tokens.c.digest == digest_of(client.cookies[COOKIE])
        earlier = house.office.clock() - IDLE + timedelta(minutes=1)
        change(house, tokens, this, used_at=earlier)
        assert client.get("/", headers={"X-Live": "1"}).status_code == 200
        assert used_at(house, this) == earlier
        assert is_in(client)
        assert used_at(house, this) > earlier
        assert LASTS > IDLE


def used_at(house: House, this: sa.ColumnElement[bool]):
    """When the session was used last, as the store has it."""
    with house.office.store.connect() as conn:
        return conn.execute(sa.select(tokens.c.used_at).where(this)).scalar_one()


def test_a_changed_password_voids_every_other_session_and_token(house: House):
    """The one who changed it goes on, under a new session."""
    house.add("changes", "checker")
    with house.visitor("changes") as other, house.visitor("changes") as client:
        before = client.cookies[COOKIE]
        wrong = post(client, "/me/password", page="/me", old="x", new="n" * 12, again="n" * 12)
        assert (wrong.status_code, "SIGN_IN_REFUSED" in wrong.text) == (422, True)
        differ = post(client, "/me/password", page="/me", old=PASSWORD, new="n" * 12, again="m")
        assert "PASSWORDS_DIFFER" in differ.text
        short = post(client, "/me/password", page="/me", old=PASSWORD, new="short", again="short")
        assert "PASSWORD_TOO_SHORT" in short.text

        new = {"old": PASSWORD, "new": "another-canary", "again": "another-canary"}
        assert post(client, "/me/password", page="/me", **new).status_code == 303
        assert not is_in(other)
        values = {c.value for c in client.cookies.jar if c.name == COOKIE}
        assert values != {before}
    with house.visitor() as later:
        assert sign_in(later, "changes").status_code == 422
        assert sign_in(later, "changes", "another-canary").status_code == 303


def set_up_codes(client: httpx.Client) -> pyotp.TOTP:
    """Set up one-time codes as an app does: by the address on the page."""
    page = client.get("/me/codes").text
    address = re.search(r'href="(otpauth:[^"]+)"', page)
    assert address is not None
    secret = parse_qs(urlsplit(address[1].replace("&amp;", "&")).query)["secret"][0]
    return pyotp.TOTP(secret)


def test_who_uses_codes_needs_one_and_each_is_good_once(house: House):
    """The password alone is not enough any more, and a code that was seen is worth nothing."""
    house.add("careful", "checker")
    with house.visitor("careful") as client:
        codes = set_up_codes(client)
        assert "CODE_WRONG" in post(client, "/me/codes", code="000000").text
        now = house.office.clock()
        first = codes.at(now)
        assert post(client, "/me/codes", code=first).status_code == 303
        assert "CODES_SET_ALREADY" in post(client, "/me/codes", page="/me", code=first).text
    with house.visitor() as later:
        assert sign_in(later, "careful").status_code == 422
        assert sign_in(later, "careful", code=first).status_code == 422  # used already
        following = codes.at(now + timedelta(seconds=30))
        assert sign_in(later, "careful", code=following).status_code == 303
    with house.visitor() as thief:
        assert sign_in(thief, "careful", code=following).status_code == 422
    assert "person.second_factor_set" in events(house)


def test_where_codes_are_required_nobody_works_without(house: House):
    """Only one's own pages open, until they are set up."""
    from dataclasses import replace

    from clerkwork.console.address import Address

    from .conftest import served

    strict = replace(house.office.workspace, second_factor="required")
    house.add("late.comer", "checker")
    with (
        served(replace(house.office, workspace=strict), Address(port=0)) as other,
        other.visitor("late.comer") as client,
    ):
        assert client.get("/").headers["location"] == "/me/codes"
        assert client.get("/api/runs").json()["code"] == "SECOND_FACTOR_NEEDED"
        codes = set_up_codes(client)
        post(client, "/me/codes", code=codes.at(other.office.clock()))
        assert is_in(client)


def test_the_first_person_comes_by_a_link_that_is_good_once(empty: House):
    """No default password: the link makes an administrator, is used up, and none is made after."""
    assert empty.first.startswith("/first/")
    with empty.visitor() as client:
        form = {"name": "boss", "en": "Zhao Min", "zh": "赵敏"}
        differ = post(client, empty.first, **form, password=PASSWORD, again="x")
        assert "PASSWORDS_DIFFER" in differ.text
        assert (
            post(client, empty.first, **form, password=PASSWORD, again=PASSWORD).status_code == 303
        )
        assert is_in(client)
    assert empty.person("boss").roles == ("administrator",)
    with empty.visitor() as other:
        assert other.get(empty.first).status_code == 404
    from clerkwork.people.links import first_link

    record, now = empty.office.audit.record, empty.office.clock()
    assert first_link(empty.office.store, record=record, now=now) == ""


def test_the_first_link_expires_and_a_wrong_one_opens_nothing(empty: House):
    """After an hour; also for who guesses."""
    with empty.visitor() as client:
        assert client.get(f"{empty.first}x").status_code == 404
        change(empty, links, sa.true(), expires_at=empty.office.clock())
        assert client.get(empty.first).status_code == 404


def test_two_who_have_the_same_first_link_do_not_both_come_in(empty: House):
    """The second is refused, though their form was open before."""
    with empty.visitor() as one, empty.visitor() as two:
        page = two.get(empty.first).text
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)
        assert csrf is not None
        form = {"name": "boss", "password": PASSWORD, "again": PASSWORD}
        assert post(one, empty.first, **form).status_code == 303
        late = two.post(
            empty.first,
            data=form | {"name": "other", "csrf": csrf[1]},
            headers={"Origin": empty.origin},
        )
        assert late.status_code == 422
        assert "LINK_OVER" in late.text
