"""A night waits for the core's own screen, and works on the day that the screen names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from clerkwork import practice
from clerkwork.practice import manners
from clerkwork.schedule.readings import Answers
from clerkwork.schedule.waits import look_again

NIGHT = """
time_zone = "Asia/Shanghai"
calendar = "china"
at = ["01:30"]
[ready]
reading = "end of day is done"
deadline = "07:00"
every_s = 30
[parameters]
business_date = "previous accounting day"
"""


@pytest.fixture
def night(room) -> Iterator:
    """The practice bank runs; a night was due at half past one, and it is five minutes later."""
    home = room.office.workspace.home
    with practice.start(home, accounting_date=date(2026, 6, 12)):
        room.add("night", NIGHT)
        room.at("2026-06-11 17:00")
        room.at("2026-06-11 17:35")
        yield room
        manners.switch_off(practice_folder(room), "core")


def practice_folder(room):
    """Where the practice bank reads its manners from."""
    return room.office.workspace.home / "practice"


def test_a_night_waits_until_the_end_of_day_is_through(night):
    """The screen is asked again and again; the run gets the accounting day that it shows."""
    manners.switch_on(practice_folder(night), "core", manners.DAY_RUNNING)
    answers = Answers(night.office)
    look_again(night.office, night.book.planned, night.book.order, answers)
    (waits,) = night.firings("night")
    assert ("waiting", "NOT_READY", "no") == (
        waits.state, waits.why["code"], waits.why["facts"]["says"],
    )  # fmt: skip

    manners.switch_off(practice_folder(night), "core")
    night.now += timedelta(seconds=31)
    look_again(night.office, night.book.planned, night.book.order, answers)

    (started,) = night.firings("night")
    assert "started" == started.state
    (run,) = night.runs()
    assert {"business_date": "2026-06-11", "branch": "0755"} == run.params


def test_a_screen_is_asked_once_for_all_that_wait_within_its_time(night):
    """Two schedules and two looks within half a minute: one sign-on for each reading."""
    night.add("other", NIGHT)
    manners.switch_on(practice_folder(night), "core", manners.DAY_RUNNING)
    answers = Answers(night.office)
    night.settle()
    for _ in range(3):
        look_again(night.office, night.book.planned, night.book.order, answers)

    read = [event for _, event in night.office.audit.read() if event.name == "schedule.read"]
    assert 1 == len(read)


def test_a_night_that_is_not_ready_by_its_deadline_is_missed(night):
    """The reason names the reading and the time."""
    manners.switch_on(practice_folder(night), "core", manners.DAY_RUNNING)
    night.now = datetime(2026, 6, 11, 23, 1, tzinfo=UTC)
    look_again(night.office, night.book.planned, night.book.order, Answers(night.office))

    (missed,) = night.firings("night")
    assert ("missed", "NEVER_READY") == (missed.state, missed.why["code"])


def test_a_core_that_does_not_answer_is_asked_again(night):
    """Nothing is lost while the core is away."""
    elsewhere = replace(night.office.workspace, home=night.root / "other")
    (night.root / "other").mkdir()
    away = replace(night.office, workspace=elsewhere)
    look_again(away, night.book.planned, night.book.order, Answers(away))

    (waits,) = night.firings("night")
    assert ("waiting", "READING_FAILED") == (waits.state, waits.why["code"])
