"""
Deliver: who is to be told is written down, then each message is sent on its own.

A message is taken for a while (`_TAKEN`), sent, and marked. Who dies between sending and
marking leaves it taken; when that has run out, it is sent again. So what was in flight in
a crash may come twice, and nothing is lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from clerkwork.alert.channel import SEND_LIMIT_S, Channel, open_channel
from clerkwork.alert.kinds import KINDS
from clerkwork.alert.message import message_of
from clerkwork.alert.outbox import Record, lock_alert
from clerkwork.alert.rules import Alerting
from clerkwork.errors import Failure, Misconfigured
from clerkwork.secrets import secret
from clerkwork.store import Store
from clerkwork.store.tables import alert_deliveries, alerts

ATTEMPTS = 100  # about a day, then the person cannot be told
FIRST_WAIT = timedelta(seconds=10)  # doubled from attempt to attempt
LONGEST_WAIT = timedelta(minutes=15)
PASSED_OVER = 3  # attempts, then the next person is told without waiting
FORGOTTEN = timedelta(days=1)  # what was over so long before anybody could be told is not news
_TAKEN = timedelta(seconds=2 * SEND_LIMIT_S + 30)
_URGENT = tuple(name for name, kind in KINDS.items() if kind.severity == "urgent")
_ROUND_S = 20.0  # after that a round takes no further message
_AT_ONCE = 8  # people; a dead address of one does not make another wait


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Post:
    """What delivering needs of the house: the outbox, the rules, and where secrets are."""

    store: Store
    alerting: Alerting
    home: Path
    environment: str
    record: Record
    clock: Callable[[], datetime] = utc_now


def deliver(post: Post, *, only: int = 0) -> int:
    """
    Tell everybody who is to be told by now, and gives how many messages were sent.

    Escalates, retries what failed when its time has come, and does nothing quickly when
    nothing is due: call it every few seconds, from as many processes as there are. With
    `only`, the messages of that alert alone. Without people in the rules the alerts stay
    in the outbox.
    """
    _write_down(post)
    people = _due_people(post, only)
    if not people:
        return 0
    channels = {person: _channel(post, person) for person in people}
    with ThreadPoolExecutor(min(_AT_ONCE, len(people))) as pool:
        sent = [pool.submit(_tell, post, p, channel, only) for p, channel in channels.items()]
    return sum(each.result() for each in sent)


def _write_down(post: Post) -> None:
    """For each alert whose time has come: the audit log has it, and the next are to be told."""
    now = post.clock()
    is_due = ~alerts.c.is_logged
    if post.alerting.people:
        is_due |= _is_next(now)
    with post.store.connect() as conn:
        due = list(conn.execute(sa.select(alerts.c.id).where(is_due).order_by(alerts.c.id)))
    for (alert_id,) in due:
        with post.store.begin() as conn:
            row = lock_alert(conn, alert_id)
            changed: dict[str, Any] = {}
            if not row.is_logged:
                post.record("alert.raised", alert=row.id, kind=row.kind, key=row.key)
                changed["is_logged"] = True
            this = (alerts.c.id == alert_id) & _is_next(now)
            if post.alerting.people and conn.execute(sa.select(alerts.c.id).where(this)).first():
                changed |= _escalate(post, conn, row, now)
            if changed:
                conn.execute(sa.update(alerts).where(alerts.c.id == row.id).values(changed))


def _is_next(now: datetime) -> sa.ColumnElement[bool]:
    """Alerts whose first or next people are to be told: the first whatever the clock says."""
    begins = (alerts.c.step == 0) & (alerts.c.state != "acknowledged")
    return begins | (alerts.c.next_at <= now)


def _escalate(post: Post, conn: sa.Connection, row: Any, now: datetime) -> dict[str, Any]:
    """The next of the alert's way are to be told; gives what changes in its row."""
    if row.state == "over" and row.over_at < now - FORGOTTEN:
        return {"step": 1}
    way = post.alerting.way_of(row.kind, row.owner)
    wanted = sa.select(alert_deliveries.c.person).where(alert_deliveries.c.alert_id == row.id)
    told = set(conn.execute(wanted).scalars())
    step, new = row.step, list[str]()
    while step < len(way.steps) and not new:  # who was told in an earlier step is not again
        new = [person for person in dict.fromkeys(way.steps[step]) if person not in told]
        step += 1
    severity = KINDS[row.kind].severity
    held = {person: post.alerting.held_until(person, severity, now) for person in new}
    for person, at in held.items():
        delivery = {"alert_id": row.id, "person": person, "state": "waiting", "next_at": at}
        conn.execute(sa.insert(alert_deliveries).values(delivery))
        if row.step:
            post.record("alert.escalated", alert=row.id, kind=row.kind, person=person)
    is_last = step >= len(way.steps) or row.state == "over"
    # in quiet hours nobody can answer: the wait begins when the first of them may be told
    begins = min((at or now for at in held.values()), default=now)
    changed = {"step": step, "next_at": None if is_last else begins + way.wait}
    if not new and row.state == "pending":
        changed |= _undeliverable(conn, row.id)
    return changed


def _due_people(post: Post, only: int) -> list[str]:
    """Who is to be told something by now."""
    wanted = sa.select(alert_deliveries.c.person).where(_is_due(post.clock(), only)).distinct()
    with post.store.connect() as conn:
        return sorted(conn.execute(wanted).scalars())


