"""The 3270 driver on the practice core: real s3270, real protocol."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from clerkwork.errors import Drifted, Misconfigured, Refused, Unavailable
from clerkwork.practice import core
from clerkwork.practice.world import Balance, Day, JournalLine
from clerkwork.systems.grid import GridSession
from clerkwork.systems.maps import SystemMap, load_system
from clerkwork.systems.port import Picture, SignOn
from clerkwork.systems.tn3270 import open_session

CORE = load_system(Path(__file__).parents[2] / "resources/systems/core")
DAY = date(2026, 6, 11)
CREDENTIALS = {
    "core-desk": {"operator": "DESK0001", "password": "PQ7XK2ZD"},
    "core-keyboard": {"operator": "KEYB0001", "password": "RT5WM9BA"},
    "ledger-desk": {"operator": "LEDG0001", "password": "not for here"},
}
DESK = SignOn("DESK0001", "PQ7XK2ZD")

Opened = Callable[..., GridSession]


def small_day(on: date) -> Day:
    """One line, one account."""
    line = JournalLine(
        serial=1,
        at=datetime(2026, 6, 11, 9, 30).time(),  # noqa: DTZ001  a time of day has no zone
        account="1011840001",
        side="D",
        amount=Decimal("1234.50"),
        currency="USD",
        reference="FT0001",
        narrative="PAYMENT",
        teller="K01",
    )
    balances = {"1011840001": Balance(Decimal("100.00"), Decimal("1334.50"))}
    return Day(on, (line,), balances, statements=(), vault=(), truth=())


@pytest.fixture
def host(tmp_path: Path) -> Iterator[core.Host]:
    """A core with one small day."""
    running = core.serve(tmp_path, small_day, date(2026, 6, 12), CREDENTIALS, tmp_path / "none.db")
    yield running
    running.close()


@pytest.fixture
def pictures() -> list[Picture]:
    """Everything that was kept."""
    return []


@pytest.fixture
def opened(host: core.Host, pictures: list[Picture]) -> Iterator[Opened]:
    """Opens sessions with the core, and closes them."""
    sessions: list[GridSession] = []

    def open_one(sign_on: SignOn = DESK, *, system: SystemMap = CORE) -> GridSession:
        address = f"127.0.0.1:{host.port}"
        session = open_session(system, address, sign_on, keep=pictures.append, tls=False)
        sessions.append(session)
        return session

    yield open_one
    for session in sessions:
        session.close()


def with_deadline(wait_s: float) -> SystemMap:
    """The core's map with another deadline."""
    return CORE.model_copy(update={"deadline_s": wait_s})


def signed_on(session: GridSession) -> GridSession:
    """The session, on the menu."""
    session.expect("sign_on")
    session.set("operator", session.credential.operator)
    session.set("password", session.credential.password)
    session.press("enter")
    return session


def at_journal_inquiry(session: GridSession) -> GridSession:
    """The session, where day and branch are asked."""
    signed_on(session).press("journal")
    return session


