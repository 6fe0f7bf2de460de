"""The practice bank's core banking host: 3270, in code page 037 and plain TN3270 unless told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from clerkwork.practice import manners
from clerkwork.practice.core.code_pages import code_page
from clerkwork.practice.core.conversation import Conversation
from clerkwork.practice.core.journal import Journal
from clerkwork.practice.core.operators import Operators
from clerkwork.practice.core.server import Server, Speech, Terminal
from clerkwork.practice.core.tls import Tls
from clerkwork.practice.slips import SlipBook
from clerkwork.practice.world import Day

__all__ = ["Host", "Speech", "Tls", "serve"]


class Host:
    """The running host; it listens on 127.0.0.1:`port` until `close`."""

    def __init__(
        self,
        journal: Journal,
        operators: Operators,
        accounting_date: date,
        *,
        slips: SlipBook,
        idle_lock_s: float,
        is_day_done: bool,
        speech: Speech,
    ):
        self.journal = journal
        self.operators = operators
        self.accounting_date = accounting_date
        self.idle_lock_s = idle_lock_s
        self._is_day_done = is_day_done
        self.slips = slips
        self.page = code_page(speech.code_page)
        self._server = Server(self._talk, speech=speech)
        self.port = self._server.port

    def close(self) -> None:
        """Hang up every terminal and stop; every thread and socket is gone afterwards."""
        self._server.close()

    @property
    def is_day_done(self) -> bool:
        """Whether the end of day of the day before is through."""
        return self._is_day_done and not self.is_due(manners.DAY_RUNNING)

    def is_due(self, manner: str) -> bool:
        """Whether a bad manner is to be shown now; counts it."""
        return manners.is_due(self.slips.path.parent, self.slips.path.stem, manner)

    def _talk(self, terminal: Terminal) -> None:
        Conversation(self, terminal).run()


def serve(
    home: Path,
    day_of: Callable[[date], Day],
    accounting_date: date,
    credentials: Mapping[str, Mapping[str, str]],
    ledger_db: Path,
    *,
    idle_lock_s: float = 600,
    is_day_done: bool = True,
    system: str = "core",
    code_page: str = "cp037",
    alternate: bool = False,
    tn3270e: bool = False,
    tls: Tls | None = None,
) -> Host:
    """
    Start the core with the books of `day_of` and the vouchers of `ledger_db`, which may
    not exist yet. Its operators are the credentials named "core-..."; "core-desk" may not
    post. The log of who signed on and the slips, core.db, are below `home`.

    `is_day_done`: the previous day's end of day. `system`: another name for a second core.
    `alternate`: pages use the larger size of models 3 to 5. `tn3270e`: offered first.
    """
    mine = {name: each for name, each in credentials.items() if name.startswith(f"{system}-")}
    folder = home / "practice"
    operators = Operators(
        {each["operator"]: each["password"] for each in mine.values()},
        folder / system / "operators.log",
        lookers=[each["operator"] for name, each in mine.items() if name == f"{system}-desk"],
    )
    if tls and tls.wrong:
        is_wrong = partial(manners.is_due, folder, system, manners.CERTIFICATE_WRONG)
        tls = replace(tls, is_wrong=is_wrong)
    return Host(
        Journal(day_of, ledger_db),
        operators,
        accounting_date,
        slips=SlipBook(folder / f"{system}.db"),
        idle_lock_s=idle_lock_s,
        is_day_done=is_day_done,
        speech=Speech(code_page, alternate, tn3270e, tls),
    )
