"""
The scheduler's sign of life: HOME/scheduler.json, written anew with each sweep.

Another machine, a health check or a worker reads it; where a dead-man's switch is named
in alerts.toml, its address is called each minute, and calls us when that stops.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from clerkwork import __version__
from clerkwork.errors import Misconfigured, Unavailable
from clerkwork.secrets import secret

STOPPED_S = 60.0  # without a sign of life for so long, the scheduler is taken for dead
PING_S = 60.0
BEAT_S = 5.0
_PING_LIMIT_S = 5.0


@dataclass(frozen=True)
class Heartbeat:
    """The last sign of life of a scheduler."""

    pid: int
    at: datetime
    version: str

    def age_s(self, now: datetime) -> float:
        """Seconds since; counted the same when the clock was set back meanwhile."""
        return abs((now - self.at).total_seconds())


def heartbeat_file(home: Path) -> Path:
    """Where the scheduler of `home` gives its sign of life."""
    return home / "scheduler.json"


def beat(home: Path, *, at: datetime) -> None:
    """Give a sign of life; who reads meanwhile sees the old one or the new one, whole."""
    said = {"pid": os.getpid(), "at": at.isoformat(), "version": __version__}
    path = heartbeat_file(home)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(said), encoding="utf-8")
    new.replace(path)


def last_beat(home: Path) -> Heartbeat | None:
    """The last sign of life; None when no scheduler ever gave one that can be read."""
    try:
        said = json.loads(heartbeat_file(home).read_text(encoding="utf-8"))
        return Heartbeat(said["pid"], datetime.fromisoformat(said["at"]), said["version"])
    except (FileNotFoundError, ValueError, KeyError):
        return None


def ping(name: str, *, home: Path) -> None:
    """
    Call the dead-man's switch, the address in the secret `name`.

    Raises Misconfigured SECRET_MISSING, SWITCH_ADDRESS_WRONG, Unavailable SWITCH_NOT_REACHED.
    """
    address = secret(name, home=home).reveal()
    if not address.startswith(("https://", "http://")):
        raise Misconfigured("SWITCH_ADDRESS_WRONG", secret=name)
    try:
        with urllib.request.urlopen(address, timeout=_PING_LIMIT_S):
            return
    except urllib.error.HTTPError as refused:
        detail = f"HTTP {refused.code}"
    except (OSError, ValueError) as refused:  # its text may repeat the address
        detail = type(refused).__name__
    raise Unavailable("SWITCH_NOT_REACHED", secret=name, detail=detail)
