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
from uuid import uuid4

import pytest

from clerkwork.errors import Drifted, Failure, InDoubt, Misconfigured, Refused, Unavailable
from clerkwork.practice import manners, voucher
from clerkwork.practice.credentials import credentials
from clerkwork.systems.desktop import DesktopSession, open_session
from clerkwork.systems.maps import Mark, SystemMap, load_system
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


def test_what_is_typed_is_posted(form: DesktopSession, desk: Desk) -> None:
    """Boxes, dialogs, answer: the book has what was typed, Chinese too, once; pictures show it."""
    reference = desk.reference()
    fill(form, reference=reference)
    screen = form.commit("post", yes)

    assert (screen.name, screen.message_code) == ("posted", "VD4001")
    shown = SLIP | {"reference": reference, "amount": "1,234.50", "number": screen.fields["number"]}
    assert shown == screen.fields
    (slip,) = desk.book.find(reference)
    assert (slip.account, slip.payee, slip.amount_minor, slip.purpose, slip.keyed_by) == (
        "6200000001", "深圳市龙岗五金厂", 123450, "货款 INVOICE", "VK01",
    )  # fmt: skip
    assert desk.book.times_submitted(reference) == 1
    before, after = desk.pictures
    assert (before.screen, before.moment) == ("slip", "before-commit")
    assert (after.screen, after.moment) == ("posted", "after-commit")
    assert before.image and after.image and before.image != after.image
    assert "金额 = 1234.50" in before.text
    assert "VD4001 已记账" in after.text


def test_a_posted_slip_is_found_by_its_reference(form: DesktopSession, desk: Desk) -> None:
    """Every field comes back as it was stored; a reference that nobody has finds none."""
    reference = desk.reference()
    fill(form, reference=reference)
    form.commit("post", yes)
    form.press("back")
    form.press("search")
    form.set("reference", reference)
    found = form.press("find")
    form.press("back")
    form.press("search")
    form.set("reference", "CW3NOBODYHASIT")
    none = form.press("find")

    assert (found.message_code, found.fields["count"], found.fields["asked"]) == (
        "VD4002", "1", reference,
    )  # fmt: skip
    assert found.fields["payee"] == SLIP["payee"]
    assert (none.message_code, none.fields["count"], none.fields["number"]) == ("VD4003", "0", "")


def test_a_table_is_read_page_by_page(opened: Opened, desk: Desk) -> None:
    """Cells by column, to the last page, which says so and stands still."""
    looks = opened(who="voucher-desk")
    sign_on(looks)
    screen = looks.press("list")
    numbers = []
    while screen.message_code != "VD4004":
        numbers += [row["number"] for row in looks.rows("lines")]
        first = looks.rows("lines")[0]
        screen = looks.press("forward")

    slips = desk.book.all()
    assert [slip.number for slip in slips] == numbers
    assert {"account", "payee", "amount", "reference", "number"} == first.keys()
    assert screen.fields["page"] == screen.fields["pages"]
    assert {"read"} == {picture.moment for picture in desk.pictures}


@pytest.mark.parametrize(
    "hostile",
    ["<b>&lt; \"'`$HOME`", "--help; rm -rf ~", "%s {0} \\n \\t ^C", "𠮷😀 alt+F4 {Ctrl}a"],
)
def test_hostile_text_is_data(form: DesktopSession, desk: Desk, hostile: str) -> None:
    """Quotes, options, key names and markup are typed, stored and shown as they are."""
    reference = desk.reference()
    fill(form, reference=reference, purpose=hostile)
    screen = form.commit("post", yes)

    assert [hostile] == [slip.purpose for slip in desk.book.find(reference)]
    assert hostile == screen.fields["purpose"]


def test_a_wrong_value_is_refused_before_a_key_goes_out(form: DesktopSession, desk: Desk) -> None:
    """Length in cells, type, character set and ends are checked; the slip stays as it was."""
    empty = form.now().fields
    wrong = [
        ("payee", "x" * 25, "FIELD_TOO_LONG"),
        ("payee", "深圳市龙岗五金厂深圳市龙岗", "FIELD_TOO_LONG"),
        ("account", "62000000011", "FIELD_TOO_LONG"),
        ("account", "62000x0001", "FIELD_NOT_NUMERIC"),
        ("amount", "12a.50", "FIELD_NOT_NUMERIC"),
        ("purpose", "a\ud800b", "FIELD_NOT_ENCODABLE"),
        ("purpose", "first\nsecond", "FIELD_NOT_ENCODABLE"),
        ("purpose", "a\tb", "FIELD_NOT_ENCODABLE"),
        ("purpose", "ends with a space ", "FIELD_PADDED"),
    ]
    for field, value, code in wrong:
        with pytest.raises(Refused, match=code) as refused:
            form.set(field, value)
        assert refused.value.message("zh")

    assert empty == form.now().fields
    assert len(wrong) == len(desk.pictures)


