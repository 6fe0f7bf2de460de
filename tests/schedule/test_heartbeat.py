"""A dead scheduler is noticed: by a health check, by a worker, by a dead-man's switch."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from clerkwork.alert import list_alerts
from clerkwork.errors import Misconfigured, Unavailable
from clerkwork.run.life import give_sign, last_sign
from clerkwork.run.office import Office
from clerkwork.run.worker import at_work, live_worker, worker_file
from clerkwork.schedule import guard as guards
from clerkwork.schedule.guard import Guard, WorkerGuard, settle_stopped
from clerkwork.schedule.heartbeat import beat, heartbeat_file, last_beat, ping
from clerkwork.schedule.keeper import lock_of
from clerkwork.store.tables import alerts
from tests.processes import process, wait_for
from tests.schedule_words import NIGHT

NOW = datetime(2026, 6, 11, tzinfo=UTC)


@dataclass
class Listener:
    """A web server on loopback: what was asked of it, and what it answers."""

    port: int = 0
    status: int = 200
    got: list[tuple[str, Any]] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A listener that answers until the test ends."""
    made = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._take(None)

        def do_POST(self) -> None:
            self._take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _take(self, body: Any) -> None:
            made.got.append((self.path, body))
            self.send_response(made.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def own_rules(root: Path, text: str) -> None:
    """The workspace's rules with an alerts.toml of the test's own."""
    shared = (root / "resources/rules").resolve()
    (root / "resources/rules").unlink()
    (root / "resources/rules").mkdir()
    for path in shared.glob("*.toml"):
        if path.name != "alerts.toml":
            (root / "resources/rules" / path.name).symlink_to(path)
    (root / "resources/rules/alerts.toml").write_text(text, encoding="utf-8")


def kinds(office: Office) -> list[str]:
    """The kinds of all alerts, oldest first."""
    return [row.kind for row, _ in reversed(list_alerts(office.store))]


def test_a_killed_scheduler_is_told_by_the_worker_and_over_when_one_is_back(room, listener):
    """kill -9: the worker tells a person, once; the next scheduler says that it is over."""
    room.add("night", NIGHT)
    own_rules(room.root, '[people.duty]\naddress = "alerts-duty"\nlanguage = "en"\n')
    address = {"CLERKWORK_SECRET_ALERTS_DUTY": f"json://127.0.0.1:{listener.port}/x"}
    home = room.office.workspace.home
    with process(room.root, "scheduler", **address) as scheduler:
        wait_for(lambda: last_beat(home), at_most_s=60)
        os.kill(scheduler.pid, signal.SIGKILL)
        scheduler.wait()
    died = last_beat(home)
    assert died is not None and died.pid == scheduler.pid
    heartbeat_file(home).write_text(  # as if it had died most of a minute ago
        json.dumps(
            {"pid": died.pid, "at": (died.at - timedelta(seconds=50)).isoformat(), "version": "1"}
        ),
        encoding="utf-8",
    )
    with process(room.root, "worker", **address):
        wait_for(lambda: listener.got, at_most_s=60)
        time.sleep(12)  # two more looks
    titles = [body["title"] for _, body in listener.got]
    assert ["[Clerkwork practice] the scheduler has stopped"] == titles
    assert ["scheduler_stopped"] == kinds(room.office)

    with process(room.root, "scheduler", **address):
        wait_for(lambda: list_alerts(room.office.store)[0][0].state == "over", at_most_s=60)


def test_a_worker_watches_in_the_place_of_a_dead_scheduler(room, monkeypatch):
    """What is late or never started is told though no scheduler is there to see it."""
    monkeypatch.setattr(guards, "_SURE_S", 0.0)
    room.add("night", NIGHT + 'cut_off = "03:00"\n')
    room.settle()
    beat(room.office.workspace.home, at=room.now)
    guard = Guard(room.office)

    room.now = NOW + timedelta(seconds=60)
    assert not guard.look()
    room.now = NOW + timedelta(hours=3, seconds=1)
    assert guard.look()
    assert guard.look()
    assert ["scheduler_stopped", "never_started", "late"] == kinds(room.office)

    beat(room.office.workspace.home, at=room.now)
    assert not guard.look()
    settle_stopped(room.office)
    with room.office.store.connect() as conn:
        states = dict(conn.execute(sa.select(alerts.c.kind, alerts.c.state)).all())
    assert states["scheduler_stopped"] == "over"


def test_a_clock_that_was_just_set_is_no_dead_scheduler(room):
    """An hour forward: the sign of life is old at once, and the next one comes within a sweep."""
    room.add("night", NIGHT)
    home = room.office.workspace.home
    guard = Guard(room.office)
    beat(home, at=room.now)
    assert not guard.look()
    room.now += timedelta(hours=1)

    assert not guard.look()
    assert kinds(room.office) == []


def test_without_an_enabled_schedule_nobody_misses_the_scheduler(room, monkeypatch):
    """Nothing would be started: no alert. Nor where no scheduler ever was."""
    monkeypatch.setattr(guards, "_SURE_S", 0.0)
    guard = Guard(room.office)
    room.add("night", NIGHT + "enabled = false\n")
    assert not guard.look()
    beat(room.office.workspace.home, at=room.now - timedelta(days=1))

    assert not guard.look()
    assert kinds(room.office) == []


def states(office: Office) -> list[tuple[str, str, str]]:
    """Kind, worker and state of all alerts, oldest first."""
    found = reversed(list_alerts(office.store))
    return [(row.kind, row.about.get("worker", ""), row.state) for row, _ in found]


def test_a_killed_worker_is_told_by_the_scheduler_and_over_when_one_is_back(room, listener):
    """kill -9, with nobody to start it again: told to a person, once."""
    room.add("night", NIGHT)
    own_rules(room.root, '[people.duty]\naddress = "alerts-duty"\nlanguage = "en"\n')
    address = {"CLERKWORK_SECRET_ALERTS_DUTY": f"json://127.0.0.1:{listener.port}/x"}
    note = worker_file(room.office.workspace.home)
    with process(room.root, "worker") as worker:
        wait_for(lambda: last_sign(note), at_most_s=60)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    died = last_sign(note)
    assert died is not None and died.pid == worker.pid
    give_sign(note, at=died.at - timedelta(seconds=50), executor=died.about["executor"])
    with process(room.root, "scheduler", **address):
        wait_for(lambda: listener.got, at_most_s=90)
        with process(room.root, "worker", **address):
            wait_for(lambda: states(room.office)[0][2] == "over", at_most_s=60)

    assert "[Clerkwork practice] worker-1 has stopped" == listener.got[0][1]["title"]
    assert [("worker_stopped", "worker-1", "over")] == states(room.office)


def test_a_worker_that_hangs_is_told_and_one_that_goes_on_is_not(room, monkeypatch):
    """A stopped process gives no sign of life, whatever it holds; each time it is told anew."""
    monkeypatch.setattr(guards, "_SURE_S", 0.0)
    guard = WorkerGuard(room.office)
    told = ("worker_stopped", "worker-1")
    with at_work(room.office):
        room.now += timedelta(seconds=60)
        assert not guard.look()
        for number in (1, 2):
            give_sign(worker_file(room.office.workspace.home), at=room.now, executor="worker-1")
            room.now += timedelta(seconds=61)
            assert guard.look() and guard.look()
            assert [(*told, "over")] * (number - 1) + [(*told, "pending")] == states(room.office)
            give_sign(worker_file(room.office.workspace.home), at=room.now, executor="worker-1")
            assert not guard.look()
    assert [(*told, "over")] * 2 == states(room.office)


def test_a_worker_that_was_stopped_is_missed_by_nobody(room, monkeypatch):
    """Ended as asked, however long ago; nor is one missed that never was, or that only waits."""
    monkeypatch.setattr(guards, "_SURE_S", 0.0)
    guard = WorkerGuard(room.office)
    assert not guard.look()
    with at_work(room.office):
        pass
    room.now += timedelta(days=1)

    assert not guard.look()
    assert [] == states(room.office)


def test_a_worker_at_work_goes_on_giving_signs_of_life(room, monkeypatch):
    """From a thread of its own, and the last is taken away when it stops."""
    monkeypatch.setattr("clerkwork.run.life.BEAT_S", 0.05)
    note = worker_file(room.office.workspace.home)
    with at_work(room.office):
        room.now += timedelta(seconds=5)
        wait_for(lambda: (sign := last_sign(note)) and sign.at == room.now, at_most_s=10)
        assert live_worker(room.office.workspace.home) == os.getpid()
    assert not note.exists()


def test_the_switch_is_called_and_its_address_is_never_said(tmp_path, listener, monkeypatch):
    """A GET at the address in the secret; what fails is told by name and status."""
    address = f"http://127.0.0.1:{listener.port}/ping/canary-token"
    monkeypatch.setenv("CLERKWORK_SECRET_ALERTS_SWITCH", address)
    ping("alerts-switch", home=tmp_path)
    assert [("/ping/canary-token", None)] == listener.got

    listener.status = 503
    with pytest.raises(Unavailable, match="HTTP 503") as refused:
        ping("alerts-switch", home=tmp_path)
    assert "canary" not in str(refused.value)
    for wrong in ("file:///etc/passwd", "canary-token"):
        monkeypatch.setenv("CLERKWORK_SECRET_ALERTS_SWITCH", wrong)
        with pytest.raises(Misconfigured, match="SWITCH_ADDRESS_WRONG") as refused:
            ping("alerts-switch", home=tmp_path)
        assert wrong not in str(refused.value)
    monkeypatch.setenv("CLERKWORK_SECRET_ALERTS_SWITCH", "http://127.0.0.1:1/canary")
    with pytest.raises(Unavailable, match="SWITCH_NOT_REACHED"):
        ping("alerts-switch", home=tmp_path)


def test_serve_starts_again_what_dies_and_stops_both(room, listener):
    """Scheduler and worker are children: a killed one comes back, SIGTERM ends all."""
    room.add("night", NIGHT)
    own_rules(room.root, 'switch = "alerts-switch"\n')
    address = {"CLERKWORK_SECRET_ALERTS_SWITCH": f"http://127.0.0.1:{listener.port}/switch"}
    home = room.office.workspace.home
    note = home / "worker.json"
    with process(room.root, "serve", **address) as served:
        wait_for(lambda: last_beat(home) and note.exists(), at_most_s=60)
        first = last_beat(home)
        assert first is not None
        os.kill(first.pid, signal.SIGKILL)
        wait_for(lambda: (now := last_beat(home)) and now.pid != first.pid, at_most_s=60)
        again = last_beat(home)
        assert again is not None
        wait_for(lambda: listener.got, at_most_s=60)  # the switch is called by a scheduler at work
        worker = json.loads(note.read_text(encoding="utf-8"))["pid"]
        served.send_signal(signal.SIGTERM)
        assert 0 == served.wait(60)
        for pid in (again.pid, worker):
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)
    events = [event for _, event in room.office.audit.read() if event.name.startswith("serve.")]
    assert ["serve.started", "serve.restarted", "serve.stopped"] == [each.name for each in events]
    said = events[1].fields
    assert (said["process"], said["code"], said["wait_s"]) == ("scheduler", -9, 1)


def test_a_second_server_gives_way_and_children_go_with_a_killed_one(room):
    """One is served already: the second ends with 1. Nobody is left behind by kill -9."""
    home = room.office.workspace.home
    with process(room.root, "serve") as served:
        wait_for(lambda: last_beat(home) and live_worker(home), at_most_s=60)
        with process(room.root, "serve") as second:
            assert 1 == second.wait(60)
        os.kill(served.pid, signal.SIGKILL)
        served.wait()
        wait_for(lambda: live_worker(home) is None, at_most_s=60)
        with lock_of(home).acquire(timeout=60):  # nobody holds it any more
            pass
