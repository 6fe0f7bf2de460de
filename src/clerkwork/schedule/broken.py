"""
Schedules that cannot be kept as their files stand: told once for each fault, over when mended.

A fault is what is wrong, in words: a calendar that is broken stops all schedules that rest on
it, and is one fault. The same fault that comes back after it was mended is told anew.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from clerkwork.alert import Alert, raise_alert, settle_alert, shaped
from clerkwork.errors import Failure
from clerkwork.run.office import Office
from clerkwork.schedule.manifest import schedule_file
from clerkwork.schedule.verdicts import letters
from clerkwork.store.tables import alerts

_KIND = "schedule_broken"
_KEY = re.compile(rf"{_KIND}:([a-z]+):([0-9]+)")
_MOST = 999999  # that a count of an alert can say


def tell_broken(office: Office, wrong: Mapping[str, Failure]) -> None:
    """Raise what is newly wrong with schedules, by name, and settle what is not any more."""
    faults: dict[str, list[str]] = {}
    for name in sorted(wrong):
        faults.setdefault(letters(wrong[name].message("en")), []).append(name)
    now = office.clock()
    with office.store.begin() as conn:
        known = _known(conn)
        for mark, row in known.items():
            if mark not in faults and row.over_at is None:
                settle_alert(conn, row.key, at=now)
        for mark, names in faults.items():
            row = known.get(mark)
            if row is None or row.over_at is not None:
                again = _number(row.key) + 1 if row else 1
                alert = _alert(office, names, wrong[names[0]].code, f"{_KIND}:{mark}:{again}")
                raise_alert(conn, alert, at=now)


def _known(conn: sa.Connection) -> dict[str, Any]:
    """The last alert of each fault, by its mark."""
    wanted = sa.select(alerts.c.key, alerts.c.over_at).where(alerts.c.kind == _KIND)
    found = [(key, row) for row in conn.execute(wanted) if (key := _KEY.fullmatch(row.key))]
    found.sort(key=lambda one: int(one[0][2]))
    return {key[1]: row for key, row in found}


def _number(key: str) -> int:
    return int(key.rpartition(":")[2])


def _alert(office: Office, names: Sequence[str], code: str, key: str) -> Alert:
    name = shaped("schedule", names[0])
    about = {"schedule": name, "code": code, "count": str(min(len(names), _MOST))}
    return Alert(_KIND, key, about, _owner_in(schedule_file(office.workspace, names[0])))


def _owner_in(path: Path) -> str:
    """Whose the schedule is, as far as its file can be read; "" where it cannot."""
    try:
        owner = tomllib.loads(path.read_text(encoding="utf-8")).get("owner", "")
    except (OSError, ValueError):
        return ""
    return owner if isinstance(owner, str) else ""
