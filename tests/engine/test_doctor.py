"""`clerkwork doctor`: what is missing on a machine, and the command that installs it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from clerkwork.cli import run

SUDO = "" if os.geteuid() == 0 else "sudo "
ROOT = Path(__file__).parents[2]
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="plays a Debian machine")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """This workspace with a home of its own, in English."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CLERKWORK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CLERKWORK_LANG", "en")


@pytest.fixture
def machine(tmp_path, monkeypatch) -> Path:
    """A machine that has a browser and no s3270; programs are put into the folder given."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    for name in ("chromium", "Xvfb", "openbox", "xdotool", "dbus-daemon"):
        program(programs / name, "")
    program(programs / "sudo", 'shift; exec "$@"')
    return programs


def program(path: Path, body: str) -> None:
    """A shell program."""
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


def needs(capsys) -> dict[str, dict[str, object]]:
    """What `doctor --json` printed, by need."""
    return {need["need"]: need for need in json.loads(capsys.readouterr().out)}


def test_a_machine_after_set_up_misses_nothing(capsys):
    """Where everything is there, doctor ends with 0."""
    assert run(["doctor", "--json"]) == 0
    assert [name for name, need in needs(capsys).items() if not need["ok"]] == []


@on_linux
def test_what_is_missing_is_named_with_its_command(machine, capsys):
    """s3270 gone: exit 1, what it is for, and how to install it here."""
    program(machine / "apt-get", "")

    assert run(["doctor", "--json"]) == 1

    need = needs(capsys)["s3270"]
    assert (need["ok"], need["found"]) == (False, None)
    assert need["why"] == "talks to green screens (3270)"
    assert need["install"] == [f"{SUDO}apt-get install -y --no-install-recommends s3270"]


@on_linux
def test_a_clerk_reads_it_in_chinese(machine, capsys, monkeypatch):
    """The same lines in the user's language."""
    monkeypatch.setenv("CLERKWORK_LANG", "zh")
    program(machine / "apt-get", "")

    assert run(["doctor"]) == 1

    said = capsys.readouterr().out
    assert "缺少             s3270            连接 3270 绿屏终端" in said
    assert "正常             浏览器           /" in said  # a Chinese character is two cells wide
    assert "缺少 1 项" in said


@on_linux
def test_install_installs_only_what_is_missing(machine, capsys):
    """It refreshes the list once, installs s3270 without a question, and is content."""
    log = machine / "log"
    s3270 = machine / "s3270"
    program(
        machine / "apt-get",
        f'echo "$DEBIAN_FRONTEND $*" >>{log}\n'
        f'[ "$1" = update ] || {{ echo "#!/bin/sh" >{s3270}; /bin/chmod +x {s3270}; }}',
    )

    assert run(["doctor", "--install"]) == 0
    assert log.read_text(encoding="utf-8").splitlines() == [
        "noninteractive update -qq",
        "noninteractive install -y --no-install-recommends s3270",
    ]
    assert "installing s3270: talks to green screens" in capsys.readouterr().err


@on_linux
def test_an_install_that_fails_names_the_command_for_a_person(machine, capsys):
    """One line with the remedy, and exit 1."""
    program(machine / "apt-get", "exit 100")

    assert run(["doctor", "--install"]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        "INSTALL_FAILED: s3270 could not be installed; install it by hand and try again: "
        f"{SUDO}apt-get install -y --no-install-recommends s3270"
    )


def test_a_home_that_cannot_be_written_is_missing(tmp_path, monkeypatch, capsys):
    """A home below a file can never be made."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("CLERKWORK_HOME", str(tmp_path / "file" / "home"))

    assert run(["doctor", "--json"]) == 1
    assert "cannot be written; change its owner" in str(needs(capsys)["home"]["why"])


def test_a_store_that_cannot_be_read_is_missing(tmp_path, capsys):
    """A store that is no database is named, with what to do."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "store.db").write_bytes(b"not a database, but long enough" * 40)

    assert run(["doctor", "--json"]) == 1
    assert "store.db" in str(needs(capsys)["store"]["why"])


def test_a_credential_that_is_nowhere_is_missing(tmp_path, capsys):
    """Each credential that a system names is looked for, and named with where to put it."""
    practice = tmp_path / "home" / "practice"
    practice.mkdir(parents=True)
    known = {"core-desk": {"operator": "D1", "password": "never shown"}}
    (practice / "credentials.json").write_text(json.dumps(known), encoding="utf-8")

    assert run(["doctor", "--json"]) == 1

    found = needs(capsys)
    assert found["core-desk"]["ok"] is True
    assert found["core-keyboard"]["ok"] is False
    assert "CLERKWORK_SECRET_CORE_KEYBOARD" in str(found["core-keyboard"]["why"])
    assert "never shown" not in str(found)


def test_outside_a_workspace_only_the_machine_is_examined(tmp_path, monkeypatch, capsys):
    """Home, store and credentials belong to a workspace."""
    monkeypatch.chdir(tmp_path)

    assert run(["doctor", "--json"]) == 0
    assert "home" not in needs(capsys)


def test_a_broken_workspace_is_one_line(tmp_path, monkeypatch, capsys):
    """A manifest that is no TOML is named, and nothing else is said."""
    (tmp_path / "pyproject.toml").write_text("[tool.clerkwork", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert run(["doctor"]) == 2
    assert capsys.readouterr().err.startswith("MANIFEST_BROKEN: ")
