"""A schedule that cannot be kept is told once for each fault, and is over when it is mended."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from clerkwork.alert import acknowledge
from clerkwork.alert.message import message_of
from clerkwork.schedule import keeper as keepers
from clerkwork.schedule.broken import tell_broken
from clerkwork.schedule.keeper import keeping
from clerkwork.store.tables import alerts
from tests.postroom import wait_until
from tests.schedule_words import NIGHT

pytestmark = pytest.mark.usefixtures("database")


def told(room) -> list[tuple[str, str, str]]:
    """Schedule, code and state of each alert, oldest first."""
    with room.office.store.connect() as conn:
        rows = conn.execute(sa.select(alerts).order_by(alerts.c.id)).all()
    return [(row.about["schedule"], row.about["code"], row.state) for row in rows]


def look(room) -> None:
    """Load what has changed, and tell what is wrong with it; twice, as after a restart."""
    room.book.is_new()
    for _ in range(2):
        tell_broken(room.office, room.book.wrong)


def test_each_fault_is_told_once_and_is_over_when_it_is_mended(room):
    """Broken TOML, then an unknown key, then sound: two alerts, both over."""
    room.add("night", NIGHT + "[oops")
    look(room)
    room.add("day", NIGHT)  # another file changes
    look(room)
    assert [("night", "MANIFEST_BROKEN", "pending")] == told(room)

    room.add("night", NIGHT + "sometimes = true\n")
    look(room)
    assert [
        ("night", "MANIFEST_BROKEN", "over"),
        ("night", "MANIFEST_WRONG", "pending"),
    ] == told(room)

    room.add("night", NIGHT)
    look(room)
    assert {"over"} == {state for _, _, state in told(room)}


@pytest.mark.parametrize("answers", [False, True])
def test_the_same_fault_that_comes_back_is_told_anew(room, answers):
    """Whether or not somebody had it in hand the first time."""
    for _ in range(3):
        room.add("night", NIGHT + "sometimes = true\n")
        look(room)
        if answers:
            with room.office.store.connect() as conn:
                number = conn.execute(sa.select(sa.func.max(alerts.c.id))).scalar_one()
            acknowledge(
                room.office.store, number, by="boss", why="seen", at=room.now,
                record=room.office.audit.record,
            )  # fmt: skip
            look(room)
        room.add("night", NIGHT)
        look(room)

    state = "acknowledged" if answers else "over"
    assert [("night", "MANIFEST_WRONG", state)] * 3 == told(room)


def test_one_broken_calendar_is_one_alert_however_many_rest_on_it(room):
    """It says how many schedules are not started; whose it is stands in the first's file."""
    for number in range(3):
        room.add(f"s{number}", NIGHT + 'calendar = "china"\n')
    calendar = room.root / "resources/calendars/china.toml"
    calendar.write_text("weekend = 7", encoding="utf-8")
    look(room)

    with room.office.store.connect() as conn:
        row = conn.execute(sa.select(alerts)).one()
    assert ("3", "operations") == (row.about["count"], row.owner)
    for language, words in (("en", "until it is mended: 3."), ("zh", "不启动的调度计划：3 个")):
        said = message_of(row, language=language, zone=room.office.workspace.zone, environment="x")
        assert words in said.body


@pytest.mark.parametrize("name", ["Nightly", "s-202611281"])
def test_a_file_whose_name_may_not_stand_in_an_alert_is_told_without_it(room, name):
    """The fault is its name."""
    room.add(name, NIGHT)
    look(room)

    assert [("misnamed", "SCHEDULE_WRONG", "pending")] == told(room)


def test_what_waits_does_not_get_lost_by_a_slip_of_the_pen(room):
    """A firing waits on while the file of its schedule is broken, and starts when it is mended."""
    waits = NIGHT.replace("01:30", "01:00") + 'after = ["first"]\n'
    room.add("first", NIGHT.replace("01:30", "00:30"))
    room.add("then", waits)
    room.settle()
    room.at("2026-06-11 01:01")
    room.add("then", waits + "[oops")
    room.book.is_new()
    room.look()
    (row,) = room.firings("then")
    assert ("waiting", "SCHEDULE_IS_BROKEN") == (row.state, row.why["code"])

    room.add("then", waits)
    room.settle()
    room.end(room.firings("first")[0].run_id)
    room.look()

    assert ["started"] == [row.state for row in room.firings("then")]


@contextmanager
def at_work(room) -> Iterator[None]:
    """A scheduler in a thread."""
    with keeping(room.office) as keeper:
        assert keeper is not None
        thread = threading.Thread(target=keeper.keep)
        thread.start()
        try:
            yield
        finally:
            keeper.stopping.set()
            thread.join()


def test_a_scheduler_at_work_tells_it_and_the_next_says_that_it_is_over(room, monkeypatch):
    """The file is mended while no scheduler is there: the next one's first look settles it."""
    monkeypatch.setattr(keepers, "SWEEP_S", 0.2)
    room.add("night", NIGHT)
    with at_work(room):
        room.add("night", NIGHT + "[oops")
        wait_until(lambda: told(room))
    assert [("night", "MANIFEST_BROKEN", "pending")] == told(room)

    room.add("night", NIGHT)
    with at_work(room):
        wait_until(lambda: told(room) == [("night", "MANIFEST_BROKEN", "over")])
    events = [one.name for _, one in room.office.audit.read() if one.name == "schedule.broken"]
    assert ["schedule.broken"] == events


def test_a_calendar_that_is_not_published_is_told_too(room, monkeypatch):
    """Its due times are not known: nothing starts, and nobody would know."""
    monkeypatch.setattr(keepers, "SWEEP_S", 0.2)
    room.add("night", NIGHT + 'calendar = "china"\non = "working days"\n')
    room.settle()
    room.now = room.now.replace(year=2031)
    with at_work(room):
        wait_until(lambda: told(room))

    assert [("night", "CALENDAR_NOT_PUBLISHED", "pending")] == told(room)
