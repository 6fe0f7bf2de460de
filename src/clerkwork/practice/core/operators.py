"""Who may sign on to the core, who is signed on where, and the log of it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

from clerkwork.practice.core.server import Terminal


class Operators:
    """
    The operators of the core; each may be signed on at one terminal. Those of `lookers` may
    not post. `log` outlives the host.
    """

    def __init__(self, passwords: Mapping[str, str], log: Path, *, lookers: Collection[str] = ()):
        self._passwords = dict(passwords)
        self._lookers = frozenset(lookers)
        self._log = log
        self._lock = threading.Lock()
        self._at: dict[str, Terminal] = {}

    def knows(self, operator: str, password: str) -> bool:
        """Whether this is that operator's password."""
        return operator in self._passwords and secrets.compare_digest(
            self._passwords[operator].encode(), password.encode()
        )

    def may_post(self, operator: str) -> bool:
        """Whether this operator may post slips."""
        return operator not in self._lookers

    def enter(self, operator: str, terminal: Terminal, *, take_over: bool) -> str | None:
        """
        Sign on; the name of the other terminal when the operator is signed on there.

        With `take_over` that terminal is hung up instead.
        """
        with self._lock:
            other = self._at.get(operator)
            if other is not None and not take_over:
                self._write(terminal, operator, "REFUSED")
                return other.name
            self._at[operator] = terminal
            self._write(terminal, operator, "SIGN-ON")
        if other is not None:
            other.hang_up()
        return None

    def leave(self, operator: str, terminal: Terminal) -> None:
        """Sign off, unless another terminal has taken over."""
        with self._lock:
            if self._at.get(operator) is terminal:
                del self._at[operator]
                self._write(terminal, operator, "SIGN-OFF")

    def _write(self, terminal: Terminal, operator: str, what: str) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("a", encoding="ascii") as log:
            log.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {terminal.name} {operator} {what}\n")
