"""The branch program as a child on a pseudo-terminal, in the coding of who looks at it."""

from __future__ import annotations

import codecs
import os
import select
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

ROWS, COLUMNS = 24, 80
_POLL_S = 0.1


class Child:
    """
    One program; bytes go in and out in `encoding`.

    The program paints in UTF-8, which every machine has; what stands between it and a
    terminal of another coding is what luit does.
    """

    def __init__(self, home: Path, *, encoding: str, term: str = "xterm"):
        import fcntl  # not on Windows, where the rest of the practice bank runs
        import pty
        import struct
        import termios

        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        kept = {key: os.environ[key] for key in ("PATH", "PYTHONPATH") if key in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "clerkwork.practice.branch.program", str(home)],
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            env=kept | {"TERM": term, "LC_ALL": "C.UTF-8", "ESCDELAY": "50"},
        )  # fmt: skip
        os.close(theirs)
        self._out = codecs.getincrementaldecoder("utf-8")("replace")
        self._in = codecs.getincrementaldecoder(encoding)("replace")
        self._encoding = encoding

    def key(self, data: bytes) -> None:
        """What the operator's terminal sent."""
        text = self._in.decode(data)
        with suppress(OSError):  # the program has ended: `pump` tells
            os.write(self._ours, text.encode())

    def pump(self, show: Callable[[bytes], object]) -> None:
        """Give all that the program paints to `show`, until it ends or `show` fails."""
        while True:
            try:
                if not select.select([self._ours], [], [], _POLL_S)[0]:
                    continue
                data = os.read(self._ours, 65_536)
            except (OSError, ValueError):  # EIO when it ended, ValueError when we closed
                return
            if not data:
                return
            try:
                show(self._out.decode(data).encode(self._encoding, "replace"))
            except (OSError, EOFError):
                return

    def close(self) -> None:
        """End the program."""
        self._process.kill()
        self._process.wait()
        with suppress(OSError):
            os.close(self._ours)
