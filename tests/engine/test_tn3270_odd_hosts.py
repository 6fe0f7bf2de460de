"""The 3270 driver on hosts with bad manners: late, silent, half painted, gone, and committing."""

from __future__ import annotations

import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clerkwork.errors import Drifted, Failure, InDoubt, Misconfigured, Refused, Unavailable
from clerkwork.practice.core.server import Server, Terminal
from clerkwork.practice.core.stream import Input, Page, Text, outbound
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.port import Picture, SignOn
from clerkwork.systems.tn3270 import open_session
from tests.certificates import certificate

FORM_SCREEN = {
    "name": "form",
    "title_en": "Form",
    "title_zh": "录入",
    "recognise": [{"row": 1, "column": 2, "text": "OD01 FORM"}, {"row": 24, "text": "ENTER=BOOK"}],
    "message": {"row": 23, "column": 2},
    "fields": {
        "amount": {"row": 5, "column": 20, "length": 12, "type": "amount"},
        "text": {"row": 6, "column": 20, "length": 10},
    },
    "keys": {
        "book": {"send": "Enter", "next": ["booked", "form"], "commits": True},
        "show": {"send": "PF8", "next": ["booked"]},
        "again": {"send": "PF9", "next": ["form"]},
    },
}
BOOKED_SCREEN = {
    "name": "booked",
    "title_en": "Booked",
    "title_zh": "已记账",
    "recognise": [
        {"row": 1, "column": 2, "text": "OD02 BOOKED"},
        {"row": 24, "text": "PF3=BACK"},
    ],
    "message": {"row": 23, "column": 2},
}
ODD = SystemMap.model_validate(
    {
        "name": "odd",
        "title_en": "Odd host",
        "title_zh": "测试主机",
        "driver": "tn3270",
        "deadline_s": 10.0,
        "message_code": "^(OD[0-9]{4}) ",
        "environments": {},
        "screens": {"form": FORM_SCREEN, "booked": BOOKED_SCREEN},
        "messages": {
            "OD0001": {"kind": "Info", "en": "booked", "zh": "已记账"},
            "OD0002": {"kind": "Refused", "en": "account closed", "zh": "账户已销户"},
            "OD0003": {"kind": "Unavailable", "en": "books closed", "zh": "已日终"},
        },
    }
)
HASTY = ODD.model_copy(update={"deadline_s": 1.0})  # where the deadline must pass
BOOKER = SignOn("BOOKER01", "SECRET99")

Talk = Callable[[Terminal, str], None]


def form(message: str = "", *, numeric: bool = True) -> Page:
    """The form that books."""
    return Page(
        (Text(1, 2, "OD01 FORM"), Text(23, 2, message), Text(24, 2, "ENTER=BOOK")),
        (Input("amount", 5, 20, 12, numeric=numeric), Input("text", 6, 20, 10)),
    )


def booked(message: str = "") -> Page:
    """The screen after booking."""
    return Page((Text(1, 2, "OD02 BOOKED"), Text(23, 2, message), Text(24, 2, "PF3=BACK")))


class Stage:
    """An odd host and one session with it; `keys` are those that reached the host."""

    def __init__(self, answer: Talk, **options: Any):
        self.keys: list[str] = []
        self.pictures: list[Picture] = []
        self.done = threading.Event()
        self._answer = answer
        self.server = Server(self._talk)
        self.session = open_session(
            options.pop("system", ODD),
            f"127.0.0.1:{self.server.port}",
            BOOKER,
            keep=options.pop("keep", self.pictures.append),
            may_commit=True,
            tls=False,
        )

    def _talk(self, terminal: Terminal) -> None:
        terminal.show(form())
        while True:
            heard = terminal.hear()
            assert heard is not None
            self.keys.append(heard.key)
            self._answer(terminal, heard.key)

    @property
    def child(self) -> subprocess.Popen[bytes]:
        """The s3270 of the session."""
        return self.session._terminal._pipe._child

    def moments(self) -> list[tuple[str, str]]:
        """What was kept: moment and screen."""
        return [(picture.moment, picture.screen) for picture in self.pictures]

    def close(self) -> None:
        """End session and host."""
        self.done.set()
        self.session.close()
        self.server.close()


