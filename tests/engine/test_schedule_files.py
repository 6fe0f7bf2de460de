"""Files that arrive in a folder: each document has exactly one run."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from clerkwork.schedule.arrivals import Watch
from clerkwork.schedule.keeper import keeping
from clerkwork.schedule.sources import sources_of
from clerkwork.store.tables import alerts, arrivals, schedules
from tests.postroom import Postroom, open_postroom, wait_until

pytestmark = pytest.mark.usefixtures("database")

QUIET_S = 0.2
PARAMETERS = '[parameters]\nfile = "{file}"\n'
ON_FILE = f"[file]\nsystem = 'inbox'\npattern = '*.txt'\nstable_s = {QUIET_S}\nevery_s = 0.05\n"


@pytest.fixture
def postroom(tmp_path: Path) -> Iterator[Postroom]:
    """A postroom whose schedule `incoming` waits for text files in the inbox."""
    with open_postroom(tmp_path) as made:
        made.add("incoming", ON_FILE + PARAMETERS)
        yield made


def settle_down(postroom: Postroom) -> None:
    """Look until what lies there has been quiet for long enough."""
    postroom.look()
    time.sleep(QUIET_S)
    postroom.look()


def test_a_file_that_is_still_written_is_left_alone(postroom: Postroom):
    """It counts once it has been as it is for `stable_s`, however long it took to write."""
    path = postroom.inbox / "a.txt"
    with path.open("w", encoding="utf-8") as file:
        for part in range(6):
            file.write(f"line {part}\n")
            file.flush()
            postroom.look()
            time.sleep(QUIET_S / 2)
    assert [] == postroom.files()

    settle_down(postroom)

    assert ["a.txt"] == postroom.files()


@pytest.mark.parametrize("name", ["a.txt.part", "A.TXT.TMP", ".a.txt", "~a.txt", "a.txt~"])
def test_names_that_say_unfinished_are_left_out(postroom: Postroom, name: str):
    """Until the file is renamed to its own name."""
    postroom.add("all", ON_FILE.replace("*.txt", "*"))
    (postroom.inbox / name).write_text("content")
    settle_down(postroom)
    assert [] == [*postroom.firings(), *postroom.firings("all")]

    (postroom.inbox / name).rename(postroom.inbox / "a.txt")
    settle_down(postroom)

    assert ["a.txt"] == postroom.files()


def test_the_same_content_is_one_document_under_whatever_name(postroom: Postroom):
    """Twice at once, renamed, copied later, and after a restart: one run."""
    (postroom.inbox / "a.txt").write_text("the same")
    (postroom.inbox / "b.txt").write_text("the same")
    settle_down(postroom)
    (postroom.inbox / "a.txt").rename(postroom.inbox / "c.txt")
    settle_down(postroom)
    postroom.restart()
    (postroom.inbox / "d.txt").write_text("the same")
    settle_down(postroom)

    assert ["a.txt"] == postroom.files()


def test_other_content_under_a_known_name_is_another_document(postroom: Postroom):
    """Tomorrow's file may have today's name."""
    path = postroom.inbox / "a.txt"
    path.write_text("today")
    settle_down(postroom)
    path.write_text("tomorrow")
    settle_down(postroom)

    assert ["a.txt", "a.txt"] == postroom.files()


def test_other_content_of_the_same_size_and_time_of_writing_is_another_document(
    postroom: Postroom,
):
    """A sender's copy keeps the time of writing, and all its files have one length."""
    path, coming = postroom.inbox / "a.txt", postroom.root / "coming"
    for content in ("today's", "tomorr."):
        coming.write_text(content)
        os.utime(coming, (1_781_000_000, 1_781_000_000))
        coming.replace(path)
        settle_down(postroom)

    assert ["a.txt", "a.txt"] == postroom.files()


