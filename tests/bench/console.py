"""
The console with a million runs, items and events behind it, and with a hundred viewers.

First byte is of the page itself, from the request to the first of its bytes, by who is signed
in; weight is the page and every script and style it names, as they are sent. Latency is from
the commit of an event in another process to its line at a viewer. The bars are the project's.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from clerkwork import practice
from clerkwork.facts.event import Event
from clerkwork.people import add_person, find_person
from clerkwork.people.sessions import open_session
from clerkwork.run.office import Office, open_office
from clerkwork.run.runs import ENDED, load_run, start_run
from clerkwork.run.worker import at_work, wait_until
from clerkwork.store.tables import items, runs
from clerkwork.workspace import Workspace, load

ROOT = Path(__file__).parents[2]
MANY = int(os.environ.get("CLERKWORK_ROWS", "1000000"))
BULK, ASKED, VIEWERS, EVENTS, PER_S = 50_000, 100, 100, 1000, 50
FIRST_BYTE_MS, WEIGHT, LATE_MS = 50, 75_000, 150  # the bars
BASE = datetime(2024, 1, 1, tzinfo=UTC)
COOKIE = "clerkwork-session"
PAGES = (
    "/",
    "/runs",
    "/runs?state=failed",
    "/runs?state=running",
    "/runs?bot=reconcile_teller&state=done",
    "/runs?before={middle}~x",
    "/runs?before={middle}~x&state=failed",
    "/runs/{run}",
    "/approvals",
    "/approvals?kind=fee&order=amount",
    "/exceptions",
    "/exceptions?kind=in_doubt&order=age",
    "/exceptions?owner=~mine",
    "/bots",
    "/bots/reconcile_teller",
    "/schedules",
    "/systems",
    "/audit",
    "/audit?before={half}",
    "/audit?name=run.failed",
    "/audit?run={run}",
    "/audit?person=bench",
    "/audit?day={day}",
    "/settings/alerts",
    "/api/runs",
)
WRITER = """
import sys, time
from pathlib import Path
from clerkwork.audit import open_log
log = open_log(Path(sys.argv[1]))
start = time.time()
for number in range(int(sys.argv[2])):
    time.sleep(max(0, start + number / float(sys.argv[3]) - time.time()))
    position = log.record("worker.started", executor=str(number))
    print(position, time.time(), flush=True)
log.close()
"""


def main() -> None:
    """Print each page beside the bars, then how late a line is."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = replace(load(ROOT), home=Path(folder) / "home")
        with open_office(workspace) as office:
            began = time.monotonic()
            grow_log(office)
            facts = make_night(office)
            grow(office, facts)
            print(f"{MANY:,} runs, items and events made in {time.monotonic() - began:.0f} s")
            token = open_session(
                office.store, facts["person"], record=office.audit.record, now=office.clock()
            ).token
        with console(workspace) as origin:
            worst = measure_pages(origin, token, facts)
            print(f"worst p95 first byte {worst:.1f} ms (at most {FIRST_BYTE_MS})")
            asyncio.run(measure_live(origin, token, workspace.home))


def make_night(office: Office) -> dict[str, Any]:
    """One night of the practice bank, and somebody who sees all of it; what pages are asked by."""
    record = office.audit.record
    add_person(
        office.store, "boss", "Boss", "主管", ("administrator",), "boss-secret-1", by="",
        record=record,
    )  # fmt: skip
    add_person(
        office.store, "bench", "Bench", "测试", ("operator", "checker", "manager", "auditor"),
        "bench-secret-1", by="boss", record=record,
    )  # fmt: skip
    with practice.start(office.workspace.home, accounting_date=date(2026, 6, 12)):
        run_id = start_run(
            office, "reconcile_teller", {}, environment="practice", started_by="boss"
        )
        with at_work(office) as worker:
            assert worker is not None
            wait_until(lambda: load_run(office, run_id).state in ENDED, worker, wait_s=300)
    person = find_person(office.store, "bench")
    return {"run": run_id, "person": person, "day": "2025-02-01"}


def grow(office: Office, facts: dict[str, Any]) -> None:
    """Two years of runs with an item each, and as many events; a few of them unsettled."""
    with office.store.connect() as conn:
        run = dict(conn.execute(sa.select(runs)).mappings().first() or {})
        item = dict(conn.execute(sa.select(items)).mappings().first() or {})
    for start in range(0, MANY, BULK):
        numbers = range(start, start + BULK)
        with office.store.begin() as conn:
            conn.execute(sa.insert(runs), [run_of(run, n) for n in numbers])
            conn.execute(sa.insert(items), [item_of(item, n) for n in numbers])
    facts["middle"] = f"{BASE + timedelta(minutes=MANY // 2):%Y-%m-%dT%H:%M:%S%%2B00:00}"
    facts["half"] = MANY // 2


def grow_log(office: Office) -> None:
    """As many events of those runs, older than the night's."""
    for start in range(0, MANY, BULK):
        office.audit.append(*(event_of(number) for number in range(start, start + BULK)))


