"""The browser driver on the practice counter: its screens, and every one of its bad manners."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clerkwork.errors import Drifted, Failure, InDoubt, Refused, Unavailable
from clerkwork.practice import counter, manners
from clerkwork.practice.slips import SEEDED
from clerkwork.systems.browser import BrowserSession, open_session
from clerkwork.systems.maps import FieldMap, SystemMap, load_system
from clerkwork.systems.port import Picture, Screen, SignOn

COUNTER = load_system(Path(__file__).parents[2] / "resources/systems/counter")
CREDENTIALS = {
    "counter-desk": {"operator": "TD01", "password": "looks-Qx7"},
    "counter-keyboard": {"operator": "TK01", "password": "types-Wz3"},
}
SLIP = {
    "account": "6200000017",
    "payee": "深圳市龙岗五金厂",
    "amount": "1234.50",
    "purpose": "货款 INVOICE 5017",
    "reference": "CT0001",
}


class Counter:
    """A counter, its books, and sessions with it."""

    def __init__(self, home: Path):
        self.home = home
        self.host = counter.serve(home, CREDENTIALS)
        self.pictures: list[Picture] = []
        self._number = 0
        self._kept: BrowserSession | None = None
        self._opened: list[BrowserSession] = []

    def open(self, *, deadline_s: float = 20.0, system: SystemMap = COUNTER) -> BrowserSession:
        """A fresh session of the keyboard, not signed on; closed at the end of the test."""
        session = open_session(
            system.model_copy(update={"deadline_s": deadline_s}),
            self.host.url,
            SignOn(**CREDENTIALS["counter-keyboard"]),
            keep=self.pictures.append,
            may_commit=True,
        )
        self._opened.append(session)
        return session

    def signed_on(self, *, deadline_s: float = 20.0, system: SystemMap = COUNTER) -> BrowserSession:
        """A fresh session before the menu."""
        session = self.open(deadline_s=deadline_s, system=system)
        sign_on(session)
        return session

    def at_menu(self) -> BrowserSession:
        """One session that the polite tests share, before the menu."""
        if self._kept:
            try:
                if self._kept.now().name != "menu":
                    self._kept.press("back")
                self._kept.press("list")  # the server still knows it
                self._kept.press("back")
                return self._kept
            except Failure:
                self._kept.close()
        self._kept = self.signed_on()
        self._opened.remove(self._kept)
        return self._kept

    def slip(self) -> dict[str, str]:
        """A slip with a reference that no other has."""
        self._number += 1
        return SLIP | {"reference": f"CT{self._number:014}"}

    def rude(self, manner: str, times: int | None = 1) -> None:
        """Switch a bad manner on."""
        manners.switch_on(self.home / "practice", "counter", manner, times=times)

    def stored(self, slip: dict[str, str]) -> int:
        """How many slips with its reference there are."""
        return len(self.host.slips.find(slip["reference"]))

    def submitted(self, slip: dict[str, str]) -> int:
        """How often it was submitted."""
        return self.host.slips.times_submitted(slip["reference"])

    def end_test(self) -> None:
        """Be polite again, close what the test opened."""
        manners.switch_off(self.home / "practice", "counter")
        for session in self._opened:
            session.close()
        self._opened.clear()
        self.pictures.clear()

    def close(self) -> None:
        """Stop everything."""
        if self._kept:
            self._kept.close()
        self.host.close()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    """What all tests share."""
    running = Counter(tmp_path_factory.mktemp("home"))
    yield running
    running.close()


@pytest.fixture
def bank(lasting: Counter) -> Iterator[Counter]:
    """The counter with good manners."""
    yield lasting
    lasting.end_test()


def sign_on(session: BrowserSession) -> Screen:
    """Sign on with the session's credential."""
    session.expect("sign_on")
    session.set("operator", session.credential.operator)
    session.set("password", session.credential.password)
    return session.press("enter")


def fill(session: BrowserSession, slip: dict[str, str]) -> None:
    """From the menu to a filled slip."""
    session.press("slip")
    for field, value in slip.items():
        session.set(field, value)


def found(session: BrowserSession, reference: str) -> Screen:
    """Look a reference up, in its pop-up, and come back to the menu."""
    session.press("search")
    session.set("reference", reference)
    screen = session.press("find")
    session.press("back")
    return screen


