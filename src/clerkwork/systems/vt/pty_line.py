"""A program of this machine on a pseudo-terminal: a line to a host that needs no network."""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress

from clerkwork.systems.vt.line import Hangup

_END_S = 2.0
# What the program may see of our environment besides its own: the rest could change what it
# paints, or tell it more than it should know.
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LOCPATH")


class PtyLine:
    """
    `command` with a terminal of `rows` by `columns` as its input, output and control.

    POSIX only. Raises OSError when the program cannot be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        term: str,
        rows: int,
        columns: int,
        environment: Mapping[str, str] | None = None,
    ):
        import fcntl
        import pty
        import struct
        import termios

        kept = {key: os.environ[key] for key in _ENVIRONMENT if key in os.environ}
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        try:
            self._child = subprocess.Popen(
                command,
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                env=kept | {"TERM": term} | dict(environment or {}),
                start_new_session=True,
                close_fds=True,
            )
        except OSError:
            os.close(self._ours)
            raise
        finally:
            os.close(theirs)

    def receive(self, wait_s: float) -> bytes:
        """See `Line.receive`."""
        if not select.select([self._ours], [], [], max(wait_s, 0))[0]:
            return b""
        try:
            data = os.read(self._ours, 65_536)
        except OSError as gone:  # Linux: EIO when the program has ended
            raise Hangup("the program ended") from gone
        if not data:
            raise Hangup("the program ended")
        return data

    def send(self, data: bytes) -> None:
        """See `Line.send`."""
        try:
            while data:
                data = data[os.write(self._ours, data) :]
        except OSError as gone:
            raise Hangup("the program ended") from gone

    def close(self) -> None:
        """See `Line.close`; a program that does not leave its terminal is ended."""
        with suppress(OSError):
            os.close(self._ours)
        try:
            self._child.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
