"""The desktop driver on the practice voucher program: real windows, its book as witness."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from clerkwork.errors import Drifted, Failure, InDoubt, Misconfigured, Refused, Unavailable
from clerkwork.practice import manners, voucher
from clerkwork.practice.credentials import credentials
from clerkwork.systems.desktop import DesktopSession, open_session
from clerkwork.systems.maps import SystemMap, load_system
from clerkwork.systems.port import Picture, SignOn

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="AT-SPI and X are Linux")

VOUCHER = load_system(Path(__file__).parents[2] / "resources/systems/voucher")
SLIP = {
    "account": "6200000001",
    "payee": "深圳市龙岗五金厂",
    "amount": "1234.50",
    "purpose": "货款 INVOICE",
    "reference": "CW3NTESTTEST0001",
}
Opened = Callable[..., DesktopSession]


class Desk:
    """One practice bank's book for all tests of this file, and a keyboard that stays signed on."""

    def __init__(self, home: Path):
        self.home = home
        self.folder = home / "practice"
        self.folder.mkdir()
        self.credentials = credentials(home)
        self.book = voucher.open_book(home)
        self.pictures: list[Picture] = []
        self._keyboard: DesktopSession | None = None
        self._slips = 0

    def open(
        self, *, who: str = "voucher-keyboard", system: SystemMap = VOUCHER, address: str = ""
    ) -> DesktopSession:
        """A fresh session, not signed on."""
        return open_session(
            system,
            address or voucher.address(self.home),
            SignOn(**self.credentials[who]),
            keep=self.pictures.append,
            may_commit=who == "voucher-keyboard",
        )

    def form(self) -> DesktopSession:
        """The keyboard's session before an empty slip; signed on anew if it was left."""
        if self._keyboard:
            try:
                if self._keyboard.now().name != "menu":
                    self._keyboard.press("back")
                self._keyboard.press("slip")
                return self._keyboard
            except Failure:
                self._keyboard.close()
        self._keyboard = self.open()
        sign_on(self._keyboard)
        self._keyboard.press("slip")
        return self._keyboard

    def be_rude(self, manner: str) -> None:
        """Show a bad manner once."""
        manners.switch_on(self.folder, voucher.SYSTEM, manner, times=1)

    def reference(self) -> str:
        """A reference that no slip has yet."""
        self._slips += 1
        return f"CW3NTESTTEST{self._slips:04}"

    def close(self) -> None:
        """Leave the session."""
        if self._keyboard:
            self._keyboard.close()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """What all tests share."""
    desk = Desk(tmp_path_factory.mktemp("home"))
    yield desk
    desk.close()


@pytest.fixture
def desk(lasting: Desk) -> Desk:
    """Good manners, no picture."""
    manners.switch_off(lasting.folder, voucher.SYSTEM)
    lasting.pictures.clear()
    return lasting


@pytest.fixture
def form(desk: Desk) -> DesktopSession:
    """A session of the keyboard that stands before an empty slip."""
    session = desk.form()
    desk.pictures.clear()
    return session


@pytest.fixture
def opened(desk: Desk) -> Iterator[Opened]:
    """Opens sessions, and closes them when the test ends."""
    sessions: list[DesktopSession] = []

    def open_one(
        *, who: str = "voucher-keyboard", system: SystemMap = VOUCHER, deadline_s: float = 20.0
    ) -> DesktopSession:
        limited = system.model_copy(update={"deadline_s": deadline_s})
        sessions.append(desk.open(who=who, system=limited))
        return sessions[-1]

    yield open_one
    for session in sessions:
        session.close()


def sign_on(session: DesktopSession) -> None:
    """Sign on with the session's credential."""
    session.expect("sign_on")
    session.set("operator", session.credential.operator)
    session.set("password", session.credential.password)
    session.press("enter")


def fill(session: DesktopSession, **changed: str) -> None:
    """Fill the slip that stands."""
    for field, value in (SLIP | changed).items():
        session.set(field, value)


def yes() -> None:
    """A guard that lets us."""


def changed_key(screen: str, key: str, **update: object) -> SystemMap:
    """The maps with one key of one screen changed."""
    mapped = VOUCHER.screens[screen]
    other = mapped.keys | {key: mapped.keys[key].model_copy(update=update)}
    screens = VOUCHER.screens | {screen: mapped.model_copy(update={"keys": other})}
    return VOUCHER.model_copy(update={"screens": screens})


def test_what_stood_in_a_box_is_typed_over(form: DesktopSession) -> None:
    """A box holds the last value, in both manners of typing, and may be emptied."""
    for value in ("一二三四", "first", "second one", "张三", ""):
        form.set("purpose", value)

        assert value == form.now().fields["purpose"]


