"""
Supervising: processes of one home that are started again when they die.

A process that lived for a while is started again at once, one that keeps dying after
ever longer waits: what broke it is not mended by starting it a thousand times.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from filelock import FileLock, Timeout

from clerkwork.run.office import Office
from clerkwork.run.worker import STOP_WAIT_S, stop_note

FIRST_WAIT_S = 1.0  # doubled from death to death
LONGEST_WAIT_S = 60.0
LIVED_S = 60.0  # after that, a death is a new trouble
LOOK_S = 0.2
PARENT = "CLERKWORK_SERVED_BY"  # the process id of who supervises, in a child's environment


@dataclass
class Child:
    """A process: the command `name` of Clerkwork in this folder, with its options."""

    name: str
    options: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = None
    _since: float = 0.0
    _wait_s: float = field(default=FIRST_WAIT_S)
    _again_at: float = 0.0

    def look(self, office: Office) -> None:
        """Start it when it is not there and its time has come; notice when it has died."""
        if self.process is None:
            if time.monotonic() >= self._again_at and not self._is_stopped(office):
                self._start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.process = None
        if time.monotonic() - self._since > LIVED_S:
            self._wait_s = FIRST_WAIT_S
        wait_s, self._wait_s = self._wait_s, min(2 * self._wait_s, LONGEST_WAIT_S)
        self._again_at = time.monotonic() + wait_s
        office.audit.record("serve.restarted", process=self.name, code=code, wait_s=int(wait_s))
        office.progress(
            f"{self.name} ended with {code}; again in {wait_s:.0f} s",
            f"{self.name} 退出（{code}），{wait_s:.0f} 秒后重启",
        )

    def _is_stopped(self, office: Office) -> bool:
        """A worker is not started while somebody's stop-all stands."""
        return self.name == "worker" and stop_note(office.workspace.home) is not None

    def stop(self, deadline: float) -> None:
        """Ask it to end what is in hand; at `deadline` (monotonic) it is killed."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _start(self) -> None:
        # a group of its own: Ctrl-C at a terminal comes to us, and we stop it in order
        command = [sys.executable, "-m", "clerkwork.cli", self.name, *self.options]
        variables = os.environ | {PARENT: str(os.getpid())}
        self.process = subprocess.Popen(command, start_new_session=True, env=variables)
        self._since = time.monotonic()


def supervise(office: Office, children: Sequence[Child], stopping: threading.Event) -> None:
    """Keep the children at work until `stopping`; then stop them all, at the same time."""
    try:
        while not stopping.wait(LOOK_S):
            for child in children:
                child.look(office)
    finally:
        for child in children:
            if child.process is not None:
                child.process.terminate()
        deadline = time.monotonic() + STOP_WAIT_S + 10
        for child in children:
            child.stop(deadline)


@contextmanager
def with_its_parent(stopping: threading.Event) -> Iterator[None]:
    """In a child: ask to stop when the one who supervises has died; nobody would stop it else."""
    parent = os.environ.get(PARENT)
    ended = threading.Event()

    def look_on() -> None:
        while not ended.wait(1.0):
            if str(os.getppid()) != parent:
                stopping.set()
                return

    thread = threading.Thread(target=look_on, name="parent")
    if parent:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        if parent:
            thread.join()


@contextmanager
def serving(office: Office) -> Iterator[bool]:
    """Be the one that serves this home while the block runs; False when another is."""
    lock = FileLock(office.workspace.home / "serve.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        office.audit.record("serve.started")
        yield True
    finally:
        office.audit.record("serve.stopped")
        lock.release()
