"""The practice core host: protocol, books with what the ledger posted, operators, bad input."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import date
from datetime import time as at
from decimal import Decimal
from pathlib import Path

import pytest

from clerkwork.errors import Failure, Unavailable
from clerkwork.practice import core, manners, world
from clerkwork.practice.core.journal import Journal
from clerkwork.practice.core.server import Server, Terminal
from clerkwork.practice.core.stream import (
    BadStream,
    Inbound,
    Input,
    Page,
    Text,
    address,
    inbound,
    outbound,
    position,
)
from clerkwork.practice.world import EPOCH, Balance, Day, JournalLine
from clerkwork.systems.grid import GridSession
from clerkwork.systems.maps import load_system
from clerkwork.systems.port import SignOn
from clerkwork.systems.tn3270 import open_session

CORE = load_system(Path(__file__).parents[2] / "resources/systems/core")
CREDENTIALS = {
    "core-desk": {"operator": "DESK0001", "password": "PQ7XK2ZD"},
    "ledger-desk": {"operator": "LEDG0001", "password": "ABCDEFGH"},
}
NOSTRO, BOX, OTHER = "1011840001", "1001156101", "6421000001"
NEXT = date(2026, 6, 12)


def small_day(on: date) -> Day:
    """Two lines, two accounts, the same every day from EPOCH on."""
    if on < EPOCH:
        raise ValueError(on)
    lines = (
        JournalLine(1, at(9), NOSTRO, "D", Decimal("10.00"), "USD", "REF1", "IN", "K01"),
        JournalLine(2, at(10), BOX, "C", Decimal("-2.50"), "CNY", "REF2", "RED OUT", "T01"),
    )
    balances = {
        NOSTRO: Balance(Decimal("100.00"), Decimal("110.00")),
        BOX: Balance(Decimal("50.00"), Decimal("52.50")),
    }
    return Day(on, lines, balances, statements=(), vault=(), truth=())


@pytest.fixture
def host(tmp_path: Path) -> Iterator[core.Host]:
    """A core with small days."""
    running = core.serve(tmp_path, small_day, NEXT, CREDENTIALS, tmp_path / "ledger.db")
    yield running
    running.close()


@pytest.fixture
def session(host: core.Host) -> Iterator[GridSession]:
    """A session with it, signed on."""
    sign_on = SignOn("DESK0001", "PQ7XK2ZD")
    with open_session(CORE, f"127.0.0.1:{host.port}", sign_on, keep=len_of, tls=False) as opened:
        opened.expect("sign_on")
        opened.set("operator", sign_on.operator)
        opened.set("password", sign_on.password)
        opened.press("enter")
        yield opened


def len_of(picture: object) -> None:
    """Keep nothing."""


def ledger(path: Path, *rows: tuple[str, str, str, str, int, str, str, str]) -> Path:
    """
    The ledger's database with vouchers: number, date, debit, credit, minor units, colour,
    reference, state.
    """
    with closing(sqlite3.connect(path)) as db:
        db.execute(
            "CREATE TABLE vouchers (number, accounting_date, debit_account, credit_account,"
            " currency, amount_minor, colour, original_voucher, narrative, reference, state,"
            " keyed_by, keyed_at, released_by)"
        )
        db.executemany(
            "INSERT INTO vouchers VALUES"
            " (?1, ?2, ?3, ?4, 'USD', ?5, ?6, '', '手续费 fee', ?7, ?8, 'RB01', '', '')",
            rows,
        )
        db.commit()
    return path


def test_addresses_are_those_of_the_manual():
    """GA23-0059: 0 is 40 40, row 2 column 1 is C1 50, the last of 24x80 is 5D 7F."""
    assert ["4040", "c150", "5d7f"] == [address(place).hex() for place in (0, 80, 1919)]


def test_every_position_is_written_and_read_back():
    """12-bit and 14-bit addresses of all 1,920 positions."""
    places = range(1920)

    assert list(places) == [position(*address(place)) for place in places]
    assert list(places) == [position(place >> 8, place & 0xFF) for place in places]


def test_a_page_is_a_data_stream():
    """Erase/Write, unlock, then per field: address, attribute, content."""
    page = Page((Text(1, 2, "AB"),), (Input("pin", 2, 1, 3, hidden=True),))
    expected = (
        "f5 c3  11 4040 1df0 c1c2"  # at 0: protected, skipped; AB
        "  11 c14f 1d4c 13"  # at 79, the end of row 1: unprotected, hidden; the cursor
        "  11 c1d3 1df0"  # at 83: the end of the input
    )

    assert bytes.fromhex(expected) == outbound(page)


def test_modified_fields_come_in_by_name():
    """Enter with the cursor at 80, "1" typed into the field there; nulls are no characters."""
    page = Page((), (Input("pin", 2, 1, 3),))
    record = bytes.fromhex("7d c150 11 c150 f1 00 f2")

    assert Inbound("ENTER", {"pin": "12"}) == inbound(record, page)


@pytest.mark.parametrize(
    "record", ["", "00", "7d c150 11 4040 f1", "7d c150 11 c1", "7d c150 11 7f7f f1"]
)
def test_what_is_no_data_stream_is_told(record: str):
    """No AID, no such field, an address cut off, an address beyond the screen."""
    with pytest.raises(BadStream):
        inbound(bytes.fromhex(record), Page((), (Input("pin", 2, 1, 3),)))


def negotiated(sock: socket.socket, terminal_type: bytes) -> bytes:
    """What the host sends to a client that agrees to all and is such a terminal."""
    sock.settimeout(5)
    sock.sendall(b"\xff\xfb\x18" + b"\xff\xfa\x18\x00" + terminal_type + b"\xff\xf0")
    sock.sendall(b"\xff\xfd\x00\xff\xfb\x00\xff\xfd\x19\xff\xfb\x19")
    received = b""
    while not received.endswith(b"\xff\xef"):
        data = sock.recv(4096)
        if not data:
            break
        received += data
    return received


def test_the_host_negotiates_as_rfc_1576_says(host: core.Host):
    """Terminal type, then binary and end of record in both directions, then the first record."""
    with socket.create_connection(("127.0.0.1", host.port)) as sock:
        received = negotiated(sock, b"IBM-3278-2-E")

    options = "fffd18 fffa1801fff0 fffd00 fffb00 fffd19 fffb19"
    assert bytes.fromhex(options) == received[: len(bytes.fromhex(options))]
    assert "CB01 SIGN-ON".encode("cp037") in received
    assert received.endswith(b"\xff\xef")


@pytest.mark.parametrize(
    "first", [b"\xff\xfc\x18", b"", b"\xff\xfb\x18\xff\xfa\x18\x00VT100\xff\xf0"]
)
def test_a_client_that_is_no_3270_is_hung_up(host: core.Host, first: bytes):
    """It refuses, leaves, or is another terminal: the host closes and serves the next."""
    with socket.create_connection(("127.0.0.1", host.port)) as sock:
        sock.settimeout(5)
        sock.sendall(first)
        if not first:
            sock.shutdown(socket.SHUT_WR)
        assert b"\xff\xfd\x18" == sock.recv(3)
        while sock.recv(4096):
            pass

    with socket.create_connection(("127.0.0.1", host.port)) as sock:
        assert b"SIGN" in negotiated(sock, b"IBM-3279-2").decode("cp037").encode("ascii", "replace")


def test_an_ff_in_a_record_is_doubled_and_undoubled():
    """Telnet's IAC is data in a record: 0xFF comes through both ways."""
    heard: list[Inbound | None] = []

    def talk(terminal: Terminal) -> None:
        terminal.show(Page((), (Input("eo", 2, 1, 3, "\x9f"),)))  # EBCDIC 0xFF
        heard.append(terminal.hear(5))

    server = Server(talk)
    with socket.create_connection(("127.0.0.1", server.port)) as sock:
        received = negotiated(sock, b"IBM-3278-2")
        sock.sendall(bytes.fromhex("7d c150 11 c150 ffff c1 ffef"))
        while sock.recv(4096):
            pass
    server.close()

    assert b"\x13\xff\xff" in received
    assert [Inbound("ENTER", {"eo": "\x9fA"})] == heard


