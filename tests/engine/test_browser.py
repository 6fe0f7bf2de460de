"""The browser driver on the practice ledger: real browser, real pages, its database as witness."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from clerkwork.errors import Drifted, Failure, InDoubt, Misconfigured, Refused, Unavailable
from clerkwork.practice import ledger
from clerkwork.systems.browser import BrowserSession, find_browser, open_session
from clerkwork.systems.maps import Mark, SystemMap, load_system
from clerkwork.systems.port import Picture, SignOn

LEDGER = load_system(Path(__file__).parents[2] / "resources/systems/ledger")
CREDENTIALS = {
    "ledger-desk": {"operator": "RD01", "password": "looks-Qx7"},
    "ledger-keyboard": {"operator": "RB01", "password": "types-Wz3"},
    "ledger-authoriser": {"operator": "RA01", "password": "signs-Hk9"},
}
VOUCHER = {
    "accounting_date": "2026-06-11",
    "debit_account": "6421000001",
    "credit_account": "1011840001",
    "currency": "USD",
    "amount": "1234.50",
    "colour": "blue",
    "original_voucher": "",
    "narrative": "手续费 SERVICE CHARGE",
    "reference": "CW3NTESTTEST0001",
}
Opened = Callable[..., BrowserSession]


class Desk:
    """One ledger for all tests of this file, and a keyboard session that stays signed on."""

    def __init__(self, home: Path):
        self.home = home
        self.host = ledger.serve(home, CREDENTIALS, date(2026, 6, 12))
        self.pictures: list[Picture] = []
        self._keyboard: BrowserSession | None = None

    def open(self, *, who: str = "ledger-keyboard", system: SystemMap = LEDGER) -> BrowserSession:
        """A fresh session, not signed on."""
        return open_session(
            system,
            self.host.url,
            SignOn(**CREDENTIALS[who]),
            keep=self.pictures.append,
            may_commit=who == "ledger-keyboard",
        )

    def form(self) -> BrowserSession:
        """The keyboard's session before an empty voucher form; signed on anew if it was left."""
        if self._keyboard:
            try:
                self._keyboard.press("voucher")
                return self._keyboard
            except Failure:
                self._keyboard.close()
        self._keyboard = self.open()
        sign_on(self._keyboard)
        self._keyboard.press("voucher")
        return self._keyboard

    def begin(self) -> None:
        """No voucher, no picture, good manners."""
        with closing(sqlite3.connect(ledger.database(self.home))) as connection, connection:
            connection.execute("DELETE FROM vouchers")
        self.host.behave()
        self.pictures.clear()
        self.submitted_before = self.host.times_submitted

    @property
    def times_submitted(self) -> int:
        """How often this test submitted a voucher."""
        return self.host.times_submitted - self.submitted_before

    def stored(self, columns: str = "*") -> list[tuple[Any, ...]]:
        """The vouchers as the database has them."""
        with closing(sqlite3.connect(ledger.database(self.home))) as connection:
            return connection.execute(f"SELECT {columns} FROM vouchers").fetchall()

    def close(self) -> None:
        """Leave the session, stop the ledger."""
        if self._keyboard:
            self._keyboard.close()
        self.host.close()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """What all tests share."""
    desk = Desk(tmp_path_factory.mktemp("home"))
    yield desk
    desk.close()


@pytest.fixture
def desk(lasting: Desk) -> Desk:
    """The ledger as it is on the first morning."""
    lasting.begin()
    return lasting


@pytest.fixture
def form(desk: Desk) -> BrowserSession:
    """A session of the keyboard that stands before an empty voucher form."""
    session = desk.form()
    desk.pictures.clear()
    return session


@pytest.fixture
def opened(desk: Desk) -> Iterator[Opened]:
    """Opens sessions, and closes them when the test ends."""
    sessions: list[BrowserSession] = []

    def open_one(
        *, who: str = "ledger-keyboard", system: SystemMap = LEDGER, deadline_s: float = 20.0
    ) -> BrowserSession:
        limited = system.model_copy(update={"deadline_s": deadline_s})
        sessions.append(desk.open(who=who, system=limited))
        return sessions[-1]

    yield open_one
    for session in sessions:
        session.close()