def until_heard(session: GridSession) -> None:
    """Wait, 20 s at most, until the host has sent something that the session has not read."""
    deadline = time.monotonic() + 20
    while not session._terminal.has_heard_since(session._now()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_sign_on_reaches_the_menu_with_the_accounting_day(opened: Opened):
    """The menu's fields are read from where the map says they stand."""
    screen = signed_on(opened()).now()

    assert "menu" == screen.name
    assert "2026-06-12" == screen.fields["accounting_date"]
    assert "2026-06-11" == screen.fields["previous_date"]
    assert "DONE" == screen.fields["end_of_day"]


def test_a_wrong_password_is_refused_at_once(opened: Opened):
    """The host's CB1001 means Refused by messages.toml: it is not tried again."""
    session = opened(SignOn("DESK0001", "WRONG123"))
    begun = time.monotonic()

    with pytest.raises(Refused) as refused:
        signed_on(session)

    assert "CB1001" == refused.value.code
    assert "set the credential anew" in refused.value.message("en")
    assert "请重新设置凭证" in refused.value.message("zh")
    assert time.monotonic() - begun < CORE.deadline_s / 4


def test_an_operator_signed_on_elsewhere_is_unavailable(opened: Opened):
    """The refusal says where, so that somebody can sign off there."""
    signed_on(opened())

    with pytest.raises(Unavailable) as elsewhere:
        signed_on(opened())

    assert "CB1002" == elsewhere.value.code
    assert "ALREADY SIGNED ON AT T0001" in elsewhere.value.message("en")


def test_the_choice_to_take_over_hangs_up_the_other_terminal(opened: Opened):
    """Taking over is a mapped key; the other session learns that it was hung up."""
    first, second = signed_on(opened()), opened()
    second.expect("sign_on")
    second.set("operator", DESK.operator)
    second.set("password", DESK.password)

    assert "menu" == second.press("take_over").name
    until_heard(first)
    with pytest.raises(Unavailable) as hung_up:
        first.set("selection", "1")

    assert "SYSTEM_HUNG_UP" == hung_up.value.code


def test_a_closed_session_has_signed_off(opened: Opened, tmp_path: Path):
    """The polite way out frees the operator; the next sign-on needs no take-over."""
    session = signed_on(opened())
    session.close()

    assert "menu" == signed_on(opened()).now().name
    log = (tmp_path / "practice/core/operators.log").read_text(encoding="ascii").splitlines()
    assert ["SIGN-ON", "SIGN-OFF", "SIGN-ON"] == [line.split()[-1] for line in log]


@pytest.mark.parametrize("step", ["set", "press", "expect"])
def test_an_idle_lock_is_unavailable_before_anything_is_typed(
    opened: Opened, host: core.Host, step: str
):
    """The lock screen comes unasked; whatever the bot does next, it learns of it."""
    session = signed_on(opened())
    host.idle_lock_s = 1.0
    session.press("journal")
    until_heard(session)
    steps: Mapping[str, Callable[[], object]] = {
        "set": lambda: session.set("date", "20260611"),
        "press": lambda: session.press("enter"),
        "expect": lambda: session.expect("journal_inquiry"),
    }

    with pytest.raises(Unavailable) as locked:
        steps[step]()

    assert "CB9001" == locked.value.code


@pytest.mark.parametrize(
    "value",
    [
        'A"B',
        "A\\B",
        '"',
        "\\",
        '\\"',
        'A") Tab(',
        "%s^[",
        "a'b`c",
        "A\\n",
        "A\\x1",
        "\\u0041",
        "(),;:",
    ],
)
def test_hostile_values_stay_data(opened: Opened, value: str):
    """No character of a value ends the text, acts as a key, or reaches the next field."""
    session = opened()
    session.expect("sign_on")

    session.set("operator", value)

    assert value == session.now().fields["operator"]
    assert "" == session.now().text.split("PASSWORD . . . .")[1].splitlines()[0].strip()


def test_an_injection_longer_than_its_field_is_refused(opened: Opened):
    """The value that filled the next field in other clients never reaches s3270."""
    session = opened()
    session.expect("sign_on")

    with pytest.raises(Refused) as refused:
        session.set("operator", 'AA") Tab() String("X')

    assert "FIELD_TOO_LONG" == refused.value.code
    assert "cells (a Chinese character takes two" in refused.value.message("en")
    assert "个半角位（汉字占 2 个" in refused.value.message("zh")
    assert {"operator": "", "password": ""} == session.now().fields


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("branch", "07555", "FIELD_TOO_LONG"),
        ("branch", "07A5", "FIELD_NOT_NUMERIC"),
        ("branch", " 755", "FIELD_NOT_NUMERIC"),
        ("branch", "٠٧٥٥", "FIELD_NOT_NUMERIC"),
        ("date", "2026-6", "FIELD_NOT_NUMERIC"),
    ],
)
def test_what_a_field_cannot_hold_is_refused_before_a_key(
    opened: Opened, field: str, value: str, code: str
):
    """s3270 would spill, or take the letters: the check is ours, and nothing is typed."""
    session = at_journal_inquiry(opened())

    with pytest.raises(Refused) as refused:
        session.set(field, value)

    assert code == refused.value.code
    assert {"date": "", "branch": ""} == session.now().fields