def test_a_box_that_the_map_thinks_open_is_asked_itself(opened: Opened) -> None:
    """The program's own state decides: a protected box is drift even if the map is wrong."""
    slip = VOUCHER.screens["slip"]
    branch = slip.fields["branch"].model_copy(update={"readonly": False})
    wrong = slip.model_copy(update={"fields": slip.fields | {"branch": branch}})
    session = opened(
        system=VOUCHER.model_copy(update={"screens": VOUCHER.screens | {"slip": wrong}})
    )
    sign_on(session)
    session.press("slip")
    with pytest.raises(Drifted, match="FIELD_PROTECTED"):
        session.set("branch", "0756")


def test_a_wrong_password_is_refused(opened: Opened, desk: Desk) -> None:
    """The message of the sign-on window is the failure, without waiting."""
    session = opened()
    session.expect("sign_on")
    session.set("operator", "VK01")
    session.set("password", "WRONG123")
    with pytest.raises(Refused, match="VD4101"):
        session.press("enter")


def test_no_picture_shows_a_password(opened: Opened, desk: Desk) -> None:
    """Typed where it belongs it is covered; typed elsewhere, there are no pixels at all."""
    session = opened()
    session.expect("sign_on")
    password = session.credential.password
    session.set("password", password)
    with pytest.raises(Refused, match="FIELD_TOO_LONG"):
        session.set("operator", "x" * 13)
    session.set("operator", password)
    with pytest.raises(Refused, match="FIELD_TOO_LONG"):
        session.set("operator", "x" * 13)

    in_place, exposed = desk.pictures
    assert in_place.image is not None
    assert exposed.image is None
    assert "***" in exposed.text
    assert not [p for p in desk.pictures if password in p.text]
    assert session.now().fields["password"] == ""


def test_another_question_is_not_agreed_to(opened: Opened, desk: Desk) -> None:
    """A dialog with other words after the key is in doubt, and nothing was booked."""
    session = opened(system=changed_key("slip", "post", confirms="确认冲正？"), deadline_s=3)
    sign_on(session)
    session.press("slip")
    reference = desk.reference()
    fill(session, reference=reference)
    with pytest.raises(InDoubt, match="ANSWER_NOT_SEEN"):
        session.commit("post", yes)

    assert desk.book.times_submitted(reference) == 0


def test_an_unexpected_screen_is_named(opened: Opened) -> None:
    """A mapped screen that should not come now is drift, with its name."""
    session = opened(deadline_s=2)
    sign_on(session)
    with pytest.raises(Drifted, match="SCREEN_UNEXPECTED") as drifted:
        session.press("search", "slip")

    assert {"shown": "search", "expected": "slip"}.items() <= drifted.value.facts.items()


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


def test_a_closed_session_leaves_nothing_behind(desk: Desk) -> None:
    """Screen, buses, window manager and program end; closing twice is harmless."""
    before = _ours()
    session = desk.open()
    session.expect("sign_on")
    during = _ours()
    session.close()
    session.close()

    assert len(during - before) >= 6
    assert set() == _ours() - before
    with pytest.raises(Unavailable, match="SESSION_CLOSED"):
        session.now()


def test_a_killed_worker_leaves_nothing_behind(desk: Desk) -> None:
    """The keeper ends everything when the pipe to its session breaks."""
    before = _ours()
    code = (
        "import sys, time; from clerkwork.systems.desktop.stage import Stage;"
        "Stage('x', sys.argv[1]); print('up', flush=True); time.sleep(60)"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", code, voucher.address(desk.home)], stdout=subprocess.PIPE
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"up\n"
    worker.kill()
    worker.wait()
    worker.stdout.close()
    deadline = time.monotonic() + 10
    while _ours() - before and time.monotonic() < deadline:
        time.sleep(0.05)

    assert set() == _ours() - before


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


def _ours() -> set[int]:
    """The processes that a session may have started."""
    names = {"Xvfb", "openbox", "dbus-daemon", "at-spi-bus-laun", "at-spi2-registr", "python3"}
    found = set()
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            if path.read_text(encoding="utf-8").strip() in names and _uses_screen(path.parent):
                found.add(int(path.parent.name))
        except OSError:
            continue
    return found


def _uses_screen(process: Path) -> bool:
    """Whether it belongs to a session of this driver: its folder stands in its environment."""
    return b"XDG_RUNTIME_DIR=/dev/shm/clerkwork-" in (process / "environ").read_bytes()