def yes() -> None:
    """A guard that lets us."""


def changed(screen: str, field: str, **update: object) -> SystemMap:
    """The counter's maps with one field changed."""
    old = COUNTER.screens[screen]
    mapped = FieldMap.model_validate(old.fields[field].model_dump(exclude_unset=True) | update)
    new = old.model_copy(update={"fields": old.fields | {field: mapped}})
    return COUNTER.model_copy(update={"screens": COUNTER.screens | {screen: new}})


def test_a_slip_is_posted_and_found(bank: Counter) -> None:
    """Frames, completed field, question, pop-up: Chinese goes there and comes back."""
    session, slip = bank.at_menu(), bank.slip()
    assert session.now().fields["operator"] == "TK01"
    fill(session, slip)
    filled = session.now().fields
    posted = session.commit("post", yes)
    session.press("back")
    seen = found(session, slip["reference"])

    shown = slip | {"amount": "1,234.50"}
    assert (filled["branch"], filled["account_name"]) == ("0755", "专用存款账户 0017")
    assert (posted.message_code, seen.message_code) == ("CT4001", "CT4002")
    assert shown.items() <= posted.fields.items()
    assert shown.items() <= seen.fields.items()
    assert (seen.fields["asked"], seen.fields["count"]) == (slip["reference"], "1")
    assert (bank.stored(slip), bank.submitted(slip)) == (1, 1)
    assert session.now().name == "menu"


def test_what_is_not_there_is_not_found(bank: Counter) -> None:
    """No slip is a message, and the fields are blank."""
    seen = found(bank.at_menu(), "NOWHERE")

    assert (seen.message_code, seen.fields["count"], seen.fields["number"]) == ("CT4003", "0", "")


def test_the_list_is_read_over_its_pages(bank: Counter) -> None:
    """Forward until the message says that there is no more."""
    session = bank.at_menu()
    screen = session.press("list")
    numbers = [row["number"] for row in session.rows("lines")]
    while True:
        screen = session.press("forward")
        if screen.message_code == "CT4004":
            break
        numbers += [row["number"] for row in session.rows("lines")]

    assert numbers == [slip.number for slip in bank.host.slips.all()]
    assert len(numbers) >= SEEDED
    assert screen.fields["page"] == screen.fields["pages"]


def test_a_list_is_downloaded(bank: Counter) -> None:
    """The file comes as bytes with its name, and the screen stands as before."""
    session = bank.at_menu()
    session.press("list")
    file = session.download("export")

    assert file.name == "slips.csv"
    assert "张三" in file.content.decode("gb18030")
    assert len(session.rows("lines")) == 10


def test_a_rejected_slip_is_refused(bank: Counter) -> None:
    """The form comes back with a mapped message: nothing was stored."""
    session, slip = bank.at_menu(), bank.slip() | {"account": "12345"}
    fill(session, slip)
    with pytest.raises(Refused, match="CT4203"):
        session.commit("post", yes)

    assert session.now().fields["reference"] == slip["reference"]
    assert (bank.stored(slip), bank.submitted(slip)) == (0, 1)


def test_a_completed_field_is_awaited_when_it_is_typed_again(bank: Counter) -> None:
    """The holder of the first account does not stand for the second."""
    session = bank.at_menu()
    session.press("slip")
    names = []
    for account in ("6200000017", "6200000018"):
        session.set("account", account)
        names.append(session.now().fields["account_name"])

    assert names == ["专用存款账户 0017", "临时存款账户 0018"]


@pytest.mark.parametrize(
    "hostile",
    [
        "'><script>alert(1)</", "a' OR '1'='1", "\\' & < % \\n", "${7*7}{{7*7}}", '"} } ]',
        "%00%0d%0a<!--", "#{x}`id`$(id)", "张三\"'李四", "&lt;b&gt;",
    ],
)  # fmt: skip
def test_hostile_text_is_data(bank: Counter, hostile: str) -> None:
    """Quotes, markup and templates are typed, stored and shown as they are."""
    session, slip = bank.at_menu(), bank.slip() | {"payee": hostile}
    fill(session, slip)
    posted = session.commit("post", yes)

    assert [hostile] == [each.payee for each in bank.host.slips.find(slip["reference"])]
    assert hostile == posted.fields["payee"]


