"""`clerkwork schedule`: what a person and a program get of it, in both languages."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from clerkwork.run.runs import change_run
from clerkwork.schedule.heartbeat import beat
from tests.schedule_words import NIGHT, sign_in

CHINA = 'time_zone = "Asia/Shanghai"\ncalendar = "china"\nparameters.business_date = "day"\n'
MORNING = CHINA + 'at = ["09:00"]\non = "working days"\ncut_off = "17:30"\n'
MONTHLY = CHINA + 'cron = "0 20 28 * *"\non = "working days"\nif_closed = "next"\n'


def test_the_days_of_the_golden_week(room, say):
    """Each day says what it is; what is left out, moved, and when the cut-off is."""
    room.add("morning", MORNING)
    room.add("monthly", MONTHLY)

    code, said = say("next", "--from", "2026-09-28", "--days", "13")

    assert code == 0
    assert "2026-09-28 Mon\n  09:00  morning  cut-off 17:30\n  20:00  monthly\n" in said
    assert "2026-10-01 Thu  day off\n  09:00  morning  (left out: only on working days)\n" in said
    assert "2026-10-10 Sat  make-up working day\n  09:00  morning  cut-off 17:30\n" in said
    _, moved = say("next", "--from", "2026-06-28", "--days", "2")
    assert "20:00  monthly  (moved from 06-28)" in moved


def test_the_same_in_chinese(room, say, monkeypatch):
    """Days, marks and states are told in the user's language."""
    room.add("morning", MORNING)
    monkeypatch.setenv("CLERKWORK_LANG", "zh")

    _, said = say("next", "--from", "2026-10-09", "--days", "3")

    assert "2026-10-10 周六  调休上班\n  09:00  morning  截止 17:30\n" in said
    assert "2026-10-11 周日  周末\n  09:00  morning  （不运行：仅限工作日）\n" in said


def test_a_program_gets_every_due_time_and_nothing_else(room, say):
    """A year as JSON: exactly the working days of China, in UTC and in the schedule's zone."""
    room.add("morning", MORNING)

    code, said = say("next", "--from", "2026-01-01", "--days", "365", "--json")

    due = json.loads(said)
    assert (code, len(due)) == (0, 248)
    assert due[0] == {
        "schedule": "morning",
        "bot": "reconcile_teller",
        "due": "2026-01-04T01:00:00Z",
        "local": "2026-01-04T09:00:00+08:00",
        "time_zone": "Asia/Shanghai",
        "day": "2026-01-03",  # the calendar's day begins at noon
        "cut_off": "2026-01-04T09:30:00Z",
        "moved_from": None,
        "state": "due",
        "why": None,
    }


def test_days_are_those_of_the_schedules_own_zone(room, say):
    """From midnight to midnight there: the last day of summer time has 25 hours, each due once."""
    room.add("hourly", 'time_zone = "Europe/Berlin"\ncron = "0 * * * *"\n')

    _, said = say("next", "--from", "2026-10-25", "--days", "1", "--json")

    due = [one["local"] for one in json.loads(said)]
    assert (len(due), due[0], due[-1]) == (
        25, "2026-10-25T00:00:00+02:00", "2026-10-25T23:00:00+01:00",
    )  # fmt: skip


def test_a_schedule_that_is_due_often_takes_one_line(room, say):
    """Forty-eight times a day are not forty-eight lines."""
    room.add("often", 'time_zone = "Asia/Shanghai"\ncron = "*/30 * * * *"\n')

    _, said = say("next", "--from", "2026-06-11", "--days", "1")

    assert "2026-06-11 Thu\n  00:00-23:30  often, 48 times\n" == said


def test_a_year_that_is_not_published_is_said_and_the_rest_shown(room, say):
    """Nobody knows China's working days of 2032: exit code 2, the other schedule in full."""
    room.add("morning", MORNING)
    room.add("night", NIGHT)

    code, said = say("next", "--from", "2032-06-01", "--days", "2")

    assert code == 2
    assert "CALENDAR_NOT_PUBLISHED" in said and "2032-06-01 Tue" in said
    assert said.count("night") == 2


