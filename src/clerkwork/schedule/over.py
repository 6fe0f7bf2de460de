"""Alerts of firings that are over: it began after all, it ended well, or a later run did."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clerkwork.run.runs import ENDED
from clerkwork.schedule.forecast import items_left
from clerkwork.schedule.seen import at_due, by_key, has_succeeded, of_runs
from clerkwork.schedule.verdicts import Seen, needs_ending
from clerkwork.store.tables import alerts

_KEPT_OPEN = timedelta(days=7)  # later on nobody waits for it to end by itself
_NEAR = timedelta(days=2)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def open_alerts(conn: sa.Connection, now: datetime) -> Sequence[Any]:
    """The alerts of firings that are not over and that nobody acknowledged."""
    wanted = sa.select(alerts).where(
        alerts.c.state.in_(("pending", "sent", "undeliverable")),
        alerts.c.kind.in_(list(_OVER)),
        alerts.c.raised_at > now - _KEPT_OPEN,
    )
    return conn.execute(wanted).all()


def is_over(conn: sa.Connection, alert: Any) -> bool:
    """Whether what the alert said is no more."""
    found = _said_of(conn, alert)
    check = _OVER[alert.kind]
    return bool(found) and all(check(conn, one) for one in found)


def _said_of(conn: sa.Connection, alert: Any) -> list[Seen]:
    """The firings that the alert is about; its key is that of verdicts.py."""
    about = alert.about
    if "run" in about:
        return list(of_runs(conn, [about["run"]]))
    day = alert.key.removeprefix(f"{alert.kind}:{about['schedule']}:")
    if _DAY.fullmatch(day):
        one = by_key(conn, about["schedule"], f"after {day}")
        return [one] if one else []
    return at_due(conn, about["schedule"], datetime.fromisoformat(about["due"]))


def _ended_well(conn: sa.Connection, one: Seen) -> bool:
    """Nothing of it is left to do, or a later run did it."""
    left = items_left(conn, since=one.due_at - _NEAR, run_id=one.run_id) if one.run_id else {}
    items = left.get(one.run_id)
    if one.run_state == "done":
        return items is None or not needs_ending(one, items)
    return has_succeeded(conn, one)


def _began(_conn: sa.Connection, one: Seen) -> bool:
    return one.state in ("skipped", "missed") or one.run_state not in ("", "queued")


def _waits_no_more(_conn: sa.Connection, one: Seen) -> bool:
    return one.state != "waiting"


def _has_ended(_conn: sa.Connection, one: Seen) -> bool:
    return one.run_state in ENDED


_OVER: dict[str, Callable[[sa.Connection, Seen], bool]] = {
    "late": _ended_well,
    "likely_late": _ended_well,
    "missed": _ended_well,
    "run_failed": _ended_well,
    "never_started": _began,
    "never_ended": _has_ended,
    "waiting_too_long": _waits_no_more,
}
