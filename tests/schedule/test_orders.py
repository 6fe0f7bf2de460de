"""What people order of schedules: pause, resume, run now, skip; who and why is written down."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.people import Authoriser, add_person
from clerkwork.run.runs import load_run
from clerkwork.schedule.agenda import agenda
from clerkwork.schedule.orders import pause, resume, run_now, skip
from clerkwork.schedule.standing import standings
from clerkwork.store.tables import items
from tests.schedule_words import NIGHT, an_item

pytestmark = pytest.mark.usefixtures("database")

WHO = {"by": "li.na", "why": "maintenance at head office"}


class Desk:
    """A room in which li.na gives orders for the schedule `night`."""

    def __init__(self, room):
        self.room = room

    def order(self, act, name: str = "night"):
        """Give an order."""
        book = self.room.book
        return act(self.room.office, book.planned[name], book.order, **WHO)

    def events(self) -> list[tuple[str, str]]:
        """Kind and reason of what is in the audit log of schedules."""
        found = [event for _, event in self.room.office.audit.read()]
        return [
            (event.name, str(event.fields.get("why") or event.fields.get("code") or "-"))
            for event in found
            if event.name.startswith("schedule.")
        ]


@pytest.fixture
def desk(room) -> Desk:
    """The desk, with a schedule that is known since before."""
    room.add("night", NIGHT)
    room.settle()
    return Desk(room)


def test_while_paused_due_times_are_skipped_and_stay_so(desk):
    """Two nights pass in the pause, one of them unseen by any scheduler; the third runs."""
    desk.order(pause)
    desk.room.at("2026-06-11 01:30")
    desk.room.now = datetime(2026, 6, 12, 9, tzinfo=UTC)
    desk.order(resume)
    desk.room.at("2026-06-13 01:30")

    assert desk.room.states("night") == [
        ("2026-06-11 01:30", "skipped"),
        ("2026-06-12 01:30", "skipped"),
        ("2026-06-13 01:30", "started"),
    ]
    assert ("schedule.paused", WHO["why"]) == desk.events()[0]
    assert ("schedule.resumed", WHO["why"]) in desk.events()


def test_a_due_time_before_the_pause_still_runs(desk):
    """What was due before somebody paused is not paused away."""
    desk.room.now = datetime(2026, 6, 11, 1, 31, tzinfo=UTC)
    desk.order(pause)

    assert desk.room.states("night") == [("2026-06-11 01:30", "started")]


def test_pausing_twice_and_resuming_twice_is_refused(desk):
    """The second one is told who was first."""
    desk.order(pause)
    with pytest.raises(Refused, match="SCHEDULE_PAUSED_ALREADY.*li.na"):
        desk.order(pause)
    desk.order(resume)
    with pytest.raises(Refused, match="SCHEDULE_NOT_PAUSED"):
        desk.order(resume)


def test_the_next_due_time_is_skipped_once(desk):
    """Its firing is written beforehand with who and why; twice is the one after as well."""
    assert desk.order(skip) == datetime(2026, 6, 11, 1, 30, tzinfo=UTC)
    assert desk.order(skip) == datetime(2026, 6, 12, 1, 30, tzinfo=UTC)
    desk.room.at("2026-06-13 01:30")

    assert [state for _, state in desk.room.states("night")] == ["skipped", "skipped", "started"]
    first = desk.room.firings("night")[0]
    assert (first.by, first.why["code"], first.why["facts"]) == ("li.na", "SKIPPED_BY_PERSON", WHO)
    assert ("schedule.skip_asked", WHO["why"]) in desk.events()


def test_what_is_skipped_is_seen_in_the_agenda_and_in_no_last_outcome(desk):
    """The coming week shows it as skipped; the list shows the due time after it."""
    desk.order(skip)
    office, planned = desk.room.office, desk.room.book.planned.values()
    with office.store.connect() as conn:
        found = agenda(conn, planned, now=desk.room.now, first=None, days=3, zone=UTC)
    [standing] = standings(desk.room.book, desk.room.now)

    assert ["skipped", "due", "due"] == [one.state for one in found.coming]
    assert standing.next_due == datetime(2026, 6, 12, 1, 30, tzinfo=UTC)
    assert standing.last is None


def test_what_no_clock_makes_due_has_no_next_time(desk):
    """A link of a chain is refused, with what to do instead."""
    desk.room.add(
        "second", 'time_zone = "UTC"\nafter = ["night"]\nparameters.business_date = "day"\n'
    )
    desk.room.settle()
    with pytest.raises(Refused, match="SCHEDULE_NOT_BY_CLOCK"):
        desk.order(skip, "second")
    desk.order(pause, "second")
    assert [one.state for one in standings(desk.room.book, desk.room.now)] == ["enabled", "paused"]


def test_who_runs_it_now_started_it_and_approves_none_of_its_items(desk):
    """At once, also while it is paused; the run is the person's."""
    office = desk.room.office
    record = office.audit.record
    for name, roles, by in (
        ("boss", ["administrator"], ""),
        ("li.na", ["maker", "checker"], "boss"),
    ):
        person = add_person(
            office.store, name, name, name, roles, "a-long-password", by=by, record=record
        )
    desk.order(pause)
    made = desk.order(run_now)

    run = load_run(office, made.run_id)
    [firing] = desk.room.firings("night")
    assert (run.state, run.started_by, run.params["business_date"]) == (
        "queued", "li.na", "2026-06-11",
    )  # fmt: skip
    assert (firing.trigger, firing.by) == ("person", "li.na")
    assert firing.key == "person 2026-06-11T00:00:00Z"
    with office.store.begin() as conn:
        conn.execute(sa.insert(items).values(an_item(run.id, desk.room.now)))
        item = conn.execute(sa.select(items)).one()
    with pytest.raises(Refused, match="SELF_APPROVAL"):
        Authoriser(office.store).may(person, "approve", run=run, item=item)


def test_run_now_waits_for_its_screens_and_for_nothing_else(desk):
    """Not before, not after, a pause and the schedules before it do not hold it; a screen does."""
    times = 'not_before = 02:00:00\nnot_after = 03:00:00\nafter = ["night"]\n'
    desk.room.add("late", NIGHT + times)
    ready = '[ready]\nreading = "end of day is done"\ndeadline = 07:00:00\n'
    desk.room.add("screened", NIGHT + ready)
    desk.room.settle()
    desk.room.now = datetime(2026, 6, 11, 0, 30, tzinfo=UTC)
    desk.order(pause, "late")

    assert desk.order(run_now, "late").state == "started"
    assert desk.order(run_now, "screened").state == "waiting"
    desk.room.look()  # no practice bank is there, so its screen cannot be read
    [firing] = desk.room.firings("screened")
    assert (firing.state, firing.why["code"]) == ("waiting", "READING_FAILED")