def test_the_list_says_how_each_stands(room, say):
    """Enabled, paused by whom, what failed, what is wrong with a file; as table and as JSON."""
    room.office.workspace.home.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    room.now = now - timedelta(days=1)
    room.add("night", NIGHT)
    room.add("off", NIGHT + "enabled = false\n")
    room.settle()
    room.now = now
    room.settle()
    run_id = room.firings("night")[-1].run_id
    failure = {"kind": "Drifted", "code": "SCREEN_UNKNOWN", "en": "", "zh": ""}
    change_run(room.office, run_id, state="failed", started_at=now, ended_at=now, failure=failure)
    room.add("broken", "time_zone = 5\n")

    code, said = say("list", "--json")

    by_name = {one["schedule"]: one for one in json.loads(said)}
    assert code == 1  # one is wrong
    assert {name: one["state"] for name, one in by_name.items()} == {
        "broken": "wrong", "night": "enabled", "off": "disabled",
    }  # fmt: skip
    assert by_name["broken"]["wrong"]["code"] == "MANIFEST_WRONG"
    assert by_name["night"]["last"]["code"] == "SCREEN_UNKNOWN"
    assert by_name["night"]["last"]["state"] == "failed"
    assert by_name["night"]["forecast"]["said"] == "no forecast: no earlier run"
    _, table = say("list")
    assert re.search(r"night +enabled +\d{4}-\d\d-\d\d \d\d:\d\d +\S+ \S+ failed: SCREEN", table)


def test_orders_are_of_who_is_signed_in_and_may(room, say, monkeypatch):
    """Nobody: refused. A checker: refused. With a reason, an operator may."""
    room.add("night", NIGHT)
    assert say("pause", "night", "--why", "test")[1].startswith("NOT_SIGNED_IN")
    sign_in(room, monkeypatch, roles=["operator"])
    assert say("pause", "night")[0] == 2  # without a reason

    assert say("pause", "night", "--why", "head office moves") == (0, "night is paused\n")
    assert say("pause", "night", "--why", "again")[1].startswith("SCHEDULE_PAUSED_ALREADY")
    assert "paused by li.na: head office" in " ".join(say("list")[1].split())
    assert say("resume", "night", "--why", "done") == (0, "night runs again\n")
    assert say("skip", "night", "--why", "holiday")[1].startswith("night is skipped at ")
    assert "[skipped: li.na skipped it: holiday]" in say("next")[1]
    code, said = say("run", "night", "--why", "the file came late")
    assert (code, said.split()[:5]) == (0, ["night", "is", "queued", "as", "run"])
    assert say("run", "nothing", "--why", "x")[1].startswith("SCHEDULE_UNKNOWN")


def test_a_checker_may_not(room, say, monkeypatch):
    """Who approves does not start."""
    room.add("night", NIGHT)
    sign_in(room, monkeypatch, roles=["checker"])

    for order in ("pause", "resume", "skip", "run"):
        assert say(order, "night", "--why", "x")[1].startswith("NOT_ALLOWED")


def test_the_heartbeat_is_one_line_and_an_exit_code(room, say):
    """For a health check: never there, alive, dead."""
    home = room.office.workspace.home
    assert say("heartbeat")[0] == 1
    beat(home, at=datetime.now(UTC))
    code, said = say("heartbeat")
    assert code == 0 and said.startswith("alive: scheduler ") and said.count("\n") == 1
    beat(home, at=datetime.now(UTC) - timedelta(seconds=61))
    assert say("heartbeat")[0] == 1
    assert say("heartbeat", "--max-age", "120")[0] == 0


class Cells(HTMLParser):
    """The days of a page: what their title says, and their classes."""

    def __init__(self, page: str):
        super().__init__()
        self.days: dict[str, tuple[str, str]] = {}
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note each day's cell."""
        said = dict(attrs)
        self.tags.add(tag)
        if tag == "td" and said.get("title"):
            day, _, rest = str(said["title"]).partition(" ")
            self.days[day] = (str(said["class"]), rest)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_year_is_a_page_by_itself(room, say, monkeypatch, language):
    """Every day once, of its kind, with its names and what is due; nothing is fetched."""
    monkeypatch.setenv("CLERKWORK_LANG", language)
    room.add("morning", MORNING)
    room.add("monthly", MONTHLY)
    room.add("night", NIGHT + 'calendar = "china"\non = "interest_settlement"\n')

    assert say("year", "--year", "2026", "--out", "year.html")[0] == 0

    page = Path("year.html").read_text(encoding="utf-8")
    cells = Cells(page)
    assert len(cells.days) == 365
    assert cells.days["2026-10-01"] == ("off", "")
    assert cells.days["2026-10-10"] == ("make_up", "· morning")
    assert cells.days["2026-10-11"] == ("weekend", "")
    assert cells.days["2026-06-29"] == ("working", "· monthly · morning")
    name = {"en": "interest settlement day", "zh": "结息日"}[language]
    assert cells.days["2026-12-20"] == ("weekend named", f"{name} · night")
    assert not {"script", "link", "img"} & cells.tags and "http" not in page
    assert ("Days" in page, "天数" in page) == (language == "en", language == "zh")
