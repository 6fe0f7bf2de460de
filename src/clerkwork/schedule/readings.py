"""
Readings: what a screen says, by name, for schedules that wait for it or run with it.

`system.toml` names a function of `tasks/` that reads a signed-on screen:

    [readings."previous accounting day"]
    sign_on = "core.sign_on"
    task = "core.previous_accounting_day"
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from clerkwork.errors import Failure, Misconfigured
from clerkwork.run.connect import credential_of, open_session
from clerkwork.run.evidence import keep_picture
from clerkwork.run.office import Office
from clerkwork.run.pausing import check_may_sign_on
from clerkwork.systems.maps import ReadingMap, load_reach
from clerkwork.workspace import Workspace


@dataclass(frozen=True)
class Reading:
    """One reading: the system whose screens are read, and how."""

    name: str
    system: str
    how: ReadingMap


def load_readings(workspace: Workspace) -> dict[str, Reading]:
    """All readings of the workspace's systems, by name. Raises Misconfigured READING_TWICE."""
    found: dict[str, Reading] = {}
    for system in workspace.systems:
        for name, how in load_reach(workspace.system_folder(system)).readings.items():
            if name in found:
                both = f"{found[name].system}, {system}"
                raise Misconfigured("READING_TWICE", reading=name, systems=both)
            found[name] = Reading(name, system, how)
    return found


def task_of(workspace: Workspace, name: str) -> Callable[..., Any]:
    """The function `module.function` of tasks/. Raises Misconfigured TASK_UNKNOWN."""
    module, _, function = name.rpartition(".")
    if not (workspace.root / "tasks" / f"{module}.py").is_file():
        raise Misconfigured("TASK_UNKNOWN", task=name)
    root = str(workspace.root)
    if root not in sys.path:
        sys.path.insert(0, root)
    found = getattr(importlib.import_module(f"tasks.{module}"), function, None)
    if not callable(found):
        raise Misconfigured("TASK_UNKNOWN", task=name)
    task: Callable[..., Any] = found
    return task


def read_screen(office: Office, reading: Reading, environment: str) -> str:
    """
    What the screen says now, as text, by a session of its own that may only look.

    Raises Unavailable SYSTEM_PAUSED, and what the driver and the task raise.
    """
    check_may_sign_on(office, reading.system, environment)
    sign_on = task_of(office.workspace, reading.how.sign_on)
    task = task_of(office.workspace, reading.how.task)
    keep = keep_picture(office, run_id="")
    session = open_session(office.workspace, reading.system, environment, types=False, keep=keep)
    try:
        sign_on(session)
        office.audit.record(
            "system.signed_on",
            system=reading.system,
            environment=environment,
            credential=credential_of(office.workspace, reading.system, environment, types=False),
        )
        said = task(session)
    finally:
        session.close()
    text = ("yes" if said else "no") if isinstance(said, bool) else str(said)
    office.audit.record("schedule.read", system=reading.system, reading=reading.name, says=text)
    return text


class Answers:
    """Readings as they were answered, so that many that wait for one screen ask it once."""

    def __init__(self, office: Office):
        self._office = office
        self._known: dict[tuple[str, str], tuple[datetime, str | Failure]] = {}

    def ask(self, reading: Reading, environment: str, *, every_s: float) -> str:
        """What was said within the last `every_s`, else asked anew. Raises as `read_screen`."""
        key = (reading.name, environment)
        now = self._office.clock()
        asked, said = self._known.get(key, (None, ""))
        if asked is None or abs(now - asked) >= timedelta(seconds=every_s):
            said = self._asked(reading, environment)
            self._known[key] = (now, said)
        if isinstance(said, Failure):
            raise said
        return said

    def _asked(self, reading: Reading, environment: str) -> str | Failure:
        try:
            return read_screen(self._office, reading, environment)
        except Failure as failure:
            return failure
