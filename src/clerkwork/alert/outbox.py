"""
The outbox: an alert is raised within the transaction of what it is about, and told later.

Its key is what it says once: `late:close_of_day:2026-06-11T17:30:00+00:00` raised again is
not a second alert, whoever raises it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from clerkwork.alert.kinds import check_facts
from clerkwork.errors import Refused
from clerkwork.store import Store
from clerkwork.store.tables import alert_deliveries, alerts
from clerkwork.systems.masking import has_personal_number

# in words; "over": what it said is no more, so nobody further is told
STATES = {
    "pending": ("nobody told yet", "未送达"),
    "sent": ("sent", "已发送"),
    "over": ("over", "已解除"),
    "acknowledged": ("acknowledged", "已确认"),
    "undeliverable": ("undeliverable", "无法送达"),
}
_KEY = re.compile(r"[A-Za-z0-9_.:+/-]{1,200}")

Record = Callable[..., object]  # appends an audit event


@dataclass(frozen=True)
class Alert:
    """
    Something to tell: `about` has the facts of its kind, `owner` is whose it is (a desk),
    `key` is what makes it the same alert when it is raised again.
    """

    kind: str
    key: str
    about: Mapping[str, str]
    owner: str = ""

    def __post_init__(self) -> None:
        check_facts(self.kind, self.about)
        if not _KEY.fullmatch(self.key) or has_personal_number(self.key):
            raise ValueError("the key of an alert is of letters, digits and -_.:+/")


def raise_alert(conn: sa.Connection, alert: Alert, *, at: datetime) -> bool:
    """
    Put the alert into the outbox within the caller's transaction.

    False when its key was raised before, also by another process at the same moment.
    """
    return _insert(conn, alert, at=at)


def raise_test(conn: sa.Connection, person: str, *, at: datetime) -> int:
    """A test for one person alone, due now whatever the hour; gives its number."""
    alert = Alert("test", f"test:{secrets.token_hex(8)}", {})
    _insert(conn, alert, at=at, step=1)  # its way is one person, and goes no further
    made = sa.select(alerts.c.id).where(alerts.c.key == alert.key)
    alert_id: int = conn.execute(made).scalar_one()
    row = {"alert_id": alert_id, "person": person, "state": "waiting"}
    conn.execute(sa.insert(alert_deliveries).values(row))
    return alert_id


def standing_alerts(conn: sa.Connection, kind: str) -> Sequence[Any]:
    """`key` and `about` of the alerts of a kind that are not over."""
    wanted = sa.select(alerts.c.key, alerts.c.about).where(alerts.c.kind == kind)
    return conn.execute(wanted.where(alerts.c.over_at.is_(None))).all()


def settle_alert(conn: sa.Connection, key: str, *, at: datetime) -> None:
    """
    What the alert said is over: nobody further is told; nothing when there is no such alert.

    Who was to be told already still is, and reads that it is over: an alert is never lost.
    One that was acknowledged stays so, and has since when it is over.
    """
    mine = (alerts.c.key == key) & alerts.c.over_at.is_(None)
    is_answered = alerts.c.state == "acknowledged"
    over = {"state": "over", "over_at": at, "next_at": None}
    conn.execute(sa.update(alerts).where(mine & is_answered).values(over_at=at))
    conn.execute(sa.update(alerts).where(mine & ~is_answered).values(over))


def acknowledge(
    store: Store, alert_id: int, *, by: str, why: str, at: datetime, record: Record
) -> Any:
    """
    Somebody has it in hand: nobody is told any more. Gives the alert as it was.

    Raises Refused ALERT_UNKNOWN, ALERT_ACKNOWLEDGED.
    """
    with store.begin() as conn:
        row = lock_alert(conn, alert_id)
        if row.state == "acknowledged":
            raise Refused("ALERT_ACKNOWLEDGED", alert=alert_id, by=row.acknowledged_by)
        conn.execute(
            sa.update(alerts)
            .where(alerts.c.id == alert_id)
            .values(
                state="acknowledged",
                next_at=None,
                acknowledged_at=at,
                acknowledged_by=by,
                why=why,
            )
        )
        waiting = (alert_deliveries.c.alert_id == alert_id) & (
            alert_deliveries.c.state == "waiting"
        )
        conn.execute(sa.update(alert_deliveries).where(waiting).values(state="dropped"))
        record("alert.acknowledged", alert=alert_id, kind=row.kind, by=by, why=why)
    return row


def lock_alert(conn: sa.Connection, alert_id: int) -> Any:
    """The alert's row, which nobody else changes meanwhile. Raises Refused ALERT_UNKNOWN."""
    wanted = sa.select(alerts).where(alerts.c.id == alert_id).with_for_update()
    row = conn.execute(wanted).one_or_none()
    if row is None:
        raise Refused("ALERT_UNKNOWN", alert=alert_id)
    return row


