"""Live: every event once and in order, across processes, cuts and hidden pages."""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from clerkwork.console.live import Feed
from clerkwork.people import change_person
from clerkwork.people.sessions import IDLE
from clerkwork.people.signing_in import digest_of
from clerkwork.store.tables import tokens

from .conftest import COOKIE, OTHER, OWN, ROOT, House
from .test_sign_in import change

CUTS = int(os.environ.get("CLERKWORK_CUTS", "40"))
# another process writes to the audit log, as a worker does
WRITER = """
import sys, time
from pathlib import Path
from clerkwork.audit import open_log
log = open_log(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    log.record("step.started", run=sys.argv[2], step=f"{number} {time.time()}")
    time.sleep(float(sys.argv[4]))
log.close()
"""


class Stream:
    """An open stream, read line by line; `seen` is the id it stands at."""

    def __init__(self, house: House, token: str, last: str = "", *, port: int | None = None):
        place = urlsplit(house.origin)
        self._line = socket.create_connection((place.hostname, port or place.port), timeout=30)
        resume = f"Last-Event-ID: {last}\r\n" if last else ""
        self._line.sendall(
            f"GET /live HTTP/1.1\r\nHost: {place.netloc}\r\nCookie: {COOKIE}={token}\r\n"
            f"{resume}\r\n".encode()
        )
        self._file = self._line.makefile("r", encoding="utf-8")
        self.seen = last

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def cut(self) -> None:
        """The connection is gone, in the middle of whatever it was."""
        self._line.close()
        self._file.close()

    def events(self) -> Iterator[tuple[int, str, dict[str, str]]]:
        """Each whole event: its id, its kind, what it tells; others are not events."""
        position, kind, told = "", "message", ""
        while line := self._file.readline():
            name, _, value = line.rstrip("\n\r").partition(": ")
            if name == "id":
                position = value
            elif name == "event":
                kind = value
            elif name == "data":
                told = value
            elif not name and told:
                self.seen = position
                yield int(position or 0), kind, json.loads(told) if told[0] == "{" else {}
                kind, told = "message", ""


@contextmanager
def writing(house: House, run: str, count: int, pause_s: float = 0.0) -> Iterator[None]:
    """Another process records `count` events of that run meanwhile."""
    home = str(house.office.workspace.home)
    arguments = [sys.executable, "-c", WRITER, home, run, str(count), str(pause_s)]
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}"}
    process = subprocess.Popen(arguments, env=environment)
    try:
        yield
    finally:
        assert process.wait(60) == 0


def last_position(house: House) -> int:
    """Where the audit log ends."""
    return max(position for position, _ in house.office.audit.read())


class Cutter:
    """A bad network before the console: each connection is cut in the middle of something."""

    def __init__(self, house: House, cuts: int):
        place = urlsplit(house.origin)
        self._console = (place.hostname, place.port)
        self._left, self._chance = cuts, random.Random(6)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """No connection more."""
        self._door.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:  # closed
                return
            with near, socket.create_connection(self._console) as far:
                near.settimeout(30)
                far.sendall(near.recv(65_536))
                if self._left > 0:
                    self._left -= 1
                    self.cuts += 1
                    self._pass_some(far, near)
                else:
                    self._pass_all(far, near)

    def _pass_some(self, far: socket.socket, near: socket.socket) -> None:
        """Until so many bytes have passed, or so long: in the middle of a line as well as idle."""
        left, until = self._chance.randrange(4000), time.monotonic() + self._chance.random() * 0.1
        while left > 0 and (wait_s := until - time.monotonic()) > 0:
            far.settimeout(wait_s)
            try:
                read = far.recv(min(left, 4096))
            except TimeoutError:
                return
            near.sendall(read)
            left -= len(read)
            if not read:
                return

    @staticmethod
    def _pass_all(far: socket.socket, near: socket.socket) -> None:
        try:
            while read := far.recv(65_536):
                near.sendall(read)
        except OSError:  # the viewer has seen enough
            return


def test_what_happens_is_told_once_and_in_order_over_many_cuts(house: House):
    """A viewer who is cut off, again and again, resumes where they stood: none lost or doubled."""
    run, token = house.runs[OWN], house.session("checker.own")
    start, count, seen = last_position(house), 20 * CUTS, []
    cutter, last = Cutter(house, CUTS), str(start)
    with writing(house, run, count, 0.004):
        while len(seen) < count:
            with suppress(ConnectionError), Stream(house, token, last, port=cutter.port) as stream:
                try:
                    for position, kind, _ in stream.events():
                        if kind == "message":
                            seen.append(position)
                        if len(seen) == count:
                            break
                finally:
                    last = stream.seen
    cutter.close()

    expected = [p for p, event in house.office.audit.read(after=start) if "step" in event.fields]
    assert seen == expected
    assert cutter.cuts == CUTS


