"""The ledger as a web server on loopback, in a thread of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from clerkwork.practice import manners
from clerkwork.practice.ledger.books import Books, database
from clerkwork.practice.ledger.operators import SignIns
from clerkwork.practice.ledger.pages import SYSTEM, Pages
from clerkwork.practice.web import WebServer
from clerkwork.practice.world import EPOCH


class Host:
    """A running ledger. `url` is its sign-in page; `close` stops it and frees the port."""

    def __init__(self, pages: Pages, sign_ins: SignIns, folder: Path):
        self._pages = pages
        self._sign_ins = sign_ins
        self._folder = folder
        self._server = WebServer(pages.routes(), name="practice-ledger")
        self.url = self._server.url

    @property
    def times_submitted(self) -> int:
        """How often a voucher was submitted, whatever became of it."""
        return self._pages.times_submitted

    def drop_answer(self, *, times: int | None = None) -> None:
        """Book what the next `times` submits bring (all, when None), and never answer."""
        manners.switch_on(self._folder, SYSTEM, manners.DROP_ANSWER, times=times)

    def fail_before_booking(self, *, times: int | None = None) -> None:
        """Answer the next `times` submits (all, when None) with HTTP 503 and store nothing."""
        manners.switch_on(self._folder, SYSTEM, manners.ERROR_PAGE, times=times)

    def behave(self) -> None:
        """Be polite again."""
        manners.switch_off(self._folder, SYSTEM)

    def expire_sessions(self) -> None:
        """Let every session time out now."""
        self._sign_ins.expire_all()

    def close(self) -> None:
        """Stop serving, wait for the thread, free the port."""
        self._server.close()


def serve(
    home: Path,
    credentials: Mapping[str, Mapping[str, str]],
    accounting_date: date,
    *,
    idle_s: float = 900.0,
) -> Host:
    """
    The ledger of the practice bank in `home`, running on a free port of 127.0.0.1.

    `credentials` has operator and password of "ledger-desk", "ledger-keyboard" and
    "ledger-authoriser". Vouchers are taken for every accounting date from EPOCH to
    `accounting_date`: a business day stays open for corrections.
    """
    path = database(home)
    sign_ins = SignIns(credentials, idle_s=idle_s)
    pages = Pages(Books(path), sign_ins, folder=path.parent, first=EPOCH, last=accounting_date)
    return Host(pages, sign_ins, path.parent)