def test_a_thousand_files_at_once_have_one_run_each(postroom: Postroom):
    """A quarter of them twice under two names; also when the scheduler starts anew on the way."""
    for number in range(1000):
        content = f"document {number % 750}"
        (postroom.inbox / f"{number:04}.txt").write_text(content)
    began = time.monotonic()
    settle_down(postroom)
    took_s = time.monotonic() - began - QUIET_S
    postroom.restart()
    settle_down(postroom)

    assert 750 == len(postroom.files()) == len(set(postroom.files()))
    assert took_s < 30
    print(f"1,000 files, 750 documents: {took_s:.1f} s")


def test_nothing_is_read_twice_after_a_restart(postroom: Postroom):
    """What it was read as is believed while its size and time are the same."""
    path = postroom.inbox / "a.txt"
    path.write_text("content")
    settle_down(postroom)
    with postroom.office.store.begin() as conn:
        conn.execute(sa.update(arrivals).values(digest="0" * 64))  # what it was read as
    postroom.restart()
    settle_down(postroom)

    assert "file " + "0" * 64 in {row.key for row in postroom.firings()}


def test_what_is_gone_is_forgotten_and_stays_settled(postroom: Postroom):
    """The table of arrivals is as long as the folder; a document that comes back is known."""
    path = postroom.inbox / "a.txt"
    path.write_text("content")
    settle_down(postroom)
    path.unlink()
    postroom.look()
    with postroom.office.store.connect() as conn:
        assert [] == conn.execute(sa.select(arrivals)).all()

    path.write_text("content")
    settle_down(postroom)

    assert ["a.txt"] == postroom.files()


def test_two_schedules_take_the_same_file_by_their_own_patterns(postroom: Postroom):
    """A schedule that comes later finds what lies there."""
    (postroom.inbox / "a.txt").write_text("content")
    settle_down(postroom)
    postroom.add("others", ON_FILE.replace("*.txt", "a*") + PARAMETERS)
    postroom.look()
    postroom.look()

    assert ["a.txt"] == postroom.files() == postroom.files("others")


def test_documents_wait_while_the_schedule_is_paused(postroom: Postroom):
    """A document does not come again, so it is not skipped."""
    with postroom.office.store.begin() as conn:
        conn.execute(sa.update(schedules).values(paused_at=postroom.office.clock()))
    (postroom.inbox / "a.txt").write_text("content")
    settle_down(postroom)

    (row,) = postroom.firings()
    assert ("waiting", "SCHEDULE_IS_PAUSED") == (row.state, row.why["code"])


def test_overlap_skip_is_asked_within_one_look_too(postroom: Postroom):
    """Of three documents at once the first runs, and the others are skipped with their reason."""
    postroom.add("one", 'overlap = "skip"\n' + ON_FILE + PARAMETERS)
    for name in ("a.txt", "b.txt", "c.txt"):
        (postroom.inbox / name).write_text(name)
    settle_down(postroom)

    assert ["a.txt"] == postroom.files("one")
    states = sorted((row.state, (row.why or {}).get("code")) for row in postroom.firings("one"))
    skipped = ("skipped", "EARLIER_RUN_GOES_ON")
    assert [skipped, skipped, ("started", None)] == states


def test_before_the_hour_a_document_waits(postroom: Postroom):
    """`not_before` holds for arrivals as for clock times."""
    noon = datetime(2026, 6, 11, 12, tzinfo=UTC)
    postroom.office = replace(postroom.office, clock=lambda: noon)
    postroom.close()
    postroom.add("evening", 'not_before = "18:00"\n' + ON_FILE + PARAMETERS)
    (postroom.inbox / "a.txt").write_text("content")
    settle_down(postroom)

    assert ["waiting"] == [row.state for row in postroom.firings("evening")]


def test_a_link_is_no_document(postroom: Postroom, tmp_path: Path):
    """Whoever may write into the folder cannot make a bot read another place."""
    (tmp_path / "elsewhere").write_text("secret")
    (postroom.inbox / "a.txt").symlink_to(tmp_path / "elsewhere")
    settle_down(postroom)

    assert [] == postroom.firings()


