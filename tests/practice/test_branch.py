"""The practice branch, keyed through its maps: slips, Chinese in both codings, bad manners."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from clerkwork.errors import Drifted, Failure, InDoubt, Refused, Unavailable
from clerkwork.practice import branch, manners
from clerkwork.practice.branch import Branch
from clerkwork.practice.credentials import credentials
from clerkwork.practice.slips import SlipBook
from clerkwork.systems.grid import GridSession
from clerkwork.systems.maps import SystemMap, load_system
from clerkwork.systems.port import Picture, SignOn
from clerkwork.systems.vt import open_session

MAP = load_system(Path(__file__).parents[2] / "resources/systems/branch")
SLIP = {
    "account": "6222000000",
    "payee": "买买提·艾力",
    "amount": "1000000000.00",
    "purpose": "货款镕ABC",
    "reference": "REF0000000000017",
}
STORED = SLIP | {"amount": "1,000,000,000.00"}
Open = Callable[..., GridSession]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with credentials."""
    (tmp_path / "practice").mkdir()
    credentials(tmp_path)
    return tmp_path


@pytest.fixture
def host(home: Path) -> Iterator[Branch]:
    """A running branch."""
    running = branch.serve(home)
    yield running
    running.close()


@pytest.fixture
def open_at(home: Path, host: Branch) -> Iterator[Open]:
    """Opens sessions with it, not signed on; they are closed at the end."""
    opened: list[GridSession] = []

    def open_one(
        address: str = "url", *, who: str = "branch-keyboard", system: SystemMap = MAP,
        keep: Callable[[Picture], object] = len_of,
    ) -> GridSession:  # fmt: skip
        found = credentials(home)[who]
        session = open_session(
            system, host.ports[address], SignOn(found["operator"], found["password"]),
            keep=keep, may_commit=True, tls=address.startswith("url"), host_key=(host.host_key,),
        )  # fmt: skip
        opened.append(session)
        return session

    yield open_one
    for session in opened:
        session.close()


@pytest.fixture
def session(open_at: Open) -> GridSession:
    """A session, signed on: the menu stands."""
    return signed_on(open_at())


def len_of(picture: object) -> None:
    """Keep nothing."""


def signed_on(session: GridSession) -> GridSession:
    """`session` after the sign-on screen."""
    session.expect("sign_on")
    session.set("operator", session.credential.operator)
    session.set("password", session.credential.password)
    session.press("enter")
    return session


def fill(session: GridSession, slip: Mapping[str, str] = SLIP) -> None:
    """From the menu to a slip with everything typed."""
    session.press("slip")
    for field, value in slip.items():
        session.set(field, value)


def post(session: GridSession) -> Mapping[str, str]:
    """Press the key that commits; the fields of what stands then."""
    return session.commit("post", lambda: None).fields


def with_deadline(deadline_s: float) -> SystemMap:
    """The map of somebody who waits no longer."""
    return MAP.model_copy(update={"deadline_s": deadline_s})


def book(home: Path) -> SlipBook:
    """The independent witness."""
    return SlipBook(home / "practice" / "branch.db")


def booked(home: Path) -> tuple[int, int]:
    """How often the slip came in, and how often it is in the books."""
    reference = SLIP["reference"]
    return book(home).times_submitted(reference), len(book(home).find(reference))


@contextmanager
def raising(kind: type[Failure], code: str) -> Iterator[None]:
    """The block raises `kind` with `code`."""
    with pytest.raises(kind) as caught:
        yield
    assert code == caught.value.code


def rude(home: Path, manner: str, times: int | None = 1) -> None:
    """The branch shows bad manners the next time it can."""
    manners.switch_on(home / "practice", "branch", manner, times=times)


@pytest.mark.parametrize("address", ["url", "url_utf8", "telnet", "telnet_utf8"])
def test_a_slip_is_keyed_and_found_as_typed(home: Path, open_at: Open, address: str):
    """Over SSH and telnet, in GB18030 and UTF-8: Chinese and amounts go out and come back whole."""
    page = "utf-8" if address.endswith("utf8") else "gb18030"
    session = signed_on(open_at(address, system=MAP.model_copy(update={"code_page": page})))

    fill(session)
    shown = post(session)

    assert STORED == {name: shown[name] for name in STORED}
    slip = book(home).find(SLIP["reference"])[0]
    assert (STORED["amount"], SLIP["payee"], SLIP["purpose"]) == (
        slip.amount, slip.payee, slip.purpose,
    )  # fmt: skip
    session.press("back")
    session.press("search")
    session.set("reference", SLIP["reference"])
    found = session.press("find")
    assert ("BR4002", "1", slip.number) == (
        found.message_code, found.fields["count"], found.fields["number"],
    )  # fmt: skip
    assert STORED == {name: found.fields[name] for name in STORED}


