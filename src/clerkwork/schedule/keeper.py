"""
The scheduler of one home: APScheduler says when to look, the store says what was settled.

    APScheduler ──name──> queue ──> settle (one transaction for all that are due)
    every SWEEP_S ──────────────> files read again, chains followed, clock steps noticed,
                                  a sign of life is given

One scheduler under a lock. A second one, on another machine or started by mistake, would
find everything settled: the key of a firing is its identity, not who fires it.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.executors.base import BaseExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from filelock import FileLock, Timeout

from clerkwork.alert import deliver
from clerkwork.errors import Failure
from clerkwork.run.life import BEAT_S, STOPPED_S
from clerkwork.run.office import Office
from clerkwork.schedule.arrivals import Watches
from clerkwork.schedule.book import Book
from clerkwork.schedule.broken import tell_broken
from clerkwork.schedule.chains import follow
from clerkwork.schedule.firings import settle, settling
from clerkwork.schedule.guard import WorkerGuard, post_of, settle_stopped
from clerkwork.schedule.heartbeat import PING_S, beat, ping
from clerkwork.schedule.house import follow_house
from clerkwork.schedule.manifest import Planned
from clerkwork.schedule.purge import purge
from clerkwork.schedule.readings import Answers
from clerkwork.schedule.rules import jitter
from clerkwork.schedule.sources import sources_of
from clerkwork.schedule.waits import look_again
from clerkwork.schedule.watch import Watch

SWEEP_S = 10.0
TELL_S = 5.0
_PURGE_S = 24 * 3600.0
_GATHER_S = 0.02  # due at the same moment: settled in one transaction
_TICK = timedelta(microseconds=1)
_UNCLEAR = timedelta(hours=1)


class _DueTrigger(BaseTrigger):  # type: ignore[misc]  # apscheduler has no types
    """The due times of a schedule, as APScheduler asks for them."""

    def __init__(self, planned: Planned):
        self._due = planned.due
        self._jitter = jitter(planned)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """The first due time after `previous`, or from `now` on."""
        after = previous or now - _TICK
        assert self._due is not None
        try:
            due = self._due.next(after - self._jitter)
        except Failure:  # not to be known yet: looked at again, and told, when it is settled
            return now + _UNCLEAR
        return due + self._jitter if due else None


class _Collector(BaseExecutor):  # type: ignore[misc]
    """
    Takes the name of what is due, and can neither refuse nor fail.

    APScheduler's own executors lose a firing when one raises on submit.
    """

    def __init__(self, due: queue.SimpleQueue[str]):
        super().__init__()
        self._due = due

    def submit_job(self, job: Any, run_times: Any) -> None:
        """Note that the schedule is due; how often does not matter, the store knows."""
        self._due.put(job.id)

    def _do_submit_job(self, job: Any, run_times: Any) -> None:
        raise NotImplementedError  # submit_job does not come here


class Keeper:
    """A scheduler at work; `stopping` ends it."""

    def __init__(self, office: Office):
        self.office = office
        self.stopping = threading.Event()
        self.book = Book(office)
        self._watch = Watch(office, is_kept=True)
        self._lived = float("-inf")
        self._has_swept = threading.Event()
        self._watches = Watches(office)
        self._unclear: dict[str, Failure] = {}  # whose due times nobody can know just now
        self._told: dict[str, str] | None = None  # what was told to be wrong, None: nothing yet
        self._due: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._clock = BackgroundScheduler(
            timezone=UTC,
            executors={"default": _Collector(self._due)},
            job_defaults={"misfire_grace_time": None, "coalesce": True},
        )

    def keep(self) -> None:
        """Settle what is due, until `stopping`. A defect in any thread ends it, and is raised."""
        self._clock.start()
        settle_stopped(self.office)
        pool = ThreadPoolExecutor(max_workers=4)
        loops = [
            pool.submit(self._to_the_end, one)
            for one in (self._look_on, self._watch_on, self._tell_on, self._purge_on)
        ]
        try:
            next_sweep = time.monotonic()
            while not self.stopping.is_set():
                if time.monotonic() >= next_sweep:
                    self._sweep()
                    next_sweep = time.monotonic() + SWEEP_S
                names = self._gather(next_sweep - time.monotonic())
                self._settle([self.book.planned[n] for n in names if n in self.book.planned])
        finally:
            self.stopping.set()
            self._clock.shutdown()
            self._watches.stop()
            pool.shutdown()
        for loop in loops:
            loop.result()

    def _to_the_end(self, loop: Callable[[], None]) -> None:
        """A loop of a thread; its defect ends all, for half a scheduler is worse than none."""
        try:
            loop()
        finally:
            self.stopping.set()

    def _gather(self, wait_s: float) -> set[str]:
        """Who is due: waits for the first, then takes all that are due with it."""
        names: set[str] = set()
        try:
            names.add(self._due.get(timeout=max(0.0, min(wait_s, 0.2))))
            while True:
                names.add(self._due.get(timeout=_GATHER_S))
        except queue.Empty:
            return names

    def _settle(self, planned: list[Planned]) -> None:
        is_more = bool(planned)
        while is_more and not self.stopping.is_set():  # a long absence is caught up in parts
            outcome = settle(self.office, planned, self.book.order)
            is_more = outcome.is_more
            for one in planned:
                self._unclear.pop(one.name, None)
            self._unclear |= outcome.unclear
            self._live()

    def _tell(self) -> None:
        """Say once which schedules cannot be kept, and why, and once that they can again."""
        wrong = self.book.wrong | self._unclear
        told = {name: failure.message("en") for name, failure in wrong.items()}
        if told == self._told:
            return
        for name, failure in wrong.items():
            if told[name] != (self._told or {}).get(name):
                self.office.audit.record("schedule.broken", schedule=name, code=failure.code)
        tell_broken(self.office, wrong)
        self._told = told

    def _sweep(self) -> None:
        """Notice changed files and a clock that was set; settle all where anything may be due."""
        if self.book.is_new():
            self._unclear.clear()
            self._take_up()
            self._settle(list(self.book.planned.values()))
        self._clock.wakeup()
        for planned in self.book.planned.values():
            if planned.due is None:
                self._follow(planned)
        self._tell()
        self._live()
        self._has_swept.set()

    def _follow(self, planned: Planned) -> None:
        """Settle what others' success, ended runs or waiting items make due."""
        plan = planned.plan
        if not (plan.after or plan.run or plan.item):
            return
        self._unclear.pop(planned.name, None)
        try:
            with settling(self.office, self.book.order) as work:
                (follow if plan.after else follow_house)(work, planned)
        except Failure as failure:  # a calendar that is not published: nothing was settled
            self._unclear[planned.name] = failure

    def _live(self) -> None:
        """Give a sign of life, at most every few seconds."""
        if time.monotonic() - self._lived > BEAT_S:
            beat(self.office.workspace.home, at=self.office.clock())
            self._lived = time.monotonic()

    def _take_up(self) -> None:
        """Give APScheduler the schedules as they are now."""
        self._clock.remove_all_jobs()
        for planned in self.book.planned.values():
            if planned.due is not None:
                self._clock.add_job(_nothing, _DueTrigger(planned), id=planned.name)
        everything = self.book.planned.values()
        self._watches.take_up(sources_of(self.office, everything, self.book.order))

    def _look_on(self) -> None:
        """Look at what waits, again and again; screens may take their time here."""
        answers = Answers(self.office)
        while not self.stopping.wait(1.0):
            look_again(self.office, self.book.planned, self.book.order, answers)

    def _watch_on(self) -> None:
        """Watch what is late, once everything that was due is settled, and the worker."""
        worker = WorkerGuard(self.office)
        while not self.stopping.wait(SWEEP_S if self._has_swept.is_set() else TELL_S):
            if self._has_swept.is_set():
                self._watch.look(dict(self.book.planned))
                worker.look()

    def _purge_on(self) -> None:
        """Delete what is old: first when everything that was due is settled, then daily."""
        while not self._has_swept.wait(1.0) and not self.stopping.is_set():
            pass
        while not self.stopping.is_set():
            planned, is_whole = dict(self.book.planned), not self.book.wrong
            purge(self.office, planned, is_whole=is_whole, stopping=self.stopping)
            self.stopping.wait(_PURGE_S)

    def _tell_on(self) -> None:
        """Deliver alerts, apart from screens that take their time; call the dead-man's switch."""
        next_ping = time.monotonic()
        while not self.stopping.wait(TELL_S):
            try:
                post = post_of(self.office)
                deliver(post)
                is_alive = time.monotonic() - self._lived < STOPPED_S
                if post.alerting.switch and is_alive and time.monotonic() >= next_ping:
                    next_ping = time.monotonic() + PING_S
                    ping(post.alerting.switch, home=self.office.workspace.home)
            except Failure as failure:  # an address or a rule that is wrong just now
                self.office.progress(failure.message("en"), failure.message("zh"))


def _nothing() -> None:
    """What APScheduler would call: the executor only takes the name."""


def lock_of(home: Path) -> FileLock:
    """The lock that the one live scheduler of `home` holds."""
    home.mkdir(parents=True, exist_ok=True)
    return FileLock(home / "scheduler.lock")


@contextmanager
def keeping(office: Office) -> Iterator[Keeper | None]:
    """Be the scheduler of this home while the block runs; None when another process is."""
    lock = lock_of(office.workspace.home)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield None
        return
    try:
        office.audit.record("scheduler.started")
        yield Keeper(office)
    finally:
        office.audit.record("scheduler.stopped")
        office.audit.checkpoint()
        lock.release()