@pytest.mark.skipif(os.name != "posix", reason="names of files are text there")
def test_a_name_that_is_no_text_is_told_and_the_others_go_on(postroom: Postroom):
    """A share of another age may hold names in GB18030."""
    folder = os.fsencode(postroom.inbox)
    Path(os.fsdecode(folder + b"/" + "对账单.txt".encode("gb18030"))).write_text("1")
    (postroom.inbox / "b.txt").write_text("2")
    settle_down(postroom)

    assert ["b.txt"] == postroom.files()
    assert {"FILE_NAME_WRONG"} == {code for _, code in postroom.told}


def test_a_folder_that_is_gone_is_told_once_and_delays_nothing_else(postroom: Postroom):
    """The scheduler goes on with the other folder; back again, nothing is lost or double."""
    away = postroom.root / "away"
    postroom.system("share", "files", str(away))
    postroom.add("shared", ON_FILE.replace("inbox", "share") + PARAMETERS)
    with keeping(postroom.office) as keeper:
        assert keeper is not None
        thread = threading.Thread(target=keeper.keep)
        thread.start()
        try:
            wait_until(lambda: postroom.events("trigger.failing"))
            (postroom.inbox / "a.txt").write_text("here")
            wait_until(lambda: postroom.files() == ["a.txt"])
            away.mkdir()
            (away / "b.txt").write_text("there")
            wait_until(lambda: postroom.files("shared") == ["b.txt"])
            wait_until(lambda: postroom.events("trigger.back"))
        finally:
            keeper.stopping.set()
            thread.join()

    (failing,) = postroom.events("trigger.failing")
    assert {"system": "share", "schedules": ["shared"], "code": "FOLDER_MISSING"} == failing.fields
    assert 1 == len(postroom.events("trigger.back"))


def test_a_folder_that_is_gone_for_long_is_an_alert_until_it_is_back(postroom: Postroom):
    """Once, also by a scheduler that is started meanwhile; over when the folder is there."""
    away = postroom.root / "inbox"
    away.rename(postroom.root / "elsewhere")
    hours = [0]
    real = postroom.office.clock
    office = replace(postroom.office, clock=lambda: real() + timedelta(hours=hours[0]))

    def rows() -> list[Any]:
        with office.store.connect() as conn:
            return list(conn.execute(sa.select(alerts)))

    for started in range(2):
        with keeping(office) as keeper:
            assert keeper is not None
            thread = threading.Thread(target=keeper.keep)
            thread.start()
            try:
                wait_until(lambda: len(postroom.events("trigger.failing")) > started)  # noqa: B023
                assert started == len(rows())
                hours[0] += 1
                wait_until(rows)
                if started:
                    away.mkdir()
                    wait_until(lambda: rows()[0].over_at)
            finally:
                keeper.stopping.set()
                thread.join()

    (told,) = rows()
    assert ("trigger_failing", "operations") == (told.kind, told.owner)
    assert ("inbox", "FOLDER_MISSING") == (told.about["source"], told.about["code"])


def test_a_store_that_fails_while_it_is_told_ends_no_watch(postroom: Postroom):
    """The alert is raised once the store takes it, by the same thread."""
    postroom.inbox.rename(postroom.root / "elsewhere")
    hours = [0]
    real = postroom.office.clock
    office = replace(postroom.office, clock=lambda: real() + timedelta(hours=hours[0]))
    (source,) = sources_of(office, postroom.book.planned.values(), postroom.book.order).values()

    def rename(old: str, new: str) -> None:
        with office.store.begin() as conn:
            conn.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))

    def rows() -> list[Any]:
        with office.store.connect() as conn:
            return list(conn.execute(sa.select(alerts)))

    rename("cw_alerts", "away")
    watch = Watch(office, source)
    try:
        wait_until(lambda: postroom.events("trigger.failing"))
        hours[0] += 1
        time.sleep(2.5)  # it looks again after two seconds, and cannot tell
        rename("away", "cw_alerts")
        wait_until(rows)
    finally:
        watch.stop()
        watch.join(10.0)
