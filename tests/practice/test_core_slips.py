"""The practice core beyond plain 3270: slips, Chinese code pages, TN3270E, TLS, large screens."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from clerkwork.practice import core, manners, world
from clerkwork.practice.core.code_pages import CodePageMissing, code_page
from clerkwork.practice.core.stream import Display, Input, Page, Text, inbound, outbound, parts

OPERATOR, PASSWORD = "KEYB0001", "RT5WM9BA"
CREDENTIALS = {
    "core-keyboard": {"operator": OPERATOR, "password": PASSWORD},
    "core-desk": {"operator": "DESK0001", "password": "PQ7XK2ZD"},
}
SLIP = ("6222000011", "ACME TRADING", "1,234.50", "INVOICE 5017", "CW00000000000001")
ROWS = (8, 10, 12, 14, 16)  # of the five fields of a slip, from 1; all begin in column 40

Serve = Callable[..., core.Host]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts cores of the world's books, and stops them."""
    running: list[core.Host] = []

    def start(**options: Any) -> core.Host:
        none = tmp_path / "none.db"
        day = date(2026, 6, 12)
        running.append(core.serve(tmp_path, world.day, day, CREDENTIALS, none, **options))
        return running[-1]

    yield start
    for host in running:
        host.close()


class Bare:
    """s3270 on a pipe, without our driver."""

    def __init__(self, address: str, *options: str, code_page: str = "cp037"):
        self._child = subprocess.Popen(
            ["s3270", "-utf8", "-codepage", code_page, "-model", "3278-2"]
            + ["-clear", "aidWait", "-clear", "unlockDelay", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/usr/local/bin"},
        )
        self.is_connected = self.run(f'Connect("{address}")')[1] == "ok"

    def run(self, action: str) -> tuple[list[str], str]:
        """The data lines, and "ok" or "error"."""
        assert self._child.stdin is not None and self._child.stdout is not None
        self._child.stdin.write(f"{action}\n".encode())
        self._child.stdin.flush()
        lines: list[str] = []
        while (line := self._line(self._child.stdout)) not in ("ok", "error"):
            lines.append(line)
        self.status = lines.pop().split()
        return [each.removeprefix("data: ") for each in lines], line

    @staticmethod
    def _line(said: IO[bytes]) -> str:
        line = said.readline()
        assert line, "s3270 ended"
        return line.decode("utf-8", "replace").rstrip("\n")  # errors of TLS end in freed memory

    def key(self, action: str) -> list[str]:
        """Press a key; the rows of the screen once the keyboard is unlocked, 5 s at most."""
        self.run(action)
        return self.screen()

    def screen(self) -> list[str]:
        """The rows of the screen once the keyboard is unlocked, 5 s at most."""
        self.run("Wait(5,Unlock)")
        return self.run("Ascii()")[0]

    def type_at(self, row: int, text: str) -> None:
        """Into the field at column 40 of `row`."""
        self.run(f"MoveCursor({row - 1},39)")
        self.run(f'String("{text}")')

    def sign_on(self, operator: str = OPERATOR, password: str = PASSWORD) -> list[str]:
        """The screen after the sign-on."""
        self.run("Wait(5,InputField)")
        self.type_at(10, operator)
        self.type_at(12, password)
        return self.key("Enter()")

    def key_slip(self, values: tuple[str, ...] = SLIP) -> list[str]:
        """From the menu: the screen after a slip is posted."""
        self.key("PF(4)")
        for row, value in zip(ROWS, values, strict=True):
            self.type_at(row, value)
        return self.key("Enter()")

    def close(self) -> None:
        """End s3270."""
        assert self._child.stdin is not None and self._child.stdout is not None
        self._child.stdin.close()
        self._child.kill()
        self._child.wait()
        self._child.stdout.close()


@pytest.fixture
def bare() -> Iterator[Callable[..., Bare]]:
    """Starts bare terminals, and ends them."""
    running: list[Bare] = []

    def start(host: core.Host, *options: str, unit: str = "", **more: Any) -> Bare:
        running.append(Bare(f"{unit}127.0.0.1:{host.port}", *options, **more))
        return running[-1]

    yield start
    for each in running:
        each.close()


def shown(rows: list[str], text: str) -> bool:
    """Whether a text stands anywhere."""
    return any(text in row for row in rows)


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
    serve: Serve, bare: Callable[..., Bare], name: str, payee: str, purpose: str
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


def test_three_pages_list_the_slips(serve: Serve, bare: Callable[..., Bare]):
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
    serve: Serve, bare: Callable[..., Bare], place: int, value: str, code: str
):
    """Nothing is booked; the form has come in."""
    host = serve()
    terminal = bare(host)
    terminal.sign_on()
    rows = terminal.key_slip((*SLIP[:place], value, *SLIP[place + 1 :]))

    assert shown(rows, f"CB{code}") and shown(rows, "CB40 PAYMENT SLIP") and shown(rows, SLIP[4])
    assert ([], 1) == (host.slips.find(SLIP[4]), host.slips.times_submitted(SLIP[4]))


