"""What `clerkwork check` finds wrong with schedules that wait for something to arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clerkwork.schedule import check_schedules
from tests.postroom import Postroom, open_postroom

KEY = 'host_key = ["SHA256:x"]'
ON_SFTP = '[file]\nsystem = "partner"\ninto = "inbox"\n'
ON_MAIL = '[mail]\nsystem = "mailbox"\nsenders = ["@a.example"]\ninto = "inbox"\n'
MINE = 'bot = "take_in"\nowner = "operations"\ntime_zone = "UTC"\n'


@pytest.fixture
def postroom(tmp_path: Path) -> Iterator[Postroom]:
    """A postroom with a folder, a file server and a mailbox, none of which is there."""
    with open_postroom(tmp_path) as made:
        made.system("partner", "sftp", "sftp://127.0.0.1:1/out", KEY)
        made.system("bare", "sftp", "sftp://127.0.0.1:1/out")
        made.system("mailbox", "imap", "127.0.0.1:1")
        yield made


def found(postroom: Postroom, text: str) -> tuple[str, str]:
    """The code and the line of what is wrong with a schedule, "" for nothing."""
    (postroom.root / "schedules" / "incoming.toml").write_text(MINE + text, encoding="utf-8")
    now = datetime(2026, 6, 11, tzinfo=UTC)
    failures = dict(check_schedules(postroom.office.workspace, now=now))
    failure = failures["schedules/incoming.toml"]
    return (failure.code, failure.message("en")) if failure else ("", "")


@pytest.mark.parametrize(
    "text",
    [
        '[file]\nsystem = "inbox"\n[parameters]\nfile = "{folder}/{file}"\n',
        ON_SFTP,
        ON_MAIL + 'done = "Taken"\n[parameters]\nfile = "{file}"\nsender = "{sender}"\n',
        '[run]\nbot = "other"\n[parameters]\nfile = "{run}"\n',
        '[item]\ntarget = "inbox"\nstate = "excepted"\n',
        '[call]\nsecret = "x"\n[parameters]\nfile = "{call}"\n',
    ],
)
def test_a_sound_schedule_passes_without_its_secrets(postroom: Postroom, text: str):
    """Nothing is reached for: the other side may be away."""
    bots = postroom.root / "bots"
    (bots / "other").symlink_to(bots / "take_in")

    assert ("", "") == found(postroom, text)


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ('[file]\nsystem = "none"\n', "SYSTEM_UNKNOWN", "none"),
        ('[file]\nsystem = "mailbox"\n', "DRIVER_WRONG", "files, sftp"),
        ('[file]\nsystem = "inbox"\ninto = "inbox"\n', "SCHEDULE_WRONG", "file.into"),
        ('[file]\nsystem = "inbox"\npattern = "a/*.pdf"\n', "MANIFEST_WRONG", "one folder"),
        ('[file]\nsystem = "inbox"\nevery_s = 0\n', "MANIFEST_WRONG", "every_s"),
        ('[file]\nsystem = "partner"\n', "SCHEDULE_WRONG", "file.into"),
        ('[file]\nsystem = "bare"\ninto = "inbox"\n', "HOST_KEY_MISSING", "bare"),
        ('[file]\nsystem = "partner"\ninto = "mailbox"\n', "DRIVER_WRONG", "files"),
        ('environment = "production"\n' + ON_SFTP, "ENVIRONMENT_UNKNOWN", "production"),
        (ON_MAIL.replace("@a.example", "Boss <a@b.example>"), "MANIFEST_WRONG", "address"),
        (ON_MAIL.replace("@a.example", "a.example"), "MANIFEST_WRONG", "address"),
        (ON_MAIL + 'done = "已处理"\n', "MANIFEST_WRONG", "plain letters"),
        (ON_MAIL + '[parameters]\nfile = "{item}"\n', "SCHEDULE_WRONG", "{item}"),
        ('[run]\nbot = "none"\n', "BOT_UNKNOWN", "none"),
        ('[run]\nbot = "take_in"\n', "SCHEDULE_WRONG", "wait for each other"),
        ('[item]\ntarget = "none"\nstate = "waiting"\n', "SYSTEM_UNKNOWN", "none"),
        ('[item]\ntarget = "inbox"\nstate = "asleep"\n', "SCHEDULE_WRONG", "asleep"),
        ('at = ["01:00"]\n[call]\nsecret = "x"\n', "MANIFEST_WRONG", "one thing"),
    ],
)
def test_what_is_wrong_is_named(postroom: Postroom, text: str, code: str, says: str):
    """With the code, and the key or the name that is meant."""
    told = found(postroom, text)

    assert code == told[0] and says in told[1]


def test_two_schedules_do_the_same_with_the_mails_of_one_mailbox(postroom: Postroom):
    """One cannot move what the other only marks."""
    other = MINE + ON_MAIL + 'done = "Taken"\n'
    (postroom.root / "schedules" / "other.toml").write_text(other, encoding="utf-8")

    assert "mail.done" in found(postroom, ON_MAIL)[1]
