"""The watch: each alert once, decided from the store, over when it is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clerkwork.run.runs import change_run
from clerkwork.store.tables import firings, items, runs, schedules
from tests.schedule_words import NIGHT, an_item

pytestmark = pytest.mark.usefixtures("database")

AT_0130 = "2026-06-11T01:30:00Z"


def test_a_run_that_nobody_takes_up_never_started(eye):
    """Fifteen minutes after the due time, once; over when a worker begins it."""
    it = eye()
    it.look("2026-06-11 01:30")

    assert it.look("2026-06-11 01:44:59") == []
    assert it.look("2026-06-11 01:45:01") == ["never_started"]
    assert it.look("2026-06-11 02:30") == ["never_started"]
    row = it.rows()[0]
    assert row.key == f"never_started:night:{AT_0130}"
    assert (row.about, row.owner) == ({"schedule": "night", "due": AT_0130}, "operations")

    it.begin(it.first_run())
    it.look()

    assert it.states() == {"never_started": "over"}


def test_a_due_time_that_nobody_settled_never_started_either(eye):
    """The scheduler was down; its next one does not tell it again, and it is over when it runs."""
    it = eye(NIGHT + 'cut_off = "03:00"\n')

    assert it.look("2026-06-11 01:44", settles=False) == []
    assert it.look("2026-06-11 01:46", settles=False) == ["never_started"]
    assert it.look("2026-06-11 03:00:01", settles=False) == ["never_started", "late"]
    assert it.look("2026-06-11 03:10") == ["never_started", "late"]
    it.begin(it.first_run())
    it.look()
    assert it.states() == {"never_started": "over", "late": "pending"}
    it.room.end(it.first_run())
    it.look()
    assert it.states() == {"never_started": "over", "late": "over"}


def test_what_is_caught_up_late_has_a_minute_to_begin(eye):
    """The scheduler comes back: its run is only just queued, and that is no alert yet."""
    it = eye()

    assert it.look("2026-06-11 06:00") == []
    assert it.look("2026-06-11 06:00:59") == []
    assert it.look("2026-06-11 06:01:01") == ["never_started"]


def test_late_is_told_once_at_the_cut_off(eye):
    """A run that goes on past the cut-off is late; when it has ended well, that is over."""
    it = eye(NIGHT + 'cut_off = "03:00"\n')
    it.look("2026-06-11 01:30")
    it.begin(it.first_run())

    assert it.look("2026-06-11 03:00") == []
    assert it.look("2026-06-11 03:00:10") == ["late"]
    about = it.rows()[0].about
    assert about == {"schedule": "night", "due": AT_0130, "cut_off": "2026-06-11T03:00:00Z"}
    it.room.end(it.first_run())
    it.look()
    assert it.states() == {"late": "over"}


def test_what_ended_in_time_is_told_to_nobody(eye):
    """No alert for a night as it should be, nor for one that is disabled."""
    it = eye(NIGHT + 'cut_off = "03:00"\n', other=NIGHT + "enabled = false\n")
    it.look("2026-06-11 01:30")
    it.begin(it.first_run())
    it.look("2026-06-11 01:40")
    it.room.end(it.first_run())

    assert it.look("2026-06-11 23:00") == []


def test_a_failed_run_is_told_and_is_late_unless_a_later_one_succeeds(eye):
    """run_failed at once; late at the cut-off; both are over when a later run did it."""
    it = eye(NIGHT + 'cut_off = "03:00"\n')
    it.look("2026-06-11 01:30")
    failed = it.first_run()
    change_run(
        it.room.office,
        failed,
        state="failed",
        started_at=it.room.now,
        ended_at=it.room.now,
        failure={"kind": "Drifted", "code": "SCREEN_UNKNOWN", "en": "", "zh": ""},
    )

    assert it.look("2026-06-11 01:31") == ["run_failed"]
    about = it.rows()[0].about
    assert about == {"bot": "reconcile_teller", "run": failed, "code": "SCREEN_UNKNOWN"}
    assert it.look("2026-06-11 03:01") == ["run_failed", "late"]

    with it.room.office.store.begin() as conn:  # a person started the same again
        row = dict(conn.execute(sa.select(runs).where(runs.c.id == failed)).one()._mapping)
        again = {"id": row["stem"] + ".2", "sequence": 2, "state": "done", "failure": None}
        conn.execute(sa.insert(runs).values(row | again))
    it.look()
    assert set(it.states().values()) == {"over"}


def test_a_repeat_before_the_cut_off_keeps_it_from_being_late(eye):
    """What failed and was done again in time is not late."""
    it = eye(NIGHT.replace('["01:30"]', '["01:30", "02:00"]') + 'cut_off = "03:00"\n')
    it.look("2026-06-11 01:30")
    it.room.end(it.first_run(), "failed")
    it.look("2026-06-11 02:00")
    it.room.end(it.room.firings("night")[1].run_id)

    assert it.look("2026-06-11 03:01") == ["run_failed"]
    assert it.states() == {"run_failed": "over"}


def test_a_success_earlier_in_the_day_does_not_excuse_a_later_failure(eye):
    """The run of 01:30 is no answer to the failure of 02:00."""
    it = eye(NIGHT.replace('["01:30"]', '["01:30", "02:00"]') + 'cut_off = "03:00"\n')
    it.look("2026-06-11 02:00")
    first, second = it.room.firings("night")
    it.room.end(first.run_id)
    it.room.end(second.run_id, "failed")
    with it.room.office.store.begin() as conn:  # its parameters were others
        mine = runs.c.id == second.run_id
        conn.execute(sa.update(runs).where(mine).values(stem="reconcile_teller.other1"))

    assert it.look("2026-06-11 03:01") == ["run_failed", "late"]


def test_likely_late_is_told_before_the_cut_off(eye):
    """Twenty nights of an hour, and a run that begins an hour late: told at once, not at three."""
    it = eye(NIGHT + 'cut_off = "03:00"\n')
    for day in range(11, 31):
        it.look(f"2026-06-{day} 01:30")
        run_id = it.room.firings("night")[-1].run_id
        it.begin(run_id)
        it.room.end(run_id, after=timedelta(hours=1))
    it.look("2026-07-01 01:30")
    assert it.rows() == []
    assert it.look("2026-07-01 02:01", settles=False)[-1] == "likely_late"

    about = it.rows()[-1].about
    assert about["ends"] == "2026-07-01T03:01:00Z"
    assert (about["cut_off"], about["at_risk"]) == ("2026-07-01T03:00:00Z", "0")


def test_items_that_wait_at_the_cut_off_are_late(eye):
    """The run is done, but a voucher waits for its checker: the books are not."""
    it = eye(NIGHT + 'cut_off = "03:00"\n')
    it.look("2026-06-11 01:30")
    run_id = it.first_run()
    it.room.end(run_id)
    with it.room.office.store.begin() as conn:
        conn.execute(sa.insert(items).values(an_item(run_id, it.room.now)))

    assert it.look("2026-06-11 02:59") == []
    assert it.look("2026-06-11 03:01") == ["late"]
    with it.room.office.store.begin() as conn:
        conn.execute(sa.update(items).values(state="confirmed"))
    it.look()
    assert it.states() == {"late": "over"}


@pytest.mark.parametrize(
    ("limit", "still", "over"),
    [
        ("ends_within_s = 3600\n", "2026-06-11 02:30", "2026-06-11 02:30:10"),
        ('cut_off = "03:00"\n', "2026-06-11 04:00", "2026-06-11 04:00:10"),
    ],
)
def test_a_run_that_goes_on_for_too_long_never_ended(eye, limit, still, over):
    """By its own limit, or an hour after the cut-off; over when it ends, however."""
    it = eye(NIGHT + limit)
    it.look("2026-06-11 01:30")
    it.begin(it.first_run())

    assert "never_ended" not in it.look(still)
    assert it.look(over)[-1] == "never_ended"
    assert it.rows()[-1].about["minutes"] in ("60", "150")
    it.room.end(it.first_run(), "failed")
    it.look()
    assert it.states()["never_ended"] == "over"


def test_many_that_are_not_caught_up_are_one_alert(eye):
    """Twelve due times passed while nobody was there: refused by rule, told once, not late."""
    text = 'time_zone = "UTC"\ncron = "*/5 * * * *"\ncatch_up = "last"\ngrace_s = 60\n'
    it = eye(text + 'cut_off = "03:00"\nparameters.business_date = "day"\n')

    it.look("2026-06-11 01:02")
    it.room.end(it.room.firings("night")[-1].run_id)

    assert it.look("2026-06-11 03:30") == ["missed", "missed"]  # the second from 01:02 to 03:30
    about = it.rows()[0].about
    assert (about["rule"], about["due"]) == ("catch_up", "2026-06-11T00:05:00Z")


def test_a_screen_that_is_never_ready_is_missed_and_late(eye):
    """Waiting until its deadline is no alert; then it is missed, and late at the cut-off."""
    it = eye(
        NIGHT + 'cut_off = "03:00"\n[ready]\nreading = "end of day is done"\ndeadline = "02:30"\n'
    )
    assert it.look("2026-06-11 01:30") == []
    assert it.look("2026-06-11 02:29") == []
    it.room.at("2026-06-11 02:30:10")
    it.room.look()

    assert it.look() == ["missed"]
    assert it.rows()[0].about["rule"] == "ready"
    assert it.look("2026-06-11 03:01") == ["missed", "late"]


def test_a_link_of_a_chain_waits_for_too_long(eye):
    """Waiting for the schedules before it is told after its quarter of an hour, by name."""
    it = eye(NIGHT + 'after = ["first"]\n', first=NIGHT)
    it.look("2026-06-11 01:30")
    it.room.look()
    it.begin(it.first_run("first"))

    assert it.look("2026-06-11 01:44") == []
    assert it.look("2026-06-11 01:46") == ["waiting_too_long"]
    assert it.rows()[0].about["condition"] == "after"
    it.room.end(it.first_run("first"))
    it.room.look()
    it.look()
    assert it.states() == {"waiting_too_long": "over"}


def test_the_end_of_a_chain_is_late_though_it_never_fired(eye):
    """Nothing makes the last link due when the first fails: its cut-off passes all the same."""
    last = 'time_zone = "UTC"\nafter = ["middle"]\ncut_off = "04:00"\n'
    middle = 'time_zone = "UTC"\nafter = ["night"]\n'
    given = 'parameters.business_date = "day"\n'
    it = eye(NIGHT, middle=middle + given, last=last + given)
    it.room.follow()
    it.look("2026-06-11 01:30")
    it.room.end(it.first_run(), "failed")

    assert it.look("2026-06-11 03:59") == ["run_failed"]
    assert it.look("2026-06-11 04:01") == ["run_failed", "late"]
    assert it.rows()[-1].about["schedule"] == "last"


def test_a_chain_that_begins_late_is_not_taken_for_one_that_never_started(eye):
    """A link is fired by the success before it: its time to begin counts from there."""
    second = 'time_zone = "UTC"\nafter = ["night"]\nparameters.business_date = "day"\n'
    it = eye(NIGHT, second=second)
    it.room.follow()
    it.look("2026-06-11 01:30")
    it.begin(it.first_run())
    it.room.now += timedelta(hours=3)
    it.room.end(it.first_run())
    it.room.follow()

    assert len(it.room.firings("second")) == 1
    assert it.look("2026-06-11 04:31") == []
    assert it.look("2026-06-11 04:46") == ["never_started"]


def test_a_paused_schedule_is_told_of_only_when_its_waiting_work_is_late(eye):
    """Paused on purpose: due times are skipped in silence."""
    it = eye(NIGHT + 'cut_off = "03:00"\n')
    with it.room.office.store.begin() as conn:
        conn.execute(sa.update(schedules).values(paused_at=it.room.now))

    assert it.look("2026-06-11 09:00") == []
    assert it.room.states("night") == [("2026-06-11 01:30", "skipped")]


def test_an_arrival_is_told_under_a_key_of_letters(eye, room):
    """What arrived has a key of its own; the alert's has a digest, which looks like no number."""
    it = eye()
    key = "file 6222021234567890128"
    row = {"schedule": "night", "trigger": "file", "due_at": room.now, "day": room.now.date(),
           "params": {}, "created_at": room.now, "state": "missed", "settled_at": room.now,
           "why": {"code": "READING_WRONG", "facts": {}}}  # fmt: skip
    with room.office.store.begin() as conn:
        waits = {"key": key, "state": "waiting", "settled_at": None, "why": None}
        conn.execute(sa.insert(firings).values(row | waits))

    assert it.look("2026-06-11 00:20") == ["never_started"]
    mark = it.rows()[0].key.removeprefix("never_started:night:2026-06-11T00:00:00Z:")
    assert mark.isalpha() and len(mark) == 12