@pytest.fixture
def stage() -> Iterator[Callable[..., Stage]]:
    """Makes stages, with the session on the form."""
    made: list[Stage] = []

    def make(answer: Talk, **options: Any) -> Stage:
        made.append(Stage(answer, **options))
        made[-1].session.expect("form")
        return made[-1]

    yield make
    for each in made:
        each.close()


def part(page: Page) -> bytes:
    """The page as a Write that leaves the rest of the screen, and unlocks the keyboard."""
    return b"\xf1" + outbound(page)[1:]


def no_guard() -> None:
    """We may."""


def hang_up(terminal: Terminal, key: str) -> None:
    """Close the connection."""
    terminal.hang_up()


def say_nothing(terminal: Terminal, key: str) -> None:
    """Leave the keyboard locked."""


def test_a_screen_painted_in_three_parts_is_read_when_it_is_complete(stage: Any):
    """Each part unlocks the keyboard; only the last brings the mark at the foot."""

    def in_parts(terminal: Terminal, key: str) -> None:
        terminal.send(outbound(Page((Text(1, 2, "OD02 BOOKED"),))))
        time.sleep(0.15)
        terminal.send(part(Page((Text(23, 2, "OD0001 BOOKED AS 4711"),))))
        time.sleep(0.15)
        terminal.send(part(Page((Text(24, 2, "PF3=BACK"),))))

    screen = stage(in_parts).session.press("show")

    assert ("booked", "OD0001 BOOKED AS 4711") == (screen.name, screen.message)


def test_an_unlocked_keyboard_on_the_old_screen_is_no_answer(stage: Any):
    """The host unlocks first and paints later: the old screen is not taken for the new one."""

    def unlock_first(terminal: Terminal, key: str) -> None:
        terminal.send(b"\xf1\xc2")
        time.sleep(0.15)
        terminal.send(part(Page((Text(23, 2, "OD0001 BOOKED AS 4711"),))))

    screen = stage(unlock_first).session.press("again")

    assert "OD0001" == screen.message_code


def test_an_answer_that_changes_nothing_is_believed_after_a_moment(stage: Any):
    """The same screen again is an answer, once nothing more comes."""
    screen = stage(lambda terminal, key: terminal.show(form())).session.press("again")

    assert "form" == screen.name


def test_a_silent_host_is_late_within_the_deadline(stage: Any):
    """The keyboard stays locked: Unavailable by the map's deadline, with the picture."""
    odd = stage(say_nothing, system=HASTY)
    begun = time.monotonic()

    with pytest.raises(Unavailable) as late:
        odd.session.press("show")

    assert "SCREEN_LATE" == late.value.code
    assert 0.9 < time.monotonic() - begun < 5
    assert ("failure", "form") == odd.moments()[-1]


@pytest.mark.parametrize("answer", [hang_up, say_nothing])
def test_after_a_lost_answer_the_next_call_still_fails_clean(stage: Any, answer: Talk):
    """A session that lost its host never types again."""
    odd = stage(answer, system=HASTY)
    with pytest.raises(Unavailable):
        odd.session.press("show")

    with pytest.raises(Unavailable):
        odd.session.set("text", "X")

    assert ["PF8"] == odd.keys


def test_a_stopped_s3270_is_unavailable_within_the_deadline(stage: Any):
    """A hung child is ended, and the session says so."""
    odd = stage(say_nothing, system=HASTY)
    odd.child.send_signal(signal.SIGSTOP)
    begun = time.monotonic()

    with pytest.raises(Unavailable) as stopped:
        odd.session.set("text", "X")

    assert "DRIVER_STOPPED" == stopped.value.code
    assert time.monotonic() - begun < 5
    assert odd.child.returncode is not None


def test_a_numeric_field_takes_no_letters_even_where_the_map_says_text(stage: Any):
    """The host's own attribute counts too."""
    amount = ODD.screens["form"].fields["amount"].model_copy(update={"type": "text"})
    screen = ODD.screens["form"].model_copy(update={"fields": {"amount": amount}})
    odd = stage(
        say_nothing, system=ODD.model_copy(update={"screens": ODD.screens | {"form": screen}})
    )

    with pytest.raises(Refused) as refused:
        odd.session.set("amount", "12O.00")

    assert "FIELD_NOT_NUMERIC" == refused.value.code


