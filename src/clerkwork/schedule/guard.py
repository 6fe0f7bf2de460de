"""
Who tells when the scheduler is dead: a worker, which then watches and delivers in its place.

It starts nothing: what comes due is caught up by the next scheduler, by each rule.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa

from clerkwork.alert import Alert, Post, deliver, load_alerting, raise_alert, settle_alert
from clerkwork.errors import Failure
from clerkwork.run.office import Office
from clerkwork.schedule.book import Book
from clerkwork.schedule.broken import tell_broken
from clerkwork.schedule.heartbeat import STOPPED_S, last_beat
from clerkwork.schedule.verdicts import iso
from clerkwork.schedule.watch import Watch
from clerkwork.store.tables import alerts

LOOK_S = 5.0
_SURE_S = 15.0  # more than a sweep: a clock that was just set forward is no dead scheduler


class Guard:
    """A worker's eye on the scheduler."""

    def __init__(self, office: Office):
        self._office = office
        self._book = Book(office)
        self._watch = Watch(office)
        self._last: tuple[datetime, float] | None = None  # a sign of life, and when it was new

    def look(self) -> bool:
        """Whether the scheduler is dead; it is then told, once, and all alerts delivered."""
        beat = last_beat(self._office.workspace.home)
        if beat is None:
            return False
        if self._last is None or self._last[0] != beat.at:
            self._last = (beat.at, time.monotonic())
        is_old = beat.age_s(self._office.clock()) > STOPPED_S
        if not is_old or time.monotonic() - self._last[1] < _SURE_S:
            return False
        if self._book.is_new():
            tell_broken(self._office, self._book.wrong)
        if not any(one.plan.enabled for one in self._book.planned.values()):
            return False
        key, since = stopped_key(beat.at), iso(beat.at)
        with self._office.store.begin() as conn:
            alert = Alert("scheduler_stopped", key, {"since": since})
            raise_alert(conn, alert, at=self._office.clock())
        self._watch.look(self._book.planned)
        deliver(post_of(self._office))
        return True


def stopped_key(at: datetime) -> str:
    """The key of the alert that the scheduler gave its last sign of life at `at`."""
    return f"scheduler_stopped:{iso(at)}"


def settle_stopped(office: Office) -> None:
    """A scheduler is at work: that it had stopped is over."""
    wanted = sa.select(alerts.c.key).where(
        alerts.c.kind == "scheduler_stopped",
        alerts.c.state.in_(("pending", "sent", "undeliverable")),
    )
    with office.store.connect() as conn:
        keys = list(conn.execute(wanted).scalars())
    for key in keys:
        with office.store.begin() as conn:
            settle_alert(conn, key, at=office.clock())


def post_of(office: Office) -> Post:
    """What delivering alerts needs, with the rules as they stand now."""
    workspace = office.workspace
    return Post(
        store=office.store,
        alerting=load_alerting(workspace.rules("alerts")),
        home=workspace.home,
        environment=workspace.environment,
        record=office.audit.record,
        clock=office.clock,
    )


@contextmanager
def guarding(office: Office) -> Iterator[None]:
    """Look after the scheduler, in a thread, while the block runs."""
    stopping = threading.Event()
    guard = Guard(office)

    def look_on() -> None:
        while not stopping.wait(LOOK_S):
            try:
                guard.look()
            except Failure as failure:  # rules that are wrong just now; looked at again
                office.progress(failure.message("en"), failure.message("zh"))
            except sa.exc.DBAPIError as refused:  # the store is not there just now
                office.progress(str(refused.orig), str(refused.orig))

    thread = threading.Thread(target=look_on, name="guard")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