def test_close_leaves_no_thread_and_no_listener(tmp_path: Path):
    """With a client in mid-conversation, and twice in a row."""
    before = set(threading.enumerate())
    for _ in range(2):
        running = core.serve(tmp_path, small_day, NEXT, CREDENTIALS, tmp_path / "none.db")
        with socket.create_connection(("127.0.0.1", running.port)) as sock:
            negotiated(sock, b"IBM-3278-2")
            running.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", running.port))

    assert set() == set(threading.enumerate()) - before


def test_only_the_core_operators_sign_on(host: core.Host):
    """The ledger's operators are not the core's."""
    assert host.operators.knows("DESK0001", "PQ7XK2ZD")
    assert not host.operators.knows("LEDG0001", "ABCDEFGH")
    assert not host.operators.knows("DESK0001", "")


def asked(session: GridSession, day: str, branch: str) -> str:
    """The message after asking for a journal."""
    session.press("journal")
    session.set("date", day)
    session.set("branch", branch)
    try:
        return session.press("enter").message
    except Failure as failure:
        return failure.code


@pytest.mark.parametrize(
    ("day", "branch", "expected"),
    [
        ("20260611", "0755", ""),
        ("20260611", "0756", "CB2002"),
        ("20260612", "0755", "CB2003"),
        ("20260610", "0755", "CB2004"),
        ("20260231", "0755", "CB2001"),
        ("", "0755", "CB2001"),
        ("2026061", "0755", "CB2001"),
    ],
)
def test_a_journal_that_cannot_be_shown_has_its_code(
    session: GridSession, day: str, branch: str, expected: str
):
    """Each reason has a code of its own; the asked values stay on the screen."""
    assert expected == asked(session, day, branch)
    if expected:
        assert {"date": day, "branch": branch} == session.now().fields