def test_a_viewer_hears_of_it_at_once(house: House):
    """From the commit in another process to the line here, in the middle and at worst."""
    token, took_s = house.session("checker.own"), []
    with Stream(house, token) as stream:
        events = stream.events()
        assert next(events)[1] == "begin"
        with writing(house, house.runs[OWN], 50, 0.02):
            positions = {}
            while len(positions) < 50:
                position, kind, _ = next(events)
                if kind == "message":
                    positions[position] = time.time()
    for position, event in house.office.audit.read(after=min(positions) - 1):
        if position in positions:
            sent = float(str(event.fields["step"]).split()[1])
            took_s.append(positions[position] - sent)

    took_s.sort()
    assert took_s[len(took_s) // 2] < 0.5  # 0.02 s where nothing else works on the machine


def test_nobody_is_told_of_another_desks_runs(house: House):
    """Neither the run nor its item; they stand where they stand all the same."""
    token = house.session("checker.own")
    with Stream(house, token) as stream:
        events = stream.events()
        next(events)
        record = house.office.audit.record
        record("step.started", run=house.runs[OTHER], step="secret")
        position, kind, told = next(events)
        assert (kind, told) == ("past", {})
        record("step.started", run=house.runs[OWN], step="ours")
        following, kind, told = next(events)
        assert (kind, told["run"]) == ("message", house.runs[OWN])
        assert following > position
        assert told.keys() == {"name", "run", "item"}


def test_a_stream_ends_with_its_session(house: House, monkeypatch):
    """Signed out, or left alone: the next heartbeat is the last."""
    monkeypatch.setattr("clerkwork.console.live.BEAT_S", 0.2)
    token = house.session("checker.own")
    with Stream(house, token) as stream:
        events = stream.events()
        assert next(events)[1] == "begin"
        this = tokens.c.digest == digest_of(token)
        change(house, tokens, this, used_at=house.office.clock() - IDLE)
        kinds = [kind for _, kind, _ in events]
    assert kinds[-1] == "over"


def test_a_stream_ends_when_roles_are_changed_and_events_keep_coming(house: House):
    """Somebody whose desk is another now is told of nothing further, however busy the house."""
    house.add("is.moved", "operator", desks=(OWN,))
    record = house.office.audit.record
    with Stream(house, house.session("is.moved")) as stream:
        events = stream.events()
        assert next(events)[1] == "begin"
        change_person(
            house.office.store, "is.moved", roles=["operator"], desks=[OTHER], by="boss",
            record=record,
        )  # fmt: skip
        seen = []
        for _, kind, _ in events:
            seen.append(kind)
            record("step.started", run=house.runs[OWN], step="busy")
            assert len(seen) < 1000
    assert seen[-1] == "over"


def test_an_old_or_foreign_place_to_resume_is_no_trouble(house: House):
    """From the beginning everything; from beyond the end what comes; nonsense is now."""
    token = house.session("boss")
    last = last_position(house)
    with Stream(house, token, "1") as stream:
        events = (position for position, kind, _ in stream.events() if kind == "message")
        assert [next(events) for _ in range(last - 1)] == list(range(2, last + 1))
    for place in (str(last + 1000), "x", "-1", "9" * 30, "1; DROP"):
        with Stream(house, token, place) as stream:
            assert next(stream.events())[:2] == (last, "begin")


def test_the_log_is_looked_at_only_while_somebody_looks_on(house: House):
    """From the first viewer to the last one's end."""

    async def two_viewers() -> list[bool]:
        feed = Feed(house.office.workspace.home)
        found = [feed.is_looking]
        for change_viewers in (feed.enter, feed.enter, feed.leave, feed.leave, feed.enter):
            change_viewers()
            found.append(feed.is_looking)
        feed.leave()
        return found

    assert asyncio.run(two_viewers()) == [False, True, True, True, False, True]


def test_viewers_take_no_threads(house: House):
    """Fifty streams: not a thread more than the pool for pages has."""
    token = house.session("boss")
    streams = []
    try:
        for _ in range(50):
            streams.append(Stream(house, token))
            assert next(streams[-1].events())[1] == "begin"
        names = [thread.name for thread in threading.enumerate()]
        assert len(names) < 50
        house.office.audit.record("scheduler.started")
        for stream in streams:
            assert next(stream.events())[2]["name"] == "scheduler.started"
    finally:
        for stream in streams:
            stream.cut()