def sign_on(session: BrowserSession) -> None:
    """Sign on with the session's credential."""
    session.expect("sign_on")
    session.set("operator", session.credential.operator)
    session.set("password", session.credential.password)
    session.press("sign_on")


def fill(session: BrowserSession, **changed: str) -> None:
    """Fill the form that stands."""
    for field, value in (VOUCHER | changed).items():
        session.set(field, value)


def yes() -> None:
    """A guard that lets us."""


def changed(screen: str, **update: object) -> SystemMap:
    """The ledger's maps with one screen changed."""
    other = LEDGER.screens[screen].model_copy(update=update)
    return LEDGER.model_copy(update={"screens": LEDGER.screens | {screen: other}})


def test_what_is_typed_is_posted(form: BrowserSession, desk: Desk) -> None:
    """Frames, boxes, lists, dialog, answer: the database has what was typed, once."""
    fill(form)
    screen = form.commit("post", yes)

    assert (screen.name, screen.message_code) == ("posted", "LG0001")
    assert desk.stored("debit_account, credit_account, amount_minor, colour, narrative") == [
        ("6421000001", "1011840001", 123450, "blue", "手续费 SERVICE CHARGE")
    ]
    before, after = desk.pictures
    assert (before.screen, before.moment) == ("voucher", "before-commit")
    assert (after.screen, after.moment) == ("posted", "after-commit")
    assert before.image and after.image
    assert "= 1,234.50" in before.text
    assert "0755-20260611-0001" in after.text
    assert "! Post this voucher 确认记账?" in after.text


def test_a_field_shows_what_the_page_made_of_it(form: BrowserSession) -> None:
    """The page groups the amount when the field is left; read back, it is the same amount."""
    form.set("amount", "1234567.5")
    form.set("amount", "7654321.5")  # what stood there is gone
    form.set("currency", "EUR")
    form.set("colour", "Red 红字")

    fields = form.now().fields
    assert (
        fields["amount"], fields["currency"], fields["colour"],
    ) == ("7,654,321.50", "EUR", "red")  # fmt: skip


@pytest.mark.parametrize(
    "hostile",
    ["'><script>alert(1)</script>", "a' OR '1'='1", "\\' & < % {narrative} \\n", "𠮷😀"],
)
def test_hostile_text_is_data(form: BrowserSession, hostile: str, desk: Desk) -> None:
    """Quotes and markup are typed, stored and shown as they are."""
    fill(form, narrative=hostile)
    form.commit("post", yes)

    assert [(hostile,)] == desk.stored("narrative")
    assert hostile == form.rows("vouchers")[0]["narrative"]


def test_a_wrong_value_is_refused_before_a_key_goes_out(form: BrowserSession, desk: Desk) -> None:
    """Length, type, character set, ends and choices are checked; the form stays as it was."""
    empty = form.now().fields
    wrong = [
        ("narrative", "x" * 61, "FIELD_TOO_LONG"),
        ("amount", "12a.50", "FIELD_NOT_NUMERIC"),
        ("amount", "1,234.50", "FIELD_NOT_NUMERIC"),
        ("debit_account", '"><script>'[:10], "FIELD_NOT_NUMERIC"),
        ("accounting_date", "11.06.2026", "FIELD_NOT_NUMERIC"),
        ("narrative", "a\ud800b", "FIELD_NOT_ENCODABLE"),
        ("narrative", 'say "no"', "FIELD_NOT_ENCODABLE"),  # the bank's own rule, in the map
        ("narrative", "first\nsecond", "FIELD_NOT_ENCODABLE"),
        ("narrative", "a\tb", "FIELD_NOT_ENCODABLE"),
        ("narrative", "ends with a space ", "FIELD_PADDED"),
        ("currency", "XYZ", "FIELD_NOT_A_CHOICE"),
    ]
    for field, value, code in wrong:
        with pytest.raises(Refused, match=code) as refused:
            form.set(field, value)
        assert refused.value.message("zh")

    assert empty == form.now().fields
    assert {"failure"} == {picture.moment for picture in desk.pictures}
    assert len(wrong) == len(desk.pictures)
    assert desk.stored() == []


