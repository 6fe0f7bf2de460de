"""Signing in by an OpenID provider: a real one, and one that says what no provider should."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from clerkwork.people import disable_person
from clerkwork.people.oidc import LASTS
from clerkwork.run.office import open_office
from clerkwork.workspace.load import Oidc

from .conftest import COOKIE, PASSWORD, House, make_workspace, post, served
from .crooked_provider import (
    CLIENT,
    Crooked,
    crooked_provider,
    no_token,
    signed_by_another,
    signed_with_the_public_key,
    unsigned,
    with_its_own_key,
)

SECRET = "canary-of-the-console"
START, BACK = "/sign-in/provider", "/sign-in/provider/back"


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLERKWORK_SECRET_OIDC", SECRET)


@contextmanager
def house_with(folder: Path, issuer: str, **settings: object) -> Iterator[House]:
    """A served console whose people sign in at `issuer`; Anna is known."""
    oidc = Oidc(issuer=issuer, client_id=CLIENT, secret="oidc", **settings)  # type: ignore[arg-type]
    workspace = replace(make_workspace(folder / "workspace"), oidc=oidc)
    with open_office(workspace) as office, served(office) as found:
        found.add("boss", "administrator") if found.first == "" else add_first(found)
        found.add("anna", "checker")
        yield found


def add_first(house: House) -> None:
    """The first administrator."""
    from clerkwork.people import add_person

    record = house.office.audit.record
    add_person(
        house.office.store, "boss", "Boss", "Boss", ["administrator"], PASSWORD, by="",
        record=record,
    )  # fmt: skip


@pytest.fixture
def crooked() -> Iterator[Crooked]:
    """The provider that says what it is told."""
    with crooked_provider() as found:
        yield found


@pytest.fixture
def house_of(crooked: Crooked, tmp_path: Path) -> Iterator[House]:
    """The console that trusts it."""
    with house_with(tmp_path, crooked.issuer) as found:
        yield found


def begin(client: httpx.Client, crooked: Crooked, next_path: str = "/runs") -> dict[str, str]:
    """What the browser is sent to the provider with; the provider remembers the nonce."""
    led = client.get(START, params={"next": next_path})
    assert led.status_code == 303
    assert led.headers["location"].startswith(f"{crooked.issuer}/authorize?")
    asked = {k: v[0] for k, v in parse_qs(urlsplit(led.headers["location"]).query).items()}
    crooked.nonce = asked["nonce"]
    return asked


def come_back(client: httpx.Client, asked: dict[str, str], **said: str) -> httpx.Response:
    """The browser is led back."""
    return client.get(BACK, params={"code": "good", "state": asked["state"]} | said)


def is_signed_in(client: httpx.Client) -> bool:
    """Whether the browser holds a session that is good."""
    return client.get("/me").status_code == 200


def test_a_person_is_signed_in_by_what_the_provider_has_signed(crooked: Crooked, house_of: House):
    """With PKCE (S256), state and nonce; a new session, and on to where they wanted."""
    with house_of.visitor() as client:
        before = house_of.session("boss")
        client.cookies.set(COOKIE, before, domain="127.0.0.1")
        asked = begin(client, crooked)
        assert asked["response_type"] == "code"
        assert asked["redirect_uri"] == f"{house_of.origin}{BACK}"
        done = come_back(client, asked)
        assert done.status_code == 200
        assert 'http-equiv="refresh" content="0;url=/runs"' in done.text
        session = [c for c in done.headers.get_list("set-cookie") if c.startswith(f"{COOKIE}=")]
        assert "samesite=strict" in session[0].lower()
        assert client.cookies.get(COOKIE) != before
        assert "anna" in client.get("/me").text
    (sent,) = crooked.asked
    challenge = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest())
    assert asked["code_challenge"] == challenge.rstrip(b"=").decode()
    assert asked["code_challenge_method"] == "S256"
    pair = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
    assert sent["authorization"] == f"Basic {pair}"
    with house_of.visitor() as old:
        old.cookies.set(COOKIE, before)
        assert not is_signed_in(old)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"aud": None},
        {"aud": [CLIENT, "another"]}, {"aud": [CLIENT, "another"], "azp": "another"},
        {"iss": "https://evil.example"}, {"iss": None}, {"exp": 1}, {"exp": None},
        {"exp": timedelta(minutes=-2)}, {"iat": timedelta(hours=1)}, {"sub": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_that_is_not_for_us_now_is_refused(
    crooked: Crooked, house_of: House, claims: dict[str, object]
):
    """Another's nonce, audience or issuer, or its time is over."""
    crooked.claims = {
        name: int(time.time() + said.total_seconds()) if isinstance(said, timedelta) else said
        for name, said in claims.items()
    }
    with house_of.visitor() as client:
        done = come_back(client, begin(client, crooked))
        assert (done.status_code, "OIDC_TOKEN_WRONG" in done.text) == (422, True)
        assert not is_signed_in(client)


