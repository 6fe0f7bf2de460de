"""The practice core beyond plain 3270: TN3270E, large screens, TLS."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from clerkwork.practice import core, manners
from clerkwork.practice.core import telnet
from tests.certificates import certificate
from tests.practice.core.bare import Bare, Serve, Terminals, shown


def test_tn3270e_gives_the_logical_unit_asked_for(serve: Serve, bare: Terminals):
    """CONNECT CWLU07: its name is the terminal's; responses are agreed, keys come in."""
    host = serve(tn3270e=True)
    terminal = bare(host, unit="CWLU07@")

    assert shown(terminal.screen(), "CWLU07")
    assert "tn3270e" in terminal.run("Query(ConnectionState)")[0][0]
    assert "CWLU07" in terminal.run("Query(LuName)")[0][0]
    terminal.sign_on()
    assert shown(terminal.key_slip(), "CB4001")


def test_a_logical_unit_that_is_not_or_is_in_use_is_rejected(
    serve: Serve, bare: Terminals, monkeypatch: pytest.MonkeyPatch
):
    """INV-NAME and DEVICE-IN-USE; a closed terminal gives its unit back."""
    monkeypatch.setattr(telnet, "_NEGOTIATION_S", 1.0)  # s3270 asks for no other unit, and waits
    host = serve(tn3270e=True)
    first = bare(host, unit="CWLU07@")
    assert first.is_connected
    assert not bare(host, unit="WRONG@").is_connected
    assert not bare(host, unit="CWLU07@").is_connected
    first.run("Disconnect()")
    deadline = time.monotonic() + 5
    while not (again := bare(host, unit="CWLU07@")).is_connected:
        assert time.monotonic() < deadline
    assert shown(again.screen(), "CWLU07")


def test_a_client_without_tn3270e_gets_classic_tn3270(serve: Serve, bare: Terminals):
    """N: in the address turns it off; the host falls back."""
    terminal = bare(serve(tn3270e=True), unit="N:")

    assert shown(terminal.screen(), "T0001")
    assert shown(terminal.sign_on(), "CB10 MENU")


@pytest.mark.parametrize(
    ("model", "alternate", "size"),
    [
        ("2", False, ("24", "80")),
        ("4", False, ("24", "80")),
        ("2", True, ("24", "80")),
        ("3", True, ("32", "80")),
        ("4", True, ("43", "80")),
        ("5", True, ("27", "132")),
    ],
)
def test_every_model_shows_the_same_pages(
    serve: Serve, bare: Terminals, model: str, alternate: bool, size: tuple[str, str]
):
    """In the 24 by 80 size, or in the upper left of the model's own; fields come in from both."""
    host = serve(alternate=alternate, tn3270e=model == "5")
    terminal = bare(host, "-model", f"3278-{model}")
    terminal.sign_on()
    terminal.type_at(14, "1")
    terminal.key("Enter()")
    terminal.type_at(8, "20260611")
    terminal.type_at(10, "0755")
    rows = terminal.key("Enter()")

    assert size == (terminal.status[6], terminal.status[7])
    assert rows[0].startswith(" CB21 JOURNAL")
    assert ["00001", "00002", "00003"] == [row[:5] for row in rows[4:7]]


@pytest.mark.parametrize("is_wrong", [False, True])
def test_tls_is_verified_and_a_wrong_certificate_refused(
    serve: Serve, tmp_path: Path, is_wrong: bool
):
    """The host is itself, or on a bad day somebody else; s3270 checks signer and name."""
    right = certificate(tmp_path, "localhost")
    host = serve(tls=core.Tls(right, certificate(tmp_path, "another.host")))
    if is_wrong:
        manners.switch_on(tmp_path / "practice", "core", manners.CERTIFICATE_WRONG)
    options = ("-verifycert", "-cafile", str(right))
    terminal = Bare(f"L:localhost:{host.port}", *options)

    assert terminal.is_connected != is_wrong
    assert is_wrong or shown(terminal.sign_on(), "CB10 MENU")
    terminal.close()
