"""The practice core keys slips, in single-byte and in Chinese code pages."""

from __future__ import annotations

import socket

import pytest

from clerkwork.practice.core.code_pages import CodePageMissing, code_page
from clerkwork.practice.core.stream import Display, Input, Page, Text, inbound, outbound, parts
from tests.practice.core.bare import OPERATOR, PASSWORD, SLIP, Serve, Terminals, shown


@pytest.mark.parametrize("name", ["cp935", "cp1388"])
def test_a_chinese_code_page_is_written_and_read_back(name: str):
    """SO and SI around double-byte runs, bytes as IBM's tables have them (张 is 5B65)."""
    page = code_page(name)

    assert "c10e5b6554fc0fc2" == page.encode("A张三B").hex()
    assert "A张三B" == page.decode(page.encode("A张三B"))
    assert "\ufffd" in page.decode(bytes.fromhex("0efefe0f"))
    assert "6f" == page.encode("😀").hex()


def test_every_character_of_the_chinese_pages_comes_back():
    """Nine thousand and thirty-two thousand characters."""
    for name, least in (("cp935", 9_000), ("cp1388", 32_000)):
        page = code_page(name)
        characters = list(page._text_of.values())
        assert len(characters) > least
        assert characters == [page.decode(page.encode(each)) for each in characters]


def test_a_code_page_nobody_has_is_told():
    """Before the host listens."""
    with pytest.raises(CodePageMissing):
        code_page("cp9999")


def test_a_field_that_takes_chinese_says_so_in_its_attributes():
    """SFE (29) with the field attribute (C0) and input control (FE) 01: SO and SI are made."""
    display = Display(page=code_page("cp935"))
    page = Page((), (Input("payee", 2, 1, 8, "张", chinese=True),))

    assert bytes.fromhex("2902c0c1fe01 13 0e5b650f") in outbound(page, display)
    assert (
        "张A"
        == inbound(bytes.fromhex("7d c150 11 c150 0e5b650f c1"), page, display).fields["payee"]
    )


def test_a_page_in_parts_is_the_page_in_three_records():
    """Erase/Write with the first row, then two Writes; the last has the foot."""
    page = Page((Text(1, 2, "A"), Text(9, 2, "B"), Text(24, 2, "C")), (Input("x", 10, 2, 3),))
    first, middle, last = parts(page)

    assert ["f5c3", "f1c2", "f1c2"] == [part[:2].hex() for part in (first, middle, last)]
    assert [True, True, True] == [b"\xc1" in first, b"\xc2" in middle[2:], b"\xc3" in last[2:]]
    assert b"\x13" in middle


@pytest.mark.parametrize(
    ("name", "payee", "purpose"),
    [
        ("cp037", "ACME TRADING", "INVOICE 5017"),
        ("cp935", "张三商行", "货款 06 RENT 房租"),
        ("cp1388", "深圳市龙岗五金厂", "往来款"),
    ],
)
def test_a_slip_is_keyed_and_found(
    serve: Serve, bare: Terminals, name: str, payee: str, purpose: str
):
    """By bare s3270: posted as typed, in the books, found by its reference."""
    host = serve(code_page=name)
    terminal = bare(host, code_page=name)
    terminal.sign_on()
    values = (SLIP[0], payee, SLIP[2], purpose, SLIP[4])

    assert shown(terminal.key_slip(values), "CB4001")
    terminal.key("PF(3)")
    terminal.key("PF(6)")
    terminal.type_at(10, SLIP[4])
    rows = terminal.key("Enter()")

    (slip,) = host.slips.find(SLIP[4])
    assert (payee, purpose, OPERATOR) == (slip.payee, slip.purpose, slip.keyed_by)
    assert shown(rows, "CB4002") and shown(rows, "0001") and shown(rows, "S0000026")
    assert 1 == host.slips.times_submitted(SLIP[4])


def test_three_pages_list_the_slips(serve: Serve, bare: Terminals):
    """Oldest first; beyond either end the page stays and says so."""
    terminal = bare(serve())
    terminal.sign_on()

    assert shown(terminal.key("PF(9)"), "PAGE 0001 OF 0003")
    assert shown(terminal.key("PF(7)"), "CB4005")
    terminal.key("PF(8)")
    assert shown(terminal.key("PF(8)"), "S0000025")
    assert shown(terminal.key("PF(8)"), "CB4004")
    assert shown(terminal.key("PF(2)"), "CB4900")


@pytest.mark.parametrize(
    ("place", "value", "code"),
    [(0, "62220", "4203"), (1, "", "4201"), (2, "1,23", "4204")],
)
def test_a_wrong_slip_comes_back_with_what_was_typed(
    serve: Serve, bare: Terminals, place: int, value: str, code: str
):
    """Nothing is booked; the form has come in."""
    host = serve()
    terminal = bare(host)
    terminal.sign_on()
    rows = terminal.key_slip((*SLIP[:place], value, *SLIP[place + 1 :]))

    assert shown(rows, f"CB{code}") and shown(rows, "CB40 PAYMENT SLIP") and shown(rows, SLIP[4])
    assert ([], 1) == (host.slips.find(SLIP[4]), host.slips.times_submitted(SLIP[4]))


def test_the_desk_may_not_post(serve: Serve, bare: Terminals):
    """It may look at the form and at the slips."""
    host = serve()
    terminal = bare(host)
    terminal.sign_on("DESK0001", "PQ7XK2ZD")

    assert shown(terminal.key_slip(), "CB4105")
    assert [] == host.slips.find(SLIP[4])


def test_chinese_bytes_are_refused_where_the_code_page_has_none(serve: Serve):
    """SO, two bytes, SI in a field of a cp037 host: CB4205, not some other characters."""
    host = serve()
    with socket.create_connection(("127.0.0.1", host.port)) as sock:
        said = Raw(sock)
        said.sign_on()
        said.send("f4 4040")
        said.until("CB40 PAYMENT SLIP")
        fields = {8: b"\xf6" * 10, 10: b"\x0e\x5b\x65\x0f", 12: b"\xf1", 14: b"\xc1", 16: b"\xd9"}
        said.send("7d 4040", fields)
        said.until("CB4205")

    assert 1 == host.slips.times_submitted("R")


class Raw:
    """A classic TN3270 client by hand."""

    def __init__(self, sock: socket.socket):
        self._sock = sock
        sock.settimeout(5)
        sock.sendall(b"\xff\xfb\x18\xff\xfa\x18\x00IBM-3278-2\xff\xf0")
        sock.sendall(b"\xff\xfd\x00\xff\xfb\x00\xff\xfd\x19\xff\xfb\x19")
        self.until("CB01")

    def send(self, start: str, fields: dict[int, bytes] | None = None) -> None:
        """AID and cursor in hex, and bytes for the fields at column 40 of these rows."""
        record = bytes.fromhex(start)
        for row, value in (fields or {}).items():
            place = (row - 1) * 80 + 39
            record += bytes([0x11, place >> 8, place & 0xFF]) + value
        self._sock.sendall(record.replace(b"\xff", b"\xff\xff") + b"\xff\xef")

    def until(self, text: str) -> None:
        """Read until a text has come."""
        received = b""
        while text.encode("cp037") not in received or not received.endswith(b"\xff\xef"):
            data = self._sock.recv(4096)
            assert data, "hung up"
            received += data

    def sign_on(self) -> None:
        """To the menu."""
        self.send("7d 4040", {10: OPERATOR.encode("cp037"), 12: PASSWORD.encode("cp037")})
        self.until("CB10 MENU")