@pytest.mark.parametrize(
    "sign",
    [unsigned, signed_with_the_public_key, signed_by_another, with_its_own_key, no_token],
    ids=lambda sign: sign.__name__,
)
def test_a_token_that_the_provider_did_not_sign_is_refused(
    crooked: Crooked, house_of: House, sign: Callable[..., str]
):
    """Whatever its header says of the algorithm or the key."""
    crooked.sign = sign
    with house_of.visitor() as client:
        done = come_back(client, begin(client, crooked))
        assert (done.status_code, "OIDC_TOKEN_WRONG" in done.text) == (422, True)
        assert not is_signed_in(client)


def test_new_keys_of_the_provider_are_found(crooked: Crooked, house_of: House):
    """It signs with another key from one sign-in to the next; the old one is good no more."""
    for kid in ("first", "second", "third"):
        if kid != "first":
            crooked.rotate(kid)
        with house_of.visitor() as client:
            come_back(client, begin(client, crooked))
            assert is_signed_in(client), kid
    crooked.sign = signed_by_another
    with house_of.visitor() as client:
        come_back(client, begin(client, crooked))
        assert not is_signed_in(client)


def test_a_state_is_good_once_soon_and_in_its_own_browser(crooked: Crooked, house_of: House):
    """Replayed, forged, another browser's, too old: nobody is signed in by it."""
    with house_of.visitor() as client, house_of.visitor() as other:
        asked = begin(client, crooked)
        seed = client.cookies["clerkwork-oidc"]
        begin(other, crooked)
        assert "OIDC_STATE" in come_back(other, asked).text  # led into another's sign-in
        assert not is_signed_in(other)
        assert "OIDC_STATE" in come_back(client, {"state": f"{asked['state']}x"}).text
        client.cookies.set("clerkwork-oidc", seed)
        crooked.nonce = asked["nonce"]
        assert come_back(client, asked).status_code == 200
        assert is_signed_in(client)
        client.cookies.delete(COOKIE)
        client.cookies.set("clerkwork-oidc", seed)
        assert "OIDC_STATE" in come_back(client, asked).text
        assert not is_signed_in(client)
        for state in ("", ".", "a.b", "é.é"):
            assert "OIDC_STATE" in come_back(client, {"state": state}).text


def test_a_state_that_is_too_old_is_good_no_more(crooked: Crooked, tmp_path: Path):
    """Ten minutes: who comes later signs in anew."""
    from clerkwork.errors import Refused
    from clerkwork.people.oidc import begin as begun
    from clerkwork.people.oidc import take_state

    with open_office(make_workspace(tmp_path / "here")) as office:
        now = office.clock()
        state = begun(office.store, "seed", now=now)
        with pytest.raises(Refused, match="OIDC_STATE"):
            take_state(office.store, state, "seed", now=now + LASTS + timedelta(seconds=1))
        take_state(office.store, state, "seed", now=now + LASTS - timedelta(seconds=1))


@pytest.mark.parametrize("name", ["nobody", "Anna", "", "<script>", None])
def test_who_was_not_added_is_refused_in_a_clear_line(
    crooked: Crooked, house_of: House, name: str | None
):
    """No account is made; what the provider says is shown as text."""
    crooked.claims = {"preferred_username": name}
    with house_of.visitor() as client:
        done = come_back(client, begin(client, crooked))
        assert "OIDC_PERSON_UNKNOWN" in done.text
        assert "<script>" not in done.text
        assert not is_signed_in(client)


def test_a_disabled_person_stays_out(crooked: Crooked, house_of: House):
    """Whatever the provider says."""
    disable_person(house_of.office.store, "anna", by="boss", record=house_of.office.audit.record)
    with house_of.visitor() as client:
        assert "OIDC_PERSON_UNKNOWN" in come_back(client, begin(client, crooked)).text
        assert not is_signed_in(client)


def test_an_error_answer_is_told_and_nothing_else_of_it(crooked: Crooked, house_of: House):
    """Of the browser and of the token endpoint; the issuer that answers must be ours."""
    with house_of.visitor() as client:
        denied = come_back(client, begin(client, crooked), error="access_denied")
        assert "access_denied" in denied.text
        odd = come_back(client, begin(client, crooked), error="<img src=x>")
        assert "OIDC_CODE_REFUSED" in odd.text
        assert "img src=x" not in odd.text
        refused = come_back(client, begin(client, crooked), code="bad")
        assert "invalid_grant" in refused.text
        assert "<b>no" not in refused.text
        mixed = come_back(client, begin(client, crooked), iss="https://evil.example")
        assert "OIDC_TOKEN_WRONG" in mixed.text
        assert not is_signed_in(client)


