"""The practice bank's process: started once, found, stopped, and started again."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import time
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from clerkwork import practice
from clerkwork.cli import run
from clerkwork.practice.credentials import OPERATORS
from clerkwork.practice.process import ports_file

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of a running practice bank."""
    place = tmp_path_factory.mktemp("home")
    with practice.start(place):
        yield place


@pytest.fixture
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The command line, working in that home."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CLERKWORK_HOME", str(home))
    monkeypatch.setenv("CLERKWORK_LANG", "en")
    return home


def test_a_fresh_bank_listens_within_five_seconds(tmp_path: Path):
    """Documents, core and ledger of the first night are up quickly."""
    started = time.monotonic()
    with practice.start(tmp_path):
        assert time.monotonic() - started < 5


def test_everything_is_where_the_ports_say(home: Path):
    """The core greets a terminal, the ledger answers, the documents lie in their folder."""
    ports = practice.status(home)
    assert ports is not None
    with socket.create_connection((ports["core"]["host"], ports["core"]["port"]), 5) as terminal:
        assert terminal.recv(1) == b"\xff"  # telnet's first word
    with urllib.request.urlopen(ports["ledger"]["url"], timeout=5) as answer:
        assert answer.status == 200
    with urllib.request.urlopen(ports["counter"]["url"], timeout=5) as answer:
        assert answer.status == 200
    folder = Path(ports["documents"]["folder"])
    assert [path.name for path in folder.iterdir()] == ["2026-06-11"]
    assert len(list((folder / "2026-06-11").iterdir())) == 4
    assert ports["accounting_date"] == "2026-06-12"


def test_a_second_start_finds_the_first(home: Path):
    """One home has one practice bank."""
    ports = practice.status(home)

    assert practice.start(home).ports == ports


def test_another_day_in_the_same_home_is_refused(home: Path):
    """A running bank does not change its date behind somebody's back."""
    with pytest.raises(practice.RunsOtherDay):
        practice.start(home, accounting_date=date(2026, 6, 13))


def test_there_is_no_day_before_the_first(tmp_path: Path):
    """On the first day no day is finished, so there is nothing to reconcile."""
    with pytest.raises(practice.DateTooEarly):
        practice.start(tmp_path, accounting_date=date(2026, 6, 11))


def test_credentials_are_for_their_owner_and_stay(tmp_path: Path):
    """Five sign-ons with random passwords, readable by nobody else, the same after a restart."""
    path = tmp_path / "practice" / "credentials.json"
    with practice.start(tmp_path):
        made = json.loads(path.read_text(encoding="utf-8"))
    with practice.start(tmp_path):
        kept = json.loads(path.read_text(encoding="utf-8"))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert made == kept
    assert made.keys() == OPERATORS.keys()
    assert len({each["password"] for each in made.values()}) == len(made)
    assert {len(each["password"]) for each in made.values()} == {8}


def test_the_next_day_keeps_what_lies_there(tmp_path: Path):
    """A later accounting date adds its documents and leaves the old ones as they are."""
    with practice.start(tmp_path) as bank:
        folder = Path(bank.ports["documents"]["folder"])
    printed_again = folder / "2026-06-11" / "meridian_usd_20260611.pdf"
    printed_again.write_bytes(b"printed again")
    with practice.start(tmp_path, accounting_date=date(2026, 6, 14)):
        days = sorted(path.name for path in folder.iterdir())

    assert days == ["2026-06-11", "2026-06-12", "2026-06-13"]
    assert printed_again.read_bytes() == b"printed again"


def test_a_killed_bank_is_not_running_and_starts_again(tmp_path: Path):
    """Its ports file is stale: nobody is asked to stop, and the next start is clean."""
    bank = practice.start(tmp_path)
    assert bank.process is not None
    bank.process.kill()
    bank.process.wait()

    assert ports_file(tmp_path).exists()
    assert practice.status(tmp_path) is None
    assert practice.stop(tmp_path) is False
    assert not ports_file(tmp_path).exists()
    with practice.start(tmp_path) as again:
        assert again.ports["pid"] != bank.ports["pid"]


def test_a_stale_number_stops_nobody(tmp_path: Path):
    """The process id in a stale file belongs to somebody else by now: it is left in peace."""
    heard = []
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append("SIGTERM"))
    ports_file(tmp_path).parent.mkdir()
    ports_file(tmp_path).write_text(json.dumps({"pid": os.getpid()}), encoding="utf-8")
    try:
        stopped = practice.stop(tmp_path)
    finally:
        signal.signal(signal.SIGTERM, before)

    assert (stopped, heard) == (False, [])
    assert not ports_file(tmp_path).exists()


def test_stopping_what_never_ran_is_polite(tmp_path: Path):
    """Nothing runs, nothing is stopped, nothing is made."""
    assert practice.stop(tmp_path) is False
    assert list(tmp_path.iterdir()) == []


def test_a_bank_that_cannot_start_says_why(tmp_path: Path):
    """The last line of the log comes with the failure."""
    (tmp_path / "practice").mkdir()
    (tmp_path / "practice" / "credentials.json").write_text("not JSON", encoding="utf-8")

    with pytest.raises(practice.NotStarted, match="JSONDecodeError"):
        practice.start(tmp_path)
    assert practice.status(tmp_path) is None


def test_the_command_shows_where_it_runs(at_home: Path, capsys: pytest.CaptureFixture[str]):
    """`practice status --json` is ports.json and a word on whether it runs."""
    assert run(["practice", "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "running": True,
        **json.loads(ports_file(at_home).read_text(encoding="utf-8")),
    }


def test_the_command_answers_in_chinese(
    at_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """A second start says in the user's language what runs already."""
    monkeypatch.setenv("CLERKWORK_LANG", "zh")

    assert run(["practice", "start"]) == 0
    assert "模拟银行正在运行，会计日期 2026-06-12" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["start", "--accounting-date", "2026-06-13"], "PRACTICE_RUNS_OTHER_DAY"),
        (["start", "--accounting-date", "2026-06-01"], "PRACTICE_TOO_EARLY"),
        (["start", "--accounting-date", "tomorrow"], "clerkwork practice start --help"),
    ],
)
def test_a_wrong_call_is_one_line(
    at_home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
):
    """A wrong date or another day is a usage failure, with its remedy."""
    assert run(["practice", *arguments]) == 2
    shown = capsys.readouterr()
    assert message in shown.err
    assert shown.err.count("\n") == 1


def test_the_command_starts_and_stops(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """Start, stop, and stop again: each says what it did."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CLERKWORK_HOME", str(tmp_path))
    monkeypatch.setenv("CLERKWORK_LANG", "en")
    codes = [run(["practice", word]) for word in ("start", "stop", "stop", "status")]
    shown = capsys.readouterr().out

    assert codes == [0, 0, 0, 0]
    assert "the practice bank runs, accounting date 2026-06-12" in shown
    assert "the practice bank has stopped" in shown
    assert shown.count("the practice bank does not run") == 2
