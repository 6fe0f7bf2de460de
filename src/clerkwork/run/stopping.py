"""Stop all: no worker takes anything until somebody lets them start again."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from clerkwork.errors import Refused
from clerkwork.people import Person
from clerkwork.run.office import Office
from clerkwork.run.worker import STOPPED, live_worker, stop_note


@dataclass(frozen=True)
class Stop:
    """Who stopped the workers, why, and when (UTC)."""

    by: str
    why: str
    at: datetime


def stop_workers(office: Office, person: Person, why: str) -> int | None:
    """
    Stop every worker: what is in hand ends, what is queued stays, and none starts again.

    Gives the process id of the one that was at work, None when none was; it may still be
    ending an item. Raises Refused WHY_MISSING.
    """
    _is_said(why)
    home = office.workspace.home
    office.audit.record("worker.stop_asked", by=person.name, why=why)
    stop = Stop(person.name, why, office.clock())
    unfinished = home / f".{STOPPED}"
    unfinished.write_text(json.dumps(asdict(stop), default=datetime.isoformat), encoding="utf-8")
    unfinished.replace(home / STOPPED)
    pid = live_worker(home)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
    return pid


def resume_workers(office: Office, person: Person, why: str) -> None:
    """Let workers start again. Raises Refused WHY_MISSING, NOT_STOPPED."""
    _is_said(why)
    if standing_stop(office.workspace.home) is None:
        raise Refused("NOT_STOPPED")
    office.audit.record("worker.resumed", by=person.name, why=why)
    (office.workspace.home / STOPPED).unlink(missing_ok=True)


def standing_stop(home: Path) -> Stop | None:
    """The stop that stands, None for none."""
    note = stop_note(home)
    if note is None:
        return None
    return Stop(note["by"], note["why"], datetime.fromisoformat(note["at"]))


def _is_said(why: str) -> None:
    if not why.strip():
        raise Refused("WHY_MISSING")
