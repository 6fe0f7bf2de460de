"""Sources that cannot be reached for long: told once, over when they are back."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from clerkwork.alert import Alert, raise_alert, settle_alert, shaped, standing_alerts
from clerkwork.run.office import Office
from clerkwork.schedule.manifest import Planned
from clerkwork.schedule.verdicts import iso

PATIENCE = timedelta(minutes=5)  # a server that restarts is no news
_KIND = "trigger_failing"


def tell_failing(
    office: Office, system: str, *, watcher: Planned, since: datetime, code: str, at_once: bool
) -> None:
    """
    A system cannot be reached since then, which a schedule watches: told when that is
    long, or `at_once`.
    """
    now = office.clock()
    if now - since < PATIENCE and not at_once:
        return
    source = shaped("source", system)
    about = {"schedule": watcher.name, "source": source, "since": iso(since)}
    about["code"] = shaped("code", code)
    with office.store.begin() as conn:
        if not _open(conn, source):
            key = f"{_KIND}:{source}:{iso(since)}"
            raise_alert(conn, Alert(_KIND, key, about, watcher.plan.owner), at=now)


def tell_back(office: Office, system: str) -> None:
    """The system can be reached, whoever found before that it could not."""
    with office.store.connect() as conn:
        found = _open(conn, shaped("source", system))
    for key in found:
        with office.store.begin() as conn:
            settle_alert(conn, key, at=office.clock())


def _open(conn: sa.Connection, source: str) -> list[str]:
    return [row.key for row in standing_alerts(conn, _KIND) if row.about["source"] == source]