@pytest.mark.parametrize(
    "next_path", ["https://evil.example/", "//evil.example", "/\\evil.example", "/a\r\nX: y", "x"]
)
def test_the_way_back_leads_nowhere_else(crooked: Crooked, house_of: House, next_path: str):
    """Where the person wanted to go is a path of this console."""
    with house_of.visitor() as client:
        done = come_back(client, begin(client, crooked, next_path))
        (target,) = re.findall(r'content="0;url=([^"]*)"', done.text)
        assert target == "/"


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
    ids=str,
)
def test_a_provider_that_is_not_what_it_should_be_is_not_asked(
    crooked: Crooked, house_of: House, about: dict[str, str]
):
    """Another issuer, an address that anybody could read on the way: that is told."""
    crooked.about = about
    with house_of.visitor() as client:
        told = client.get(START)
        assert "OIDC_WRONG" in told.text
        assert "location" not in told.headers


def test_a_mail_address_counts_when_it_is_verified_and_ours(crooked: Crooked, tmp_path: Path):
    """What stands before the house's domain is the sign-in name."""
    options = {"claim": "email", "domain": "bank.example"}
    with house_with(tmp_path, crooked.issuer, **options) as house:
        for email, is_verified, is_in in (
            ("anna@bank.example", True, True),
            ("anna@bank.example", False, False),
            ("anna@evil.example", True, False),
            ("anna", True, False),
        ):
            crooked.claims = {"email": email, "email_verified": is_verified}
            with house.visitor() as client:
                come_back(client, begin(client, crooked))
                assert is_signed_in(client) == is_in, email


def test_passwords_go_on_unless_the_house_says_only(crooked: Crooked, tmp_path: Path):
    """A local account keeps working; with `only` no password is asked for or taken."""
    with house_with(tmp_path / "both", crooked.issuer) as house, house.visitor() as client:
        assert START in client.get("/sign-in").text
        assert post(client, "/sign-in", name="anna", password=PASSWORD).status_code == 303
        assert is_signed_in(client)
    only = house_with(tmp_path / "only", crooked.issuer, only=True)
    with only as house, house.visitor() as client:
        shown = client.get("/sign-in").text
        assert 'name="password"' not in shown
        told = post(client, "/sign-in", page="/sign-in", name="anna", password=PASSWORD)
        assert "SIGN_IN_BY_PROVIDER" in told.text
        assert not is_signed_in(client)
        come_back(client, begin(client, crooked))
        assert is_signed_in(client)


def test_a_house_without_a_provider_has_no_way_to_one(empty: House):
    """Neither address leads anywhere."""
    with empty.visitor() as client:
        for path in (START, BACK):
            assert "PAGE_UNKNOWN" in client.get(path).text


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def real_provider(port: int) -> Iterator[str]:
    """oidc-provider-mock, a program of its own; each start has new keys."""
    anna = json.dumps({"sub": "7", "preferred_username": "anna"})
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    started = subprocess.Popen(
        [*command, "--require-nonce", "true", "--user-claims", anna],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    origin = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                httpx.get(f"{origin}/jwks")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield origin
    finally:
        started.terminate()
        started.wait()


def test_a_real_provider_signs_in_whom_it_knows(tmp_path: Path):
    """There and back; its keys change; it is down; somebody says no there."""
    port = free_port()
    with house_with(tmp_path, f"http://127.0.0.1:{port}") as house:
        for _ in range(2):  # the second has other keys
            with real_provider(port), house.visitor() as client:
                arrive(client, sub="7")
                assert is_signed_in(client)
                assert "anna" in client.get("/me").text
        with real_provider(port), house.visitor() as client:
            denied = arrive(client, action="deny")
            assert "OIDC_STATE" in denied.text  # this one says no without the state
            unknown = arrive(client, sub="8")
            assert "OIDC_PERSON_UNKNOWN" in unknown.text
            assert not is_signed_in(client)
            asked = client.get(START).headers["location"]
            state = parse_qs(urlsplit(asked).query)["state"][0]
        with house.visitor(cookies=client.cookies) as client:
            down = client.get(BACK, params={"code": "x", "state": state})
            assert (down.status_code, "OIDC_UNAVAILABLE" in down.text) == (503, True)
            assert not is_signed_in(client)


def arrive(client: httpx.Client, **said: str) -> httpx.Response:
    """Go to the provider, say who one is there, and come back."""
    there = client.get(START).headers["location"]
    led = httpx.post(there, data=said)
    assert led.status_code == 302, led.text
    return client.get(led.headers["location"])