def test_a_validation_message_is_a_refusal(form: BrowserSession, desk: Desk) -> None:
    """The server's mapped no after the committing key says that nothing was changed."""
    fill(form, debit_account="9999999999")
    with pytest.raises(Refused, match="LG1007") as refused:
        form.commit("post", yes)

    assert "9999999999" in refused.value.message("en")
    assert (desk.stored(), desk.times_submitted) == ([], 1)


def test_a_dropped_answer_is_in_doubt_and_was_sent_once(form: BrowserSession, desk: Desk) -> None:
    """
    After the committing key, silence is InDoubt at once, and the voucher stands once:
    left to itself Chrome sends the form again when a kept connection breaks.
    """
    fill(form)
    desk.host.drop_answer()
    with pytest.raises(InDoubt, match="ANSWER_NOT_SEEN"):
        form.commit("post", yes)

    assert (desk.times_submitted, len(desk.stored())) == (1, 1)


def test_a_server_error_after_the_key_is_in_doubt(form: BrowserSession, desk: Desk) -> None:
    """HTTP 503 as the answer says nothing about the books."""
    fill(form)
    desk.host.fail_before_booking()
    with pytest.raises(InDoubt, match="ANSWER_NOT_SEEN"):
        form.commit("post", yes)

    assert desk.stored() == []
    assert [picture.moment for picture in desk.pictures] == ["before-commit", "failure"]
    assert "! HTTP 503" in desk.pictures[-1].text


def test_a_server_that_is_gone(tmp_path: Path) -> None:
    """Before the committing key it is Unavailable, after it InDoubt."""
    with closing(Desk(tmp_path)) as other:
        form = other.form()
        fill(form)
        other.host.close()
        with pytest.raises(InDoubt, match="ANSWER_NOT_SEEN"):
            form.commit("post", yes)
        with pytest.raises(Unavailable, match="SYSTEM_NOT_REACHED"):
            other.open()


def test_an_expired_session(form: BrowserSession, desk: Desk) -> None:
    """Seen before the committing key it is Unavailable; as its answer it is InDoubt."""
    fill(form)
    desk.host.expire_sessions()
    with pytest.raises(InDoubt, match="ANSWER_NOT_SEEN"):
        form.commit("post", yes)
    with pytest.raises(Unavailable, match="LG1002"):
        form.press("voucher")

    assert desk.stored() == []


def test_the_guard_is_asked_last(form: BrowserSession, desk: Desk) -> None:
    """When the guard raises, the picture before is kept and nothing is sent."""

    class Stopped(Exception):
        pass

    def no() -> None:
        raise Stopped

    fill(form)
    with pytest.raises(Stopped):
        form.commit("post", no)

    assert (desk.times_submitted, desk.stored()) == (0, [])


def test_another_question_is_answered_no(opened: Opened, desk: Desk) -> None:
    """A dialog with other words is dismissed, and nothing was sent."""
    post = LEDGER.screens["voucher"].keys["post"].model_copy(update={"confirms": "Reverse?"})
    keys = LEDGER.screens["voucher"].keys | {"post": post}
    session = opened(system=changed("voucher", keys=keys))
    sign_on(session)
    session.press("voucher")
    fill(session)
    with pytest.raises(Drifted, match="DIALOG_UNEXPECTED"):
        session.commit("post", yes)

    assert (desk.times_submitted, desk.stored()) == (0, [])


def test_the_desk_only_looks(opened: Opened, desk: Desk) -> None:
    """A session for looking has no committing key, and its login has no entry form."""
    looks = opened(who="ledger-desk")
    sign_on(looks)
    with pytest.raises(Misconfigured, match="DESK_MAY_NOT_COMMIT"):
        looks.commit("post", yes)
    with pytest.raises(Drifted, match="KEY_MISSING"):
        looks.press("voucher")

    assert desk.times_submitted == 0


