"""The terminal of character screens against hosts that do one odd thing each."""

from __future__ import annotations

import ast
import shlex
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from clerkwork.errors import Drifted, Failure, Misconfigured, Refused, Unavailable
from clerkwork.systems.grid import GridSession
from clerkwork.systems.maps import ScreenMap, SystemMap
from clerkwork.systems.port import SignOn
from clerkwork.systems.vt import open_session
from clerkwork.systems.vt.connect import open_terminal
from clerkwork.systems.vt.keys import bytes_of
from clerkwork.systems.vt.telnet import TelnetLine

SIGN_ON = SignOn("OP", "SECRET12")
# A host in a few lines: `say` paints, `hear` waits for a key. Its terminal is raw.
HOST = """
import os, sys, time, tty
tty.setraw(0)
def say(text): os.write(1, text.encode("utf-8"))
def hear(): return os.read(0, 1000).decode("utf-8")
"""
FORM = "\\x1b[2J\\x1b[1;1HFORM\\x1b[3;1HName:\\x1b[5;1HCode:\\x1b[24;1HEND\\x1b[3;10H"


def map_of(**given: object) -> SystemMap:
    """A map with the screens `form` and `answer`."""
    field = {"row": 3, "column": 10, "length": 10}
    form = {
        "name": "form", "title_en": "Form", "title_zh": "表单",
        "recognise": [{"row": 1, "column": 1, "text": "FORM"}, {"row": 24, "text": "END"}],
        "fields": {
            "name": field, "code": field | {"row": 5}, "pin": field | {"row": 7, "secret": True},
        },
        "keys": {"enter": {"send": "Enter", "next": ["answer"]}},
    }  # fmt: skip
    answer = {
        "name": "answer", "title_en": "Answer", "title_zh": "应答", "cursor": (24, 10),
        "recognise": [{"row": 1, "column": 1, "text": "ANSWER"}],
        "fields": {"amount": {"row": 3, "column": 10, "length": 20, "readonly": True}},
        "keys": {"again": {"send": "F24", "next": ["answer"]}},
    }  # fmt: skip
    screens = {each["name"]: ScreenMap.model_validate(each) for each in (form, answer)}
    facts: dict[str, object] = {
        "name": "host", "title_en": "Host", "title_zh": "主机", "driver": "vt",
        "code_page": "utf-8", "deadline_s": 3.0, "environments": {}, "screens": screens,
    }  # fmt: skip
    return SystemMap.model_validate(facts | given)


def session_with(program: str, **given: object) -> GridSession:
    """A session with a host that runs `program`."""
    address = "command:" + shlex.join([sys.executable, "-c", HOST + program])
    return open_session(map_of(**given), address, SIGN_ON, keep=len_of)


def len_of(picture: object) -> None:
    """Keep nothing."""


@contextmanager
def raising(kind: type[Failure], code: str) -> Iterator[None]:
    """The block raises `kind` with `code`."""
    with pytest.raises(kind) as caught:
        yield
    assert code == caught.value.code


ECHO = f"""
say("{FORM}")
at, typed = 0, ["", "", ""]
while True:
    for key in hear():
        if key == "\\t":
            at = (at + 1) % 3
        elif key == "\\x7f":
            typed[at] = typed[at][:-1]
        elif key == "\\r":
            say("\\x1b[2J\\x1b[1;1HANSWER\\x1b[3;10H" + "|".join(typed) + "\\x1b[24;10H")
            hear()
        else:
            typed[at] += key
        shown = typed[at] if at < 2 else STARS * len(typed[at])
        say(f"\\x1b[{{3 + 2 * at}};10H{{shown}} \\b")
"""


def test_fields_are_reached_by_tab_and_emptied_by_backspace():
    """Any order, again and over what stood there; a program of this machine needs no network."""
    with session_with("STARS = '*'" + ECHO) as session:
        session.expect("form")
        session.set("code", "12")
        session.set("name", "张三")
        session.set("code", "345")

        assert {"name": "张三", "code": "345", "pin": ""} == dict(session.now().fields)
        assert "张三|345|" == session.press("enter").fields["amount"]


@pytest.mark.parametrize("stars", ["*", "", "•"])
def test_a_secret_is_checked_by_its_stars_or_not_shown_at_all(stars: str):
    """The field is typed and counts as read back; the secret is in no text of the screen."""
    with session_with(f"STARS = {stars!r}" + ECHO) as session:
        session.expect("form")
        session.set("pin", "SECRET12")

        assert "SECRET12" not in session.now().text


def test_too_few_stars_are_no_secret():
    """The host has dropped a character of it."""
    lossy = ECHO.replace("typed[at] += key", "typed[at] = (typed[at] + key)[:6]")
    with session_with("STARS = '*'" + lossy) as session:
        session.expect("form")

        with raising(Refused, "FIELD_NOT_READ_BACK"):
            session.set("pin", "SECRET12")


def test_a_field_that_the_cursor_does_not_reach_is_missing():
    """Tab leads round without coming to it: nothing is typed."""
    with session_with(f"say('{FORM}')\nwhile hear(): say('\\x1b[3;10H')") as session:
        session.expect("form")

        with raising(Drifted, "FIELD_MISSING"):
            session.set("code", "1")