@pytest.mark.parametrize("value", ["A张B", "A\nB", "A\tB", "A\x7fB", "A\u2028B", "A€B"])
def test_a_character_the_host_cannot_hold_is_refused(opened: Opened, value: str):
    """s3270 drops what code page 037 lacks and says ok; a line end would be a new action."""
    session = opened()
    session.expect("sign_on")

    with pytest.raises(Refused) as refused:
        session.set("operator", value)

    assert "FIELD_NOT_ENCODABLE" == refused.value.code
    assert "" == session.now().fields["operator"]


def test_every_character_of_the_code_page_is_typed_and_read_back(opened: Opened):
    """All printable characters of cp037, eight at a time, stand on the screen as typed."""
    every = bytes(range(0x41, 0x100)).decode("cp037")
    printable = [character for character in every if character.isprintable()]
    session = opened()
    session.expect("sign_on")

    for start in range(0, len(printable), 8):
        session.set("operator", "".join(printable[start : start + 8]))

    assert len(printable) > 180


def test_a_value_takes_the_place_of_what_stood_there(opened: Opened):
    """A field is emptied first: nothing of a longer value is left behind."""
    session = opened()
    session.expect("sign_on")
    session.set("operator", "LONGNAME")

    session.set("operator", "AB")

    assert "AB" == session.now().fields["operator"]


def test_a_protected_field_is_drift(opened: Opened):
    """A field that the map has as an input and the host protects: the map is wrong."""
    menu = CORE.screens["menu"]
    date_field = menu.fields["accounting_date"].model_copy(update={"readonly": False})
    wrong = menu.model_copy(update={"fields": menu.fields | {"accounting_date": date_field}})
    session = opened(system=CORE.model_copy(update={"screens": CORE.screens | {"menu": wrong}}))
    signed_on(session)

    with pytest.raises(Drifted) as drifted:
        session.set("accounting_date", "2026-06-13")

    assert "FIELD_PROTECTED" == drifted.value.code


@pytest.mark.parametrize("field", ["previous_date", "selection", "nothing"])
def test_a_field_that_is_not_where_it_is_mapped_is_drift(opened: Opened, field: str):
    """Read-only by the map, moved by a column, or not mapped at all: nothing is typed."""
    menu = CORE.screens["menu"]
    moved = menu.fields["selection"].model_copy(update={"column": 41})
    wrong = menu.model_copy(update={"fields": menu.fields | {"selection": moved}})
    session = opened(system=CORE.model_copy(update={"screens": CORE.screens | {"menu": wrong}}))
    signed_on(session)

    with pytest.raises(Drifted) as drifted:
        session.set(field, "1")

    expected = {"previous_date": "FIELD_PROTECTED"}.get(field, "FIELD_MISSING")
    assert expected == drifted.value.code


def test_an_unmapped_screen_is_drift_with_its_text_as_evidence(
    opened: Opened, pictures: list[Picture]
):
    """The menu is taken out of the map: the bot stops, and the owner sees what was there."""
    screens = {name: screen for name, screen in CORE.screens.items() if name != "menu"}
    system = with_deadline(0.5).model_copy(update={"screens": screens})

    with pytest.raises(Drifted) as drifted:
        signed_on(opened(system=system))

    assert "SCREEN_UNKNOWN" == drifted.value.code
    assert ("failure", "") == (pictures[-1].moment, pictures[-1].screen)
    assert "CB10 MENU" in pictures[-1].text
    assert pictures[-1].source and "keyboard free: True" in pictures[-1].source.text
    assert re.search("row [0-9]+ column 40 length 1 attribute", pictures[-1].source.text)


def test_another_mapped_screen_than_expected_is_drift(opened: Opened):
    """The name of what stands there and of what was wanted are in the message."""
    session = signed_on(opened(system=with_deadline(0.3)))

    with pytest.raises(Drifted) as drifted:
        session.expect("journal")

    assert "SCREEN_UNEXPECTED" == drifted.value.code
    assert "“menu” where journal was expected" in drifted.value.message("en")