def list_alerts(store: Store, *, state: str = "") -> list[tuple[Any, list[Any]]]:
    """The alerts, newest first, each with its deliveries in order of person."""
    wanted = sa.select(alerts).order_by(alerts.c.id.desc())
    if state:
        wanted = wanted.where(alerts.c.state == state)
    ordered = sa.select(alert_deliveries).order_by(alert_deliveries.c.person)
    with store.connect() as conn:
        rows = list(conn.execute(wanted))
        told: dict[int, list[Any]] = {row.id: [] for row in rows}
        for delivery in conn.execute(ordered):
            told.get(delivery.alert_id, []).append(delivery)
    return [(row, told[row.id]) for row in rows]


def purge_alerts(store: Store, *, before: datetime, most: int) -> int:
    """Delete alerts raised before then, but those of which somebody is still to be told."""
    told = alert_deliveries.c.alert_id == alerts.c.id
    waits = sa.exists().where(told, alert_deliveries.c.state == "waiting")
    wanted = sa.select(alerts.c.id).where(alerts.c.raised_at < before, ~waits).limit(most)
    with store.begin() as conn:
        old = list(conn.execute(wanted).scalars())
        conn.execute(sa.delete(alert_deliveries).where(alert_deliveries.c.alert_id.in_(old)))
        conn.execute(sa.delete(alerts).where(alerts.c.id.in_(old)))
    return len(old)


def alerts_before(
    store: Store, *, before: int = 0, state: str = "", owners: Sequence[str] | None, limit: int
) -> list[tuple[Any, list[Any]]]:
    """
    Alerts older than number `before` (0: all), newest first, with their deliveries.

    `owners` are whose they may be, besides nobody's; None for everybody's.
    """
    wanted = sa.select(alerts).order_by(alerts.c.id.desc()).limit(limit)
    if before:
        wanted = wanted.where(alerts.c.id < before)
    if state:
        wanted = wanted.where(alerts.c.state == state)
    if owners is not None:
        wanted = wanted.where(alerts.c.owner.in_(["", *owners]))
    with store.connect() as conn:
        told: dict[int, tuple[Any, list[Any]]] = {r.id: (r, []) for r in conn.execute(wanted)}
        theirs = alert_deliveries.c.alert_id.in_(told)
        ordered = sa.select(alert_deliveries).where(theirs).order_by(alert_deliveries.c.person)
        for delivery in conn.execute(ordered):
            told[delivery.alert_id][1].append(delivery)
    return list(told.values())


def find_alert(store: Store, alert_id: int) -> Any:
    """The alert's row. Raises Refused ALERT_UNKNOWN."""
    with store.connect() as conn:
        return lock_alert(conn, alert_id)


def _insert(conn: sa.Connection, alert: Alert, *, at: datetime, step: int = 0) -> bool:
    """Whether the alert is new: its key was not there already."""
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    row = {
        "key": alert.key,
        "kind": alert.kind,
        "about": dict(alert.about),
        "owner": alert.owner,
        "state": "pending",
        "raised_at": at,
        "step": step,
    }
    made = dialect.insert(alerts).values(row).on_conflict_do_nothing(index_elements=["key"])
    return conn.execute(made).rowcount == 1