@pytest.mark.parametrize("hostile", ["a\nb", "a\tb", "a\rb", "a\x00b", "a\x1bb", " a", "a\u3000"])
def test_what_would_be_a_keystroke_is_refused(bank: Counter, hostile: str) -> None:
    """Line ends, tabs and the like never reach the page."""
    session = bank.at_menu()
    session.press("slip")
    with pytest.raises(Refused, match="FIELD_NOT_ENCODABLE|FIELD_PADDED"):
        session.set("payee", hostile)

    assert session.now().fields["payee"] == ""


@pytest.mark.parametrize(
    ("manner", "stored"),
    [
        (manners.DROP_ANSWER, 1),
        (manners.ANSWER_LATE, 1),
        (manners.WRONG_SCREEN, 1),
        (manners.ERROR_PAGE, 0),
        (manners.SESSION_LOST, 0),
        (manners.HOST_RESTARTED, 0),
    ],
)
def test_an_answer_that_is_not_seen_is_in_doubt(bank: Counter, manner: str, stored: int) -> None:
    """After the committing key; it was sent once, and a fresh session finds what there is."""
    session, slip = bank.signed_on(deadline_s=2.0), bank.slip()
    fill(session, slip)
    bank.rude(manner)
    with pytest.raises(InDoubt, match="ANSWER_NOT_SEEN"):
        session.commit("post", yes)
    count = found(bank.signed_on(), slip["reference"]).fields["count"]

    assert (bank.stored(slip), bank.submitted(slip), count) == (stored, 1, str(stored))


@pytest.mark.parametrize(
    ("manner", "stored"),
    [(manners.ANSWER_TWICE, 1), (manners.LOST_SAVE, 0), (manners.LATE_PAINT, 1)],
)
def test_an_answer_that_is_seen(bank: Counter, manner: str, stored: int) -> None:
    """Painted twice, late, or not true: the answer is read in full, the look-up tells."""
    session, slip = bank.at_menu(), bank.slip()
    fill(session, slip)
    bank.rude(manner)
    posted = session.commit("post", yes)
    session.press("back")
    seen = found(session, slip["reference"])

    assert (posted.message_code, posted.fields["purpose"]) == ("CT4001", slip["purpose"])
    assert seen.fields["count"] == str(stored)
    assert (bank.stored(slip), bank.submitted(slip)) == (stored, 1)


@pytest.mark.parametrize(
    ("manner", "kind", "code"),
    [
        (manners.WRONG_SCREEN, Drifted, "SCREEN_UNEXPECTED"),
        (manners.ERROR_PAGE, Unavailable, "CT4901"),
        (manners.SESSION_LOST, Unavailable, "CT4104"),
        (manners.HOST_RESTARTED, Unavailable, "SYSTEM_NOT_REACHED|CT4104"),
    ],
)
def test_a_screen_that_does_not_come(
    bank: Counter, manner: str, kind: type[Exception], code: str
) -> None:
    """Before the committing key nothing was changed, or the bot stops."""
    session = bank.signed_on(deadline_s=2.0)
    bank.rude(manner)
    with pytest.raises(kind, match=code):
        session.press("slip")


@pytest.mark.parametrize(
    ("manner", "code"),
    [
        (manners.ERROR_PAGE, "CT4901"),
        (manners.SESSION_LOST, "CT4104"),
        (manners.HOST_RESTARTED, "SYSTEM_NOT_REACHED|CT4104"),
    ],
)
def test_a_pop_up_that_does_not_come(bank: Counter, manner: str, code: str) -> None:
    """What the pop-up shows instead, or the window that it leaves, says why."""
    session = bank.signed_on(deadline_s=2.0)
    bank.rude(manner)
    with pytest.raises(Unavailable, match=code):
        session.press("search")


def test_a_screen_that_is_painted_late_is_read_whole(bank: Counter) -> None:
    """Three parts with pauses between them: never half a page."""
    session = bank.at_menu()
    bank.rude(manners.LATE_PAINT)
    session.press("list")

    assert len(session.rows("lines")) == 10