def event_of(number: int) -> Event:
    """What the log has of one of the runs."""
    run = f"reconcile_teller.m.{number}"
    at = BASE + timedelta(minutes=number)
    if number % 100 == 0:
        return Event("run.failed", at, {"run": run, "kind": "Refused", "code": "PAGE_UNKNOWN"})
    return Event("run.requested", at, {"run": run, "bot": "reconcile_teller", "by": "boss"})


def run_of(first: dict[str, Any], number: int) -> dict[str, Any]:
    """One ended run, a minute after the one before it; one of a hundred failed."""
    at = BASE + timedelta(minutes=number)
    known = {"created_at": at, "started_at": at, "ended_at": at + timedelta(seconds=30)}
    state = "failed" if number % 100 == 0 else "done"
    name = {"id": f"reconcile_teller.m.{number}", "stem": "m", "sequence": number, "state": state}
    return first | known | name


def item_of(first: dict[str, Any], number: int) -> dict[str, Any]:
    """One item of that run: confirmed, but for one of ten thousand that waits or is unsettled."""
    at = BASE + timedelta(minutes=number)
    odd = ("waiting", "in_doubt", "excepted", "waiting")[number // 10_000 % 4]
    state = odd if number % 10_000 == 0 else "confirmed"
    names = {
        "id": f"I{number}",
        "reference": f"R{number}",
        "run_id": f"reconcile_teller.m.{number}",
    }
    return first | names | {"state": state, "created_at": at, "updated_at": at}


@contextmanager
def console(workspace: Workspace) -> Iterator[str]:
    """The console in a process of its own; its origin."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "clerkwork.cli", "console", "--port", str(port)]
    environment = os.environ | {"CLERKWORK_HOME": str(workspace.home), "CLERKWORK_LANG": "en"}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def measure_pages(origin: str, token: str, facts: dict[str, Any]) -> float:
    """How long each page takes to begin, and what it weighs; the worst p95."""
    print(f"{'page':44} {'median':>7} {'p95':>7} {'max':>7} ms {'page':>8} {'with all':>8} B")
    worst = 0.0
    with httpx.Client(base_url=origin, timeout=60, verify=False) as client:  # loopback needs none
        client.cookies.set(COOKIE, token)
        for path in PAGES:
            address = path.format(**facts)
            took = sorted(first_byte_ms(client, address) for _ in range(ASKED))
            own, whole = weight(client, address)
            p95 = took[ASKED * 95 // 100]
            worst = max(worst, p95)
            bad = " <-- over" if p95 > FIRST_BYTE_MS or whole > WEIGHT else ""
            print(
                f"{path:44} {took[ASKED // 2]:7.1f} {p95:7.1f} {took[-1]:7.1f}   "
                f"{own:8,} {whole:8,}{bad}"
            )
    return worst


def first_byte_ms(client: httpx.Client, address: str) -> float:
    """From the request to the first byte of the answer."""
    began = time.perf_counter()
    with client.stream("GET", address) as answer:
        took = time.perf_counter() - began
        assert answer.status_code == 200, (address, answer.status_code)
        answer.read()
    return took * 1000


def weight(client: httpx.Client, address: str) -> tuple[int, int]:
    """Bytes as they are sent: of the page, and with every script and style that it names."""
    answer = client.get(address)
    own = answer.num_bytes_downloaded
    parts = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text))
    return own, own + sum(client.get(part).num_bytes_downloaded for part in parts)


async def measure_live(origin: str, token: str, home: Path) -> None:
    """A hundred viewers at fifty events a second: what each has seen, and how late."""
    ready, seen = asyncio.Semaphore(0), [[] for _ in range(VIEWERS)]  # type: ignore[var-annotated]
    viewers = [asyncio.create_task(view(origin, token, ready, one)) for one in seen]
    for _ in viewers:
        await ready.acquire()
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(home), str(EVENTS), str(PER_S),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert writer.stdout is not None
    sent = {}
    async for line in writer.stdout:
        position, at = line.split()
        sent[int(position)] = float(at)
    await asyncio.wait_for(asyncio.gather(*viewers), 60)
    late = sorted((at - sent[position]) * 1000 for one in seen for position, at in one)
    whole = sum([position for position, _ in one] == sorted(sent) for one in seen)
    print(
        f"{VIEWERS} viewers, {PER_S} events/s, {len(late):,} lines; {whole} saw each once, in order"
    )
    p99 = late[len(late) * 99 // 100]
    print(
        f"late: median {late[len(late) // 2]:.0f} ms, p99 {p99:.0f} ms (at most {LATE_MS}),"
        f" max {late[-1]:.0f} ms"
    )


async def view(
    origin: str, token: str, ready: asyncio.Semaphore, seen: list[tuple[int, float]]
) -> None:
    """One viewer: when each line came."""
    host, port = origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"GET /live HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {COOKIE}={token}\r\n\r\n"
    writer.write(head.encode())
    position = 0
    while len(seen) < EVENTS:
        line = await reader.readline()
        if line.startswith(b"event: begin"):
            ready.release()
        elif line.startswith(b"id: "):
            position = int(line[4:])
        elif line.startswith(b"data: {"):
            seen.append((position, time.time()))
    writer.close()


if __name__ == "__main__":
    main()
