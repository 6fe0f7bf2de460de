"""`clerkwork alerts` and what doctor and check say of them."""

from __future__ import annotations

import io
import json
import logging
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clerkwork.alert import Alert, raise_alert
from clerkwork.audit import open_log, verify
from clerkwork.cli import run
from clerkwork.store import open_store

PASSWORD = "canary-horse-staple"
AT = datetime(2026, 6, 11, 21, 0, tzinfo=UTC)
LATE = {
    "schedule": "close_of_day",
    "due": "2026-06-11T17:30:00+00:00",
    "cut_off": "2026-06-11T21:00:00+00:00",
}
RULES = """
[people.duty]
address = "alerts-duty"
[people.boss]
address = "alerts-boss"
language = "en"
"""


class CommandLine:
    """The command line of a workspace of its own."""

    def __init__(self, root: Path, capsys, monkeypatch):
        self.root = root
        self.home = root / "home"
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, output and messages of one command."""
        code = run(list(arguments))
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def sign_in(self, name: str, *roles: str) -> None:
        """Add somebody, and sign in as them."""
        for words in (
            ["add", name, *(word for role in roles for word in ("--role", role))],
            ["sign-in", name],
        ):
            self._monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
            assert run(["people", *words, "--password-stdin"]) == 0
        self._capsys.readouterr()

    def rules(self, text: str) -> None:
        """Write alerts.toml."""
        path = self.root / "resources/rules/alerts.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def raise_(self, key: str = "late:1") -> None:
        """An alert that the scheduler would raise."""
        store = open_store(self.home)
        with store.begin() as conn:
            assert raise_alert(conn, Alert("late", key, LATE), at=AT)
        store.close()

    def listed(self) -> list[dict[str, object]]:
        """`alerts list --json`."""
        return json.loads(self("alerts", "list", "--json")[1])


@pytest.fixture
def cli(tmp_path, capsys, monkeypatch) -> CommandLine:
    """A new workspace in Shanghai, read in English; no keyring."""
    manifest = '[tool.clerkwork]\ntime_zone = "Asia/Shanghai"\n'
    (tmp_path / "pyproject.toml").write_text(manifest, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLERKWORK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CLERKWORK_LANG", "en")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    for variable in ("CLERKWORK_TOKEN", "CLERKWORK_TOKEN_FILE", "CLERKWORK_DATABASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    return CommandLine(tmp_path, capsys, monkeypatch)


def test_what_is_in_the_outbox_is_listed(cli, monkeypatch):
    """In the bank's zone and the reader's language, newest first, also by state."""
    assert (0, "no alerts\n", "") == cli("alerts", "list")
    cli.raise_("late:1")
    cli.raise_("late:2")

    table = cli("alerts", "list")[1]
    assert "2026-06-12 05:00:00" in table and "late: close_of_day" in table
    assert "nobody told yet" in table
    assert [2, 1] == [each["id"] for each in cli.listed()]
    assert cli("alerts", "list", "--state", "sent")[1] == "no alerts\n"
    assert cli("alerts", "list", "--state", "lost")[0] == 2
    monkeypatch.setenv("CLERKWORK_LANG", "zh")
    assert all(text in cli("alerts", "list")[1] for text in ("紧急", "未送达", "超过截止时间"))


def test_an_alert_is_acknowledged_by_who_is_signed_in(cli, monkeypatch):
    """With why; it stands in the audit log, which holds."""
    cli.raise_()
    assert cli("alerts", "acknowledge", "1", "--why", "seen")[2].startswith("NOT_SIGNED_IN")
    cli.sign_in("boss", "administrator")
    assert cli("alerts", "acknowledge", "1")[0] == 2

    done = cli("alerts", "acknowledge", "1", "--why", "the core was slow")
    again = cli("alerts", "acknowledge", "1", "--why", "again")

    assert (0, "alert 1 is acknowledged\n", "") == done
    assert (1, True) == (again[0], again[2].startswith("ALERT_ACKNOWLEDGED"))
    assert cli("alerts", "acknowledge", "7", "--why", "x")[2].startswith("ALERT_UNKNOWN")
    (row,) = cli.listed()
    assert ("acknowledged", "boss", "the core was slow") == (
        row["state"],
        row["acknowledged_by"],
        row["why"],
    )
    monkeypatch.setenv("CLERKWORK_LANG", "zh")
    assert "boss 已确认: the core was slow" in " ".join(cli("alerts", "list")[1].split())
    with closing(open_log(cli.home)) as log:
        assert "alert.acknowledged" in [event.name for _, event in log.read()]
    assert verify(cli.home).holds


def test_a_test_reaches_one_person_now(cli, webhook, monkeypatch):
    """By the whole way, in their language; nobody else, and nothing else, is sent."""
    cli.rules(RULES)
    cli.raise_()
    monkeypatch.setenv("CLERKWORK_SECRET_ALERTS_DUTY", webhook.url("duty"))
    monkeypatch.setenv("CLERKWORK_SECRET_ALERTS_BOSS", webhook.url("boss"))
    cli.sign_in("boss", "administrator")

    assert (0, "a test was sent to duty\n", "") == cli("alerts", "test", "duty")
    assert (0, "a test was sent to boss\n", "") == cli("alerts", "test", "boss")

    assert ["[Clerkwork 模拟] 测试"] == webhook.titles("duty")
    assert ["[Clerkwork practice] a test"] == webhook.titles("boss")
    assert "这是一条测试消息：告警可送达此处。" in webhook.got[0]["message"]
    assert "acknowledge" not in str(webhook.got)
    assert {"sent", "pending"} == {str(row["state"]) for row in cli.listed()}


def test_a_test_that_fails_says_why_and_is_not_tried_again(cli, webhook, monkeypatch):
    """Exit 1 and the remedy, in both languages; the address is not shown."""
    cli.rules(RULES)
    monkeypatch.setenv("CLERKWORK_SECRET_ALERTS_DUTY", webhook.url("canary"))
    cli.sign_in("boss", "administrator")
    webhook.answers += [500, 404]

    code, said, _ = cli("alerts", "test", "duty")
    assert code == 1 and said.startswith("duty was not reached: ") and "(HTTP 500)" in said
    monkeypatch.setenv("CLERKWORK_LANG", "zh")
    code, chinese, _ = cli("alerts", "test", "duty")
    assert code == 1 and chinese.startswith("未能送达 duty：") and "（HTTP 404）" in chinese
    assert "canary" not in said + chinese
    assert ["undeliverable"] * 2 == [row["state"] for row in cli.listed()]
    assert cli("alerts", "test", "nobody")[2].startswith("ALERT_PERSON_UNKNOWN")
    assert "CLERKWORK_SECRET_ALERTS_BOSS" in cli("alerts", "test", "boss")[1]


def test_who_may_not_is_refused(cli):
    """An auditor reads, and has nothing in hand; a test is sent by who runs the place."""
    cli.rules(RULES)
    cli.raise_()
    cli.sign_in("boss", "administrator")
    cli.sign_in("eve", "auditor")

    assert cli("alerts", "acknowledge", "1", "--why", "x")[2].startswith("NOT_ALLOWED")
    assert cli("alerts", "test", "duty")[2].startswith("NOT_ALLOWED")


def needs(cli: CommandLine) -> dict[str, dict[str, object]]:
    """What doctor says, by need."""
    return {need["need"]: need for need in json.loads(cli("doctor", "--json")[1])}


def test_doctor_says_that_nobody_is_told(cli, monkeypatch):
    """In practice that is well; in production it is missing."""
    assert "nobody is told" in str(needs(cli)["alerts"]["found"])
    assert needs(cli)["alerts"]["ok"] is True

    manifest = '[tool.clerkwork]\nenvironment = "production"\n'
    (cli.root / "pyproject.toml").write_text(manifest, encoding="utf-8")
    assert needs(cli)["alerts"]["ok"] is False
    assert "alerts stay in the outbox" in str(needs(cli)["alerts"]["why"])
    monkeypatch.setenv("CLERKWORK_LANG", "zh")
    assert "无人接收" in str(needs(cli)["alerts"]["why"])


def test_doctor_names_an_address_that_is_missing_or_wrong(cli, monkeypatch, caplog):
    """Each by the name of its secret, never by what it holds."""
    caplog.set_level(logging.DEBUG)
    cli.rules(RULES)
    monkeypatch.setenv("CLERKWORK_SECRET_ALERTS_DUTY", "canary://secret")

    found = needs(cli)

    assert "alerts" not in found
    assert [False, False] == [found[name]["ok"] for name in ("alerts-duty", "alerts-boss")]
    assert "not an address that apprise knows" in str(found["alerts-duty"]["why"])
    assert "CLERKWORK_SECRET_ALERTS_BOSS" in str(found["alerts-boss"]["why"])
    assert "canary" not in str(found) + caplog.text
    monkeypatch.setenv("CLERKWORK_SECRET_ALERTS_DUTY", "json://127.0.0.1:1/canary")
    assert needs(cli)["alerts-duty"]["ok"] is True
    cli.rules("[people.duty]\n")
    assert "people.duty.address" in str(needs(cli)["alerts"]["why"])


def test_check_finds_a_wrong_file(cli):
    """Before any night."""
    cli.rules('[people.duty]\naddress = "A B"\n')

    found = {each["checked"]: each["code"] for each in json.loads(cli("check", "--json")[1])}

    assert "MANIFEST_WRONG" == found["resources/rules/alerts.toml"]