def test_a_screen_is_not_read_before_the_cursor_has_come_to_rest():
    """The marks stand, half the amount too, and the host pauses longer than any quiet time."""
    program = f"""
say("{FORM}"); hear()
say("\\x1b[2J\\x1b[1;1HANSWER\\x1b[3;10H1,000"); time.sleep(0.8)
say(",000.00\\x1b[24;10H"); hear()
say("\\x1b[3;10H2,000"); time.sleep(0.8)
say(",000.00\\x1b[24;10H"); hear()
"""
    with session_with(program) as session:
        session.expect("form")

        assert "1,000,000.00" == session.press("enter").fields["amount"]
        assert "2,000,000.00" == session.press("again").fields["amount"]


def test_a_sequence_half_in_is_waited_for():
    """The cursor stands right, but REP has not come whole."""
    program = f"""
say("{FORM}"); hear()
say("\\x1b[2J\\x1b[1;1HANSWER\\x1b[24;10H\\x1b[3"); time.sleep(0.5)
say(";10H10\\x1b[8b.00\\x1b[24;10H"); hear()
"""
    with session_with(program) as session:
        session.expect("form")

        assert "1000000000.00" == session.press("enter").fields["amount"]


def test_a_sequence_that_is_not_known_stops_the_session():
    """Rather than an amount that may be misread."""
    program = (
        f"say('{FORM}'); hear()\nsay('\\x1b[2J\\x1b[1;1HANSWER\\x1b[?69h\\x1b[24;10H'); hear()"
    )
    with session_with(program) as session:
        session.expect("form")

        with raising(Drifted, "TERMINAL_SEQUENCE_UNKNOWN"):
            session.press("enter")


def test_a_host_that_asks_where_the_cursor_is_goes_on():
    """As programs do that find out the size of the screen."""
    program = f"""
say("\\x1b[999;999H\\x1b[6n"); answer = hear()
say("{FORM}"); hear()
say("\\x1b[2J\\x1b[1;1HANSWER\\x1b[3;10H" + answer[2:] + "\\x1b[24;10H"); hear()
"""
    with session_with(program) as session:
        session.expect("form")

        assert "24;80R" == session.press("enter").fields["amount"]


def test_a_host_that_ends_is_unavailable():
    """Nothing was changed."""
    with session_with(f"say('{FORM}'); hear()") as session:
        session.expect("form")

        with raising(Unavailable, "SYSTEM_HUNG_UP"):
            session.press("enter")


def test_a_host_that_says_nothing_is_late():
    """The keys were heard, no answer came by the deadline."""
    with session_with(f"say('{FORM}'); hear(); time.sleep(60)", deadline_s=1.0) as session:
        session.expect("form")

        with raising(Unavailable, "SCREEN_LATE"):
            session.press("enter")


def test_a_host_that_never_stops_is_late():
    """The deadline holds whatever comes in."""
    program = f"say('{FORM}'); hear()\nwhile True: say('\\x1b[2;1H' + 'x' * 1000)"
    with session_with(program, deadline_s=1.0) as session:
        session.expect("form")
        began = time.monotonic()

        with pytest.raises((Unavailable, Drifted)):
            session.press("enter")

        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "value", ["a\x1b[A", "a\x00", "a\x7f", "a\r", "\u202e1", "\x9bA", "12345678901"]
)
def test_the_terminal_itself_sends_nothing_hostile(value: str):
    """Whoever calls it, and whatever was checked before."""
    address = "command:" + shlex.join([sys.executable, "-c", f"{HOST}say('{FORM}')\nhear()"])
    system = map_of()
    terminal = open_terminal(system, address, SIGN_ON)
    try:
        reading = terminal.read()
        place = terminal.field_at(reading.buffer, system.screens["form"].fields["name"])
        assert place is not None
        with pytest.raises(Refused):
            terminal.type_into(place, value)
    finally:
        terminal.close()


@pytest.mark.parametrize(
    ("address", "given", "kind", "code"),
    [
        ("ssh://127.0.0.1:1", {}, Misconfigured, "HOST_KEY_MISSING"),
        ("ssh://127.0.0.1:1", {"host_key": ("SHA256:x",)}, Unavailable, "SYSTEM_NOT_REACHED"),
        ("telnet://127.0.0.1:1", {}, Misconfigured, "LINE_NOT_ENCRYPTED"),
        ("telnet://127.0.0.1:1", {"tls": False}, Unavailable, "SYSTEM_NOT_REACHED"),
        ("127.0.0.1:23", {}, Misconfigured, "LINE_ADDRESS_WRONG"),
        ("command:", {}, Misconfigured, "LINE_ADDRESS_WRONG"),
        ('command:sh "', {}, Misconfigured, "LINE_ADDRESS_WRONG"),
        ("ssh://-oProxyCommand=x:22", {}, Misconfigured, "LINE_ADDRESS_WRONG"),
        ("command:/nowhere/program", {}, Unavailable, "SYSTEM_NOT_REACHED"),
    ],
)
def test_what_cannot_be_connected_says_why(
    address: str, given: dict[str, object], kind: type[Failure], code: str
):
    """Wrong addresses before anything is tried, hosts that are not there after it."""
    with raising(kind, code):
        open_session(map_of(), address, SIGN_ON, keep=len_of, **given)  # type: ignore[arg-type]