def test_keys_and_fields_that_are_not_there(form: BrowserSession) -> None:
    """The committing key is no plain key; what is not mapped is not touched."""
    with pytest.raises(Misconfigured, match="KEY_COMMITS"):
        form.press("post")
    with pytest.raises(Misconfigured, match="KEY_UNKNOWN"):
        form.press("find")
    with pytest.raises(Drifted, match="FIELD_MISSING"):
        form.set("branch", "0755")
    with pytest.raises(Drifted, match="FIELD_MISSING"):
        form.rows("vouchers")


def test_a_field_that_takes_no_typing(opened: Opened) -> None:
    """What the page only shows is read, not typed."""
    session = opened()
    sign_on(session)

    assert session.now().fields["accounting_date"] == "2026-06-12"
    with pytest.raises(Drifted, match="FIELD_PROTECTED"):
        session.set("accounting_date", "2026-06-11")


def test_a_wrong_password_is_refused(opened: Opened, desk: Desk) -> None:
    """The mapped message of the sign-on page is the failure, without waiting."""
    session = opened()
    session.expect("sign_on")
    session.set("operator", "RB01")
    session.set("password", "types-WRONG")
    with pytest.raises(Refused, match="LG1001"):
        session.press("sign_on")

    assert desk.pictures[-1].moment == "failure"


def test_no_picture_shows_a_password(opened: Opened, desk: Desk) -> None:
    """Typed where it belongs it is masked; typed elsewhere, there are no pixels at all."""
    session = opened()
    session.expect("sign_on")
    password = session.credential.password
    session.set("password", password)
    with pytest.raises(Refused):
        session.set("operator", "x" * 13)
    session.set("operator", password)
    with pytest.raises(Refused):
        session.set("operator", "x" * 13)

    in_place, exposed = desk.pictures
    assert in_place.image
    assert exposed.image is None
    assert "= ***" in exposed.text
    assert password not in in_place.text + exposed.text + session.now().text
    assert session.now().fields["password"] == ""


def test_a_changed_page_is_drift(opened: Opened) -> None:
    """Other words in a mark: the screen is not known, and nothing is typed."""
    title = Mark(frame="main", selector="#title", text="Voucher capture")
    session = opened(system=changed("voucher", recognise=(title,)), deadline_s=2.0)
    sign_on(session)
    with pytest.raises(Drifted, match="SCREEN_UNKNOWN"):
        session.press("voucher")
    with pytest.raises(Drifted, match="SCREEN_UNKNOWN"):
        session.set("amount", "1.00")


def test_an_unexpected_screen_is_named(opened: Opened) -> None:
    """A mapped screen that should not come now is drift, with its name."""
    session = opened(deadline_s=2.0)
    sign_on(session)
    with pytest.raises(Drifted, match="SCREEN_UNEXPECTED") as drifted:
        session.press("search", "voucher")

    assert {"shown": "search", "expected": "voucher"}.items() <= drifted.value.facts.items()


def test_sessions_do_not_disturb_each_other(opened: Opened) -> None:
    """Two sessions live in one thread, and a session may be used from another thread."""
    looks, types = opened(who="ledger-desk"), opened()
    sign_on(looks)
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(sign_on, types).result()

    assert (looks.now().fields["operator"], types.now().fields["operator"]) == ("RD01", "RB01")


def test_a_closed_session_says_so(opened: Opened) -> None:
    """Closing twice is harmless; using it afterwards is Unavailable."""
    session = opened()
    session.close()
    session.close()
    with pytest.raises(Unavailable, match="SESSION_CLOSED"):
        session.now()


def test_an_address_must_be_encrypted_when_asked(desk: Desk) -> None:
    """With `tls` an http address is refused before a browser starts."""
    with pytest.raises(Misconfigured, match="ADDRESS_NOT_ENCRYPTED"):
        open_session(LEDGER, desk.host.url, SignOn("a", "b"), keep=lambda _: None, tls=True)


def test_no_browser_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing on the path and nothing downloaded: the message names the remedy."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    with pytest.raises(Misconfigured, match="BROWSER_MISSING.*make setup"):
        find_browser()
