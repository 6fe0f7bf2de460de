"""A run is stopped safely, let go on, and done again: on the served console and beneath it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clerkwork.facts import to_minor
from clerkwork.practice.ledger import Books, database
from clerkwork.practice.ledger.books import Draft
from clerkwork.run.halting import stop_run
from clerkwork.run.items import instruction_of, list_items, load_item
from clerkwork.run.runs import begin_run, find_run, load_run
from clerkwork.store.items import move

from ..conftest import Branch
from .conftest import House, opened_night, post


@pytest.fixture
def night(decided: Path, tmp_path: Path) -> Iterator[tuple[House, Branch]]:
    """A night whose items all wait for people."""
    with opened_night(decided, tmp_path) as found:
        yield found


def events_of(house: House, run_id: str) -> list[str]:
    """The names of everything that happened in a run, in order."""
    return [event.name for _, event in house.office.audit.read_run(run_id)]


def test_a_queued_run_is_stopped_at_once_and_never_begins(night: tuple[House, Branch]):
    """With why, by who may; a worker that takes it from the queue leaves it alone."""
    house, branch = night
    run_id = branch.request()
    page = f"/runs/{run_id}"
    with house.visitor("checker.own") as client:
        assert 'action="/runs/' not in client.get(page).text
    with house.visitor("operator.other") as client:
        assert post(client, f"{page}/stop", page="/me", why="mine now").status_code == 403
    with house.visitor("operator.own") as client:
        assert "WHY_MISSING" in post(client, f"{page}/stop", page=page).text
        assert find_run(house.office, run_id).state == "queued"
        done = post(client, f"{page}/stop", page=page, why="the wrong day")
        assert (done.status_code, done.headers["location"]) == (303, page)
        shown = client.get(page).text
        assert "the wrong day" in shown and "operator.own" in shown
        assert "RUN_STOPPED_ALREADY" in post(client, f"{page}/stop", page=page, why="again").text
    branch.work_until_at_rest()
    assert find_run(house.office, run_id).state == "stopped"
    assert events_of(house, run_id)[-2:] == ["run.stop_asked", "run.stopped"]
    assert "run.started" not in events_of(house, run_id)


def test_a_running_run_ends_before_its_next_step(decided: Path, tmp_path: Path):
    """Stopped while it reads the journal: that step ends, no other begins, nothing is filed."""
    found: list[Any] = []

    def stop_now(en: str, _zh: str) -> None:
        if en.startswith("Scrape the journal"):
            house, run_id = found
            stop_run(house.office, find_run(house.office, run_id), house.person("boss"), "enough")

    with opened_night(decided, tmp_path, progress=stop_now) as (house, branch):
        before = list_items(house.office)
        run_id = branch.request()
        found.extend((house, run_id))
        branch.work_until(lambda: load_run(house.office, run_id).state == "stopped")
        happened = events_of(house, run_id)
        assert happened[-1] == "run.stopped" and happened.count("step.started") == 2
        assert happened.count("step.ended") == 2
        assert list_items(house.office) == before
        with house.visitor("operator.own") as client:
            assert "enough" in client.get(f"/runs/{run_id}").text
            page = f"/runs/{run_id}"
            assert "RUN_NOT_STOPPED" in post(client, f"{page}/resume", page=page, why="on").text


def test_a_run_whose_worker_died_is_stopped_all_the_same(night: tuple[House, Branch]):
    """Taken up again after the crash, it ends at once; nothing is read, nothing is filed."""
    house, branch = night
    items, run_id = list_items(house.office), branch.request()
    assert begin_run(house.office, run_id)  # and here the worker died
    assert stop_run(house.office, find_run(house.office, run_id), house.person("boss"), "no") == (
        "running"
    )
    branch.work_until(lambda: load_run(house.office, run_id).state == "stopped")
    assert "step.started" not in events_of(house, run_id)
    assert list_items(house.office) == items


def test_items_are_kept_back_and_go_on_once(night: tuple[House, Branch]):
    """What is approved is not keyed while the stop stands; let go on, each is keyed once."""
    house, branch = night
    office, run_id = house.office, branch.last_run
    page = f"/runs/{run_id}"
    rows = [row for row in list_items(office, state="waiting") if row.needs == ["checker"]][:3]
    branch.agree(rows, key=False)
    with house.visitor("operator.own") as client:
        assert post(client, f"{page}/stop", page=page, why="the ledger is odd").status_code == 303
        branch.work_until_at_rest()
        assert {load_item(office, row.id).state for row in rows} == {"approved"}
        assert events_of(house, run_id).count("item.held") == 3 and not branch.vouchers()
        assert post(client, f"{page}/resume", page=page, why="it is well").status_code == 303
        late = post(client, f"{page}/resume", page=page, why="once more")
        assert "RUN_NOT_STOPPED" in late.text
    branch.work_until_at_rest()
    assert {load_item(office, row.id).state for row in rows} == {"confirmed"}
    keyed = [voucher["reference"] for voucher in branch.vouchers()]
    assert sorted(keyed) == sorted(row.reference for row in rows)


def test_what_is_in_hand_is_read_back_all_the_same(night: tuple[House, Branch]):
    """A worker died while keying and the run is stopped: the one sent is found, the other kept."""
    house, branch = night
    office, run_id = house.office, branch.last_run
    sent, unsent = [r for r in list_items(office, state="waiting") if r.needs == ["checker"]][:2]
    branch.agree([sent, unsent], key=False)
    with office.store.begin() as conn:
        for row in (sent, unsent):
            move(conn, row.id, "keying", by="worker-1", why="taken up")
    fields = dict(instruction_of(sent).fields)
    del fields["amount"]
    minor = to_minor(instruction_of(sent).amount, sent.currency)
    Books(database(branch.home)).book(Draft(amount_minor=minor, **fields), keyed_by="T0042")
    stop_run(office, find_run(office, run_id), house.person("boss"), "look first")

    branch.work_until_at_rest()

    states = [load_item(office, row.id).state for row in (sent, unsent)]
    assert states == ["confirmed", "approved"] and len(branch.vouchers()) == 1


def test_a_run_is_done_again_and_keys_nothing_twice(night: tuple[House, Branch]):
    """The same parameters, the next sequence, and it says which it does again."""
    house, branch = night
    office, first = house.office, branch.last_run
    branch.agree([r for r in list_items(office, state="waiting") if r.needs == ["checker"]][:2])
    keyed, items = branch.vouchers(), [row.id for row in list_items(office)]
    page = f"/runs/{first}"
    with house.visitor("developer.own") as client:
        assert post(client, f"{page}/retry", page="/me", why="mine").status_code == 403
    with house.visitor("operator.own") as client:
        done = post(client, f"{page}/retry", page=page, why="the statement came again")
        again = done.headers["location"].removeprefix("/runs/")
        assert "RUN_GOES_ON" in post(client, f"{page}/retry", page=page, why="and again").text
        run = find_run(office, again)
        assert (run.retries, run.params) == (first, find_run(office, first).params)
        assert again == first.removesuffix(".1") + ".2"
        assert first in client.get(f"/runs/{again}").text
        assert again in client.get(page).text
    branch.work_until(lambda: load_run(office, again).state == "done")
    branch.agree()
    assert [row.id for row in list_items(office)] == items
    references = [voucher["reference"] for voucher in branch.vouchers()]
    assert len(references) == len(set(references)) > len(keyed)
    assert "item.known" in events_of(house, again) and "item.filed" not in events_of(house, again)
