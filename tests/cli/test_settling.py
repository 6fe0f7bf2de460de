"""Stopping, doing again, taking back and settling by hand, at the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clerkwork.cli import run
from clerkwork.people import issue_token
from clerkwork.run.items import list_items, load_item
from clerkwork.run.runs import find_run
from clerkwork.run.worklist import standing_breaks


def as_person(branch: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sign in by token, in the branch's home, in English."""
    monkeypatch.chdir(branch.office.workspace.root)
    monkeypatch.setenv("CLERKWORK_HOME", str(branch.home))
    monkeypatch.setenv("CLERKWORK_LANG", "en")
    token = issue_token(branch.office.store, name, by="boss", record=branch.office.audit.record)
    monkeypatch.setenv("CLERKWORK_TOKEN", token)


def test_a_run_is_stopped_and_done_again(
    night: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By who may; the queued one never begins, its items are let go on, the next says of which."""
    queued = night.request()
    as_person(night, "checker", monkeypatch)
    assert 1 == run(["stop", queued, "--why", "no"])
    as_person(night, "maker", monkeypatch)
    assert 0 == run(["stop", queued, "--why", "the wrong day"])
    assert 1 == run(["stop", queued, "--why", "again"])
    assert "RUN_STOPPED_ALREADY" in capsys.readouterr().err

    first = night.last_run if night.last_run != queued else queued
    done = next(r for r in (first, queued.removesuffix(".2") + ".1") if r != queued)
    assert 0 == run(["stop", done, "--why", "look first"])
    assert 0 == run(["resume", "--run", done, "--why", "it is well"])
    assert "0 item(s) are queued" in capsys.readouterr().out

    run(["retry", done, "--why", "the statement came again"])
    again = night.last_run
    row = find_run(night.office, again)
    assert ("done", done) == (row.state, row.retries)
    capsys.readouterr()
    assert 0 == run(["show", again, "--compare"])
    told = capsys.readouterr().out
    assert done in told and "journal 1011840001 USD entries" in told and "differs" not in told


def test_what_was_booked_wrongly_is_taken_back(
    night: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Shown first, asked for once, agreed to by others."""
    fees = [row for row in list_items(night.office) if row.kind == "fee"][:2]
    night.agree(fees)
    as_person(night, "maker", monkeypatch)
    names = [row.id for row in fees]

    assert 0 == run(["reverse", *names, "--why", "wrong", "--dry-run"])
    assert "2 would be keyed; nothing is done" in capsys.readouterr().out
    assert not [row for row in list_items(night.office) if row.reverses]

    assert 0 == run(["reverse", *names, "--why", "wrong"])
    assert names == [row.reverses for row in list_items(night.office) if row.reverses]
    assert 1 == run(["reverse", names[0], "--why", "wrong"])
    assert "REVERSED_ALREADY" in capsys.readouterr().err
    assert 0 == run(["items", "--json"])
    assert set(names) <= {one["reverses"] for one in json.loads(capsys.readouterr().out)}
    assert {"waiting"} == {
        load_item(night.office, r.id).state for r in list_items(night.office) if r.reverses
    }


def test_breaks_are_settled_by_hand_as_far_as_the_rules_go(
    night: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Listed, weighed, refused with why; sent back to whom they came from."""
    as_person(night, "maker", monkeypatch)
    assert 0 == run(["breaks", "list", "--json"])
    listed = json.loads(capsys.readouterr().out)
    rows = standing_breaks(night.office, bots=None)
    assert [row.id for row in rows] == [one["id"] for one in listed]
    short = {row.reason: row.id.split(":")[1] for row in rows}
    loose = [row for row in rows if not row.references and row.currency == "USD"]
    sides = {row.side: row.id.split(":")[1][:12] for row in loose}
    assert set(sides) == {"left", "right"}

    assert 1 == run(["breaks", "match", *sides.values(), "--why", "same", "--dry-run"])
    assert "MATCH_DIFFERS" in capsys.readouterr().err
    fee = short["bank_fee"][:12]
    assert 0 == run(["breaks", "write-off", fee, "--why", "small", "--dry-run"])
    assert "0 would be keyed" in capsys.readouterr().out
    assert 1 == run(["breaks", "write-off", fee, "--why", "small"])
    assert "BREAK_HAS_ITEM" in capsys.readouterr().err
    assert 1 == run(["breaks", "match", "ffffffffffff", fee, "--why", "same"])
    assert "BREAK_UNKNOWN" in capsys.readouterr().err
    assert 0 == run(["breaks", "matches"])
    assert 1 == run(["breaks", "agree", "1"])

    as_person(night, "checker", monkeypatch)
    assert 0 == run(["breaks", "send-back", fee, "--why", "look at it"])
    assert "to maker" in capsys.readouterr().out
