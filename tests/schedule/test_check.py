"""`clerkwork check` refuses a schedule that could be read in two ways, and says the remedy."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest

from clerkwork.run.check import check
from clerkwork.schedule import check_schedules

SHANGHAI = 'time_zone = "Asia/Shanghai"\n'
BERLIN = 'time_zone = "Europe/Berlin"\n'
CHINA = 'calendar = "china"\non = "working days"\n'
WAITS = ("grace_s", "jitter_s", "begins_within_s", "ends_within_s")
LIMITS = ("not_before", "not_after", "cut_off")
NOW = datetime(2026, 6, 11, tzinfo=UTC)


def found(room, *, now: datetime = NOW) -> dict:
    """What is wrong, by what was checked."""
    checked = check_schedules(room.office.workspace, now=now)
    return {what: failure for what, failure in checked if failure}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SHANGHAI + 'cron = "0 2 * * 1"\n', "name the days"),
        (SHANGHAI + 'cron = "0 2 * * 1-5"\n', "name the days"),
        (SHANGHAI + 'cron = "0 2 * *"\n', "4 fields"),
        (SHANGHAI + 'cron = "0 25 * * *"\n', "cron"),
        (SHANGHAI + 'cron = "0 0 30 feb *"\n', "never due"),
        (SHANGHAI, "nothing makes it due"),
        (SHANGHAI + 'cron = "0 2 * * *"\nat = ["02:00"]\n', "one thing"),
        (SHANGHAI + 'at = ["02:00"]\n[run]\nbot = "reconcile_teller"\n', "one thing"),
        ('at = ["02:00"]\n', "time_zone"),
        ('time_zone = "Asia/Beijing"\nat = ["02:00"]\n', "not a time zone"),
        (SHANGHAI + 'at = ["02:00"]\ncalendar = "chian"\n', "china"),
        (SHANGHAI + 'at = ["02:00"]\ncalendar = "china"\non = "workdays"\n', "working days"),
        (SHANGHAI + 'at = ["02:00"]\ncut_off = "books"\n', "cut_off"),
        (SHANGHAI + 'after = ["nothing"]\n', "no such schedule"),
        (SHANGHAI + 'after = ["it"]\n', "wait for each other"),
        (
            SHANGHAI + 'at = ["02:00"]\n[ready]\nreading = "done"\ndeadline = "07:00"\n',
            "end of day",
        ),
        (SHANGHAI + 'at = ["02:00"]\n[parameters]\nbusiness_date = "tomorrow"\n', "date"),
        (SHANGHAI + 'at = ["02:00"]\n[parameters]\nbranch = "{fiel}"\n', "fiel"),
        (SHANGHAI + 'at = ["02:00"]\nextra = 1\n', "extra"),
        (BERLIN + 'at = ["02:30"]\n', "in_fold"),
        (BERLIN + 'at = ["02:30"]\nin_fold = "both"\n', "in_gap"),
        (BERLIN + 'cron = "30 2 * * sun"\nin_fold = "first"\n', "in_gap"),
        (
            SHANGHAI + CHINA + 'at = ["02:00"]\n'
            '[parameters]\nbusiness_date = "previous accounting day"\n',
            "weekends",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_or_ambiguous_is_refused_by_name(room, text, says):
    """One line that names the file and what to write instead."""
    room.add("it", text)

    (failure,) = found(room).values()
    line = failure.message("en")
    assert "it.toml" in line or failure.code.startswith("PARAMETER")
    assert says in line


@pytest.mark.parametrize(
    "text",
    [
        SHANGHAI + 'at = ["01:30"]\n',
        SHANGHAI + CHINA + 'cron = "0 9 1 * *"\nif_closed = "next"\n',
        BERLIN + 'at = ["02:30"]\nin_gap = "later"\nin_fold = "first"\n',
        BERLIN + 'at = ["03:30"]\n',
        BERLIN + 'cron = "*/5 * * * *"\n',
        BERLIN + 'at = ["04:00"]\nnot_before = "2026-07-01"\nnot_after = "06:00"\n',
        SHANGHAI + 'at = ["01:30"]\n[parameters]\nbusiness_date = "previous accounting day"\n',
    ],
)
def test_what_is_clear_is_accepted(room, text):
    """No change of the clock, no calendar and no parameter leaves a question."""
    room.add("it", text)

    assert {} == found(room)


@pytest.mark.parametrize(
    "line",
    [
        *(f"{name} = {s}" for name in WAITS for s in ("nan", "inf", "1e300", "-1.0")),
        *(f"at = [{at}]" for at in ('"02:00:30"', '"02:00+08:00"', '"02:00Z"', "730", "02:00:30")),
        *(f"{name} = {at}" for name in LIMITS for at in ("7", '"06:00:30"', '"06:00+08:00"')),
    ],
)
def test_a_time_that_would_be_kept_otherwise_than_it_reads_is_refused(room, line):
    """Not cut to the minute, moved to another zone or counted from midnight in silence."""
    other = "" if line.startswith("at") else 'at = ["02:00"]\n'
    room.add("it", SHANGHAI + other + line + "\n")

    (failure,) = found(room).values()
    assert "it.toml" in failure.message("en") and line.split(" ")[0] in failure.message("en")


@pytest.mark.parametrize("name", ["Reconcile", "对账", "card_6222021234567", "a b"])
def test_a_bot_whose_name_may_not_stand_in_an_alert_is_refused(room, name):
    """Else its first failure could not be told."""
    path = room.root / "schedules" / "it.toml"
    path.write_text(f'bot = "{name}"\nowner = "o"\nat = ["02:00"]\n' + SHANGHAI, encoding="utf-8")

    (failure,) = found(room).values()
    assert "it.toml" in failure.message("en") and "small letters" in failure.message("en")


@pytest.mark.parametrize("line", ['day_begins = "06:00:30"', "day_begins = 6", "cut_offs.b = 7"])
def test_so_is_one_of_a_calendar(room, line):
    """A cut-off of seven seconds after midnight was meant for seven o'clock."""
    path = room.root / "resources/calendars/own.toml"
    path.write_text(f'title_en = "own"\ntitle_zh = "本行"\n{line}\n', encoding="utf-8")

    assert "MANIFEST_WRONG" == found(room)["resources/calendars/own.toml"].code


