"""The practice ledger over plain HTTP, its SQLite file as the witness."""

from __future__ import annotations

import http.client
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest

from clerkwork.practice import ledger, manners

ACCOUNTING_DATE = date(2026, 6, 12)
CREDENTIALS = {
    "core-desk": {"operator": "RD02", "password": "not for here"},
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


class Caller:
    """One signed-in user without a browser."""

    def __init__(self, host: ledger.Host, name: str):
        self._address = urlsplit(host.url).netloc
        self._cookie = ""
        self.post("/signin", CREDENTIALS[name])

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page."""
        return self._call("GET", path, "")

    def post(self, path: str, form: Mapping[str, str]) -> tuple[int, str]:
        """Status and text of the answer to a form."""
        return self._call("POST", path, urlencode(form, errors="surrogatepass"))

    def _call(self, method: str, path: str, body: str) -> tuple[int, str]:
        kind = "application/x-www-form-urlencoded"
        with closing(http.client.HTTPConnection(self._address, timeout=5)) as line:
            line.request(method, path, body, {"Cookie": self._cookie, "Content-Type": kind})
            with line.getresponse() as answer:
                given = answer.getheader("Set-Cookie")
                self._cookie = given.split(";")[0] if given else self._cookie
                return answer.status, answer.read().decode()


Call = Callable[[str], Caller]


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ledger.Host]:
    """A ledger with no voucher."""
    running = ledger.serve(tmp_path, CREDENTIALS, ACCOUNTING_DATE)
    yield running
    running.close()


@pytest.fixture
def keyboard(host: ledger.Host) -> Caller:
    """The operator who may key."""
    return Caller(host, "ledger-keyboard")


def stored(home: Path, columns: str = "*") -> list[tuple[Any, ...]]:
    """The vouchers as the database has them."""
    with closing(sqlite3.connect(ledger.database(home))) as connection:
        return connection.execute(f"SELECT {columns} FROM vouchers ORDER BY number").fetchall()


def message_of(page: str) -> str:
    """The message line of a page."""
    return page.split('id="message" class="message">')[1].split("<")[0]


def test_a_voucher_is_stored_field_by_field(
    host: ledger.Host, keyboard: Caller, tmp_path: Path
) -> None:
    """What is keyed stands in the table, with number, state and who keyed it."""
    status, page = keyboard.post("/voucher", VOUCHER)

    assert status == 200
    assert message_of(page) == "LG0001 Voucher posted 已记账: 0755-20260611-0001"
    (row,) = stored(tmp_path)
    assert row[:12] == (
        "0755-20260611-0001", "2026-06-11", "6421000001", "1011840001", "USD", 123450, "blue",
        "", "手续费 SERVICE CHARGE", "CW3NTESTTEST0001", "posted", "RB01",
    )  # fmt: skip
    assert row[13] == ""


def test_numbers_count_per_accounting_date(keyboard: Caller, tmp_path: Path) -> None:
    """Each accounting date has its own serial, from 1."""
    for on in ("2026-06-11", "2026-06-12", "2026-06-11"):
        keyboard.post("/voucher", VOUCHER | {"accounting_date": on})

    assert stored(tmp_path, "number") == [
        ("0755-20260611-0001",),
        ("0755-20260611-0002",),
        ("0755-20260612-0001",),
    ]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("accounting_date", "2026-06-10", "LG1004"),
        ("accounting_date", "2026-06-13", "LG1004"),
        ("accounting_date", "20260611", "LG1004"),
        ("accounting_date", "11/06/2026", "LG1004"),
        ("debit_account", "2431999999", "LG1007"),
        ("debit_account", '"><script>', "LG1007"),
        ("debit_account", "1011840001", "LG1008"),
        ("credit_account", "1011978001", "LG1014"),
        ("currency", "XYZ", "LG1006"),
        ("currency", "", "LG1011"),
        ("amount", "12a.50", "LG1005"),
        ("amount", "1.234", "LG1005"),
        ("amount", "1,23.00", "LG1005"),
        ("amount", "1" * 17, "LG1005"),
        ("amount", "0.00", "LG1010"),
        ("amount", "-1234.50", "LG1010"),
        ("colour", "red", "LG1010"),
        ("colour", "pink", "LG1015"),
        ("narrative", "x" * 61, "LG1012"),
        ("narrative", "a\ud800b", "LG1013"),
        ("narrative", "a\x07b", "LG1013"),
        ("reference", "R" * 17, "LG1012"),
        ("reference", "", "LG1011"),
    ],
)
def test_the_server_checks_each_field(
    keyboard: Caller, tmp_path: Path, field: str, value: str, code: str
) -> None:
    """A wrong field brings the form back with a code, and nothing is stored."""
    status, page = keyboard.post("/voucher", VOUCHER | {field: value})

    assert (200, code) == (status, message_of(page)[:6])
    assert stored(tmp_path) == []


def test_a_red_voucher_needs_its_original(keyboard: Caller, tmp_path: Path) -> None:
    """Red is negative, and names the voucher that it reverses."""
    red = VOUCHER | {"colour": "red", "amount": "-1,234.50"}
    _, refused = keyboard.post("/voucher", red)
    keyboard.post("/voucher", red | {"original_voucher": "0755-20260610-0007"})

    assert message_of(refused)[:6] == "LG1009"
    assert stored(tmp_path, "amount_minor, colour, original_voucher") == [
        (-123450, "red", "0755-20260610-0007")
    ]


def test_a_large_voucher_is_held_until_the_authoriser_releases_it(
    host: ledger.Host, keyboard: Caller, tmp_path: Path
) -> None:
    """From 1,000,000 on a voucher waits (待授权); the maker cannot release it."""
    keyboard.post("/voucher", VOUCHER | {"amount": "999999.99"})
    _, page = keyboard.post("/voucher", VOUCHER | {"amount": "1000000.00"})
    number = {"number": "0755-20260611-0002"}
    own, _ = keyboard.post("/release", number)
    before = stored(tmp_path, "state, released_by")
    authoriser = Caller(host, "ledger-authoriser")
    _, waiting = authoriser.get("/held")
    _, released = authoriser.post("/release", number)
    _, again = authoriser.post("/release", number)

    assert message_of(page)[:6] == "LG0002"
    assert own == 403
    assert before == [("posted", ""), ("held", "")]
    assert waiting.count('class="voucher"') == 1
    assert message_of(released)[:6] == "LG0005"
    assert message_of(again)[:6] == "LG1016"
    assert stored(tmp_path, "state, released_by") == [("posted", ""), ("posted", "RA01")]


@pytest.mark.parametrize("name", ["ledger-desk", "ledger-authoriser"])
def test_only_the_maker_keys(host: ledger.Host, tmp_path: Path, name: str) -> None:
    """The server has no entry form for the others, and takes no voucher from them."""
    caller = Caller(host, name)

    assert (caller.get("/entry")[0], caller.post("/voucher", VOUCHER)[0]) == (403, 403)
    assert "/entry" not in caller.get("/menu")[1]
    assert caller.get("/find?reference=CW3NTESTTEST0001")[0] == 200
    assert stored(tmp_path) == []


def test_a_wrong_password_opens_nothing(host: ledger.Host, keyboard: Caller) -> None:
    """Sign-in says no with one code for operator and password."""
    wrong = {"operator": "RB01", "password": "types-Wz4"}
    nobody = {"operator": "RB99", "password": "types-Wz3"}

    for credential in (wrong, nobody):
        assert message_of(keyboard.post("/signin", credential)[1])[:6] == "LG1001"


def test_a_session_that_was_idle_too_long_books_nothing(tmp_path: Path) -> None:
    """After the time-out every page says so, and a voucher is not stored."""
    with closing(ledger.serve(tmp_path, CREDENTIALS, ACCOUNTING_DATE, idle_s=0.05)) as host:
        keyboard = Caller(host, "ledger-keyboard")
        time.sleep(0.1)
        _, page = keyboard.post("/voucher", VOUCHER)

    assert message_of(page)[:6] == "LG1002"
    assert stored(tmp_path) == []


def test_search_is_exact_and_says_when_there_is_none(keyboard: Caller) -> None:
    """No voucher is a statement with the reference in it, not an empty page."""
    keyboard.post("/voucher", VOUCHER)
    keyboard.post("/voucher", VOUCHER)
    _, none = keyboard.get("/find?reference=CW3NTESTTEST000")
    _, two = keyboard.get("/find?reference=CW3NTESTTEST0001")

    assert message_of(none) == "LG0003 No voucher with reference 无此编号的凭证: CW3NTESTTEST000"
    assert message_of(two) == "LG0004 2 voucher(s) with reference 查得凭证: CW3NTESTTEST0001"
    assert (none.count('class="voucher"'), two.count('class="voucher"')) == (0, 2)


def test_hostile_text_stays_text(keyboard: Caller) -> None:
    """Markup in a field is shown, never obeyed."""
    keyboard.post("/voucher", VOUCHER | {"narrative": '"><script>alert(1)</script>'})
    _, shown = keyboard.get("/find?reference=CW3NTESTTEST0001")
    _, none = keyboard.get("/find?reference=" + quote("<script>"))

    assert "<script>" not in shown + none
    assert "&lt;script&gt;" in shown


def test_a_dropped_answer_is_booked(host: ledger.Host, keyboard: Caller, tmp_path: Path) -> None:
    """The voucher is stored, the connection is cut before any answer; once, as asked."""
    host.drop_answer(times=1)
    with pytest.raises(http.client.RemoteDisconnected):
        keyboard.post("/voucher", VOUCHER)
    status, _ = keyboard.post("/voucher", VOUCHER)

    assert status == 200
    assert (host.times_submitted, len(stored(tmp_path))) == (2, 2)


def test_a_failure_before_booking_stores_nothing(
    host: ledger.Host, keyboard: Caller, tmp_path: Path
) -> None:
    """HTTP 503 until the ledger is told to behave."""
    host.fail_before_booking()
    answers = [keyboard.post("/voucher", VOUCHER)[0] for _ in range(2)]
    nothing = stored(tmp_path)
    host.behave()
    keyboard.post("/voucher", VOUCHER)

    assert (answers, nothing, len(stored(tmp_path))) == ([503, 503], [], 1)


@pytest.mark.parametrize("content", ["", "2"])
def test_another_process_switches_bad_manners_by_a_file(
    host: ledger.Host, keyboard: Caller, tmp_path: Path, content: str
) -> None:
    """A file in the practice folder is enough; a number in it counts down."""
    switch = tmp_path / "practice" / f"ledger.{manners.ERROR_PAGE}"
    switch.write_text(content, encoding="ascii")
    answers = [keyboard.post("/voucher", VOUCHER)[0] for _ in range(3)]

    assert {"": [503, 503, 503], "2": [503, 503, 200]}[content] == answers
    assert (content == "") == switch.exists()


def test_vouchers_outlive_the_ledger(tmp_path: Path) -> None:
    """Another ledger on the same home goes on where the first one stopped."""
    for _ in range(2):
        with closing(ledger.serve(tmp_path, CREDENTIALS, ACCOUNTING_DATE)) as host:
            Caller(host, "ledger-keyboard").post("/voucher", VOUCHER)

    assert [n for (n,) in stored(tmp_path, "number")] == [
        "0755-20260611-0001",
        "0755-20260611-0002",
    ]
    with closing(sqlite3.connect(ledger.database(tmp_path))) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_desk_is_a_frameset(keyboard: Caller) -> None:
    """Menu and main page are frames, as in systems of that age."""
    _, desk = keyboard.get("/desk")

    assert "<frameset" in desk
    assert '<frame name="menu"' in desk
    assert '<frame name="main"' in desk