def _is_due(now: datetime, only: int) -> sa.ColumnElement[bool]:
    """
    Deliveries that may be taken now.

    One that is taken, or waits after an attempt, for longer than any is, was so before
    the clock was set back.
    """
    until, next_at = alert_deliveries.c.taken_until, alert_deliveries.c.next_at
    is_free = until.is_(None) | (until <= now) | (until > now + _TAKEN)
    was_tried = alert_deliveries.c.attempts > 0
    is_time = next_at.is_(None) | (next_at <= now) | was_tried & (next_at > now + LONGEST_WAIT)
    due = (alert_deliveries.c.state == "waiting") & is_time & is_free
    return due & (alert_deliveries.c.alert_id == only) if only else due


def _channel(post: Post, person: str) -> Channel | Failure:
    """The way to a person, or why there is none."""
    recipient = post.alerting.people.get(person)
    try:
        if recipient is None:
            known = ", ".join(post.alerting.people) or "-"
            raise Misconfigured("ALERT_PERSON_UNKNOWN", person=person, people=known)
        return open_channel(recipient.address, secret(recipient.address, home=post.home))
    except Failure as failure:
        return failure


def _tell(post: Post, person: str, channel: Channel | Failure, only: int) -> int:
    """Send the person what is due, the gravest and oldest first, until one is not taken."""
    sent = 0
    ends = time.monotonic() + _ROUND_S
    while time.monotonic() < ends:
        row = _take(post, person, only)
        if row is None:
            break
        failure = _send(post, person, channel, row)
        _mark(post, person, row.id, failure)
        if failure:
            break
        sent += 1
    return sent


def _take(post: Post, person: str, only: int) -> Any:
    """The next alert for the person, taken by us; None when nothing is due."""
    now = post.clock()
    with post.store.begin() as conn:
        row = conn.execute(
            sa.select(alerts)
            .join(alert_deliveries, alert_deliveries.c.alert_id == alerts.c.id)
            .where(alert_deliveries.c.person == person, _is_due(now, only))
            .order_by(alerts.c.kind.not_in(_URGENT), alerts.c.id)
            .limit(1)
            .with_for_update(of=alert_deliveries, skip_locked=True)
        ).one_or_none()
        if row is not None:
            taken = sa.update(alert_deliveries).where(_this(row.id, person))
            conn.execute(taken.values(taken_until=now + _TAKEN))
    return row


def _send(post: Post, person: str, channel: Channel | Failure, row: Any) -> Failure | None:
    """Send one message; gives why it was not taken."""
    if isinstance(channel, Failure):
        return channel
    message = message_of(
        row,
        language=post.alerting.people[person].language,
        zone=post.alerting.zone_of(person),
        environment=post.environment,
    )
    try:
        channel.send(message)
    except Failure as failure:
        return failure
    return None


def _mark(post: Post, person: str, alert_id: int, failure: Failure | None) -> None:
    """Write down how the attempt ended."""
    now = post.clock()
    with post.store.begin() as conn:
        row = lock_alert(conn, alert_id)
        wanted = sa.select(alert_deliveries).where(_this(alert_id, person)).with_for_update()
        delivery = conn.execute(wanted).one()
        attempts = delivery.attempts + 1
        values: dict[str, Any] = {"attempts": attempts, "taken_until": None}
        if failure is None:
            values |= {"state": "sent", "sent_at": now, "failure": None}
            post.record("alert.sent", alert=alert_id, kind=row.kind, person=person)
        else:
            allowed = 1 if row.kind == "test" else ATTEMPTS  # who tests is there, and reads why
            values |= _failed(delivery, failure, attempts=attempts, allowed=allowed, now=now)
            post.record(
                "alert.failed",
                alert=alert_id,
                kind=row.kind,
                person=person,
                code=failure.code,
                attempts=attempts,
            )
        conn.execute(sa.update(alert_deliveries).where(_this(alert_id, person)).values(values))
        changed = _after(conn, row, now)
        if changed:
            conn.execute(sa.update(alerts).where(alerts.c.id == alert_id).values(changed))


def _failed(
    delivery: Any, failure: Failure, *, attempts: int, allowed: int, now: datetime
) -> dict[str, Any]:
    """What changes in a delivery whose attempt failed: tried again later, or given up."""
    said = {"code": failure.code, "en": failure.message("en"), "zh": failure.message("zh")}
    if delivery.state == "waiting" and attempts >= allowed:
        return {"state": "failed", "failure": said}
    wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT)
    return {"next_at": now + wait, "failure": said}


def _after(conn: sa.Connection, row: Any, now: datetime) -> dict[str, Any]:
    """What changes in an alert after an attempt: sent, the next are told, or nobody can be."""
    this = alert_deliveries.c.alert_id == row.id
    deliveries = list(conn.execute(sa.select(alert_deliveries).where(this)))
    if any(each.state == "sent" for each in deliveries):
        return {"state": "sent"} if row.state in ("pending", "undeliverable") else {}
    if row.next_at is not None:
        is_hopeless = all(each.attempts >= PASSED_OVER for each in deliveries)
        return {"next_at": now} if is_hopeless and row.next_at > now else {}
    return _undeliverable(conn, row.id) if row.state == "pending" else {}


def _undeliverable(conn: sa.Connection, alert_id: int) -> dict[str, Any]:
    """The state of an alert when nobody is left to be told and nobody was; else nothing."""
    this = alert_deliveries.c.alert_id == alert_id
    states = set(conn.execute(sa.select(alert_deliveries.c.state).where(this)).scalars())
    return {} if states & {"waiting", "sent"} else {"state": "undeliverable"}


def _this(alert_id: int, person: str) -> sa.ColumnElement[bool]:
    return (alert_deliveries.c.alert_id == alert_id) & (alert_deliveries.c.person == person)
