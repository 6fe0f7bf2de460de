"""Due times are settled once each: catch-up, overlap, limits, pauses, clocks that are set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

pytestmark = pytest.mark.usefixtures("database")

SHANGHAI = 'time_zone = "Asia/Shanghai"\n'
HOURLY = SHANGHAI + 'cron = "0 * * * *"\n'


def test_a_new_schedule_begins_now_and_fires_each_due_time_once(room):
    """What was due before it was seen is not made up; looking twice changes nothing."""
    room.add("hourly", HOURLY)
    room.at("2026-06-11 00:30")
    room.at("2026-06-11 02:10")
    room.at("2026-06-11 02:10")

    assert [("2026-06-11 01:00", "started"), ("2026-06-11 02:00", "started")] == room.states(
        "hourly"
    )
    assert 2 == len(room.runs())


def test_a_look_in_the_last_second_before_a_due_time_does_not_lose_it(room):
    """What was caught up at 00:59:59.4 leaves the due time of 01:00 to the next look."""
    room.add("minutely", SHANGHAI + 'cron = "* * * * *"\n')
    room.at("2026-06-11 00:58")
    room.at("2026-06-11 00:59:59.400")
    room.at("2026-06-11 01:00:59.999999")
    room.at("2026-06-11 01:02")

    assert ["00:59", "01:00", "01:01", "01:02"] == [due[11:] for due, _ in room.states("minutely")]


@pytest.mark.parametrize(
    ("rule", "states"),
    [
        ("all", ["started"] * 4),
        ("last", ["missed"] * 3 + ["started"]),
        ("none", ["missed"] * 4),
    ],
)
def test_an_absence_is_caught_up_by_the_rule(room, rule, states):
    """Every due time of the absence has a run or a written reason."""
    room.add("hourly", HOURLY + f'catch_up = "{rule}"\n')
    room.at("2026-06-11 00:30")
    room.at("2026-06-11 04:20")

    found = room.firings("hourly")
    assert states == [row.state for row in found]
    reasons = {row.why["code"] for row in found if row.state == "missed"}
    assert reasons <= {"NOT_CAUGHT_UP"}


def test_a_due_time_within_the_grace_is_not_late(room):
    """catch_up = "none" forgives a scheduler that looks a little late."""
    room.add("hourly", HOURLY + 'catch_up = "none"\n')
    room.at("2026-06-11 00:30")
    room.at("2026-06-11 01:04")

    assert [("2026-06-11 01:00", "started")] == room.states("hourly")


def test_overlap_skips_while_an_earlier_run_goes_on(room):
    """A due time that finds the earlier run at work is skipped, with the reason."""
    room.add("hourly", HOURLY + 'overlap = "skip"\n')
    room.at("2026-06-11 00:30")
    room.at("2026-06-11 01:00")
    room.at("2026-06-11 02:00")
    room.end(room.firings("hourly")[0].run_id)
    room.at("2026-06-11 03:00")

    assert ["started", "skipped", "started"] == [row.state for row in room.firings("hourly")]
    assert "EARLIER_RUN_GOES_ON" == room.firings("hourly")[1].why["code"]


def test_a_run_may_not_begin_after_its_last_time(room):
    """A firing that is caught up too late in the day is missed, and says so."""
    room.add("nightly", SHANGHAI + 'at = ["01:30"]\nnot_after = "06:00"\n')
    room.at("2026-06-11 12:00")
    room.at("2026-06-11 22:30")  # 06:30 in Shanghai

    assert [("2026-06-11 17:30", "missed")] == room.states("nightly")


def test_a_disabled_schedule_leaves_no_due_times_behind(room):
    """What would have been due meanwhile is not caught up when it is enabled again."""
    room.add("hourly", HOURLY + "enabled = false\n")
    room.at("2026-06-11 00:30")
    room.at("2026-06-11 03:30")
    room.add("hourly", HOURLY)
    room.at("2026-06-11 04:00")

    assert [("2026-06-11 04:00", "started")] == room.states("hourly")


def test_a_clock_that_is_set_forwards_and_back_neither_misses_nor_doubles(room):
    """Steps of hours in both directions: each due time has one firing in the end."""
    room.add("hourly", HOURLY)
    start = datetime(2026, 6, 11, 0, 30, tzinfo=UTC)
    room.now = start
    room.settle()
    for hours in (1, 5, -3, 0, 2, -6, 4, 3, 3):
        room.now += timedelta(hours=hours)
        room.settle()

    latest = datetime(2026, 6, 11, 9, tzinfo=UTC)
    expected = [start + timedelta(minutes=30, hours=hour) for hour in range(9)]
    assert expected == [row.due_at for row in room.firings("hourly")]
    assert expected[-1] == latest


def test_a_thousand_due_times_of_one_schedule_are_caught_up_in_parts(room):
    """A schedule of every minute after a day without a scheduler."""
    room.add("minutely", SHANGHAI + 'cron = "* * * * *"\n')
    room.at("2026-06-11 00:00")
    room.at("2026-06-12 00:00")

    assert 1440 == len(room.firings("minutely")) == len(room.runs())


def test_parameters_are_counted_from_the_day_of_the_night(room):
    """At half past one the night of the 10th is worked on; the make-up calendar is minded."""
    text = 'at = ["01:30"]\ncalendar = "china"\n[parameters]\nbusiness_date = '
    room.add("day", SHANGHAI + text + '"day"\n')
    room.add("working", SHANGHAI + text + '"previous working day"\n')
    room.at("2026-10-07 00:00")
    room.at("2026-10-08 00:00")  # 01:30 on the 8th in Shanghai was the night of the 7th

    assert "2026-10-07" == room.firings("day")[0].params["business_date"]
    assert "2026-09-30" == room.firings("working")[0].params["business_date"]


def test_a_broken_bot_is_a_missed_firing_and_not_a_lost_one(room):
    """Its reason is the failure; the other schedules go on."""
    room.add("good", HOURLY)
    room.add("bad", HOURLY + '[parameters]\nbranch_number = "1"\n')
    room.at("2026-06-11 00:30")
    room.at("2026-06-11 01:00")

    assert [("2026-06-11 01:00", "started")] == room.states("good")
    assert "PARAMETER_UNKNOWN" == room.firings("bad")[0].why["code"]


def test_one_schedule_comes_after_each_success_of_another(room):
    """Not after a failure; with `settled`, not before all items are at rest."""
    room.add("first", HOURLY)
    room.add("second", SHANGHAI + 'after = ["first"]\n')
    room.at("2026-06-11 00:30")
    room.follow()
    room.at("2026-06-11 02:00")
    one, two = (row.run_id for row in room.firings("first"))
    room.end(one, "failed")
    room.end(two)
    room.follow()
    room.follow()

    assert ["after first 2026-06-11T02:00:00Z"] == [row.key for row in room.firings("second")]
    assert "started" == room.firings("second")[0].state


def test_several_are_waited_for_until_all_have_succeeded_on_the_same_day(room):
    """Yesterday's success of one and today's of the other do not make a day."""
    room.add("a", SHANGHAI + 'at = ["10:00"]\n')
    room.add("b", SHANGHAI + 'at = ["11:00"]\n')
    room.add("both", SHANGHAI + 'after = ["a", "b"]\n')
    room.at("2026-06-11 00:30")
    room.follow()
    room.at("2026-06-11 04:00")
    room.end(room.firings("a")[0].run_id)
    room.end(room.firings("b")[0].run_id, "failed")
    room.follow()
    room.at("2026-06-12 02:30")
    room.follow()
    assert [] == room.states("both")

    room.at("2026-06-12 04:00")
    room.end(room.firings("a")[1].run_id)
    room.end(room.firings("b")[1].run_id)
    room.follow()

    assert ["after 2026-06-12"] == [row.key for row in room.firings("both")]


def test_a_time_with_earlier_schedules_waits_for_them_and_says_for_which(room):
    """Due by the clock, started when the last of the others has succeeded that day."""
    room.add("a", SHANGHAI + 'at = ["10:00"]\n')
    room.add("then", SHANGHAI + 'at = ["09:00"]\nafter = ["a"]\n')
    room.at("2026-06-11 00:30")
    room.at("2026-06-11 02:30")
    room.look()
    waits = room.firings("then")[0]
    assert ("waiting", "a") == (waits.state, waits.why["facts"]["schedules"])

    room.end(room.firings("a")[0].run_id)
    room.look()

    assert [("2026-06-11 01:00", "started")] == room.states("then")


def test_a_firing_whose_schedule_is_gone_does_not_wait_for_ever(room):
    """It is missed, and says why."""
    room.add("a", SHANGHAI + 'at = ["10:00"]\n')
    room.add("then", SHANGHAI + 'at = ["09:00"]\nafter = ["a"]\n')
    room.at("2026-06-11 00:30")
    room.at("2026-06-11 02:30")
    (room.root / "schedules" / "then.toml").unlink()
    room.settle()
    room.look()

    assert [("missed", "SCHEDULE_IS_GONE")] == [
        (row.state, row.why["code"]) for row in room.firings("then")
    ]