def test_what_s3270_drops_without_a_word_is_not_read_back(stage: Any):
    """Python has no cp935, so only the read-back sees that the page has no Thai."""
    odd = stage(say_nothing, system=ODD.model_copy(update={"code_page": "cp935"}))

    with pytest.raises(Refused) as refused:
        odd.session.set("text", "AกB")

    assert "FIELD_NOT_READ_BACK" == refused.value.code
    assert [] == odd.keys


def test_chinese_is_refused_where_the_field_makes_no_shifts(stage: Any):
    """A field without SO/SI creation would lock the keyboard: no key goes out."""
    odd = stage(say_nothing, system=ODD.model_copy(update={"code_page": "cp935"}))

    with pytest.raises(Refused) as refused:
        odd.session.set("text", "A张B")

    assert "FIELD_NOT_WIDE" == refused.value.code
    assert [] == odd.keys


def test_a_commit_is_pictured_before_and_after_and_guarded_between(stage: Any):
    """Picture, guard, key, picture: in this order."""
    odd = stage(lambda terminal, key: terminal.show(booked("OD0001 BOOKED AS 4711")))
    odd.session.set("amount", "1234.50")
    seen: list[object] = []

    screen = odd.session.commit("book", lambda: seen.append((odd.moments()[-1], list(odd.keys))))

    assert ("booked", "OD0001") == (screen.name, screen.message_code)
    assert [(("before-commit", "form"), [])] == seen
    assert [("before-commit", "form"), ("after-commit", "booked")] == odd.moments()[-2:]
    assert "1234.50" in odd.pictures[-2].text
    assert ["ENTER"] == odd.keys


def test_a_commit_that_may_not_be_is_not_pressed(stage: Any):
    """The guard's failure goes out as it is, and no key has reached the host."""
    odd = stage(say_nothing)

    def lost_lease() -> None:
        raise Unavailable("LEASE_LOST", en="the lease is lost", zh="锁已失效")

    with pytest.raises(Unavailable) as lost:
        odd.session.commit("book", lost_lease)

    assert "LEASE_LOST" == lost.value.code
    assert [] == odd.keys


def test_without_the_picture_before_there_is_no_key(stage: Any):
    """No record, no keystroke."""

    def keep(picture: Picture) -> None:
        if picture.moment == "before-commit":
            raise OSError("disk full")

    odd = stage(say_nothing, keep=keep)

    with pytest.raises(OSError, match="disk full"):
        odd.session.commit("book", no_guard)

    assert [] == odd.keys


def show_garbage(terminal: Terminal, key: str) -> None:
    """Something that no map knows."""
    terminal.show(Page((Text(1, 2, "ABEND S0C7"),)))


def say_something_new(terminal: Terminal, key: str) -> None:
    """The mapped screen with a code that is not mapped."""
    terminal.show(booked("OD9999 PLEASE CALL"))


@pytest.mark.parametrize("answer", [say_nothing, hang_up, show_garbage, say_something_new])
def test_a_commit_whose_answer_was_not_seen_is_in_doubt(stage: Any, answer: Talk):
    """Silence, a cut line, an unknown screen or code: looked up, never sent again unread."""
    odd = stage(answer, system=HASTY)

    with pytest.raises(InDoubt) as doubt:
        odd.session.commit("book", no_guard)

    assert "ANSWER_NOT_SEEN" == doubt.value.code
    assert ["ENTER"] == odd.keys


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGSTOP])
def test_an_s3270_that_dies_after_the_key_leaves_doubt(stage: Any, stop: signal.Signals):
    """The driver cannot know what the host made of the key."""

    def strike(terminal: Terminal, key: str) -> None:
        odd.child.send_signal(stop)

    odd = stage(strike, system=HASTY)

    with pytest.raises(InDoubt):
        odd.session.commit("book", no_guard)

    assert ["ENTER"] == odd.keys


