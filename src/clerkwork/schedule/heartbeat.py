"""
The scheduler's sign of life: HOME/scheduler.json, written anew with each sweep.

Another machine, a health check or a worker reads it; where a dead-man's switch is named
in alerts.toml, its address is called each minute, and calls us when that stops.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path

from clerkwork import __version__
from clerkwork.errors import Misconfigured, Unavailable
from clerkwork.run.life import Heartbeat, give_sign, last_sign
from clerkwork.secrets import secret

PING_S = 60.0
_PING_LIMIT_S = 5.0


def heartbeat_file(home: Path) -> Path:
    """Where the scheduler of `home` gives its sign of life."""
    return home / "scheduler.json"


def beat(home: Path, *, at: datetime) -> None:
    """Give a sign of life of the scheduler."""
    give_sign(heartbeat_file(home), at=at, version=__version__)


def last_beat(home: Path) -> Heartbeat | None:
    """The last sign of life; None when no scheduler ever gave one that can be read."""
    return last_sign(heartbeat_file(home))


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