def test_a_message_code_that_is_not_mapped_is_drift(opened: Opened):
    """A code that messages.toml does not have is never taken for good news."""
    messages = {code: text for code, text in CORE.messages.items() if code != "CB1001"}
    system = with_deadline(0.3).model_copy(update={"messages": messages})
    session = opened(SignOn("DESK0001", "WRONG123"), system=system)

    with pytest.raises(Drifted) as drifted:
        signed_on(session)

    assert "MESSAGE_UNKNOWN" == drifted.value.code


def test_a_screen_that_fits_two_maps_is_misconfigured(opened: Opened):
    """Two maps with the same marks: which one it is would be a guess."""
    twin = CORE.screens["menu"].model_copy(update={"name": "twin"})
    session = opened(system=CORE.model_copy(update={"screens": CORE.screens | {"twin": twin}}))

    with pytest.raises(Misconfigured) as ambiguous:
        signed_on(session)

    assert "SCREEN_AMBIGUOUS" == ambiguous.value.code


def test_a_host_that_is_stopped_midway_is_unavailable(opened: Opened, host: core.Host):
    """Nothing was committed, so the run may be tried again."""
    session = signed_on(opened())
    host.close()

    with pytest.raises(Unavailable) as hung_up:
        session.press("journal")

    assert "SYSTEM_HUNG_UP" == hung_up.value.code


def test_a_host_that_is_not_there_is_unavailable(host: core.Host):
    """The message names the address and what to do."""
    host.close()

    with pytest.raises(Unavailable) as gone:
        open_session(CORE, f"127.0.0.1:{host.port}", DESK, keep=print, tls=False)

    assert "SYSTEM_NOT_REACHED" == gone.value.code
    assert f"127.0.0.1:{host.port}" in gone.value.message("en")


def test_a_dead_s3270_is_unavailable(opened: Opened):
    """Every later call says so too; close() still works."""
    session = signed_on(opened())
    session._terminal._pipe._child.kill()

    for _ in range(2):
        with pytest.raises(Unavailable) as stopped:
            session.set("selection", "1")
        assert "DRIVER_STOPPED" == stopped.value.code


@pytest.mark.parametrize("address", ["nothing", "host:port", 'x:1") Quit() ("', ""])
def test_an_address_that_is_none_is_misconfigured(address: str):
    """An address is never handed to s3270 unless it is host:port."""
    with pytest.raises(Misconfigured) as wrong:
        open_session(CORE, address, DESK, keep=print, tls=False)

    assert "ADDRESS_WRONG" == wrong.value.code


def test_a_key_that_is_not_mapped_is_misconfigured(opened: Opened):
    """A task can press only what the screen's map has."""
    session = signed_on(opened())

    with pytest.raises(Misconfigured) as unknown:
        session.press("forward")

    assert "KEY_UNKNOWN" == unknown.value.code


def test_the_secret_is_in_nothing_that_is_kept(opened: Opened, pictures: list[Picture]):
    """Not in pictures, screens, failures or repr: wherever the password was typed."""
    session = signed_on(opened())
    session.close()
    wrong = SignOn("DESK0001", "WRONG123")
    session = opened(wrong)
    with pytest.raises(Refused) as refused:
        signed_on(session)
    session.set("password", "OTHER789")
    with pytest.raises(Refused) as unencodable:
        session.set("password", "Z张9")
    with pytest.raises(Refused):
        session.set("operator", "not that long")

    said = [picture.text for picture in pictures] + [session.now().text, repr(session.credential)]
    said += [f"{failure.value} {failure.value.facts}" for failure in (refused, unencodable)]
    for secret in ("PQ7XK2ZD", "WRONG123", "OTHER789", "张"):
        assert [] == [text for text in said if secret in text]
    assert "" == session.now().fields["password"]


def test_a_secret_typed_into_an_open_field_is_masked_in_the_picture(
    opened: Opened, pictures: list[Picture]
):
    """A host that shows a password, or a slip that types it elsewhere, leaks nothing."""
    session = opened()
    session.expect("sign_on")

    session.set("operator", DESK.password)
    session.now()

    assert "********" in pictures[-1].text
    assert DESK.password not in pictures[-1].text
