"""
A worker: the one process that works on the queues of this home, and how it stops.

The lock makes it one; the executor's name stays the same, so what a killed worker
left is taken up again by the next. Starting and stopping are audit events. While it is at
work it gives signs of life; one that stops without being asked is told by the scheduler.
"""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from clerkwork.errors import Refused
from clerkwork.run import engine, flow, keying
from clerkwork.run.bench import Bench
from clerkwork.run.closing import refresh
from clerkwork.run.connect import credential_of, open_session
from clerkwork.run.evidence import keep_picture
from clerkwork.run.items import list_items, load_item
from clerkwork.run.life import last_sign, showing_life
from clerkwork.run.office import Office
from clerkwork.run.pausing import pause_of
from clerkwork.systems.port import Picture, Session

LOOK_S = 0.1
HELD_POLL_S = 5.0
STOP_WAIT_S = 60
STOPPED = "stopped.json"  # in the home: who stopped all, why, and when


class Worker:
    """What a worker has open: the office and a bench for each (target, environment)."""

    def __init__(self, office: Office, *, names_runs: bool = False):
        self.office = office
        self.names_runs = names_runs
        self.stopping = threading.Event()
        self._benches: dict[tuple[str, str], Bench] = {}
        self._lock = threading.Lock()

    def bench(self, target: str, environment: str) -> Bench:
        """The bench of a target, made when first asked for."""
        key = (target, environment)
        with self._lock:
            if key not in self._benches:
                self._benches[key] = Bench(
                    lambda system: self._open(system, environment),
                    lambda system: self._signed_on(system, environment),
                )
            return self._benches[key]

    def _open(self, system: str, environment: str) -> Session:
        def keep(picture: Picture) -> None:
            row = load_item(self.office, self._benches[(system, environment)].item_id)
            keep_picture(self.office, run_id=row.run_id, item_id=row.id)(picture)

        return open_session(self.office.workspace, system, environment, types=True, keep=keep)

    def _signed_on(self, system: str, environment: str) -> None:
        row = load_item(self.office, self._benches[(system, environment)].item_id)
        self.office.audit.record(
            "system.signed_on",
            run=row.run_id,
            item=row.id,
            system=system,
            environment=environment,
            credential=credential_of(self.office.workspace, system, environment, types=True),
        )

    def run_bot(self, run_id: str) -> None:
        """The workflow of a run."""
        if self.names_runs:
            self.office.progress(f"run {run_id}", f"运行 {run_id}")
        flow.perform(self.office, run_id)

    def key_item(self, item_id: str) -> None:
        """The workflow of an approved item; the run's report follows when it rests."""
        keying.key_item(self.office, self.bench, item_id)
        self._refresh_if_at_rest(item_id)

    def look_up_item(self, item_id: str) -> None:
        """The workflow of an item that a person wants looked up."""
        keying.look_up_item(self.office, self.bench, item_id)
        self._refresh_if_at_rest(item_id)

    def leave_paused(self) -> None:
        """Sign off where a system is paused; who keys into it at the moment ends first."""
        with self._lock:
            open_ones = list(self._benches.items())
        for (target, environment), bench in open_ones:
            if pause_of(self.office, target, environment) is not None:
                bench.renew()

    def poll_held(self) -> None:
        """Read back what targets hold for their own authoriser."""
        for row in list_items(self.office, state="keyed"):
            keying.poll_held(self.office, self.bench, row.id)
            if load_item(self.office, row.id).state != "keyed":
                refresh(self.office, row.run_id)

    def _refresh_if_at_rest(self, item_id: str) -> None:
        row = load_item(self.office, item_id)
        others = [one for one in list_items(self.office, run_id=row.run_id) if one.id != item_id]
        if row.state not in ("approved", "keying") and not moving(self.office, others):
            refresh(self.office, row.run_id)

    def close(self) -> None:
        """Leave every session."""
        for bench in self._benches.values():
            bench.renew()
        self._benches.clear()


def moving(office: Office, rows: Sequence[Any]) -> list[Any]:
    """The items of `rows` that a worker will still change without a person."""
    work = {workflow_id.partition(":")[0] for workflow_id in engine.open_work(office.client)}
    return [row for row in rows if row.id in work]


def worker_file(home: Path) -> Path:
    """Where the worker of `home` gives its sign of life."""
    return home / "worker.json"


def lock_of(home: Path) -> FileLock:
    """The lock that the one live worker of `home` holds."""
    home.mkdir(parents=True, exist_ok=True)
    return FileLock(home / "worker.lock")


@contextmanager
def at_work(office: Office, *, names_runs: bool = False) -> Iterator[Worker | None]:
    """
    Be the worker of this home while the block runs; None when another process is.

    Whoever works on many runs names each (`names_runs`) before the progress of its steps.

    SIGTERM and Ctrl-C set `stopping`; at the end nothing new is taken, what is in hand
    ends, and the sessions are left. Raises Refused WORK_STOPPED while a stop-all stands.
    """
    home = office.workspace.home
    stop = stop_note(home)
    if stop is not None:
        raise Refused("WORK_STOPPED", person=stop["by"], why=stop["why"], at=stop["at"])
    lock = lock_of(home)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield None
        return
    worker = Worker(office, names_runs=names_runs)
    try:
        with showing_life(worker_file(home), office.clock, executor=office.executor):
            office.audit.record("worker.started", executor=office.executor)
            engine.launch(
                office.store.url,
                office.store.engine,
                executor=office.executor,
                workflows={
                    "run-bot": worker.run_bot,
                    "key-item": worker.key_item,
                    "look-up-item": worker.look_up_item,
                },
            )
            with signals(worker.stopping):
                try:
                    yield worker
                finally:
                    engine.stop(wait_s=STOP_WAIT_S)
                    worker.close()
    finally:
        office.audit.record("worker.stopped", executor=office.executor)
        office.audit.checkpoint()
        lock.release()


def stop_note(home: Path) -> dict[str, str] | None:
    """Who stopped all (by, why, at); None when nobody has."""
    try:
        note: dict[str, str] = json.loads((home / STOPPED).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return note


@contextmanager
def signals(stopping: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT ask to stop while the block runs, where this thread may say so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kinds = (signal.SIGTERM, signal.SIGINT)
    before = {kind: signal.signal(kind, lambda *_: stopping.set()) for kind in kinds}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def wait_until(is_done: Callable[[], bool], worker: Worker | None, *, wait_s: float) -> bool:
    """Wait until `is_done`, at most `wait_s`, or until the worker is asked to stop."""
    deadline = time.monotonic() + wait_s
    while not is_done():
        if time.monotonic() > deadline or (worker and worker.stopping.is_set()):
            return False
        time.sleep(LOOK_S)
    return True


def live_worker(home: Path) -> int | None:
    """The process id of the live worker of `home`, or None."""
    while True:
        try:
            with lock_of(home).acquire(timeout=0):
                return None
        except Timeout:
            pass  # somebody holds it
        sign = last_sign(worker_file(home))
        if sign is not None:
            return sign.pid
        time.sleep(LOOK_S)  # it begins or ends at this moment, and its sign of life with it
