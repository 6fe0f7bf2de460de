"""Signed calls of other programs, and what happens in the house: each makes one run."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from clerkwork.run.runs import change_run, start_run
from clerkwork.schedule.calls import LARGEST, taking_calls
from clerkwork.schedule.firings import settling
from clerkwork.schedule.house import follow_house
from clerkwork.schedule.tokens import sign
from clerkwork.store.tables import items, runs, schedules
from tests.postroom import Postroom, open_postroom

pytestmark = pytest.mark.usefixtures("database")

ROOT = Path(__file__).parents[2]
SECRET = "a secret of both"
PATH = "/triggers/incoming"
CALL = '[call]\nsecret = "caller"\n'
PARAMETERS = '[parameters]\nfile = "{call}"\n'


@dataclass
class Caller:
    """A postroom that takes calls at `port`."""

    postroom: Postroom
    port: int

    def call(self, body: object = None, **changed: Any) -> tuple[int, dict[str, Any]]:
        """A signed call; what is `changed` is changed after it was signed."""
        told = {"file": "a.txt"} if body is None else body
        content = told if isinstance(told, bytes) else json.dumps(told).encode()
        sends = changed.pop("sends", content)
        path = changed.pop("path", PATH)
        at = str(int(time.time()) + changed.pop("off_s", 0))
        nonce = changed.pop("nonce", f"nonce-{time.monotonic_ns():016}")
        secret = changed.pop("secret", SECRET)
        signed = sign(secret, "POST", path, at=at, nonce=nonce, body=content)
        headers = {"time": at, "nonce": nonce, "signature": signed} | changed
        sent = {f"X-Clerkwork-{name}": text for name, text in headers.items() if text is not None}
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request("POST", path, sends, sent)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            line.close()

    def runs(self) -> list[Any]:
        """Every run."""
        with self.postroom.office.store.connect() as conn:
            return list(conn.execute(sa.select(runs)))


@pytest.fixture
def postroom(tmp_path: Path) -> Iterator[Postroom]:
    """A postroom without schedules."""
    with open_postroom(tmp_path) as made:
        yield made


@pytest.fixture
def caller(postroom: Postroom, monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    """Schedule `incoming` is made due by calls that say which file."""
    monkeypatch.setenv("CLERKWORK_SECRET_CALLER", f"partner:{SECRET}")
    postroom.add("incoming", CALL + PARAMETERS)
    with taking_calls(postroom.office, postroom.book, host="127.0.0.1", port=0) as port:
        yield Caller(postroom, port)


def test_a_signed_call_starts_one_run_however_often_it_is_repeated(caller: Caller):
    """The same nonce is the same call: the second answer is 200, with the same run."""
    first = caller.call(nonce="n" * 16)
    again = caller.call(nonce="n" * 16)

    (run,) = caller.runs()
    assert "a.txt" == run.params["file"]
    assert (202, {"state": "started", "run": run.id}) == first
    assert (200, {"state": "started", "run": run.id}) == again


def test_calls_at_once_with_one_nonce_are_one_run(caller: Caller):
    """Whoever comes second is told what the first was."""
    answers: list[tuple[int, dict[str, Any]]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(caller.call(nonce="n" * 16)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (run,) = caller.runs()
    assert [200] * 7 + [202] == sorted(status for status, _ in answers)
    assert {run.id} == {about["run"] for _, about in answers}


@pytest.mark.parametrize(
    "changed",
    [
        {"secret": "another"},
        {"off_s": -301},
        {"off_s": 301},
        {"time": None},
        {"time": "now"},
        {"nonce": "short"},
        {"signature": None},
        {"signature": "0" * 64},
        {"signature": "é"},
        {"sends": b'{"file": "b.txt"}'},
        {"time": str(int(time.time()) + 1000)},
    ],
)
def test_a_call_that_is_not_signed_right_starts_nothing(caller: Caller, changed: dict[str, Any]):
    """By another secret, too old, too early, without a part, or with another body."""
    status, about = caller.call(**changed)

    assert (401, "CALL_NOT_SIGNED") == (status, about["code"])
    assert [] == caller.runs()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"no json", 400, "CALL_BODY_WRONG"),
        ([], 400, "CALL_BODY_WRONG"),
        ({}, 400, "CALL_BODY_WRONG"),
        ({"file": "a", "sender": "b"}, 400, "CALL_BODY_WRONG"),
        ({"file": 7}, 400, "CALL_VALUE_WRONG"),
        ({"file": "a\nb"}, 400, "CALL_VALUE_WRONG"),
        (b"[" * LARGEST, 400, "CALL_BODY_WRONG"),
        (b" " * (LARGEST + 1), 413, "CALL_TOO_LONG"),
    ],
)
def test_a_body_gives_what_the_schedule_asks_for_and_nothing_else(
    caller: Caller, body: object, status: int, code: str
):
    """Signed or not: a text for each parameter with {call}."""
    assert (status, code) == (lambda told: (told[0], told[1]["code"]))(caller.call(body))
    assert [] == caller.runs()


def test_one_nonce_with_two_bodies_is_refused(caller: Caller):
    """A caller that counts wrong is told so."""
    caller.call({"file": "a.txt"}, nonce="n" * 16)
    status, about = caller.call({"file": "b.txt"}, nonce="n" * 16)

    assert (409, "CALL_DIFFERS") == (status, about["code"])
    assert 1 == len(caller.runs())


def test_a_call_that_will_not_run_is_told_why(caller: Caller):
    """Of a paused schedule, and the same when it is repeated; nobody is started later."""
    with caller.postroom.office.store.begin() as conn:
        conn.execute(sa.update(schedules).values(paused_at=caller.postroom.office.clock()))
    answers = [caller.call(nonce="n" * 16) for _ in range(2)]

    assert [(409, {"state": "skipped", "run": None, "code": "SCHEDULE_IS_PAUSED"})] * 2 == answers


def test_only_schedules_with_a_call_can_be_called(caller: Caller):
    """A schedule of the clock is nothing for other programs."""
    caller.postroom.add("night", 'at = ["01:30"]\n')
    for path in ("/triggers/night", "/triggers/none"):
        status, about = caller.call(path=path)
        assert (404, "SCHEDULE_NOT_CALLED") == (status, about["code"])


def test_without_its_secret_a_schedule_takes_no_call(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
):
    """That is our fault, and said as such."""
    monkeypatch.delenv("CLERKWORK_SECRET_CALLER")

    assert (503, {"code": "CREDENTIAL_MISSING"}) == caller.call()


def test_the_callers_example_of_the_documentation_works(caller: Caller):
    """It is run as it stands there, with the address and the secret filled in."""
    page = (ROOT / "docs/manifests.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(import hashlib, hmac.+?)```", page, re.DOTALL)
    assert found
    script = found[1].replace("http://127.0.0.1:8750", f"http://127.0.0.1:{caller.port}")
    script = script.replace("close_of_day", "incoming").replace("the secret", SECRET)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert "started" in done.stdout, done.stderr
    assert 1 == len(caller.runs())


def follow(postroom: Postroom, *, later: timedelta = timedelta(0)) -> None:
    """What the scheduler does every few seconds."""
    now = postroom.office.clock() + later
    with settling(replace(postroom.office, clock=lambda: now), postroom.book.order) as work:
        follow_house(work, postroom.book.planned["incoming"])


def end(postroom: Postroom, state: str, *, rehearse: bool = False) -> str:
    """A run of the bot that a person started, ended; gives its id."""
    run_id = start_run(
        postroom.office, "take_in", {}, environment="test", started_by="wang", rehearse=rehearse
    )
    change_run(postroom.office, run_id, state=state, ended_at=postroom.office.clock())
    return run_id


@pytest.mark.parametrize(
    ("outcome", "fires"), [("done", ["done"]), ("failed", ["failed"]), ("any", ["done", "failed"])]
)
def test_a_run_that_ends_as_asked_makes_the_next_one_due(
    postroom: Postroom, outcome: str, fires: list[str]
):
    """Once each, by its id; not those that ended before, nor rehearsals."""
    end(postroom, "done")
    on = f'[run]\nbot = "take_in"\noutcome = "{outcome}"\n[parameters]\nfile = "{{run}}"\n'
    postroom.add("incoming", on)
    ended = {state: end(postroom, state) for state in ("done", "failed")}
    end(postroom, "done", rehearse=True)
    for _ in range(2):
        follow(postroom)

    expected = sorted(ended[state] for state in fires)
    assert expected == postroom.files()
    assert [f"run {run_id}" for run_id in expected] == sorted(r.key for r in postroom.firings())


def test_a_run_that_ended_long_ago_is_not_looked_for_for_ever(postroom: Postroom):
    """The moment since which is looked moves on, and what was late to be seen still counts."""
    postroom.add("incoming", '[run]\nbot = "take_in"\n')
    known = settled_until(postroom)
    follow(postroom, later=timedelta(hours=3))

    assert timedelta(hours=1.9) < settled_until(postroom) - known < timedelta(hours=2.1)


def settled_until(postroom: Postroom) -> datetime:
    """Since when the schedule looks."""
    wanted = sa.select(schedules.c.settled_until).where(schedules.c.name == "incoming")
    with postroom.office.store.connect() as conn:
        found: datetime = conn.execute(wanted).scalar_one()
        return found


def test_an_item_that_comes_to_wait_makes_a_schedule_due_each_time(postroom: Postroom):
    """Its version is in the key: back in the state after another one, it is due again."""
    postroom.add("incoming", '[item]\ntarget = "ledger"\nstate = "excepted"\n')
    run_id = end(postroom, "done")
    put_item(postroom, run_id, "ledger", "excepted")
    put_item(postroom, run_id, "other", "excepted")
    follow(postroom)
    follow(postroom)
    move_item(postroom, "confirmed", version=2)
    follow(postroom)
    move_item(postroom, "excepted", version=3)
    follow(postroom)

    assert ["item ledger 1", "item ledger 3"] == sorted(row.key for row in postroom.firings())


def put_item(postroom: Postroom, run_id: str, target: str, state: str) -> None:
    """A work item whose id is its target."""
    now = postroom.office.clock()
    with postroom.office.store.begin() as conn:
        conn.execute(
            sa.insert(items).values(
                id=target, environment="test", target=target, reference=target, run_id=run_id,
                ordinal=1, instruction="{}", digest="", state=state, kind="", amount_minor=0,
                currency="CNY", needs=[], created_at=now, updated_at=now,
            )
        )  # fmt: skip


def move_item(postroom: Postroom, state: str, *, version: int) -> None:
    """The item of the ledger moves on."""
    values = {"state": state, "version": version, "updated_at": postroom.office.clock()}
    with postroom.office.store.begin() as conn:
        conn.execute(sa.update(items).where(items.c.id == "ledger").values(**values))