def test_the_desk_may_not_post(serve: Serve, bare: Callable[..., Bare]):
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


# -- TN3270E, large screens, TLS --


def test_tn3270e_gives_the_logical_unit_asked_for(serve: Serve, bare: Callable[..., Bare]):
    """CONNECT CWLU07: its name is the terminal's; responses are agreed, keys come in."""
    host = serve(tn3270e=True)
    terminal = bare(host, unit="CWLU07@")

    assert shown(terminal.screen(), "CWLU07")
    assert "tn3270e" in terminal.run("Query(ConnectionState)")[0][0]
    assert "CWLU07" in terminal.run("Query(LuName)")[0][0]
    terminal.sign_on()
    assert shown(terminal.key_slip(), "CB4001")


def test_a_logical_unit_that_is_not_or_is_in_use_is_rejected(
    serve: Serve, bare: Callable[..., Bare]
):
    """INV-NAME and DEVICE-IN-USE; a closed terminal gives its unit back."""
    host = serve(tn3270e=True)
    first = bare(host, unit="CWLU07@")
    assert first.is_connected
    assert not bare(host, unit="WRONG@").is_connected
    assert not bare(host, unit="CWLU07@").is_connected
    first.run("Disconnect()")
    deadline = time.monotonic() + 5
    while not (again := bare(host, unit="CWLU07@")).is_connected:
        assert time.monotonic() < deadline
    assert shown(again.screen(), "CWLU07")


def test_a_client_without_tn3270e_gets_classic_tn3270(serve: Serve, bare: Callable[..., Bare]):
    """N: in the address turns it off; the host falls back."""
    terminal = bare(serve(tn3270e=True), unit="N:")

    assert shown(terminal.screen(), "T0001")
    assert shown(terminal.sign_on(), "CB10 MENU")


@pytest.mark.parametrize(
    ("model", "alternate", "size"),
    [
        ("2", False, ("24", "80")),
        ("4", False, ("24", "80")),
        ("2", True, ("24", "80")),
        ("3", True, ("32", "80")),
        ("4", True, ("43", "80")),
        ("5", True, ("27", "132")),
    ],
)
def test_every_model_shows_the_same_pages(
    serve: Serve, bare: Callable[..., Bare], model: str, alternate: bool, size: tuple[str, str]
):
    """In the 24 by 80 size, or in the upper left of the model's own; fields come in from both."""
    host = serve(alternate=alternate, tn3270e=model == "5")
    terminal = bare(host, "-model", f"3278-{model}")
    terminal.sign_on()
    terminal.type_at(14, "1")
    terminal.key("Enter()")
    terminal.type_at(8, "20260611")
    terminal.type_at(10, "0755")
    rows = terminal.key("Enter()")

    assert size == (terminal.status[6], terminal.status[7])
    assert rows[0].startswith(" CB21 JOURNAL")
    assert ["00001", "00002", "00003"] == [row[:5] for row in rows[4:7]]


