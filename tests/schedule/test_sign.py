"""`clerkwork schedule sign`: a call that staff send without writing code, to who takes calls."""

from __future__ import annotations

import json
import shlex
import shutil
import socket
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from clerkwork.run.runs import list_runs
from clerkwork.schedule.calls import answer
from clerkwork.schedule.tokens import SKEW_S, Call
from tests.processes import process, wait_for
from tests.schedule_words import NIGHT, sign_in

CALLED = 'time_zone = "UTC"\n[call]\nsecret = "caller"\n[parameters]\nbusiness_date = "{call}"\n'
SAYS = ("--param", "business_date=2026-06-10", "--why", "the statement came by post")
SECRET = {"CLERKWORK_SECRET_CALLER": "partner:a secret of both"}


@pytest.fixture
def sign(room, say, monkeypatch):
    """li.na is an operator and signs calls of `called`; gives exit code and output."""
    room.add("called", CALLED)
    room.add("night", NIGHT)
    room.settle()
    sign_in(room, monkeypatch, roles=["operator"])
    for name, text in SECRET.items():
        monkeypatch.setenv(name, text)
    return lambda *options: say("sign", "called", *options)


def parts(said: str) -> dict:
    """The call in the output."""
    return json.loads(said.splitlines()[0])


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def send(call: dict) -> tuple[int, dict]:
    """Send it; status and answer."""
    where = urlsplit(call["url"])
    with closing(HTTPConnection(where.hostname, where.port, timeout=30)) as line:
        line.request(call["method"], where.path, call["body"], call["headers"])
        answered = line.getresponse()
        return answered.status, json.loads(answered.read())


def can_connect(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_signed_call_is_taken_by_who_serves(room, sign):
    """Sent by curl, by a program, and signed anew under its nonce: one run of that day."""
    port = free_port()
    to = f"http://127.0.0.1:{port}"
    with process(room.root, "serve", "--calls", str(port), **SECRET):
        wait_for(lambda: can_connect(port), at_most_s=60)
        code, said = sign(*SAYS, "--to", to, "--json")
        assert code == 0
        call = parts(said)
        status, first = send(call)
        assert (202, "started") == (status, first["state"])
        assert (200, first["run"]) == (send(call)[0], send(call)[1]["run"])
        nonce = call["headers"]["x-clerkwork-nonce"]
        _, said = sign(*SAYS, "--to", to + "/", "--nonce", nonce)
        assert said.startswith("curl ") and f"--nonce {nonce}" in said
        if shutil.which("curl"):
            line = shlex.split(said.splitlines()[0])
            told = subprocess.run(line, capture_output=True, check=True)
            assert first["run"] == json.loads(told.stdout)["run"]

    (run,) = [one for one in list_runs(room.office) if one.started_by == "schedule:called"]
    assert (first["run"], "2026-06-10") == (run.id, run.params["business_date"])


def test_who_signed_which_call_and_why_is_in_the_audit_log(room, sign):
    """With its nonce, under which the run it made is found; the secret is nowhere in it."""
    _, said = sign(*SAYS, "--json")

    (event,) = [e for _, e in room.office.audit.read() if e.name == "schedule.call_signed"]
    assert parts(said)["headers"]["x-clerkwork-nonce"] == event.fields["nonce"]
    assert event.fields["by"].startswith("person:")  # a pseudonym, as in all of the log
    assert ("called", SAYS[-1]) == (event.fields["schedule"], event.fields["why"])
    assert "secret of both" not in said + str(event)


def test_a_call_is_good_for_five_minutes(room, sign):
    """Later it is signed anew, under the same nonce or another."""
    call = parts(sign(*SAYS, "--json")[1])
    made = Call(call["method"], "/triggers/called", call["body"].encode(), call["headers"])
    signed_at = datetime.fromtimestamp(int(call["headers"]["x-clerkwork-time"]), UTC)

    for late_s, status in ((SKEW_S + 1, 401), (SKEW_S - 1, 202)):
        room.now = signed_at + timedelta(seconds=late_s)
        assert status == answer(room.office, room.book, "called", made).status


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("called", "--why", "x"), "CALL_BODY_WRONG"),
        (("called", *SAYS, "--param", "branch=1"), "CALL_BODY_WRONG"),
        (("called", "--why", "x", "--param", "business_date=a\nb"), "CALL_VALUE_WRONG"),
        (("called", *SAYS, "--nonce", "short"), "CALL_NONCE_WRONG"),
        (("called", "--why", "x", "--param", "business_date"), "NAME=VALUE"),
        (("called", *SAYS, "--param", "business_date=2026-06-11"), "NAME=VALUE"),
        (("night", *SAYS), "SCHEDULE_NOT_CALLED"),
        (("nobody", *SAYS), "SCHEDULE_UNKNOWN"),
    ],
)
def test_a_call_that_would_be_refused_is_not_signed(room, sign, say, arguments, says):
    """What is wrong is said before anything is sent."""
    code, said = say("sign", *arguments)

    assert code != 0 and says in said and "curl" not in said
    assert "schedule.call_signed" not in [event.name for _, event in room.office.audit.read()]


@pytest.mark.parametrize(
    ("role", "secret", "says"),
    [("auditor", True, "NOT_ALLOWED"), ("operator", False, "CREDENTIAL_MISSING")],
)
def test_only_who_may_run_schedules_signs_and_with_the_secret(
    room, say, monkeypatch, role, secret, says
):
    """An auditor may not; nor can anybody where the secret is not kept."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    room.add("called", CALLED)
    room.settle()
    sign_in(room, monkeypatch, roles=[role])
    if secret:
        monkeypatch.setenv(*next(iter(SECRET.items())))
    code, said = say("sign", "called", *SAYS)

    assert code != 0 and says in said


@pytest.mark.parametrize("command", ["serve", "scheduler"])
def test_a_place_that_is_none_is_refused_at_once(room, command):
    """Not by a scheduler that is started again and again."""
    with process(room.root, command, "--calls", "here") as started:
        assert 2 == started.wait(60)
