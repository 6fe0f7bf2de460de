"""The 3270 terminal by tnz: the same session, and what tnz alone would do wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from clerkwork.errors import Misconfigured, Refused, Unavailable
from clerkwork.practice import core, manners, world
from clerkwork.systems.grid import GridSession
from clerkwork.systems.maps import SystemMap, load_system
from clerkwork.systems.port import SignOn
from clerkwork.systems.tn3270.tnz_terminal import TnzTerminal
from tests.certificates import certificate

CORE = load_system(Path(__file__).parents[2] / "resources/systems/core")
KEYBOARD = SignOn("KEYB0001", "RT5WM9BA")
CREDENTIALS = {"core-keyboard": {"operator": "KEYB0001", "password": "RT5WM9BA"}}
SLIP = {
    "account": "6222000011",
    "payee": "ACME TRADING",
    "amount": "1234.50",
    "purpose": "INVOICE 5017",
    "reference": "CW00000000000001",
}

Opened = Callable[..., GridSession]


def host_of(home: Path, **options: Any) -> core.Host:
    """A core of the world's books."""
    none = home / "none.db"
    return core.serve(home, world.day, date(2026, 6, 12), CREDENTIALS, none, **options)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[core.Host]:
    """A plain core."""
    running = host_of(tmp_path)
    yield running
    running.close()


def opened(host: core.Host, system: SystemMap = CORE) -> GridSession:
    """A session by tnz."""
    terminal = TnzTerminal(system, f"127.0.0.1:{host.port}", tls=False)
    return GridSession(system, terminal, KEYBOARD, keep=ignore, may_commit=True)


def ignore(picture: object) -> None:
    """Keep nothing."""


def go() -> None:
    """We may."""


def signed_on(session: GridSession) -> GridSession:
    """The session, on the menu."""
    session.expect("sign_on")
    session.set("operator", KEYBOARD.operator)
    session.set("password", KEYBOARD.password)
    session.press("enter")
    return session


def test_a_slip_is_keyed_and_found(host: core.Host):
    """Typed, posted, found by its reference; the list is read over its pages."""
    with opened(host) as session:
        signed_on(session).press("slip")
        for name, value in SLIP.items():
            session.set(name, value)
        assert "CB4001" == session.commit("post", go).message_code
        session.press("back")
        session.press("search")
        session.set("reference", SLIP["reference"])
        found = session.press("find")
        session.press("back")
        session.press("list")
        assert 26 == len(list(session.all_rows("lines")))

    assert ("0001", "ACME TRADING", "1,234.50") == (
        found.fields["count"],
        found.fields["payee"],
        found.fields["amount"],
    )
    assert 1 == len(host.slips.find(SLIP["reference"]))


@pytest.mark.parametrize("model", [2, 3, 4, 5])
def test_every_model_is_read(tmp_path: Path, model: int):
    """The screen's size comes from the map, whatever the environment's terminal has."""
    host = host_of(tmp_path, alternate=True)
    with opened(host, CORE.model_copy(update={"model": model})) as session:
        assert "2026-06-12" == signed_on(session).now().fields["accounting_date"]
    host.close()


@pytest.mark.parametrize(
    ("page", "code"), [("cp935", "CODE_PAGE_DOUBLE_BYTE"), ("cp1047x", "CODE_PAGE_UNKNOWN")]
)
def test_a_code_page_that_tnz_shows_wrong_is_refused_by_name(page: str, code: str):
    """Before anything is connected."""
    with pytest.raises(Misconfigured) as wrong:
        TnzTerminal(CORE.model_copy(update={"code_page": page}), "127.0.0.1:1", tls=False)

    assert code == wrong.value.code
    assert page in wrong.value.message("zh")


def test_what_tnz_would_spill_or_mistake_is_refused(host: core.Host):
    """Too long, letters among digits, Chinese: nothing is typed."""
    with opened(host) as session:
        signed_on(session).press("slip")
        codes = []
        for name, value in (("reference", "R" * 17), ("account", "62220000AB"), ("payee", "张三")):
            with pytest.raises(Refused) as refused:
                session.set(name, value)
            codes.append(refused.value.code)
        fields = session.now().fields

    assert ["FIELD_TOO_LONG", "FIELD_NOT_NUMERIC", "FIELD_NOT_ENCODABLE"] == codes
    assert {""} == {fields[name] for name in SLIP}


def test_a_running_event_loop_does_no_harm(host: core.Host):
    """tnz runs on a thread of its own."""

    async def work() -> str:
        with opened(host) as session:
            return signed_on(session).now().name

    assert "menu" == asyncio.run(work())


def test_a_host_that_does_not_listen_is_not_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Unavailable, with the reason; and tnz leaves no log of its own behind."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unavailable) as away:
        TnzTerminal(CORE, "127.0.0.1:1", tls=False)

    assert "SYSTEM_NOT_REACHED" == away.value.code
    assert [] == list(tmp_path.iterdir())


def test_a_host_that_hangs_up_is_told(tmp_path: Path, host: core.Host):
    """The next call is Unavailable."""
    with opened(host) as session:
        signed_on(session)
        manners.switch_on(tmp_path / "practice", "core", manners.HOST_RESTARTED, times=1)
        with pytest.raises(Unavailable) as gone:
            session.press("slip")

    assert "SYSTEM_HUNG_UP" == gone.value.code


@pytest.mark.parametrize(
    ("name", "is_trusted", "expected"),
    [
        ("localhost", True, "sign_on"),
        ("localhost", False, "SYSTEM_NOT_REACHED"),
        ("another.host", True, "SYSTEM_NOT_REACHED"),
    ],
)
def test_tls_checks_who_signed_and_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, is_trusted: bool, expected: str
):
    """tnz alone takes a certificate of another host."""
    path = certificate(tmp_path, name)
    host = host_of(tmp_path, tls=core.Tls(path))
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(path))

    def outcome() -> str:
        try:
            terminal = TnzTerminal(CORE, f"localhost:{host.port}", tls=True)
        except Unavailable as failure:
            return failure.code
        with GridSession(CORE, terminal, KEYBOARD, keep=ignore, may_commit=False) as session:
            return session.expect("sign_on").name

    assert expected == outcome()
    host.close()