def test_a_calendar_that_is_not_published_for_the_coming_weeks_is_refused(room):
    """In December nobody may count on a year whose days off are not known."""
    (room.root / "resources/calendars/china.toml").write_text(
        'title_en = "China"\ntitle_zh = "中国"\ncountry = "CN"\n'
    )
    room.add("it", SHANGHAI + CHINA + 'at = ["02:00"]\n')

    assert {} == found(room, now=datetime(2026, 10, 1, tzinfo=UTC))
    (failure,) = found(room, now=datetime(2026, 12, 1, tzinfo=UTC)).values()
    assert "CALENDAR_NOT_PUBLISHED" == failure.code
    assert "2027" in failure.message("zh")


def test_a_file_name_that_could_carry_anything_is_refused(room):
    """The name stands in alerts, which carry no free text."""
    room.add("Night of 张三", SHANGHAI + 'at = ["02:00"]\n')

    (failure,) = found(room).values()
    assert "small letters" in failure.message("en")
    assert "小写字母" in failure.message("zh")


def test_a_wrong_calendar_is_named(room):
    """A country without public days, a day that is both closed and open."""
    for text in ('country = "XX"\n', "closed = [2026-05-01]\nopen = [2026-05-01]\n"):
        path = room.root / "resources/calendars/own.toml"
        path.write_text('title_en = "own"\ntitle_zh = "本行"\n' + text)

        assert "MANIFEST_WRONG" == found(room)["resources/calendars/own.toml"].code


def test_an_environment_that_a_system_of_the_bot_has_not_is_found(room):
    """It would fail at its first run."""
    text = 'at = ["02:00"]\nenvironment = "prod"\nparameters.business_date = "day"\n'
    room.add("night", SHANGHAI + text)

    assert "ENVIRONMENT_UNKNOWN" == found(room)["schedules/night.toml"].code


def test_what_comes_after_a_schedule_that_is_wrong_is_told_so(room):
    """It is there: to say that it is not would send its author looking."""
    room.add("first", SHANGHAI + "at = [")
    room.add("then", SHANGHAI + 'after = ["first"]\nparameters.business_date = "day"\n')

    said = found(room)["schedules/then.toml"].message("en")

    assert said.endswith("after “first”: that schedule is wrong itself; mend it first")


def test_a_copied_system_that_kept_its_name_is_found(room):
    """Its failures and evidence would be told of the other."""
    systems = room.root / "resources" / "systems"
    ours = systems.resolve()
    systems.unlink()
    shutil.copytree(ours, systems)
    shutil.copytree(ours / "ledger", systems / "mine")

    wrong = {what: failure for what, failure in check(room.office.workspace) if failure}

    assert ["resources/systems/mine"] == list(wrong)
    assert "SYSTEM_NAMED_OTHERWISE" == wrong["resources/systems/mine"].code