def test_the_list_is_read_page_by_page(home: Path, session: GridSession):
    """Twenty-five slips on three pages, oldest first; then there is no more."""
    session.press("list")

    rows = list(session.all_rows("lines"))

    expected = [
        {"number": s.number, "account": s.account, "payee": s.payee, "amount": s.amount,
         "reference": s.reference}
        for s in book(home).all()
    ]  # fmt: skip
    assert 25 == len(rows)
    assert expected == rows


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("purpose", "", "BR4201"), ("account", "622200000", "BR4203")],
)
def test_a_slip_that_the_branch_rejects_is_refused(
    home: Path, session: GridSession, field: str, value: str, code: str
):
    """Its message is the reason; what was typed stands again, and nothing is booked."""
    fill(session, SLIP | {field: value})

    with raising(Refused, code):
        post(session)

    assert (1, 0) == booked(home)
    assert SLIP["payee"] == session.now().fields["payee"]


def test_a_desk_may_look_and_not_post(home: Path, open_at: Open):
    """The branch itself refuses the operator who only looks."""
    session = signed_on(open_at(who="branch-desk"))
    fill(session)

    with raising(Refused, "BR4105"):
        post(session)

    assert (1, 0) == booked(home)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("payee", "张三\x1b[2J", "FIELD_NOT_ENCODABLE"),
        ("payee", "张三\t", "FIELD_NOT_ENCODABLE"),
        ("payee", "张三\r", "FIELD_NOT_ENCODABLE"),
        ("purpose", "\x9b5~", "FIELD_NOT_ENCODABLE"),
        ("payee", "一二三四五六七八九十一二三", "FIELD_TOO_LONG"),
        ("account", "12345678901", "FIELD_TOO_LONG"),
        ("amount", "1,000.00x", "FIELD_NOT_NUMERIC"),
        ("payee", "\ud800", "FIELD_NOT_ENCODABLE"),
    ],
)
def test_what_is_no_value_is_never_sent(session: GridSession, field: str, value: str, code: str):
    """Control characters, escape sequences, too many cells, letters in amounts."""
    session.press("slip")

    with raising(Refused, code):
        session.set(field, value)

    assert "" == session.now().fields[field]


def test_a_character_that_the_code_page_lacks_is_refused(open_at: Open):
    """GBK has no 𠮷; GB18030 has."""
    session = signed_on(open_at(system=MAP.model_copy(update={"code_page": "gbk"})))
    session.press("slip")

    with raising(Refused, "FIELD_NOT_ENCODABLE"):
        session.set("payee", "𠮷野家")


def test_a_password_is_seen_nowhere(open_at: Open):
    """The branch shows stars; pictures show blanks."""
    pictures: list[Picture] = []
    session = open_at(keep=pictures.append)
    session.expect("sign_on")
    session.set("password", session.credential.password)
    session.set("operator", "NOBODY")

    with raising(Refused, "BR4101"):
        session.press("enter")

    assert pictures
    assert not any(session.credential.password in picture.text for picture in pictures)


def test_another_host_key_is_refused_before_a_word(home: Path, host: Branch, open_at: Open):
    """With certificate-wrong, and for a fingerprint that is not the host's."""
    rude(home, manners.CERTIFICATE_WRONG)
    with raising(Unavailable, "HOST_KEY_WRONG"):
        open_at()

    with raising(Unavailable, "HOST_KEY_WRONG"):
        open_session(
            MAP, host.ports["url"], SignOn("X", "Y"), keep=len_of, host_key=("SHA256:AAAA",)
        )

    open_at().expect("sign_on")


def test_the_host_key_outlives_the_host(home: Path, host: Branch):
    """A branch that is started again proves to be the same one."""
    again = branch.serve(home)
    again.close()

    assert host.host_key == again.host_key


