"""
Live: what happens in the house, told to every page that looks on, in order, once.

    HOME/audit.db ── data_version, each 20 ms ──> Feed ── one wake-up ──> every open stream
                     (only while somebody looks)   └ the last events, by position

An event's position in the audit log is its id on the stream: who comes back with the last one
they saw (Last-Event-ID, or ?after= when the page was hidden) misses none and sees none twice.
No thread belongs to a viewer, and nobody is told of another desk's runs.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from clerkwork.audit.log import FILE
from clerkwork.people.sessions import find_session

if TYPE_CHECKING:
    from clerkwork.console.visit import Visit

LOOK_S = 0.02
BEAT_S = 15.0  # proxies cut what is silent for longer
KEPT = 10_000  # events that are at hand; older ones are read from the file
AT_ONCE = 500
_OF_PEOPLE = "person."  # somebody may be no longer who they were
_SOON_S = 0.25  # what is recorded is committed a moment later
AGAIN_MS = 1000  # after which a browser comes back when it was cut off
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True)
class Happening:
    """What a page is told of an event: never more than its name, run and item."""

    position: int
    name: str
    run: str
    item: str

    def line(self) -> str:
        """As a server-sent event."""
        told = json.dumps({"name": self.name, "run": self.run, "item": self.item})
        return f"id: {self.position}\ndata: {told}\n\n"


class Feed:
    """The audit log as it grows, for all viewers of one process; lives in its event loop."""

    def __init__(self, home: Path):
        self._path = home / FILE
        self._viewers = 0
        self._looking: asyncio.Task[None] | None = None
        self._kept: deque[Happening] = deque(maxlen=KEPT)
        self._grown = asyncio.Event()
        self._db: sqlite3.Connection | None = None

    @property
    def is_looking(self) -> bool:
        """Whether anybody is looked for."""
        return self._looking is not None

    def last(self) -> int:
        """The position of the newest event."""
        found = self._open().execute("SELECT max(position) FROM events").fetchone()[0]
        return int(found or 0)

    async def after(self, position: int, *, wait_s: float) -> Sequence[Happening]:
        """The next events after `position`, in order; none when none came for so long."""
        found = self._at_hand(position)
        if found:
            return found
        if self._looking is not None and self._looking.done():
            self._looking.result()  # why it can be read no more; the browser comes again
        try:
            await asyncio.wait_for(self._grown.wait(), wait_s)
        except TimeoutError:
            return ()
        return self._at_hand(position)

    def enter(self) -> None:
        """One viewer more; with the first one, the file is looked at."""
        self._viewers += 1
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(self.last()))

    def leave(self) -> None:
        """One viewer less; after the last one nothing is looked at."""
        self._viewers -= 1
        if self._viewers == 0 and self._looking is not None:
            self._looking.cancel()
            self._looking = None
            self._kept.clear()
            if self._db is not None:
                self._db.close()
                self._db = None

    async def _look(self, position: int) -> None:
        """Read what came, as soon as another process or thread has committed."""
        version = -1
        while True:
            now = self._open().execute("PRAGMA data_version").fetchone()[0]
            if now != version:
                version = now
                while found := self._read(position):
                    position = found[-1].position
                    self._kept.extend(found)
                    self._grown.set()
                    self._grown = asyncio.Event()
                    await asyncio.sleep(0)
            await asyncio.sleep(LOOK_S)

    def _at_hand(self, position: int) -> Sequence[Happening]:
        if self._kept and self._kept[0].position <= position + 1:
            skipped = max(0, position + 1 - self._kept[0].position)
            return [self._kept[i] for i in range(skipped, min(skipped + AT_ONCE, len(self._kept)))]
        return self._read(position)

    def _read(self, position: int) -> list[Happening]:
        wanted = "SELECT position, event FROM events WHERE position > ? ORDER BY position LIMIT ?"
        return [
            _happening(at, stored)
            for at, stored in self._open().execute(wanted, (position, AT_ONCE))
        ]

    def _open(self) -> sqlite3.Connection:
        """The file, to be read only; reading waits for nobody who writes."""
        if self._db is None:
            self._db = sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True)
        return self._db


def _happening(position: int, stored: bytes) -> Happening:
    fields = json.loads(stored)
    run, item = str(fields.get("run") or ""), str(fields.get("item") or "")
    return Happening(position, fields["event"], run, item)


async def follow(visit: Visit) -> Response:
    """The stream of what happens from now on, or since what this viewer saw last."""
    feed = visit.console.feed
    seen = visit.request.headers.get("last-event-id") or visit.asked("after")
    last = feed.last()
    start = min(int(seen), last) if seen.isdecimal() and len(seen) < 19 else last
    return StreamingResponse(
        _stream(visit, start), media_type="text/event-stream", headers=_HEADERS
    )


async def _stream(visit: Visit, position: int) -> AsyncIterator[str]:
    feed, clock = visit.console.feed, asyncio.get_running_loop().time
    feed.enter()
    check_at = clock() + BEAT_S
    try:
        yield f"retry: {AGAIN_MS}\nid: {position}\nevent: begin\ndata: {position}\n\n"
        while True:
            found = await feed.after(position, wait_s=max(0.0, check_at - clock()))
            if clock() >= check_at:
                if not await run_in_threadpool(_is_still_here, visit):
                    yield "event: over\ndata: over\n\n"
                    return
                check_at = clock() + BEAT_S
                yield ": still here\n\n"
            if not found:
                continue
            if any(each.name.startswith(_OF_PEOPLE) for each in found):
                check_at = min(check_at, clock() + _SOON_S)
            position = found[-1].position
            told = "".join(each.line() for each in found if _is_for(visit, each))
            # who is told of nothing remembers how far they are all the same
            yield told or f"id: {position}\nevent: past\ndata: {position}\n\n"
    finally:
        feed.leave()


def _is_for(visit: Visit, happening: Happening) -> bool:
    """Whether it is this person's business: whose bot it is stands before the run's first dot."""
    if not happening.run:
        return True
    return visit.person.works_at(visit.desk(happening.run.partition(".")[0]))


def _is_still_here(visit: Visit) -> bool:
    if visit.session is None:
        return False
    store = visit.office.store
    return find_session(store, visit.session.token, counts_as_use=False) is not None
