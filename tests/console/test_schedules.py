"""Schedules: how they stand, the calendar, and what people order of them, with why."""

from __future__ import annotations

import re

from .conftest import House, post

PATH = "/schedules/reconcile_teller"
PAGE = "/schedules"


def events(house: House, name: str) -> list[dict[str, object]]:
    """The fields of the events of that name."""
    return [dict(event.fields) for _, event in house.office.audit.read() if event.name == name]


def test_schedules_are_those_of_ones_own_desks(house: House):
    """Also in the calendar; another desk's has no page."""
    with house.visitor("checker.own") as client:
        assert "reconcile_teller" in client.get(PAGE).text
    with house.visitor("checker.other") as client:
        assert "reconcile_teller" not in client.get(f"{PAGE}?view=month").text
        assert client.get(PATH).status_code == 403
    with house.visitor("checker.own") as client:
        assert client.get(f"{PAGE}/nothing").status_code == 404


def test_a_month_has_its_days_off_and_its_make_up_days(house: House):
    """October 2026 in China: the first is off, the tenth, a Saturday, is worked."""
    with house.visitor("manager.own", headers={"Accept-Language": "zh"}) as client:
        page = client.get(f"{PAGE}?view=month&day=2026-10-15").text

    shown = re.findall(r'<li class="day ([^"]*)">\s*<p class="date"><b>([0-9-]+)', page)
    by_day = {day: kinds for kinds, day in shown}
    assert by_day["10-01"].split()[0] == "off"
    assert by_day["10-10"].split()[0] == "make_up"
    assert by_day["10-11"].split()[0] == "weekend"
    assert by_day["10-15"].split()[0] == "working"
    assert "outside" in by_day["09-30"]
    assert "调休上班" in page
    assert "2026-10" in page


def test_a_week_ahead_has_each_due_time_with_its_cut_off(house: House):
    """Seven days from a Monday; the night of each is due at 01:30."""
    with house.visitor("manager.own") as client:
        page = client.get(f"{PAGE}?view=week&day=2027-01-06").text

    assert page.count('<p class="date">') == 7
    assert "2027-01-04" in page
    assert page.count("01:30</time> <a") == 7
    assert page.count("08:30") >= 7


def test_a_day_that_is_none_shows_the_present_week(house: House):
    """What an address asks is only ever a day."""
    with house.visitor("manager.own") as client:
        for day in ("x", "2026-02-31", "0001-01-01", "9999-12-31", "<script>"):
            page = client.get(PAGE, params={"view": "month", "day": day})
            assert page.status_code == 200
            assert "<script>alert" not in page.text


def test_without_why_nothing_is_ordered(house: House):
    """Empty or blank; what is told is why not."""
    with house.visitor("manager.own") as client:
        for why in ("", "   "):
            for order in ("pause", "resume", "skip", "run"):
                refused = post(client, f"{PATH}/{order}", page=PATH, why=why)
                assert (refused.status_code, "WHY_MISSING" in refused.text) == (422, True)
    assert events(house, "schedule.paused") == []


def test_a_schedule_is_paused_and_resumed_with_why(house: House):
    """Who and why stand on its page and in the log; twice is refused."""
    with house.visitor("manager.own") as client:
        assert post(client, f"{PATH}/pause", page=PATH, why="core <moves>").status_code == 303
        page = client.get(PATH).text
        assert "core &lt;moves&gt;" in page
        assert "Resume" in page
        again = post(client, f"{PATH}/pause", page=PATH, why="again")
        assert "SCHEDULE_PAUSED_ALREADY" in again.text
        assert post(client, f"{PATH}/resume", page=PATH, why="moved").status_code == 303
        assert "SCHEDULE_NOT_PAUSED" in post(client, f"{PATH}/resume", page=PATH, why="x").text
    assert events(house, "schedule.paused")[-1]["why"] == "core <moves>"
    assert events(house, "schedule.resumed")[-1]["why"] == "moved"


def test_the_next_time_is_skipped_and_the_calendar_says_so(house: House):
    """Once: the one after it stays."""
    with house.visitor("operator.own") as client:
        before = client.get(PATH).text
        first, second = re.findall(r"<span>([0-9-]{10} 01:30) ", before)[:2]
        assert (
            post(client, f"{PATH}/skip", page=PATH, why="holiday of the branch").status_code == 303
        )
        after = client.get(PATH).text
    line = after[after.index(f"<span>{first}") :]
    assert "skipped" in line[: line.index("</li>")]
    line = after[after.index(f"<span>{second}") :]
    assert "skipped" not in line[: line.index("</li>")]


def test_run_now_waits_for_what_a_screen_must_say_and_is_the_persons(house: House):
    """Its firing stands among the outcomes, with who ran it."""
    with house.visitor("maker.own") as client:
        done = post(client, f"{PATH}/run", page=PATH, why="late statement")
        assert done.headers["location"] == PATH
        page = client.get(PATH).text
    assert "run now by maker.own" in re.sub(r"\s+", " ", page)
    assert events(house, "schedule.run_now")[-1]["why"] == "late statement"


def test_who_only_looks_is_offered_no_orders(house: House):
    """No form on the page; the route says no, too (the matrix)."""
    with house.visitor("auditor.own") as client:
        assert 'name="why"' not in client.get(PATH).text