def test_a_day_whose_end_of_day_runs_is_not_shown(host: core.Host, session: GridSession):
    """The menu says RUNNING, and the inquiry says that the day is not closed."""
    manners.switch_on(host.slips.path.parent, host.slips.path.stem, manners.DAY_RUNNING)

    assert "CB2003" == asked(session, "20260611", "0755")
    session.press("back")
    assert "RUNNING" == session.now().fields["end_of_day"]


def test_a_red_figure_has_its_minus_behind_it(session: GridSession):
    """红字: same column, trailing minus, as a COBOL picture prints it."""
    asked(session, "20260611", "0755")

    amounts = [row["amount"] for row in session.rows("lines")]

    assert ["10.00", "2.50-"] == amounts


def test_paging_beyond_either_end_says_so(session: GridSession):
    """PF7 on the first page and PF8 on the last stay where they are."""
    asked(session, "20260611", "0755")

    assert "CB2006" == session.press("backward").message_code
    assert "CB2005" == session.press("forward").message_code
    assert ("0001", "0001") == (session.now().fields["page"], session.now().fields["pages"])


def test_a_locked_terminal_opens_with_the_password_only(host: core.Host, session: GridSession):
    """After idle time nothing but the operator's password leads on, to the menu."""
    host.idle_lock_s = 0.2
    with suppress(Unavailable):  # it may be locked before we have looked
        session.press("journal")
    deadline = time.monotonic() + 10
    while session.now().name != "locked" and time.monotonic() < deadline:
        time.sleep(0.05)
    host.idle_lock_s = 600

    session.set("password", "WRONG")
    with pytest.raises(Unavailable) as locked:
        session.press("enter")
    assert "CB9002" == locked.value.code
    session.set("password", "PQ7XK2ZD")
    assert "menu" == session.press("enter").name


def test_posted_vouchers_open_the_next_day(tmp_path: Path):
    """Once for each account that is the core's, red with a minus, held ones not at all."""
    path = ledger(
        tmp_path / "ledger.db",
        ("0755-20260611-0001", "2026-06-11", OTHER, NOSTRO, 1234_50, "blue", "CWFEE", "posted"),
        ("0755-20260611-0002", "2026-06-11", NOSTRO, OTHER, -77_00, "red", "CWREV", "posted"),
        ("0755-20260611-0003", "2026-06-11", BOX, OTHER, 5_00, "blue", "CWHELD", "held"),
        ("0755-20260612-0001", "2026-06-12", BOX, OTHER, 9_00, "blue", "CWLATER", "posted"),
    )
    journal = Journal(small_day, path)

    shown = [
        (line.serial, line.at, line.account, line.side, line.amount, line.reference)
        for line in journal.lines(NEXT)
    ]

    assert [
        (1, at(0, 0, 1), NOSTRO, "C", Decimal("1234.50"), "CWFEE"),
        (2, at(0, 0, 2), NOSTRO, "D", Decimal("-77.00"), "CWREV"),
        (3, at(9), NOSTRO, "D", Decimal("10.00"), "REF1"),
        (4, at(10), BOX, "C", Decimal("-2.50"), "REF2"),
    ] == shown
    assert 2 == len(journal.lines(EPOCH))


def test_balances_include_what_was_posted_from_the_next_day_on(tmp_path: Path):
    """Not on the day itself; in the closing of the next; in both ends from then on."""
    path = ledger(
        tmp_path / "ledger.db",
        ("0755-20260611-0001", "2026-06-11", OTHER, NOSTRO, 7_00, "blue", "CWFEE", "posted"),
        ("0755-20260611-0002", "2026-06-11", NOSTRO, OTHER, 2_00, "red", "CWREV", "posted"),
    )
    journal = Journal(small_day, path)

    ends = [journal.balance(NOSTRO, date(2026, 6, day)) for day in (11, 12, 13)]

    assert [(str(end.opening), str(end.closing)) for end in ends if end] == [
        ("100.00", "110.00"),
        ("100.00", "101.00"),
        ("91.00", "101.00"),
    ]
    assert journal.balance(OTHER, NEXT) is None


def test_a_ledger_that_is_not_there_yet_has_posted_nothing(tmp_path: Path):
    """No file, and a file without the table, are an empty ledger; neither is made or changed."""
    missing, empty = tmp_path / "missing.db", tmp_path / "empty.db"
    empty.touch()

    assert 2 == len(Journal(small_day, missing).lines(NEXT))
    assert 2 == len(Journal(small_day, empty).lines(NEXT))
    assert not missing.exists()


def test_every_line_of_the_world_fits_its_columns():
    """Nothing is cut off, nothing overlaps, all of it can be shown in code page 037."""
    for line in world.day(EPOCH).journal:
        shown = core.screens.journal_page("T0001", "", EPOCH, "0755", [line], 1).texts[5].text
        assert 80 == len(shown.rstrip().ljust(80))
        assert [line.reference, line.narrative] == [shown[46:62].strip(), shown[63:79].strip()]
        assert shown.isascii()
