"""
Signs of life: a file of the home that a process at work writes anew every few seconds.

Who stops as asked takes it away; who is killed or hangs leaves it, and it grows old.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

STOPPED_S = 60.0  # without a sign of life for so long, a process is taken for dead
BEAT_S = 5.0


@dataclass(frozen=True)
class Heartbeat:
    """The last sign of life of a process, and what it said of itself besides."""

    pid: int
    at: datetime
    about: Mapping[str, str]

    def age_s(self, now: datetime) -> float:
        """Seconds since; counted the same when the clock was set back meanwhile."""
        return abs((now - self.at).total_seconds())


def give_sign(path: Path, *, at: datetime, **about: str) -> None:
    """Give a sign of life; who reads meanwhile sees the old one or the new one, whole."""
    said = {"pid": os.getpid(), "at": at.isoformat()} | about
    new = path.with_suffix(".new")
    new.write_text(json.dumps(said), encoding="utf-8")
    new.replace(path)


def last_sign(path: Path) -> Heartbeat | None:
    """The last sign of life; None when there is none that can be read."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        at = datetime.fromisoformat(said.pop("at"))
        return Heartbeat(said.pop("pid"), at, said) if at.tzinfo else None
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return None


@contextmanager
def showing_life(path: Path, clock: Callable[[], datetime], **about: str) -> Iterator[None]:
    """Give signs of life while the block runs; the last is taken away."""

    def give_another() -> None:
        with suppress(OSError):  # a full disk: it grows old, and that is told
            give_sign(path, at=clock(), **about)

    give_sign(path, at=clock(), **about)
    try:
        with repeating(give_another, BEAT_S, name="life"):
            yield
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def repeating(work: Callable[[], None], every_s: float, *, name: str) -> Iterator[None]:
    """Do `work` again and again, in a thread, while the block runs; it raises nothing."""
    stopping = threading.Event()

    def go_on() -> None:
        while not stopping.wait(every_s):
            work()

    thread = threading.Thread(target=go_on, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
