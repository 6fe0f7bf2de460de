"""What arrives on a day that is none of the schedule's: waits for the next one, or is refused."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clerkwork.run.runs import change_run, start_run
from clerkwork.schedule import check_schedules
from clerkwork.schedule.calls import answer
from clerkwork.schedule.firings import settling
from clerkwork.schedule.house import follow_house
from clerkwork.schedule.readings import Answers
from clerkwork.schedule.tokens import Call, sign
from clerkwork.schedule.waits import look_again
from tests.postroom import Postroom, open_postroom

pytestmark = pytest.mark.usefixtures("database")

MINE = 'bot = "take_in"\nowner = "operations"\ntime_zone = "Asia/Shanghai"\n'
CHINA = 'title_en = "x"\ntitle_zh = "x"\ncountry = "CN"\nday_begins = "06:00"\n'
ON = 'calendar = "china"\non = "working days"\n'
FILE = "[file]\nsystem = 'inbox'\nstable_s = 0.0\n[parameters]\nfile = '{file}'\n"
NEXT, SKIP = 'if_closed = "next"\n', 'if_closed = "skip"\n'


class Week(Postroom):
    """A postroom in Shanghai whose clock stands until it is moved."""

    def add(self, name: str, text: str) -> None:
        """A schedule there."""
        (self.root / "schedules" / f"{name}.toml").write_text(MINE + text, encoding="utf-8")
        self.take_up()

    def at(self, moment: str) -> None:
        """Set the clock, and look at what is there and at what waits."""
        now = datetime.fromisoformat(moment + "+08:00").astimezone(UTC)
        self.office = replace(self.office, clock=lambda: now)
        self.restart()
        self.look()
        look_again(self.office, self.book.planned, self.book.order, Answers(self.office))

    def found(self, schedule: str = "incoming") -> list[tuple[str, str, str]]:
        """Due time, state and reason of each firing."""
        return [
            (
                f"{row.due_at.astimezone(self.book.planned[schedule].zone):%m-%d %H:%M}",
                row.state,
                (row.why or {}).get("code", ""),
            )
            for row in self.firings(schedule)
        ]


@pytest.fixture
def week(tmp_path: Path) -> Iterator[Week]:
    """Around the Dragon Boat Festival of 2026: 19 June (Friday) is off, as is the weekend."""
    with open_postroom(tmp_path) as made:
        (made.root / "resources/calendars").mkdir()
        (made.root / "resources/calendars/china.toml").write_text(CHINA, encoding="utf-8")
        june = datetime(2026, 6, 1, tzinfo=UTC)
        yield Week(made.root, replace(made.office, clock=lambda: june), made.book)


def test_what_comes_on_a_working_day_runs_at_once(week: Week):
    """By the bank's calendar, in the schedule's zone: Monday 00:30 is Sunday in UTC."""
    week.add("incoming", NEXT + ON + FILE)
    (week.inbox / "a.txt").write_text("content")
    week.at("2026-06-22T00:30")

    assert [("06-22 00:30", "started", "")] == week.found()


def test_what_comes_on_a_day_off_waits_for_the_next_working_day(week: Week):
    """Due as that day begins, once, whatever restarts meanwhile; its day is that day."""
    week.add("incoming", NEXT + ON + FILE + 'sender = "day"\n')
    (week.inbox / "a.txt").write_text("content")
    for moment in ("2026-06-19T12:00", "2026-06-20T03:00", "2026-06-22T05:59"):
        week.at(moment)
        assert [("06-22 06:00", "waiting", "WAITS_FOR_DAY")] == week.found()
    week.at("2026-06-22T06:00")
    week.at("2026-06-23T06:00")

    assert [("06-22 06:00", "started", "")] == week.found()
    (row,) = week.firings()
    assert {"file": "a.txt", "sender": "2026-06-22"} == row.params


def test_the_hours_of_a_moved_document_are_those_of_its_new_day(week: Week):
    """Not before 08:00 and not after 18:00, on Monday: the weekend's hours do not count."""
    hours = 'not_before = "08:00"\nnot_after = "18:00"\ncut_off = "19:00"\n'
    week.add("incoming", hours + NEXT + ON + FILE)
    (week.inbox / "a.txt").write_text("content")
    week.at("2026-06-20T12:00")
    week.at("2026-06-22T07:59")
    assert [("06-22 06:00", "waiting", "NOT_YET")] == week.found()

    week.at("2026-06-22T08:00")

    assert [("06-22 06:00", "started", "")] == week.found()
    cut_off = week.book.planned["incoming"].cut_off(week.firings()[0].due_at)
    assert datetime(2026, 6, 22, 11, tzinfo=UTC) == cut_off