def certificate(folder: Path, name: str) -> Path:
    """A self-signed certificate for `name` with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    path = folder / f"{name}.pem"
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + made.public_bytes(pem))
    return path


@pytest.mark.parametrize("is_wrong", [False, True])
def test_tls_is_verified_and_a_wrong_certificate_refused(
    serve: Serve, tmp_path: Path, is_wrong: bool
):
    """The host is itself, or on a bad day somebody else; s3270 checks signer and name."""
    right = certificate(tmp_path, "localhost")
    host = serve(tls=core.Tls(right, certificate(tmp_path, "another.host")))
    if is_wrong:
        manners.switch_on(tmp_path / "practice", "core", manners.CERTIFICATE_WRONG)
    options = ("-verifycert", "-cafile", str(right))
    terminal = Bare(f"L:localhost:{host.port}", *options)

    assert terminal.is_connected != is_wrong
    assert is_wrong or shown(terminal.sign_on(), "CB10 MENU")
    terminal.close()


# -- bad manners, as they are on the wire --


@pytest.fixture
def form(serve: Serve, bare: Callable[..., Bare]) -> tuple[core.Host, Bare]:
    """A host, and a terminal with a filled slip."""
    host = serve()
    terminal = bare(host)
    terminal.sign_on()
    terminal.key("PF(4)")
    for row, value in zip(ROWS, SLIP, strict=True):
        terminal.type_at(row, value)
    return host, terminal


def rude(host: core.Host, manner: str) -> None:
    """The next time only."""
    manners.switch_on(host.slips.path.parent, "core", manner, times=1)


@pytest.mark.parametrize(
    ("manner", "expected", "booked"),
    [
        (manners.WRONG_SCREEN, "CB10 MENU", 1),
        (manners.ERROR_PAGE, "CB4901", 0),
        (manners.LOST_SAVE, "CB4001", 0),
        (manners.SESSION_LOST, "CB4104", 0),
        (manners.ANSWER_TWICE, "CB4001", 1),
        (manners.DROP_ANSWER, "", 1),
        (manners.HOST_RESTARTED, "", 0),
    ],
)
def test_what_comes_after_posting_on_a_bad_day(
    form: tuple[core.Host, Bare], manner: str, expected: str, booked: int
):
    """The form came in once; the books say what became of it; "" is a cut connection."""
    host, terminal = form
    rude(host, manner)
    rows = terminal.key("Enter()")

    assert shown(rows, expected) if expected else terminal.status[3] == "N"
    assert (booked, 1) == (len(host.slips.find(SLIP[4])), host.slips.times_submitted(SLIP[4]))


@pytest.mark.parametrize("manner", [manners.LOCKED_KEYBOARD, manners.ANSWER_LATE])
def test_a_keyboard_stays_locked_after_booking(form: tuple[core.Host, Bare], manner: str):
    """The answer is there and the keyboard is not; or both come late."""
    host, terminal = form
    rude(host, manner)
    terminal.run("Enter()")
    _, said = terminal.run("Wait(1,Unlock)")

    assert ("error", "L") == (said, terminal.status[0])
    assert 1 == len(host.slips.find(SLIP[4]))
    assert shown(terminal.run("Ascii()")[0], "CB4001") == (manner == manners.LOCKED_KEYBOARD)


def test_a_late_paint_unlocks_before_the_screen_is_whole(form: tuple[core.Host, Bare]):
    """The title comes first, the foot some 0.3 s later."""
    host, terminal = form
    rude(host, manners.LATE_PAINT)
    early = terminal.key("Enter()")
    time.sleep(3 * manners.PAINT_S)
    late = terminal.run("Ascii()")[0]

    assert shown(early, "CB41 SLIP POSTED") and not shown(early, "PF3=BACK")
    assert shown(late, SLIP[4]) and shown(late, "PF3=BACK") and shown(late, "CB4001")


@pytest.mark.parametrize(
    ("manner", "expected"),
    [(manners.PASSWORD_EXPIRED, "CB4103"), (manners.SIGNED_ON_ELSEWHERE, "CB4102")],
)
def test_a_sign_on_on_a_bad_day(
    serve: Serve, bare: Callable[..., Bare], manner: str, expected: str
):
    """A person's, or another day's; the operator is not signed on."""
    host = serve()
    terminal = bare(host)
    rude(host, manner)

    assert shown(terminal.sign_on(), expected)


@pytest.mark.parametrize(
    ("manner", "expected"),
    [
        (manners.WRONG_SCREEN, "CB42 SLIP SEARCH"),
        (manners.ERROR_PAGE, "CB99 ABEND"),
        (manners.SESSION_LOST, "CB01 SIGN-ON"),
    ],
)
def test_another_screen_comes_than_the_one_asked_for(
    serve: Serve, bare: Callable[..., Bare], manner: str, expected: str
):
    """From the menu, before anything is typed."""
    host = serve()
    terminal = bare(host)
    terminal.sign_on()
    rude(host, manner)

    assert shown(terminal.key("PF(4)"), expected)


def test_a_menu_that_has_moved_leads_elsewhere(serve: Serve, bare: Callable[..., Bare]):
    """PF4 is the search then, and the menu says so."""
    host = serve()
    terminal = bare(host)
    rude(host, manners.MENU_MOVED)

    assert shown(terminal.sign_on(), "PF4  SLIP SEARCH")
    assert shown(terminal.key("PF(4)"), "CB42")


def test_a_reference_that_is_cut_off_takes_twelve(serve: Serve, bare: Callable[..., Bare]):
    """The field is shorter, nothing else tells."""
    host = serve()
    terminal = bare(host)
    terminal.sign_on()
    rude(host, manners.FIELD_TRUNCATED)
    terminal.key("PF(4)")
    terminal.type_at(16, "R" * 12)

    assert terminal.status[9] != "51"  # the cursor has left the field
