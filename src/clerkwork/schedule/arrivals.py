"""
What arrives for schedules: documents, each settled exactly once by the digest of its content.

    source (folder, file server, mailbox) ──look──> documents ──take──> firings, in one transaction
        │
        └── a thread of its own: a slow or dead one delays neither the others nor the clock
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import sqlalchemy as sa

from clerkwork.errors import Failure, Refused
from clerkwork.run.office import Office
from clerkwork.schedule.failing import tell_back, tell_failing
from clerkwork.schedule.firings import Settling, is_busy_with
from clerkwork.schedule.manifest import Planned
from clerkwork.schedule.rules import Verdict, when_come
from clerkwork.store.tables import firings, schedules

_BACK_OFF_S = (2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 120.0, 300.0)
_SIGN_ON_AGAIN_S = 3600.0  # a password that is refused over and over locks the account
_STOP_S = 30.0

Tell = Callable[[str, str], None]  # what could not be taken, and the code that says why


@dataclass(frozen=True)
class Arrival:
    """A document that is there for `planned`: its digest, and what it says of itself."""

    planned: Planned
    digest: str
    facts: Mapping[str, str]


def key_of(trigger: str, digest: str) -> str:
    """The key of a firing by a document."""
    return f"{trigger} {digest}"


def settle_arrivals(work: Settling, arrivals: Iterable[Arrival], *, trigger: str) -> None:
    """
    Fire the schedules of `arrivals`, by their rules.

    Of a paused schedule they wait until it is resumed: a document does not come again.
    """
    asked: dict[str, tuple[bool, bool]] = {}
    for one in arrivals:
        name = one.planned.name
        if name not in asked:
            asks = one.planned.plan.overlap == "skip"
            is_busy = asks and is_busy_with(work.conn, name)
            asked[name] = is_paused(work.conn, name), is_busy
        paused, is_busy = asked[name]
        due, verdict = when_come(one.planned, work.now, work.now, is_busy=is_busy)
        if paused and verdict.state in ("started", "waiting"):
            verdict = Verdict("waiting", "SCHEDULE_IS_PAUSED")
        is_new = work.fire(
            one.planned, key_of(trigger, one.digest), trigger=trigger, due=due,
            verdict=verdict, facts=one.facts,
        )  # fmt: skip
        asked[name] = paused, is_busy or (is_new and verdict.state in ("started", "waiting"))


def is_paused(conn: sa.Connection, schedule: str) -> bool:
    """Whether a person has paused `schedule`."""
    mine = sa.select(schedules.c.paused_at).where(schedules.c.name == schedule)
    return conn.execute(mine).scalar() is not None


def settled(office: Office, names: Collection[str], keys: Collection[str]) -> set[tuple[str, str]]:
    """Which of the firings (schedule, key) there are."""
    wanted = sa.select(firings.c.schedule, firings.c.key).where(
        firings.c.schedule.in_(names), firings.c.key.in_(keys)
    )
    with office.store.connect() as conn:
        return {(row.schedule, row.key) for row in conn.execute(wanted)}


def is_alive(planned: Planned, office: Office) -> bool:
    """Whether `planned` takes what arrives today: enabled, and within the days of its life."""
    first, last = planned.plan.not_before, planned.plan.not_after
    today = office.clock().astimezone(planned.zone).date()
    is_early = isinstance(first, date) and today < first
    is_late = isinstance(last, date) and today > last
    return planned.plan.enabled and not is_early and not is_late


class Source(Protocol):
    """A place where documents arrive for some schedules."""

    name: str  # of its system
    watchers: Sequence[Planned]  # may be given others between two looks

    @property
    def every_s(self) -> float:
        """How long after one look the next comes."""
        ...

    def look(self, tell: Tell) -> None:
        """Settle what has arrived. Raises Failure when it cannot be reached."""
        ...

    def close(self) -> None:
        """Leave it; the next look signs on afresh."""
        ...


class Watch:
    """A thread that looks at one source, until it is told to stop."""

    def __init__(self, office: Office, source: Source):
        self.source = source
        self._office = office
        self._stopping = threading.Event()
        self._failed = 0
        self._has_looked = False
        self._failing_since = office.clock()
        self._told: set[tuple[str, str]] = set()
        self._thread = threading.Thread(target=self._watch, name=source.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; a look that goes on ends first."""
        self._stopping.set()

    def join(self, wait_s: float) -> None:
        """Wait for its end."""
        self._thread.join(max(0.0, wait_s))

    def _watch(self) -> None:
        try:
            while not self._stopping.wait(self._look()):
                pass
        finally:
            self.source.close()

    def _look(self) -> float:
        """Look once; gives how long to wait for the next look."""
        try:
            self.source.look(self._tell)
            if self._failed or not self._has_looked:
                tell_back(self._office, self.source.name)
        except sa.exc.IntegrityError:
            return 1.0  # another process settled the same at this moment
        except Failure as failure:
            return self._could_not(failure.code, is_refused=isinstance(failure, Refused))
        except Exception as defect:  # must not end what arrives from here
            logging.getLogger(__name__).exception("looking at %s", self.source.name)
            return self._could_not(type(defect).__name__)
        if self._failed:
            self._office.audit.record("trigger.back", system=self.source.name)
        self._failed, self._has_looked = 0, True
        return self.source.every_s

    def _could_not(self, code: str, *, is_refused: bool = False) -> float:
        self.source.close()
        self._failed += 1
        if self._failed == 1:
            self._failing_since = self._office.clock()
            names = [one.name for one in self.source.watchers]
            about = {"system": self.source.name, "schedules": names, "code": code}
            self._office.audit.record("trigger.failing", **about)
        with suppress(sa.exc.DBAPIError):  # the store is not there: told after another look
            tell_failing(
                self._office,
                self.source.name,
                watcher=self.source.watchers[0],
                since=self._failing_since,
                code=code,
                at_once=is_refused,  # the next look is far off
            )
        if is_refused:
            return _SIGN_ON_AGAIN_S
        return _BACK_OFF_S[min(self._failed, len(_BACK_OFF_S)) - 1]

    def _tell(self, what: str, code: str) -> None:
        """Say once of a document that it could not be taken."""
        if (what, code) not in self._told:
            self._told.add((what, code))
            self._office.audit.record(
                "trigger.refused", system=self.source.name, what=what, code=code
            )


class Watches:
    """The watches of all sources, by what they look at."""

    def __init__(self, office: Office):
        self._office = office
        self._watches: dict[object, Watch] = {}

    def take_up(self, sources: Mapping[object, Source]) -> None:
        """Watch these and no others; one that is watched already has its new watchers."""
        for key in self._watches.keys() - sources.keys():
            self._watches.pop(key).stop()
        for key, source in sources.items():
            if key in self._watches:
                self._watches[key].source.watchers = source.watchers
            else:
                self._watches[key] = Watch(self._office, source)

    def stop(self) -> None:
        """End all; what goes on ends first, but is not waited for longer than it may take."""
        for watch in self._watches.values():
            watch.stop()
        deadline = time.monotonic() + _STOP_S
        for watch in self._watches.values():
            watch.join(deadline - time.monotonic())
        self._watches.clear()
