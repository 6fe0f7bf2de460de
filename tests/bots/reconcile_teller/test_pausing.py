"""Paused systems: nobody signs on, what waits says why, and goes on when they are resumed."""

from __future__ import annotations

import pytest

from clerkwork.errors import Refused, Unavailable
from clerkwork.run.deciding import look_again
from clerkwork.run.engine import open_work
from clerkwork.run.halting import stop_run
from clerkwork.run.items import list_items, load_item
from clerkwork.run.pausing import hold, is_held, pause_of, pause_system, resume_system
from clerkwork.run.runs import change_run, load_run
from clerkwork.schedule.readings import load_readings, read_screen
from tests.conftest import Branch

WHY = "the vendor changes a disk"


def pause(branch: Branch, system: str) -> None:
    """As the operator does it."""
    pause_system(branch.office, system, "practice", branch.people["maker"], why=WHY)


def resume(branch: Branch, system: str) -> None:
    """As the operator does it."""
    resume_system(branch.office, system, "practice", branch.people["maker"], why="done")


def signed_on(branch: Branch, system: str) -> int:
    """How often the system was signed on to."""
    return sum(
        event.name == "system.signed_on" and event.fields["system"] == system
        for _, event in branch.office.audit.read()
    )


def test_items_wait_for_a_paused_target_and_are_keyed_when_it_is_resumed(night: Branch):
    """Nothing is typed meanwhile, and nothing twice afterwards, however often it is resumed."""
    pause(night, "ledger")
    approved = night.agree()

    assert {load_item(night.office, one).state for one in approved} == {"approved"}
    assert (night.vouchers(), signed_on(night, "ledger")) == ([], 0)
    resume(night, "ledger")
    pause(night, "ledger")
    resume(night, "ledger")
    night.work_until_at_rest()
    assert {load_item(night.office, one).state for one in approved} == {"confirmed"}
    assert len(night.vouchers()) == len(approved)
    assert signed_on(night, "ledger") >= 1


def test_a_run_waits_for_a_paused_system_and_says_why(night: Branch):
    """It is queued, begins nowhere else, and is done once the system is resumed."""
    before = signed_on(night, "core")
    pause(night, "core")
    run_id = night.request(branch="0755", business_date="2026-06-10")
    night.work_until(lambda: load_run(night.office, run_id).failure is not None)
    held = load_run(night.office, run_id)

    assert (held.state, held.started_at) == ("queued", None)
    assert held.failure["code"] == "SYSTEM_PAUSED"
    assert WHY in held.failure["zh"]
    assert signed_on(night, "core") == before
    resume(night, "core")
    night.work_until(lambda: load_run(night.office, run_id).state in ("done", "failed"))
    ended = load_run(night.office, run_id)
    assert (ended.failure or {}).get("code") != "SYSTEM_PAUSED"
    assert signed_on(night, "core") > before


def test_a_run_that_waits_for_a_system_can_be_stopped(night: Branch):
    """At once; when the system is resumed it does not begin after all."""
    pause(night, "core")
    run_id = night.request(business_date="2026-06-10")
    night.work_until(lambda: is_held(load_run(night.office, run_id)))
    before = signed_on(night, "core")

    state = stop_run(night.office, load_run(night.office, run_id), night.people["maker"], "no")
    assert state == "stopped"
    resume(night, "core")
    night.work_until(lambda: not open_work(night.office.client))
    assert load_run(night.office, run_id).state == "stopped"
    assert signed_on(night, "core") == before


def test_a_run_that_was_asked_to_stop_does_not_wait(night: Branch):
    """It ends at its next step, paused or not."""
    run_id = night.request(business_date="2026-06-10")
    pause(night, "core")
    asked = {"by": "maker", "why": "no", "at": "2026-06-12T01:30:00+00:00"}
    change_run(night.office, run_id, stop=asked)
    assert not hold(night.office, load_run(night.office, run_id), ["core"])
    night.work_until(lambda: load_run(night.office, run_id).state == "stopped")


def test_a_worker_leaves_a_paused_system_and_looks_nothing_up_there(night: Branch):
    """Its open session ends; held items are not polled, screens not read, look-ups refused."""
    first, *others = list_items(night.office, state="waiting")
    with night.at_work() as worker:
        night.agree([first])
        bench = worker.bench("ledger", "practice")
        assert bench._session is not None
        pause(night, "ledger")
        worker.leave_paused()
        assert bench._session is None
    pause(night, "core")
    reading = load_readings(night.office.workspace)["previous accounting day"]
    with pytest.raises(Unavailable, match="SYSTEM_PAUSED"):
        read_screen(night.office, reading, "practice")
    row = load_item(night.office, others[0].id)
    with pytest.raises(Unavailable, match="SYSTEM_PAUSED"):
        look_again(night.office, row, night.people["maker"], "seen in the ledger")


def test_what_was_in_hand_when_a_worker_died_is_looked_up_after_the_pause(night: Branch):
    """In doubt meanwhile; the target is asked first when the system is resumed."""
    from clerkwork.run.keying import key_item
    from clerkwork.store.items import move

    first = list_items(night.office, state="waiting")[0]
    night.agree([first], key=False)
    with night.office.store.begin() as conn:
        move(conn, first.id, "keying", by="worker-1", why="taken up")
    pause(night, "ledger")
    with night.at_work() as worker:
        key_item(night.office, worker.bench, first.id)
        assert load_item(night.office, first.id).state == "in_doubt"
    resume(night, "ledger")
    night.work_until_at_rest()
    assert load_item(night.office, first.id).state == "confirmed"
    assert len(night.vouchers()) == 1


def test_a_pause_says_who_and_why_and_stands_in_the_log(night: Branch):
    """Twice is refused, and so is resuming what is not paused."""
    with pytest.raises(Refused, match="WHY_MISSING"):
        pause_system(night.office, "core", "practice", night.people["maker"], why=" ")
    pause(night, "core")
    stands = pause_of(night.office, "core", "practice")
    assert stands is not None
    assert (stands.by, stands.why) == ("maker", WHY)
    assert pause_of(night.office, "core", "production") is None
    with pytest.raises(Refused, match="SYSTEM_PAUSED_ALREADY"):
        pause(night, "core")
    resume(night, "core")
    with pytest.raises(Refused, match="SYSTEM_NOT_PAUSED"):
        resume(night, "core")
    names = [event.name for _, event in night.office.audit.read()]
    assert (names.count("system.paused"), names.count("system.resumed")) == (1, 1)
