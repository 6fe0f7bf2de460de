"""Programs, screens and buses: started for a session, ended with it, named when missing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from clerkwork.errors import Misconfigured, Unavailable
from clerkwork.practice import voucher
from clerkwork.systems.maps import Mark

from .desk import VOUCHER, Desk, Opened, sign_on

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="AT-SPI and X are Linux")


def test_a_program_that_is_killed(opened: Opened, desk: Desk) -> None:
    """The program gone is Unavailable before the committing key."""
    session = opened(deadline_s=5)
    sign_on(session)
    found = subprocess.run(
        ["pgrep", "-f", str(desk.home)], capture_output=True, text=True, check=True
    )
    for pid in map(int, found.stdout.split()):
        if str(Path(f"/proc/{pid}/exe").readlink()).startswith("/usr/bin/python3"):
            os.kill(pid, signal.SIGKILL)
    with pytest.raises(Unavailable, match="PROGRAM_ENDED"):
        session.press("slip")


def test_sessions_do_not_disturb_each_other(opened: Opened) -> None:
    """Each has a screen of its own, and a session may be used from another thread."""
    looks, types = opened(who="voucher-desk"), opened()
    sign_on(looks)
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(sign_on, types).result()

    assert (looks.now().fields["operator"], types.now().fields["operator"]) == ("VD01", "VK01")


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> Callable[[], set[str]]:
    """The names of the processes of sessions that this test started, that live."""
    mark = f"test-{uuid4().hex}"
    monkeypatch.setenv("LOGNAME", mark)  # one of the few that a program is given

    def living() -> set[str]:
        found = set()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                is_ours = f"LOGNAME={mark}".encode() in (process / "environ").read_bytes()
                name = (process / "comm").read_text(encoding="utf-8").strip()
            except OSError:
                continue
            if is_ours:
                found.add(name)
        return found

    return living


def test_a_closed_session_leaves_nothing_behind(desk: Desk, ours: Callable[[], set[str]]) -> None:
    """Screen, buses, window manager and program end; closing twice is harmless."""
    session = desk.open()
    session.expect("sign_on")
    during = ours()
    session.close()
    session.close()

    assert {"Xvfb", "openbox", "dbus-daemon", "python3", "at-spi-bus-laun"} <= during
    assert set() == ours()
    with pytest.raises(Unavailable, match="SESSION_CLOSED"):
        session.now()


def test_a_killed_worker_leaves_nothing_behind(desk: Desk, ours: Callable[[], set[str]]) -> None:
    """The keeper ends everything when the pipe to its session breaks, and forgets the pixels."""
    code = (
        "import sys, time; from clerkwork.systems.desktop.stage import Stage;"
        "stage = Stage('x', sys.argv[1]);"
        "print(stage.environment['XDG_RUNTIME_DIR'], flush=True); time.sleep(60)"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", code, voucher.address(desk.home)], stdout=subprocess.PIPE
    )
    assert worker.stdout is not None
    folder = Path(worker.stdout.readline().decode().strip())
    during, was_there = ours(), (folder / "Xvfb_screen0").exists()
    worker.kill()
    worker.wait()
    worker.stdout.close()
    deadline = time.monotonic() + 10
    while (ours() or folder.exists()) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert "Xvfb" in during and was_there
    assert (set(), False) == (ours(), folder.exists())


@pytest.mark.parametrize("address", ["voucher", "command:", "here:", "command:'", "http://x/"])
def test_an_address_that_is_no_command(desk: Desk, address: str) -> None:
    """It is refused before anything starts."""
    with pytest.raises(Misconfigured, match="COMMAND_WRONG"):
        desk.open(address=address)


def test_a_missing_program_is_one_clear_line(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not installed is named with the remedy."""
    with pytest.raises(Misconfigured, match="DESKTOP_PROGRAM_MISSING.*no-such-program"):
        desk.open(address="command:no-such-program")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Misconfigured, match="DESKTOP_PROGRAM_MISSING.*apt-get install"):
        desk.open()


def test_a_program_that_ends_at_once(desk: Desk) -> None:
    """It is not waited for until the deadline."""
    with (
        desk.open(address="command:/bin/false") as session,
        pytest.raises(Unavailable, match="PROGRAM_ENDED.*exit 1"),
    ):
        session.expect("sign_on")


def test_without_a_screen_here_there_is_none(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """`here:` needs the DISPLAY of a person."""
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(Unavailable, match="NO_DISPLAY"):
        desk.open(address="here:/usr/bin/true")


def test_a_map_that_is_wrong_is_named(opened: Opened) -> None:
    """A selector that is none, and two maps for one window."""
    menu = VOUCHER.screens["menu"]
    for wrong, code in (
        (menu.model_copy(update={"recognise": (Mark(selector="#menu"),)}), "SELECTOR_WRONG"),
        (VOUCHER.screens["sign_on"].model_copy(update={"name": "menu"}), "SCREEN_AMBIGUOUS"),
    ):
        screens = VOUCHER.screens | {"menu": wrong}
        session = opened(system=VOUCHER.model_copy(update={"screens": screens}))
        with pytest.raises(Misconfigured, match=code):
            session.expect("sign_on")
