"""Files of schedules are edited, renamed, disabled, taken away, brought back: nothing doubles."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clerkwork.schedule.book import Book
from clerkwork.schedule.turn import close
from tests.schedule_words import NIGHT

pytestmark = pytest.mark.usefixtures("database")

UTC_DAY = 'time_zone = "UTC"\nparameters.business_date = "day"\n'
MONTHLY = UTC_DAY.replace("\n", '\ncron = "0 1 1 * *"\n', 1)
DAILY = MONTHLY.replace("1 1 *", "1 * *")
AFTER = UTC_DAY.replace("\n", '\nafter = ["a"]\n', 1)


def file_of(room, name: str):
    """Where the schedule stands."""
    return room.root / "schedules" / f"{name}.toml"


@pytest.mark.parametrize("is_stopped", [False, True])
def test_other_times_make_up_for_no_day_on_which_it_was_never_due(room, is_stopped):
    """Edited under a scheduler at work, or while one that was stopped in order is away."""
    room.add("it", MONTHLY)
    room.settle()
    room.at("2026-07-01 01:00")
    room.now += timedelta(days=24)
    room.settle()
    if is_stopped:
        close(room.office, room.book, room.now)
        room.book = Book(room.office)
    room.add("it", DAILY)
    room.settle()
    assert [("2026-07-01 01:00", "started")] == room.states("it")

    room.at("2026-07-26 01:00")
    assert ["2026-07-01 01:00", "2026-07-26 01:00"] == [due for due, _ in room.states("it")]


@pytest.mark.parametrize(
    ("edited", "runs"), [("01:30", ["2026-06-11 01:30"]), ("01:29", []), ("02:00", [])]
)
def test_a_change_in_the_last_seconds_counts(room, edited, runs):
    """What came due between two looks does so by the file as it is; what did before, does not."""
    room.add("it", NIGHT.replace("01:30", "23:00"))
    room.settle()
    room.at("2026-06-11 01:29:55")
    room.add("it", NIGHT.replace("01:30", edited))
    room.at("2026-06-11 01:30:04")

    assert runs == [due for due, _ in room.states("it")]


def test_a_day_that_is_opened_afterwards_is_not_run_by_itself(room):
    """Nor are those of the months before, when an old calendar is corrected."""
    own = room.root / "resources/calendars/own.toml"
    titles = 'title_en = "own"\ntitle_zh = "本行"\n'
    own.write_text(titles + "closed = [2026-06-10, 2026-06-11, 2026-06-12]\n", encoding="utf-8")
    room.add("it", NIGHT + 'calendar = "own"\non = "working days"\n')
    room.settle()
    room.at("2026-06-11 08:00")
    room.now += timedelta(seconds=10)
    own.write_text(titles, encoding="utf-8")
    room.settle()
    assert [] == room.states("it")

    room.at("2026-06-12 01:30")
    assert [("2026-06-12 01:30", "started")] == room.states("it")


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_file_that_was_away_makes_up_for_nothing(room, is_restarted):
    """Brought back after a month, also under another scheduler."""
    room.add("it", NIGHT)
    room.settle()
    room.at("2026-06-11 01:30")
    text = file_of(room, "it").read_text()
    file_of(room, "it").unlink()
    room.settle()
    room.now += timedelta(days=30)
    if is_restarted:
        room.book = Book(room.office)
    room.settle()
    file_of(room, "it").write_text(text)
    room.settle()
    room.at("2026-07-12 01:30")

    assert ["2026-06-11 01:30", "2026-07-12 01:30"] == [due for due, _ in room.states("it")]


def test_a_slip_that_is_mended_is_caught_up(room):
    """A file that was wrong for a while is not one that was away."""
    room.add("it", NIGHT)
    room.settle()
    text = file_of(room, "it").read_text()
    file_of(room, "it").write_text(text + "no TOML")
    room.book.is_new()
    assert ["it"] == list(room.book.wrong)
    room.now += timedelta(days=1, hours=2)
    file_of(room, "it").write_text(text)
    room.settle()

    assert ["2026-06-11 01:30", "2026-06-12 01:30"] == [due for due, _ in room.states("it")]


def test_a_renamed_schedule_begins_anew(room):
    """Under its new name it runs once for each time from then on."""
    room.add("it", NIGHT)
    room.settle()
    room.at("2026-06-11 01:30")
    file_of(room, "it").rename(file_of(room, "other"))
    room.settle()
    room.at("2026-06-12 01:30")

    assert [1, 1] == [len(room.states(name)) for name in ("it", "other")]


def end_all(room, name: str) -> None:
    """Its last run is done."""
    room.end(room.firings(name)[-1].run_id)


def test_what_succeeds_while_a_follower_is_disabled_is_not_followed_later(room):
    """As due times of the clock that pass meanwhile."""
    room.add("a", NIGHT)
    room.add("it", AFTER)
    room.settle()
    room.follow()
    room.at("2026-06-11 01:30")
    room.add("it", "enabled = false\n" + AFTER)
    room.settle()
    end_all(room, "a")
    room.now += timedelta(minutes=5)
    room.follow()
    room.add("it", AFTER)
    room.settle()
    room.follow()
    assert [] == room.states("it")

    room.at("2026-06-12 01:30")
    end_all(room, "a")
    room.now += timedelta(minutes=5)
    room.follow()
    assert [("2026-06-12 01:30", "started")] == room.states("it")


def wait_for_weeks(room, *, others: str, ends: str) -> None:
    """`it` waits for a and b together; each day only `ends` end well."""
    for name in others:
        room.add(name, NIGHT)
    room.add("it", AFTER.replace('["a"]', '["a", "b"]'))
    room.settle()
    room.follow()
    for day in range(11, 19):
        room.at(f"2026-06-{day} 01:30")
        for name in ends:
            end_all(room, name)
        room.now += timedelta(minutes=5)
        room.follow()


@pytest.mark.parametrize("now_after", ['["c"]', '["a", "c"]'])
def test_another_chain_follows_this_day_and_none_before(room, now_after):
    """A chain that never came about reaches back for weeks; the one in its place does not."""
    wait_for_weeks(room, others="abc", ends="ac")
    room.now += timedelta(hours=3)
    room.settle()
    room.add("it", AFTER.replace('["a"]', now_after))
    room.settle()
    room.follow()

    assert [("2026-06-18 01:30", "started")] == room.states("it")


def test_a_chain_that_gets_clock_times_makes_up_for_none(room):
    """What waited for others for weeks is due by the clock from now on."""
    wait_for_weeks(room, others="ab", ends="a")
    room.settle()
    room.add("it", NIGHT)
    room.settle()

    assert [] == room.states("it")


def test_what_waits_does_not_begin_while_its_schedule_is_disabled(room):
    """Whoever disables it wants no run; enabled again, it goes on."""
    room.add("a", NIGHT)
    room.add("it", 'after = ["a"]\n' + NIGHT)
    room.settle()
    room.at("2026-06-11 01:30")
    room.add("it", 'enabled = false\nafter = ["a"]\n' + NIGHT)
    room.settle()
    end_all(room, "a")
    room.look()
    (firing,) = room.firings("it")
    assert ("waiting", "SCHEDULE_IS_DISABLED") == (firing.state, firing.why["code"])

    room.add("it", 'after = ["a"]\n' + NIGHT)
    room.settle()
    room.look()
    assert [("2026-06-11 01:30", "started")] == room.states("it")


def test_what_waited_for_a_file_that_is_gone_is_told_once(room, eye):
    """Deleted or renamed: its night will not run, and nobody else would say so."""
    watched = eye("", a=NIGHT, it='after = ["a"]\n' + NIGHT)
    watched.look("2026-06-11 01:30")
    file_of(room, "it").unlink()
    room.settle()
    room.look()

    assert ["missed"] == watched.look()
    (row,) = watched.rows()
    assert ("it", "gone") == (row.about["schedule"], row.about["rule"])


def test_what_a_thread_works_out_by_the_old_file_is_not_taken_for_the_new_one(room):
    """A firing that waits is looked at while the file changes."""
    room.add("it", NIGHT + 'parameters.branch = "0001"\n')
    room.settle()
    old = room.book.planned["it"]
    room.add("it", NIGHT + 'parameters.branch = "0002"\n')
    room.settle()
    params = {"business_date": "2026-06-11"}
    for planned, branch in ((old, "0001"), (room.book.planned["it"], "0002")):
        assert branch == room.book.order(planned, params).params["branch"]
    plain = NIGHT.replace('"day"', '"2026-06-11"')
    room.add("it", plain + 'parameters.branch = "0001"\n')
    room.settle()
    old = room.book.planned["it"]
    room.add("it", plain + 'parameters.branch = "0002"\n')
    room.settle()

    assert ["0001", "0002"] == [
        room.book.order(planned, {}).params["branch"] for planned in (old, room.book.planned["it"])
    ]


@pytest.mark.parametrize("odd", ["an editor's lock", "a folder", "no text", "too deep"])
def test_an_odd_file_stops_no_other_schedule(room, odd):
    """It is named where it is meant for a schedule; what an editor hides is none."""
    room.add("night", NIGHT)
    path = file_of(room, ".#night" if odd == "an editor's lock" else "odd")
    if odd == "an editor's lock":
        path.symlink_to("li.na@desk.4711:1781270400")  # Emacs, while the file is open
    elif odd == "a folder":
        path.mkdir()
    else:
        path.write_bytes(b"\xff\xfe\x00" if odd == "no text" else b"a = " + b"[" * 100_000)
    room.book.is_new()

    assert ["night"] == list(room.book.planned)
    wrong = {name: failure.code for name, failure in room.book.wrong.items()}
    code = "MANIFEST_NOT_UTF8" if odd == "no text" else "MANIFEST_BROKEN"
    assert ({} if path.is_symlink() else {"odd": code}) == wrong