@pytest.mark.parametrize(
    ("manner", "kind", "code"),
    [
        (manners.PASSWORD_EXPIRED, Refused, "BR4103"),
        (manners.SIGNED_ON_ELSEWHERE, Unavailable, "BR4102"),
    ],
)
def test_a_sign_on_that_is_not_let_in(
    home: Path, open_at: Open, manner: str, kind: type[Failure], code: str
):
    """The branch says why."""
    rude(home, manner)

    with raising(kind, code):
        signed_on(open_at())


@pytest.mark.parametrize(
    ("manner", "kind", "code"),
    [
        (manners.WRONG_SCREEN, Drifted, "SCREEN_UNEXPECTED"),
        (manners.ERROR_PAGE, Unavailable, "BR4901"),
        (manners.SESSION_LOST, Unavailable, "BR4104"),
        (manners.HOST_RESTARTED, Unavailable, "SYSTEM_HUNG_UP"),
    ],
)
def test_bad_manners_before_the_commit(
    home: Path, open_at: Open, manner: str, kind: type[Failure], code: str
):
    """Nothing was changed, and the kind says what to do next."""
    session = signed_on(open_at(system=with_deadline(3)))
    rude(home, manner)

    with raising(kind, code):
        session.press("slip")

    assert (0, 0) == booked(home)


def test_a_menu_whose_choices_have_moved_is_not_used(home: Path, open_at: Open):
    """The keys stand beside other names: nothing is typed."""
    rude(home, manners.MENU_MOVED)

    with raising(Drifted, "SCREEN_UNKNOWN"):
        signed_on(open_at(system=with_deadline(2)))


def test_a_field_that_takes_less_is_refused(home: Path, session: GridSession):
    """The reference stops at twelve characters; it is not sent."""
    rude(home, manners.FIELD_TRUNCATED)

    with raising(Refused, "FIELD_NOT_READ_BACK"):
        fill(session)

    assert (0, 0) == booked(home)


@pytest.mark.parametrize(
    ("manner", "expected"),
    [
        (manners.DROP_ANSWER, (1, 1)),
        (manners.ANSWER_LATE, (1, 1)),
        (manners.WRONG_SCREEN, (1, 1)),
        (manners.ERROR_PAGE, (1, 0)),
        (manners.SESSION_LOST, (1, 0)),
        (manners.HOST_RESTARTED, (1, 0)),
    ],
)
def test_a_lost_answer_is_in_doubt(
    home: Path, open_at: Open, manner: str, expected: tuple[int, int]
):
    """Whatever goes wrong after the key: booked or not, it is not known and not sent again."""
    session = signed_on(open_at(system=with_deadline(2)))
    fill(session)
    rude(home, manner)

    with raising(InDoubt, "ANSWER_NOT_SEEN"):
        post(session)

    assert expected == booked(home)


@pytest.mark.parametrize(
    ("manner", "expected"), [(manners.ANSWER_TWICE, (1, 1)), (manners.LOST_SAVE, (1, 0))]
)
def test_an_answer_that_looks_right(
    home: Path, session: GridSession, manner: str, expected: tuple[int, int]
):
    """Painted twice it is one slip; a lost save only the look-up can tell."""
    fill(session)
    rude(home, manner)

    assert STORED == {name: value for name, value in post(session).items() if name in STORED}

    assert expected == booked(home)


def test_a_screen_painted_in_parts_is_read_whole(home: Path, session: GridSession):
    """Every screen in three parts with pauses: every page of the list, and the answer."""
    rude(home, manners.LATE_PAINT, None)

    session.press("list")
    rows = list(session.all_rows("lines"))
    session.press("back")
    fill(session)
    shown = post(session)

    assert [slip.number for slip in book(home).all()][:25] == [row["number"] for row in rows]
    assert STORED == {name: shown[name] for name in STORED}


def test_everything_is_gone_after_the_end(home: Path):
    """No child and no thread is left, even with a terminal open."""
    running = branch.serve(home)
    found = credentials(home)["branch-desk"]
    session = open_session(
        MAP, running.ports["url"], SignOn(found["operator"], found["password"]),
        keep=len_of, host_key=(running.host_key,),
    )  # fmt: skip
    session.expect("sign_on")
    began = time.monotonic()

    running.close()

    assert time.monotonic() - began < 5
    session.close()