def test_what_stood_in_a_box_is_typed_over(form: DesktopSession) -> None:
    """A box holds the last value, in both manners of typing, and may be emptied."""
    for value in ("一二三四", "first", "second one", "张三", ""):
        form.set("purpose", value)

        assert value == form.now().fields["purpose"]


def test_a_protected_box_and_what_is_not_mapped(form: DesktopSession, opened: Opened) -> None:
    """What the program only shows is not typed into; the committing key is no plain key."""
    with pytest.raises(Drifted, match="FIELD_PROTECTED"):
        form.set("branch", "0756")
    with pytest.raises(Drifted, match="FIELD_MISSING"):
        form.set("number", "1")
    with pytest.raises(Drifted, match="FIELD_MISSING"):
        form.rows("lines")
    with pytest.raises(Misconfigured, match="KEY_COMMITS"):
        form.press("post")
    with pytest.raises(Misconfigured, match="KEY_UNKNOWN"):
        form.press("find")

    assert form.now().fields["branch"] == "0755"


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


def test_a_no_of_the_program_is_a_refusal(form: DesktopSession, desk: Desk) -> None:
    """A mapped no after the committing key says that nothing was stored; what was typed stands."""
    reference = desk.reference()
    fill(form, reference=reference, account="62")
    with pytest.raises(Refused, match="VD4203") as refused:
        form.commit("post", yes)
    form.set("account", "6200000002")
    posted = form.commit("post", yes)

    assert "账号不是十位数字：账号" in refused.value.message("zh")
    assert posted.message_code == "VD4001"
    assert ["6200000002"] == [slip.account for slip in desk.book.find(reference)]


def test_the_desk_only_looks(opened: Opened, desk: Desk) -> None:
    """A session for looking has no committing key, and its operator no slip to key."""
    looks = opened(who="voucher-desk")
    sign_on(looks)
    with pytest.raises(Misconfigured, match="DESK_MAY_NOT_COMMIT"):
        looks.commit("post", yes)
    with pytest.raises(Refused, match="VD4105"):
        looks.press("slip")


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


def test_the_guard_is_asked_last(form: DesktopSession, desk: Desk) -> None:
    """When the guard raises, the picture before is kept and nothing is sent."""

    class Stopped(Exception):
        pass

    def no() -> None:
        raise Stopped

    reference = desk.reference()
    fill(form, reference=reference)
    with pytest.raises(Stopped):
        form.commit("post", no)

    assert ["before-commit"] == [picture.moment for picture in desk.pictures]
    assert desk.book.times_submitted(reference) == 0


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


@pytest.mark.parametrize(
    ("manner", "booked"),
    [
        (manners.DROP_ANSWER, 1),
        (manners.ANSWER_LATE, 1),
        (manners.WRONG_SCREEN, 1),
        (manners.ERROR_PAGE, 0),
        (manners.SESSION_LOST, 0),
        (manners.HOST_RESTARTED, 0),
    ],
)
def test_after_the_committing_key_silence_is_in_doubt(
    opened: Opened, desk: Desk, manner: str, booked: int
) -> None:
    """Whatever is not a mapped answer is looked up, and was sent once."""
    session = opened(deadline_s=2)
    sign_on(session)
    session.press("slip")
    reference = desk.reference()
    fill(session, reference=reference)
    desk.be_rude(manner)
    with pytest.raises(InDoubt, match="ANSWER_NOT_SEEN"):
        session.commit("post", yes)

    assert (booked, 1) == (len(desk.book.find(reference)), desk.book.times_submitted(reference))
    assert ["before-commit", "failure"] == [picture.moment for picture in desk.pictures]