@pytest.mark.parametrize(
    ("code", "kind"), [("OD0002", Refused), ("OD0003", Unavailable)], ids=["refused", "closed"]
)
def test_a_commit_that_the_host_says_changed_nothing_is_not_in_doubt(
    stage: Any, code: str, kind: type[Failure]
):
    """The form comes back with a mapped code: its kind counts."""
    odd = stage(lambda terminal, key: terminal.show(form(f"{code} NO")))

    with pytest.raises(kind) as answered:
        odd.session.commit("book", no_guard)

    assert code == answered.value.code
    assert ("after-commit", "form") in odd.moments()


def test_a_screen_that_changed_unasked_is_seen_before_the_committing_key(stage: Any):
    """The host puts another screen there in the meantime: no key."""
    terminals: list[Terminal] = []
    odd = stage(lambda terminal, key: terminals.append(terminal))
    terminal = next(iter(odd.server._terminals.values()))
    terminal.show(booked())
    time.sleep(0.1)

    with pytest.raises(Drifted) as drifted:
        odd.session.commit("book", no_guard)

    assert "SCREEN_UNEXPECTED" == drifted.value.code
    assert [] == odd.keys


def test_a_committing_key_is_pressed_by_commit_only(stage: Any):
    """press() refuses a key that the map says commits."""
    odd = stage(say_nothing)

    with pytest.raises(Misconfigured) as commits:
        odd.session.press("book")

    assert "KEY_COMMITS" == commits.value.code


def test_the_desk_may_not_commit(stage: Any):
    """A session opened for looking has no committing key."""
    odd = stage(say_nothing)
    address = f"127.0.0.1:{odd.server.port}"
    with open_session(ODD, address, BOOKER, keep=print, tls=False) as desk:
        desk.expect("form")
        with pytest.raises(Misconfigured) as looks:
            desk.commit("book", no_guard)

    assert "DESK_MAY_NOT_COMMIT" == looks.value.code


ORPHAN = """
import sys
from clerkwork.systems.tn3270.pipe import Pipe
pipe = Pipe(code_page="cp037", model=2, connect_s=5)
pipe.run(f'Connect("127.0.0.1:{sys.argv[1]}")', wait_s=5)
pipe.run("Enter()", "Wait(1.0,Unlock)", wait_s=5)
print("waited", flush=True)
while True:
    pipe.run("Wait(1.0,Unlock)", wait_s=5)
"""


def test_a_killed_worker_takes_its_s3270_along(stage: Any):
    """s3270 waits in slices, so it soon sees that its parent is gone and frees the sign-on."""
    odd = stage(say_nothing)
    port = str(odd.server.port)
    command = [sys.executable, "-c", ORPHAN, port]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert b"waited\n" == parent.stdout.readline()
        parent.kill()

    deadline = time.monotonic() + 20
    while len(odd.server._terminals) > 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert 1 == len(odd.server._terminals)


class TlsServer(Server):
    """The same host behind TLS."""

    def __init__(self, talk: Callable[[Terminal], None], folder: Path, name: str):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate(folder, name))
        super().__init__(talk)

    def get_request(self) -> Any:
        """A connection, once the client trusts the certificate."""
        sock, address = super().get_request()
        try:
            return self.context.wrap_socket(sock, server_side=True), address
        except OSError:
            sock.close()
            raise


@pytest.mark.parametrize(
    ("name", "is_trusted", "expected"),
    [
        ("localhost", True, "form"),
        ("localhost", False, "SYSTEM_NOT_REACHED"),
        ("another.host", True, "SYSTEM_NOT_REACHED"),
    ],
)
def test_tls_checks_who_signed_and_the_name(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    is_trusted: bool,
    expected: str,
):
    """An unknown certificate, or one of another host, ends before anything is typed."""
    server = TlsServer(lambda terminal: terminal.show(form()) or terminal.hear(), tmp_path, name)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / f"{name}.pem"))
    address = f"localhost:{server.port}"

    def outcome() -> str:
        try:
            with open_session(ODD, address, BOOKER, keep=print) as session:
                return session.expect("form").name
        except Unavailable as failure:
            return failure.code

    assert expected == outcome()
    server.close()