def test_what_is_refused_on_a_day_off_is_refused_for_good(week: Week):
    """With a written reason; the same document on Monday is seen already, another one runs."""
    week.add("incoming", SKIP + ON + FILE)
    (week.inbox / "a.txt").write_text("content")
    week.at("2026-06-20T12:00")
    (week.inbox / "b.txt").write_text("another")
    week.at("2026-06-22T12:00")

    refused = ("06-20 12:00", "skipped", "DAY_IS_CLOSED")
    assert [refused, ("06-22 12:00", "started", "")] == week.found()
    assert ["b.txt"] == week.files()


def test_a_year_that_is_not_published_loses_no_document(week: Week):
    """The source is looked at again until the calendar knows the day."""
    week.add("incoming", SKIP + ON + FILE)
    (week.inbox / "a.txt").write_text("content")
    with pytest.raises(Exception, match="CALENDAR_NOT_PUBLISHED"):
        week.at("2031-06-20T12:00")
    calendar = week.root / "resources/calendars/china.toml"
    calendar.write_text(CHINA + "complete = [2031]\n", encoding="utf-8")
    week.at("2031-06-20T12:00")

    assert [("06-20 12:00", "started", "")] == week.found()


@pytest.mark.parametrize(
    ("rule", "status", "first", "then"),
    [(NEXT, 202, "waiting", "started"), (SKIP, 409, "skipped", "skipped")],
)
def test_a_call_on_a_day_off_is_told_what_becomes_of_it(
    week: Week, monkeypatch: pytest.MonkeyPatch, rule: str, status: int, first: str, then: str
):
    """202 and waiting, or 409 with the reason; the same when it is repeated on Monday."""
    monkeypatch.setenv("CLERKWORK_SECRET_CALLER", "partner:a secret")
    week.add("incoming", rule + ON + '[call]\nsecret = "caller"\n[parameters]\nfile = "{call}"\n')
    body, path = json.dumps({"file": "a.txt"}).encode(), "/triggers/incoming"

    def call() -> tuple[int, object]:
        at = str(int(week.office.clock().timestamp()))
        signed = sign("a secret", "POST", path, at=at, nonce="n" * 16, body=body)
        headers = {"time": at, "nonce": "n" * 16, "signature": signed}
        sent = {f"x-clerkwork-{name}": text for name, text in headers.items()}
        said = answer(week.office, week.book, "incoming", Call("POST", path, body, sent))
        return said.status, said.about["state"]

    week.at("2026-06-20T12:00")
    assert (status, first) == call()
    week.at("2026-06-22T06:00")

    assert (200 if status == 202 else 409, then) == call()


def test_a_run_that_ends_on_a_day_off_makes_its_follower_due_on_the_next_working_day(week: Week):
    """Also when nobody looked until then: what counts is when it ended."""
    week.add("incoming", NEXT + ON + '[run]\nbot = "take_in"\n')
    week.at("2026-06-18T12:00")
    planned = week.book.planned["incoming"]
    with settling(week.office, week.book.order) as work:
        follow_house(work, planned)
    week.at("2026-06-20T12:00")
    run_id = start_run(
        week.office, "take_in", {}, environment="test", started_by="boss", rehearse=False
    )
    change_run(week.office, run_id, state="done", ended_at=week.office.clock())
    with settling(week.office, week.book.order) as work:
        follow_house(work, planned)

    assert [("06-22 06:00", "waiting", "")] == week.found()


WRONG = [
    (ON + FILE, "if_closed = “next”"),
    (ON + 'if_closed = "previous"\n' + FILE, "if_closed = “next”"),
    (ON + 'after = ["other"]\n', "leave on out"),
    (NEXT + ON + 'after = ["other"]\n', "leave on out"),
]


@pytest.mark.parametrize(("text", "says"), WRONG)
def test_days_that_could_be_read_in_two_ways_are_refused(week: Week, text: str, says: str):
    """A document that is dropped by a default would be missed by somebody."""
    (week.root / "schedules/incoming.toml").write_text(MINE + text, encoding="utf-8")
    now = datetime.fromtimestamp(time.time(), UTC)
    failure = dict(check_schedules(week.office.workspace, now=now))["schedules/incoming.toml"]

    assert failure is not None and "SCHEDULE_WRONG" == failure.code
    assert says in failure.message("en")


def test_check_says_when_the_calendar_of_what_arrives_is_not_published(week: Week):
    """Sixty days ahead, as for clock times."""
    (week.root / "schedules/incoming.toml").write_text(MINE + NEXT + ON + FILE, encoding="utf-8")
    codes = []
    for day in (datetime(2026, 6, 19, tzinfo=UTC), datetime(2030, 12, 20, tzinfo=UTC)):
        found = dict(check_schedules(week.office.workspace, now=day))["schedules/incoming.toml"]
        codes.append(found and found.code)

    assert [None, "CALENDAR_NOT_PUBLISHED"] == codes
