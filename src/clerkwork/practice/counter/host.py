"""The counter as a web server on loopback."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from clerkwork.practice import manners
from clerkwork.practice.counter.certificate import wrong_certificate
from clerkwork.practice.counter.operators import SignOns
from clerkwork.practice.counter.pages import SYSTEM, Pages
from clerkwork.practice.slips import SlipBook
from clerkwork.practice.web import WebServer

Tls = Literal["none", "wrong"]


class Host:
    """A running counter. `url` is its sign-on page, `slips` its books."""

    def __init__(self, slips: SlipBook, sign_ons: SignOns, folder: Path, *, tls: Tls):
        self.slips = slips
        self._sign_ons = sign_ons
        pages = Pages(slips, sign_ons, folder)
        certificate = wrong_certificate(folder / "counter.pem") if tls == "wrong" else None
        self._server = WebServer(pages.routes(), name="practice-counter", certificate=certificate)
        self.url = self._server.url

    def expire_sessions(self) -> None:
        """Let every session time out now."""
        self._sign_ons.expire_all()

    def close(self) -> None:
        """Stop serving and free the port."""
        self._server.close()


def database(home: Path) -> Path:
    """Where the counter of the practice bank in `home` keeps its slips."""
    return home / "practice" / "counter.db"


def serve(
    home: Path,
    credentials: Mapping[str, Mapping[str, str]],
    *,
    idle_s: float = 900.0,
    tls: Tls = "none",
) -> Host:
    """
    The counter of the practice bank in `home`, running on a free port of 127.0.0.1.

    `credentials` has operator and password of "counter-desk" and "counter-keyboard".
    `tls` "wrong", or the manner certificate-wrong when it starts: it speaks TLS, with a
    certificate that is self-signed and another host's.
    """
    path = database(home)
    sign_ons = SignOns(credentials, idle_s=idle_s)
    if manners.is_due(path.parent, SYSTEM, manners.CERTIFICATE_WRONG):
        tls = "wrong"
    return Host(SlipBook(path), sign_ons, path.parent, tls=tls)