@pytest.mark.parametrize(
    ("manner", "kind", "code"),
    [
        (manners.WRONG_SCREEN, Drifted, "SCREEN_UNEXPECTED"),
        (manners.ERROR_PAGE, Unavailable, "VD4901"),
        (manners.SESSION_LOST, Unavailable, "VD4104"),
        (manners.HOST_RESTARTED, Unavailable, "PROGRAM_ENDED"),
    ],
)
def test_before_the_committing_key_nothing_was_changed(
    opened: Opened, desk: Desk, manner: str, kind: type[Failure], code: str
) -> None:
    """The failure says what happens next."""
    session = opened(deadline_s=2)
    sign_on(session)
    desk.be_rude(manner)
    with pytest.raises(kind, match=code):
        session.press("slip")

    assert desk.pictures[-1].moment == "failure"


@pytest.mark.parametrize(
    ("manner", "kind", "code"),
    [
        (manners.PASSWORD_EXPIRED, Refused, "VD4103"),
        (manners.SIGNED_ON_ELSEWHERE, Unavailable, "VD4102"),
        (manners.MENU_MOVED, Drifted, "SCREEN_UNKNOWN"),
    ],
)
def test_a_sign_on_that_does_not_come_to_the_menu(
    opened: Opened, desk: Desk, manner: str, kind: type[Failure], code: str
) -> None:
    """Each reason has its kind; a menu of another release is not used."""
    session = opened(deadline_s=2)
    desk.be_rude(manner)
    with pytest.raises(kind, match=code):
        sign_on(session)


def test_a_box_that_takes_less_is_seen_before_anything_is_sent(opened: Opened, desk: Desk) -> None:
    """Cut silently by the program, the value is not read back."""
    session = opened()
    sign_on(session)
    desk.be_rude(manners.FIELD_TRUNCATED)
    session.press("slip")
    with pytest.raises(Refused, match="FIELD_NOT_READ_BACK") as refused:
        session.set("reference", SLIP["reference"])

    assert refused.value.facts["shown"] == SLIP["reference"][:12]


def test_a_dialog_that_comes_twice_is_one_slip(opened: Opened, desk: Desk) -> None:
    """Two equal dialogs stand; the slip is there once, and the way back is one key."""
    session = opened(deadline_s=5)
    sign_on(session)
    session.press("slip")
    reference = desk.reference()
    fill(session, reference=reference)
    desk.be_rude(manners.ANSWER_TWICE)
    posted = session.commit("post", yes)

    assert posted.fields["reference"] == reference
    assert "menu" == session.press("back").name
    assert 1 == len(desk.book.find(reference))


def test_a_lost_save_is_found_by_looking_it_up(opened: Opened, desk: Desk) -> None:
    """The program says that it booked; the look-up knows better."""
    session = opened()
    sign_on(session)
    session.press("slip")
    reference = desk.reference()
    fill(session, reference=reference)
    desk.be_rude(manners.LOST_SAVE)
    posted = session.commit("post", yes)
    session.press("back")
    session.press("search")
    session.set("reference", reference)

    assert posted.message_code == "VD4001"
    assert session.press("find").message_code == "VD4003"


def test_windows_that_are_painted_in_parts_are_read_whole(opened: Opened, desk: Desk) -> None:
    """A screen is taken when all of it stands: every field, every row, the right answer."""
    session = opened()
    manners.switch_on(desk.folder, voucher.SYSTEM, manners.LATE_PAINT)
    sign_on(session)
    session.press("list")
    rows = session.rows("lines")
    session.press("back")
    session.press("slip")
    reference = desk.reference()
    fill(session, reference=reference)
    posted = session.commit("post", yes)

    assert [slip.number for slip in desk.book.all()[:10]] == [row["number"] for row in rows]
    assert (posted.fields["reference"], posted.fields["amount"]) == (reference, "1,234.50")


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
    """The keeper ends everything when the pipe to its session breaks."""
    code = (
        "import sys, time; from clerkwork.systems.desktop.stage import Stage;"
        "Stage('x', sys.argv[1]); print('up', flush=True); time.sleep(60)"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", code, voucher.address(desk.home)], stdout=subprocess.PIPE
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"up\n"
    during = ours()
    worker.kill()
    worker.wait()
    worker.stdout.close()
    deadline = time.monotonic() + 10
    while ours() and time.monotonic() < deadline:
        time.sleep(0.05)

    assert "Xvfb" in during
    assert set() == ours()


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
