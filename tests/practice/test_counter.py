"""The practice counter over plain HTTP, its SQLite file as the witness."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from clerkwork.practice import counter, manners
from clerkwork.practice.slips import SEEDED

CREDENTIALS = {
    "counter-desk": {"operator": "TD01", "password": "looks-Qx7"},
    "counter-keyboard": {"operator": "TK01", "password": "types-Wz3"},
}
SLIP = {
    "account": "6200000017",
    "payee": "深圳市龙岗五金厂",
    "amount": "1,234.50",
    "purpose": "货款 06",
    "reference": "CT01",
}


class Caller:
    """One signed-on user without a browser."""

    def __init__(self, host: counter.Host, name: str):
        self._address = urlsplit(host.url).netloc
        self._cookie = ""
        self.answer = self.post("/signon", CREDENTIALS[name])

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page."""
        return self._call("GET", path, "")

    def post(self, path: str, form: Mapping[str, str]) -> tuple[int, str]:
        """Status and text of the answer to a form."""
        return self._call("POST", path, urlencode(form))

    def _call(self, method: str, path: str, body: str) -> tuple[int, str]:
        kind = "application/x-www-form-urlencoded"
        with closing(http.client.HTTPConnection(self._address, timeout=20)) as line:
            line.request(method, path, body, {"Cookie": self._cookie, "Content-Type": kind})
            with line.getresponse() as answer:
                given = answer.getheader("Set-Cookie")
                self._cookie = given.split(";")[0] if given else self._cookie
                charset = answer.headers.get_content_charset() or "utf-8"
                return answer.status, answer.read().decode(charset)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[counter.Host]:
    """A counter with the slips of its first day."""
    with closing(counter.serve(tmp_path, CREDENTIALS)) as running:
        yield running