def test_a_field_that_takes_less_is_refused(bank: Counter) -> None:
    """Twelve characters stand where sixteen were typed: nothing is sent."""
    session, slip = bank.at_menu(), bank.slip()
    bank.rude(manners.FIELD_TRUNCATED)
    with pytest.raises(Refused, match="FIELD_NOT_READ_BACK"):
        fill(session, slip)

    assert bank.submitted(slip) == 0


def test_a_menu_that_has_moved_is_drift_with_a_proposal(bank: Counter) -> None:
    """The link has another name: nothing is pressed, the repair is proposed with pictures."""
    bank.rude(manners.MENU_MOVED)
    session = bank.signed_on()
    with pytest.raises(Drifted, match="SELECTOR_DRIFTED") as drifted:
        session.press("slip")

    diff = str(drifted.value.facts["diff"]).splitlines()
    assert diff[-2].startswith('-slip = { frame = "menu", label = "凭条录入", selector = "a[href')
    assert diff[-1].startswith('+slip = { frame = "menu", label = "付款录入", selector = "a[href')
    before, after = bank.pictures[-2:]
    assert (before.moment, after.moment) == ("failure", "repair")
    assert before.image and after.image and before.image != after.image
    assert diff[-1] in after.text
    assert session.now().name == "menu"


def test_the_proposed_line_is_the_line_of_the_map(bank: Counter) -> None:
    """The old line of the diff stands in the map's file, so that it can be changed there."""
    bank.rude(manners.MENU_MOVED)
    session = bank.signed_on()
    with pytest.raises(Drifted) as drifted:
        session.press("search")
    place, old = str(drifted.value.facts["diff"]).splitlines()[0], -2
    lines = (Path(__file__).parents[2] / place.removeprefix("--- a/")).read_text("utf-8")

    assert str(drifted.value.facts["diff"]).splitlines()[old][1:] in lines.splitlines()


def test_a_drifted_field_is_read_and_not_typed(bank: Counter) -> None:
    """A text field that only its second selector finds is shown; typing stops with a proposal."""
    session = bank.signed_on(system=changed("slip", "payee", label="收款方"))
    screen = session.press("slip")
    with pytest.raises(Drifted, match="SELECTOR_DRIFTED") as drifted:
        session.set("payee", "张三")

    assert screen.fields["payee"] == ""
    assert 'label = "收款人"' in str(drifted.value.facts["repair"])
    assert session.now().fields["payee"] == ""


@pytest.mark.parametrize(
    ("screen", "field", "update"),
    [
        ("slip", "account", {"label": "卡号"}),
        ("slip", "amount", {"label": "金额（元）"}),
        ("found", "amount", {"selectors": ("td.sum", "td.amount")}),
    ],
)
def test_amounts_and_accounts_are_never_healed(
    bank: Counter, screen: str, field: str, update: dict[str, object]
) -> None:
    """Not for typing, and not for reading: a neighbour would look as good."""
    session = bank.signed_on(system=changed(screen, field, **update))
    with pytest.raises(Drifted, match="FIELD_MISSING"):
        found(session, "SEED000001") if screen == "found" else session.press("slip")


@pytest.mark.parametrize(
    ("manner", "kind", "code"),
    [
        (manners.PASSWORD_EXPIRED, Refused, "CT4103"),
        (manners.SIGNED_ON_ELSEWHERE, Unavailable, "CT4102"),
    ],
)
def test_a_sign_on_that_is_not_taken(
    bank: Counter, manner: str, kind: type[Exception], code: str
) -> None:
    """What the counter says at sign-on is what the failure is."""
    session = bank.open()
    bank.rude(manner)
    with pytest.raises(kind, match=code):
        sign_on(session)


def test_a_wrong_certificate_ends_before_anything_is_typed(tmp_path: Path) -> None:
    """Whoever answers is not the counter: no page is opened, no secret goes out."""
    other = counter.serve(tmp_path, CREDENTIALS, tls="wrong")
    texts: list[Picture] = []
    who = SignOn(**CREDENTIALS["counter-keyboard"])
    try:
        with pytest.raises(Unavailable, match="SYSTEM_NOT_REACHED.*CERT"):
            open_session(COUNTER, other.url, who, keep=texts.append, tls=True)
    finally:
        other.close()

    assert who.password not in "".join(picture.text for picture in texts)
