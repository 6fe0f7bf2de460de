"""
The practice bank as a process of its own: started, found and stopped by its home folder.

    home/practice/
      lock.db            held by the process while it lives
      ports.json         written when everything listens, removed at the end
      credentials.json   made once, for its owner only
      ledger.db core/ documents/ practice.log

Whether it runs is asked of the lock, never of a number in a file: a process id may
belong to somebody else by now, a lock ends with the process that held it.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any

from clerkwork.practice.world import EPOCH, SEED

ACCOUNTING_DATE = date(2026, 6, 12)
START_WAIT_S = 30.0
STOP_WAIT_S = 15.0
_POLL_S = 0.05


class NotStarted(Exception):
    """The process ended, or did not listen in time; `detail` is the last line of its log."""

    def __init__(self, detail: str, log: Path):
        super().__init__(detail)
        self.detail = detail
        self.log = log


class RunsOtherDay(Exception):
    """It runs in this home already, with accounting date `running`."""

    def __init__(self, running: str):
        super().__init__(running)
        self.running = running


class DateTooEarly(Exception):
    """The practice bank has no finished day before this accounting date."""


class NotStopped(Exception):
    """The process `pid` was asked to stop and still runs."""

    def __init__(self, pid: int):
        super().__init__(pid)
        self.pid = pid


@dataclass(frozen=True)
class Practice:
    """
    A running practice bank; as a context manager it is stopped at the end.

    `ports` is what ports.json says: "pid", "core" (host, port), "ledger" (url),
    "documents" (folder), "accounting_date". `process` is None when it ran before.
    """

    home: Path
    ports: Mapping[str, Any]
    process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Practice:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        stop(self.home)


_children: dict[int, subprocess.Popen[bytes]] = {}  # started here, to be waited for at their end


def folder(home: Path) -> Path:
    """Where the practice bank of `home` keeps everything."""
    return home / "practice"


def start(
    home: Path,
    *,
    accounting_date: date = ACCOUNTING_DATE,
    seed: int = SEED,
    wait_s: float = START_WAIT_S,
) -> Practice:
    """
    The practice bank of `home`, started unless it runs, ready when this returns.

    A home keeps the world it began with: give `seed` to a fresh home only. Raises
    DateTooEarly, RunsOtherDay, NotStarted.
    """
    if accounting_date <= EPOCH:
        raise DateTooEarly(accounting_date)
    found = status(home)
    if found is None:
        _forget_ports(home)
        found = _spawn(home, accounting_date, seed, wait_s)
    if found["accounting_date"] != accounting_date.isoformat():
        raise RunsOtherDay(found["accounting_date"])
    return Practice(home, found, _children.get(found["pid"]))


def _spawn(home: Path, accounting_date: date, seed: int, wait_s: float) -> Mapping[str, Any]:
    """Start the process and wait for its ports. Somebody else's, started meanwhile, is as good."""
    log = folder(home) / "practice.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "clerkwork.practice", "--home", str(home)]
    command += ["--accounting-date", accounting_date.isoformat(), "--seed", str(seed)]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    _children[process.pid] = process
    _await(lambda: status(home) is not None or process.poll() is not None, wait_s)
    found = status(home)
    if found is None:
        process.kill()
        _reap(process.pid)
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
        raise NotStarted(next((line for line in reversed(lines) if line), "-"), log)
    if process.poll() is not None:
        _reap(process.pid)
    return found


def status(home: Path) -> Mapping[str, Any] | None:
    """The ports of the practice bank of `home`; None when it does not run, or not yet."""
    try:
        written = ports_file(home).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    if not is_running(home):
        return None
    ports: dict[str, Any] = json.loads(written)
    return ports


def stop(home: Path) -> bool:
    """
    Stop the practice bank of `home`; False when none runs. A stale ports.json is removed.

    Raises NotStopped when it does not end in time.
    """
    # one that is just starting has no ports yet: wait until it can be asked
    _await(lambda: status(home) is not None or not is_running(home), START_WAIT_S)
    found = status(home)
    if found is None:
        _forget_ports(home)
        return False
    pid: int = found["pid"]
    os.kill(pid, signal.SIGTERM)
    if not _await(lambda: not is_running(home), STOP_WAIT_S):
        raise NotStopped(pid)
    _reap(pid)
    _forget_ports(home)
    return True


def ports_file(home: Path) -> Path:
    """The file that says where everything listens."""
    return folder(home) / "ports.json"


def _forget_ports(home: Path) -> None:
    """Remove the ports of a process that is gone, unless another has begun."""
    if ports_file(home).exists():
        with suppress(AlreadyRunning), alone(home):
            ports_file(home).unlink(missing_ok=True)


def is_running(home: Path) -> bool:
    """Whether a practice bank lives in `home`, listening or about to."""
    if not (folder(home) / "lock.db").exists():
        return False
    try:
        with alone(home):
            return False
    except AlreadyRunning:
        return True


class AlreadyRunning(Exception):
    """Another process holds the lock of this home."""


@contextmanager
def alone(home: Path, *, wait_s: float = 0) -> Iterator[None]:
    """
    Hold the lock of `home`, got within `wait_s`. Raises AlreadyRunning.

    SQLite's file lock, because it is the same on every platform and ends with its holder.
    """
    path = folder(home) / "lock.db"
    with closing(sqlite3.connect(path, timeout=wait_s, isolation_level=None)) as db:
        try:
            db.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as held:
            raise AlreadyRunning(str(home)) from held
        yield


def _await(is_so: Callable[[], bool], wait_s: float) -> bool:
    """Whether `is_so` came true within `wait_s`."""
    deadline = time.monotonic() + wait_s
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True


def _reap(pid: int) -> None:
    """Wait for the process if it was started here; nothing is left of it."""
    if pid in _children:
        _children.pop(pid).wait()
