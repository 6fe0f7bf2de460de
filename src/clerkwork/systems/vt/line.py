"""A line to a host: bytes out, bytes in. SSH, telnet, or a program on a terminal of ours."""

from __future__ import annotations

from typing import Protocol


class Hangup(Exception):
    """The host is gone; the text says why."""


class Line(Protocol):
    """One open line."""

    def receive(self, wait_s: float) -> bytes:
        """What came in; empty when nothing came within `wait_s`. Raises Hangup at the end."""
        ...

    def send(self, data: bytes) -> None:
        """Send all of it. Raises Hangup."""
        ...

    def close(self) -> None:
        """Hang up and free everything; never raises."""
        ...
