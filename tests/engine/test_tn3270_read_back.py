"""What the 3270 driver knows after typing: the field alone is read, and nothing is missed."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from clerkwork.errors import Misconfigured, Refused
from clerkwork.practice.core.server import Server, Speech, Terminal
from clerkwork.practice.core.stream import Input, Page, Text
from clerkwork.systems.grid import GridSession
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.port import Picture, SignOn
from clerkwork.systems.tn3270 import open_session

FIELDS = {
    "code": {"row": 5, "column": 20, "length": 6},
    "name": {"row": 6, "column": 20, "length": 12},
    "pin": {"row": 7, "column": 20, "length": 8, "secret": True},
}
MAP = SystemMap.model_validate(
    {
        "name": "odd",
        "title_en": "Odd host",
        "title_zh": "测试主机",
        "driver": "tn3270",
        "code_page": "cp935",
        "environments": {},
        "screens": {
            "form": {
                "name": "form",
                "title_en": "Form",
                "title_zh": "录入",
                "recognise": [{"row": 1, "column": 2, "text": "OD01 FORM"}],
                "fields": FIELDS,
                "keys": {
                    "book": {"send": "Enter", "next": ["booked"], "commits": True},
                    "show": {"send": "PF8", "next": ["booked"]},
                },
            },
            "booked": {
                "name": "booked",
                "title_en": "Booked",
                "title_zh": "已记账",
                "recognise": [{"row": 1, "column": 2, "text": "OD02 BOOKED"}],
            },
        },
    }
)
FORM = Page(
    (Text(1, 2, "OD01 FORM"),),
    (
        Input("code", 5, 20, 6),
        Input("name", 6, 20, 12, chinese=True),
        Input("pin", 7, 20, 8, hidden=True),
    ),
)


class Host:
    """Shows the form, then that it is booked; keeps the records that come in."""

    def __init__(self) -> None:
        self.records: list[bytes] = []
        self.terminals: list[Terminal] = []
        self.server = Server(self._talk, speech=Speech(code_page="cp935"))

    def _talk(self, terminal: Terminal) -> None:
        self.terminals.append(terminal)
        terminal.show(FORM)
        while True:
            self.records.append(terminal._line.receive(None) or b"")
            terminal.show(Page((Text(1, 2, "OD02 BOOKED"),)))


@pytest.fixture
def host() -> Iterator[Host]:
    """One that is closed in the end."""
    running = Host()
    yield running
    running.server.close()


@pytest.fixture
def pictures() -> list[Picture]:
    """Everything that was kept."""
    return []


@pytest.fixture
def session(host: Host, pictures: list[Picture]) -> Iterator[GridSession]:
    """A session that sees the form."""
    address = f"127.0.0.1:{host.server.port}"
    sign_on = SignOn("CLERK001", "SECRET99")
    with open_session(
        MAP, address, sign_on, keep=pictures.append, may_commit=True, tls=False
    ) as opened:
        opened.expect("form")
        yield opened


@pytest.mark.parametrize(
    "values",
    [
        {"code": "AB12"},
        {"code": "ABCDEF", "name": "ACME"},
        {"name": "张三 AB", "code": "X"},
        {"pin": "TOPSECRE", "code": ""},
        {"name": "欧阳娜娜", "pin": "1234"},
    ],
)
def test_what_is_known_after_typing_is_what_the_whole_screen_says(
    session: GridSession, values: dict[str, str]
):
    """Cells, attributes and places are those of a whole reading, character by character."""
    for field, value in values.items():
        session.set(field, value)
        known = session._now()

        assert not known.is_whole
        assert known.buffer == session._terminal.read().buffer


@pytest.mark.parametrize(("value", "column"), [("AB", 22), ("", 20)])
def test_a_key_goes_out_with_the_cursor_where_typing_left_it(
    session: GridSession, host: Host, value: str, column: int
):
    """The driver's own looking back moves the cursor; a host that asks for it must not see."""
    session.set("code", value)

    session.press("show")

    assert (5 - 1) * 80 + column - 1 == _cursor(host.records[0])


def test_a_full_field_sends_the_cursor_on_to_the_next_one(session: GridSession, host: Host):
    """As a clerk's keyboard does it."""
    session.set("code", "ABCDEF")

    session.press("show")

    assert (6 - 1) * 80 + 20 - 1 == _cursor(host.records[0])


def test_the_whole_screen_is_read_before_a_commit(session: GridSession, pictures: list[Picture]):
    """The picture before it shows what stands, not what should stand after typing."""
    session.set("code", "AB12")
    is_whole: list[bool] = []

    session.commit("book", lambda: is_whole.append(session._now().is_whole))

    (before,) = [picture for picture in pictures if picture.moment == "before-commit"]
    assert [True] == is_whole
    assert "AB12" in before.text


def test_what_the_host_painted_over_is_not_committed(session: GridSession, host: Host):
    """It may paint its form anew after a field was read back: that is seen before the key."""
    session.set("code", "AB12")
    host.terminals[0].show(FORM)
    while not session._terminal.has_heard_since(session._now()):
        time.sleep(0.01)

    with pytest.raises(Refused) as refused:
        session.commit("book", lambda: None)

    assert ("FIELD_NOT_READ_BACK", []) == (refused.value.code, host.records)


@pytest.mark.parametrize("value", ["“" * 6, "Ж" * 12, "A" * 11 + "é", "·" * 6, "°" * 6])
def test_signs_of_two_bytes_are_counted_as_wide(session: GridSession, value: str):
    """What Unicode leaves open has two cells on a Chinese host; it must not spill over."""
    with pytest.raises(Refused) as refused:
        session.set("name", value)

    assert "FIELD_TOO_LONG" == refused.value.code


def test_the_session_goes_on_after_what_the_keyboard_did_not_take(session: GridSession):
    """s3270 locks the keyboard then; what is shown differs, and the next value is typed."""
    with pytest.raises(Refused) as refused:
        session.set("code", "“”")
    session.set("code", "AB12")

    assert ("FIELD_NOT_READ_BACK", "AB12") == (refused.value.code, session.now().fields["code"])


def test_an_unknown_code_page_is_named(host: Host):
    """s3270 takes another page in silence, and shows other characters."""
    system = MAP.model_copy(update={"code_page": "cp9999"})
    address = f"127.0.0.1:{host.server.port}"

    with pytest.raises(Misconfigured) as wrong:
        open_session(system, address, SignOn("CLERK001", "SECRET99"), keep=print, tls=False)

    assert "CODE_PAGE_UNKNOWN" == wrong.value.code


def _cursor(record: bytes) -> int:
    """The buffer address that a record says the cursor has (12 bits)."""
    return (record[1] & 0x3F) << 6 | record[2] & 0x3F
