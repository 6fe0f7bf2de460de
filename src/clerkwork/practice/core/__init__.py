"""The practice bank's core banking host: plain TN3270, 24 by 80, code page 037."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from clerkwork.practice.core.conversation import Conversation
from clerkwork.practice.core.journal import Journal
from clerkwork.practice.core.operators import Operators
from clerkwork.practice.core.server import Server, Terminal
from clerkwork.practice.world import Day

__all__ = ["Host", "serve"]


class Host:
    """The running host; it listens on 127.0.0.1:`port` until `close`."""

    def __init__(
        self,
        journal: Journal,
        operators: Operators,
        accounting_date: date,
        *,
        idle_lock_s: float,
        is_day_done: bool,
    ):
        self.journal = journal
        self.operators = operators
        self.accounting_date = accounting_date
        self.idle_lock_s = idle_lock_s
        self.is_day_done = is_day_done
        self._server = Server(self._talk)
        self.port = self._server.port

    def close(self) -> None:
        """Hang up every terminal and stop; every thread and socket is gone afterwards."""
        self._server.close()

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
) -> Host:
    """
    Start the core with the books of `day_of` and the vouchers of `ledger_db`, which may
    not exist yet. Its operators are the credentials named "core-..."; the log of who
    signed on is below `home`. `is_day_done`: the previous day's end of day.
    """
    passwords = {
        each["operator"]: each["password"]
        for name, each in credentials.items()
        if name.startswith("core-")
    }
    operators = Operators(passwords, home / "practice" / "core" / "operators.log")
    return Host(
        Journal(day_of, ledger_db),
        operators,
        accounting_date,
        idle_lock_s=idle_lock_s,
        is_day_done=is_day_done,
    )