def test_what_is_no_ssh_host_is_not_reached():
    """It hangs up, or says something else."""
    with (
        answering(lambda sock: sock.sendall(b"HTTP/1.1 400\r\n\r\n")) as port,
        raising(Unavailable, "SYSTEM_NOT_REACHED"),
    ):
        open_session(
            map_of(), f"ssh://127.0.0.1:{port}", SIGN_ON, keep=len_of, host_key=("SHA256:x",)
        )


@contextmanager
def answering(talk: Callable[[socket.socket], object]) -> Iterator[int]:
    """A port where `talk` meets the one who connects."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            connected, _ = listener.accept()
            with connected:
                talk(connected)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join()


def telnet_with(talk: Callable[[socket.socket], object], want: int) -> bytes:
    """What a telnet line hands over of what `talk` sends, until `want` bytes are there."""
    with answering(talk) as port:
        line = TelnetLine("127.0.0.1", port, term="vt220", rows=24, columns=80, connect_s=5)
        received, deadline = b"", time.monotonic() + 5
        while len(received) < want and time.monotonic() < deadline:
            received += line.receive(0.2)
        line.close()
    return received


def test_telnet_commands_are_answered_and_left_out():
    """Type and size are told, echo is welcome, what is unknown is refused, FF FF is one byte."""
    heard = bytearray()

    def talk(sock: socket.socket) -> None:
        sock.settimeout(5)
        sock.sendall(bytes.fromhex("fffb01 fffd18 fffd1f fffd27 fffa1801fff0") + b"A\xff\xffB")
        while b"\xff\xf0" not in heard[-2:] or b"vt220" not in heard:
            heard.extend(sock.recv(1000))
        sock.sendall(b"C")

    assert b"A\xffBC" == telnet_with(talk, 4)
    for answer in ("fffd01", "fffb18", "fffb1f", "fffa1f00500018fff0", "fffc27"):
        assert bytes.fromhex(answer) in heard
    assert b"\xff\xfa\x18\x00vt220\xff\xf0" in heard


def test_telnet_commands_may_be_cut_anywhere():
    """One byte at a time."""

    def talk(sock: socket.socket) -> None:
        for byte in b"a\xff\xfb\x01b\xff\xfa\x18\x01\xff\xf0c\xff\xffd\r\0e":
            sock.sendall(bytes([byte]))
            time.sleep(0.005)
        sock.recv(1000)

    assert b"abc\xffd\re" == telnet_with(talk, 7)


@pytest.mark.parametrize(
    ("key", "term", "sent"),
    [
        ("F1", "xterm", "\x1bOP"),
        ("F5", "xterm", "\x1b[15~"),
        ("F13", "xterm-256color", "\x1b[1;2P"),
        ("F24", "xterm", "\x1b[24;2~"),
        ("F1", "linux", "\x1b[[A"),
        ("F12", "vt220", "\x1b[24~"),
        ("F20", "vt220", "\x1b[34~"),
        ("Ctrl-U", "xterm", "\x15"),
        ("Esc", "xterm", "\x1b"),
        ("Up", "xterm", "\x1b[A"),
    ],
)
def test_keys_are_those_of_terminfo(key: str, term: str, sent: str):
    """kf1, kf5, ... of the terminal type."""
    assert sent.encode() == bytes_of(key, term=term, is_application=False, screen="menu")


def test_arrows_follow_the_cursor_key_mode():
    """DECCKM."""
    assert b"\x1bOA" == bytes_of("Up", term="xterm", is_application=True, screen="menu")


@pytest.mark.parametrize(("key", "term"), [("F25", "xterm"), ("F21", "vt220"), ("Hyper", "xterm")])
def test_a_key_that_the_terminal_lacks_is_misconfigured(key: str, term: str):
    """Found before anything is sent."""
    with raising(Misconfigured, "KEY_UNKNOWN"):
        bytes_of(key, term=term, is_application=False, screen="menu")


@pytest.mark.parametrize("term", ["xterm", "linux", "vt220"])
def test_keys_are_as_the_terminals_own_description_says(term: str):
    """terminfo of this machine; it is asked in a process of its own, as it answers once only."""
    source = f"import curses; curses.setupterm({term!r}, 1)\n"
    source += "print([(n, curses.tigetstr(f'kf{n}')) for n in range(1, 21)])"
    said = subprocess.run([sys.executable, "-c", source], capture_output=True, check=True)

    known = {number: sent for number, sent in ast.literal_eval(said.stdout.decode()) if sent}

    assert 8 <= len(known)
    assert known == {
        number: bytes_of(f"F{number}", term=term, is_application=False, screen="")
        for number in known
    }
