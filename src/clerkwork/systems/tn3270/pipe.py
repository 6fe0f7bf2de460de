"""s3270 as a child on a pipe: actions in, answers out, each by a deadline."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import time
from dataclasses import dataclass

from clerkwork.errors import Misconfigured

# What the child may see of our environment: the rest could change page, model or trust.
_ENVIRONMENT = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "SYSTEMROOT")
_END_S = 2.0
_OK, _ERROR = b"\nok\n", b"\nerror\n"  # the last lines; those of data begin with "data:"


class PipeStopped(Exception):
    """s3270 ended, or did not answer by the deadline and was ended."""


@dataclass(frozen=True)
class Reply:
    """
    The answer to one line of actions.

    `status` is s3270's status line: keyboard (U unlocked, L locked, E error),
    formatted, protected, connection (C(...) or N), mode, model, rows, columns, ...
    """

    ok: bool
    lines: tuple[str, ...]
    status: tuple[str, ...]

    @property
    def cursor(self) -> str:
        """The cursor's row and column from 0, as MoveCursor takes them."""
        return ",".join(self.status[8:10])

    @property
    def is_unlocked(self) -> bool:
        """Whether the keyboard takes keys."""
        return self.status[0] == "U"

    @property
    def is_operator_error(self) -> bool:
        """Whether what was typed did not fit and locked the keyboard, until a reset."""
        return not self.ok and "Operator error" in self.lines

    @property
    def is_connected(self) -> bool:
        """Whether the host is at the other end, in 3270 mode."""
        return self.status[3].startswith("C(") and self.status[4] == "I"


class Pipe:
    """One s3270. Raises Misconfigured S3270_MISSING when the program is not installed."""

    def __init__(self, *, code_page: str, model: int, connect_s: float):
        program = shutil.which("s3270")
        if program is None:
            raise Misconfigured("S3270_MISSING")
        environment = {k: os.environ[k] for k in _ENVIRONMENT if k in os.environ}
        self._child = subprocess.Popen(
            [program, "-utf8", "-codepage", code_page, "-model", f"3278-{model}"]
            + ["-clear", "aidWait", "-clear", "unlockDelay", "-verifycert"]
            + ["-connecttimeout", str(max(1, round(connect_s)))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment | {"LC_ALL": "C.UTF-8"},
            bufsize=0,
            start_new_session=True,  # a key that stops us must not stop it half-way
        )
        assert self._child.stdout is not None
        self._poll = select.poll()
        self._poll.register(self._child.stdout, select.POLLIN)
        self._unread = b""

    def run(self, *actions: str, wait_s: float) -> list[Reply]:
        """
        Send lines of actions in one write; the reply to each, in order.

        Raises PipeStopped when s3270 is gone or silent for `wait_s`; it is ended then.
        """
        try:
            self._write("".join(f"{action}\n" for action in actions).encode())
            deadline = time.monotonic() + wait_s
            return [self._reply(deadline) for _ in actions]
        except (OSError, ValueError, PipeStopped) as gone:
            self._child.kill()
            self.close()
            raise PipeStopped(str(gone) or type(gone).__name__) from gone

    def close(self) -> None:
        """End s3270 and free the pipes; it leaves by itself at the end of its input."""
        child = self._child
        assert child.stdin is not None and child.stdout is not None
        if child.stdin.closed:
            return
        child.stdin.close()
        try:
            child.wait(_END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()

    def _write(self, data: bytes) -> None:
        assert self._child.stdin is not None
        if self._child.poll() is not None:
            raise PipeStopped(f"s3270 ended with {self._child.returncode}")
        self._child.stdin.write(data)

    def _reply(self, deadline: float) -> Reply:
        seen = 0
        while (end := self._end(seen)) < 0:
            seen = max(0, len(self._unread) - len(_ERROR))
            self._read(deadline)
            os.sched_yield()  # s3270 writes line by line: let it, instead of waking for each
        lines = self._unread[:end].decode("utf-8", "replace").split("\n")
        is_ok = self._unread.startswith(_OK, end)
        self._unread = self._unread[end + len(_OK if is_ok else _ERROR) :]
        data = tuple(text.removeprefix("data:").strip() for text in lines[:-1])
        return Reply(is_ok, data, tuple(lines[-1].split()))

    def _end(self, seen: int) -> int:
        """Where the line before the first last line that was read ends; less than 0 for nowhere."""
        ends = (self._unread.find(last, seen) for last in (_OK, _ERROR))
        return min((end for end in ends if end >= 0), default=-1)

    def _read(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0 or not self._poll.poll(left * 1000):
            raise PipeStopped("s3270 does not answer")
        assert self._child.stdout is not None
        read = os.read(self._child.stdout.fileno(), 65_536)
        if not read:
            raise PipeStopped("s3270 ended")
        self._unread += read
