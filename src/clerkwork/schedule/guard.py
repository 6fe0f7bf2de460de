"""
Who tells when a process is dead: a worker of the scheduler, the scheduler of a worker.

    scheduler ──looks at──> HOME/worker.json ────> worker_stopped
    worker ─────looks at──> HOME/scheduler.json ─> scheduler_stopped; watches, delivers for it

A worker that stands in starts nothing: what comes due is caught up by the next scheduler,
by each rule.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa

from clerkwork.alert import (
    Alert,
    Post,
    deliver,
    load_alerting,
    raise_alert,
    settle_alert,
    standing_alerts,
)
from clerkwork.errors import Failure
from clerkwork.run.life import STOPPED_S, Heartbeat, last_sign, repeating
from clerkwork.run.office import Office
from clerkwork.run.worker import worker_file
from clerkwork.schedule.book import Book
from clerkwork.schedule.broken import tell_broken
from clerkwork.schedule.heartbeat import last_beat
from clerkwork.schedule.verdicts import iso
from clerkwork.schedule.watch import Watch

LOOK_S = 5.0
_SURE_S = 15.0  # more than a sweep: a clock that was just set forward is no dead scheduler


class Pulse:
    """The signs of life of a process, as another sees them come."""

    def __init__(self) -> None:
        self._last: tuple[datetime, float] | None = None  # a sign of life, and when it was new

    def has_ceased(self, sign: Heartbeat, now: datetime) -> bool:
        """Whether `sign`, the last, is too old: by the clock, and seen to stay the last."""
        if self._last is None or self._last[0] != sign.at:
            self._last = (sign.at, time.monotonic())
        is_sure = time.monotonic() - self._last[1] >= _SURE_S
        return is_sure and sign.age_s(now) > STOPPED_S


class Guard:
    """A worker's eye on the scheduler."""

    def __init__(self, office: Office):
        self._office = office
        self._book = Book(office)
        self._watch = Watch(office)
        self._pulse = Pulse()

    def look(self) -> bool:
        """Whether the scheduler is dead; it is then told, once, and all alerts delivered."""
        beat = last_beat(self._office.workspace.home)
        if beat is None or not self._pulse.has_ceased(beat, self._office.clock()):
            return False
        if self._book.is_new():
            tell_broken(self._office, self._book.wrong)
        if not any(one.plan.enabled for one in self._book.planned.values()):
            return False
        key, about = f"scheduler_stopped:{iso(beat.at)}", {"since": iso(beat.at)}
        with self._office.store.begin() as conn:
            alert = Alert("scheduler_stopped", key, about)
            raise_alert(conn, alert, at=self._office.clock())
        self._watch.look(self._book.planned)
        deliver(post_of(self._office))
        return True


class WorkerGuard:
    """
    A scheduler's eye on the worker of its home.

    One that stopped as asked left no sign of life: nobody misses it.
    """

    def __init__(self, office: Office):
        self._office = office
        self._pulse = Pulse()

    def look(self) -> bool:
        """Whether the worker died or hangs; that is told once, and over when one is at work."""
        now = self._office.clock()
        sign = last_sign(worker_file(self._office.workspace.home))
        if sign is None or sign.age_s(now) <= STOPPED_S:
            settle_stopped(self._office, "worker_stopped")
            return False
        if not self._pulse.has_ceased(sign, now):
            return False
        about = {"worker": sign.about.get("executor", "worker"), "since": iso(sign.at)}
        alert = Alert("worker_stopped", f"worker_stopped:{iso(sign.at)}", about)
        with self._office.store.begin() as conn:
            raise_alert(conn, alert, at=now)
        return True


def settle_stopped(office: Office, kind: str = "scheduler_stopped") -> None:
    """A scheduler (or, by `kind`, a worker) is at work: that it had stopped is over."""
    with office.store.connect() as conn:
        standing = standing_alerts(conn, kind)
    for row in standing:
        with office.store.begin() as conn:
            settle_alert(conn, row.key, at=office.clock())


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
    guard = Guard(office)

    def look() -> None:
        try:
            guard.look()
        except Failure as failure:  # rules that are wrong just now; looked at again
            office.progress(failure.message("en"), failure.message("zh"))
        except sa.exc.DBAPIError as refused:  # the store is not there just now
            office.progress(str(refused.orig), str(refused.orig))

    with repeating(look, LOOK_S, name="guard"):
        yield