@pytest.fixture
def keyboard(host: counter.Host) -> Caller:
    """The operator who may post."""
    return Caller(host, "counter-keyboard")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where bad manners are switched on."""
    return tmp_path / "practice"


def message_of(page: str) -> str:
    """The message line of a page."""
    return page.split('class="say">')[1].split("<")[0]


def test_a_slip_is_stored_as_keyed(host: counter.Host, keyboard: Caller) -> None:
    """Chinese and grouped amounts arrive; the answer shows what is stored."""
    status, page = keyboard.post("/post", SLIP)
    (slip,) = host.slips.find("CT01")

    assert (status, message_of(page)) == (200, "CT4001 已记账 SLIP POSTED")
    assert (slip.payee, slip.amount_minor, slip.keyed_by) == ("深圳市龙岗五金厂", 123450, "TK01")
    assert (slip.number in page, "1,234.50" in page) == (True, True)
    assert host.slips.times_submitted("CT01") == 1


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("account", "62000001", "CT4203"),
        ("amount", "12a.50", "CT4204"),
        ("payee", "深" * 13, "CT4202"),
        ("payee", "", "CT4201"),
        ("purpose", "a\tb", "CT4205"),
    ],
)
def test_a_wrong_slip_comes_back(
    host: counter.Host, keyboard: Caller, field: str, value: str, code: str
) -> None:
    """The form is shown again, with the reason and what was typed; nothing is stored."""
    _, page = keyboard.post("/post", SLIP | {field: value})

    assert (message_of(page)[:6], 'value="CT01"' in page) == (code, True)
    assert len(host.slips.all()) == SEEDED


def test_the_desk_may_not_post(host: counter.Host) -> None:
    """The server says no to the operator who looks, whatever the page offers."""
    _, page = Caller(host, "counter-desk").post("/post", SLIP)

    assert (message_of(page)[:6], len(host.slips.all())) == ("CT4105", SEEDED)


def test_the_list_has_pages(keyboard: Caller) -> None:
    """Ten slips a page, the oldest first; after the last one a message."""
    pages = [keyboard.get(f"/list?page={page}")[1] for page in (1, 2, 3, 4, 0)]

    assert [page.count('<tr class="odd">') for page in pages] == [5, 5, 3, 3, 5]
    assert [message_of(page)[:6] for page in pages] == ["", "", "", "CT4004", "CT4005"]
    assert pages[0].index("S0000001") < pages[0].index("S0000010")


def test_the_search_says_how_many(keyboard: Caller) -> None:
    """Exact references only."""
    keyboard.post("/post", SLIP)
    keyboard.post("/post", SLIP)
    _, two = keyboard.get("/find?reference=CT01")
    _, none = keyboard.get("/find?reference=CT0")

    assert (message_of(two)[:6], '<b class="count">2</b>' in two) == ("CT4002", True)
    assert (message_of(none)[:6], '<b class="count">0</b>' in none) == ("CT4003", True)


def test_ids_are_other_ones_on_every_load(keyboard: Caller) -> None:
    """Nobody can rely on an element id."""
    first, second = (keyboard.get("/slip")[1].split('id="')[1].split('"')[0] for _ in range(2))

    assert first != second


def test_the_list_can_be_taken_away(keyboard: Caller) -> None:
    """All slips as a file, in the code page of the house."""
    status, text = keyboard.get("/export")

    assert (status, len(text.splitlines())) == (200, SEEDED + 1)
    assert text.startswith("凭条号,账号,收款人,金额,用途,业务编号")


def test_hostile_text_stays_text(keyboard: Caller) -> None:
    """Markup is shown, never obeyed."""
    _, page = keyboard.post("/post", SLIP | {"payee": '"><script>x()'})

    assert "&lt;script&gt;x()" in page
    assert "<script>x()" not in page


def test_a_session_ends_when_it_is_idle(tmp_path: Path) -> None:
    """What is sent after the time-out is not booked, and counts as submitted."""
    with closing(counter.serve(tmp_path, CREDENTIALS, idle_s=0.05)) as host:
        keyboard = Caller(host, "counter-keyboard")
        time.sleep(0.1)
        _, page = keyboard.post("/post", SLIP)

        assert "/expired" in page
        assert message_of(keyboard.get("/expired")[1])[:6] == "CT4104"
        assert (len(host.slips.all()), host.slips.times_submitted("CT01")) == (SEEDED, 1)


@pytest.mark.parametrize(
    ("manner", "stored", "shows"),
    [
        (manners.ERROR_PAGE, 0, "CT4901"),
        (manners.SESSION_LOST, 0, "/expired"),
        (manners.LOST_SAVE, 0, "CT4001"),
        (manners.WRONG_SCREEN, 1, "柜面系统"),
        (manners.ANSWER_TWICE, 1, "CT4001"),
        (manners.LATE_PAINT, 1, "CT4001"),
    ],
)
def test_manners_of_the_answer(
    host: counter.Host, keyboard: Caller, folder: Path, manner: str, stored: int, shows: str
) -> None:
    """What is stored and what is shown, once; then the counter behaves again."""
    manners.switch_on(folder, "counter", manner, times=1)
    _, page = keyboard.post("/post", SLIP)

    assert (len(host.slips.find("CT01")), shows in page) == (stored, True)
    assert not (folder / f"counter.{manner}").exists()


@pytest.mark.parametrize(("manner", "stored"), [("drop-answer", 1), ("host-restarted", 0)])
def test_a_connection_that_is_cut(
    host: counter.Host, keyboard: Caller, folder: Path, manner: str, stored: int
) -> None:
    """After the booking, or before it."""
    manners.switch_on(folder, "counter", manner, times=1)
    with pytest.raises(http.client.RemoteDisconnected):
        keyboard.post("/post", SLIP)

    assert len(host.slips.find("CT01")) == stored


def test_manners_of_the_sign_on(host: counter.Host, folder: Path) -> None:
    """No session is opened, and each time is another reason."""
    for manner in (manners.SIGNED_ON_ELSEWHERE, manners.PASSWORD_EXPIRED):
        manners.switch_on(folder, "counter", manner, times=1)
    answers = [Caller(host, "counter-keyboard").answer for _ in range(3)]

    assert [message_of(page)[:6] for _, page in answers[:2]] == ["CT4102", "CT4103"]
    assert answers[2][0] == 303


def test_a_wrong_certificate(tmp_path: Path, folder: Path) -> None:
    """It is another host's, by argument or by the manner."""
    manners.switch_on(folder, "counter", manners.CERTIFICATE_WRONG, times=1)
    for tls in ("none", "wrong"):
        with closing(counter.serve(tmp_path, CREDENTIALS, tls=tls)) as host:
            assert host.url.startswith("https://")
            line = http.client.HTTPSConnection(urlsplit(host.url).netloc, timeout=30)
            with closing(line), pytest.raises(ssl.SSLCertVerificationError):
                line.request("GET", "/")
