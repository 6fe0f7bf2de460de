"""The emulator, probed where others misread: amounts and Chinese names are what matter."""

from __future__ import annotations

import re
import sys
import textwrap
import time
from itertools import pairwise

import pytest

from clerkwork.systems.vt.emulator import Emulator
from clerkwork.systems.vt.line import Hangup
from clerkwork.systems.vt.pty_line import PtyLine

ACCOUNT, AMOUNT = "6222000000000000000", "1000000000.00"


def screen(data: bytes, *, rows: int = 4, columns: int = 20, encoding: str = "utf-8") -> Emulator:
    """An emulator that was fed `data`."""
    emulator = Emulator(rows, columns, encoding=encoding)
    emulator.feed(data)
    return emulator


def lines(emulator: Emulator) -> list[str]:
    """The rows as a person reads them, without blanks at their ends."""
    raw, width = emulator.raw, emulator.columns
    rows = [raw[at : at + width].replace("\0", "").rstrip() for at in range(0, len(raw), width)]
    while rows and not rows[-1]:
        rows.pop()
    return rows


def csi(text: str) -> bytes:
    """A control sequence."""
    return b"\x1b[" + text.encode()


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"6222" + b"0" + csi("14b"), ACCOUNT),
        (b"10" + csi("8b") + b".0" + csi("b"), AMOUNT),
        ("张".encode() + csi("2b"), "张张张"),
        (b"0" + csi("19b") + b"1", "0" * 20 + "1"),
        (b"9" + csi("m") + csi("3b"), "9999"),
        (csi("5b") + b"7", "7"),
    ],
)
def test_a_repeated_character_is_repeated(sent: bytes, expected: str):
    """REP, as ncurses sends it for a run of equal characters in any locale but UTF-8."""
    assert expected == "".join(lines(screen(sent)))


def painted(program: str, *, locale: str) -> tuple[Emulator, bytes]:
    """What a real curses `program` paints on TERM=xterm, and the bytes of it."""
    source = (
        f"import curses\ndef main(w):\n{textwrap.indent(program, '    ')}\ncurses.wrapper(main)"
    )
    environment = {"LC_ALL": locale, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    line = PtyLine(
        [sys.executable, "-c", source], term="xterm", rows=4, columns=40, environment=environment
    )
    emulator = Emulator(4, 40, encoding="utf-8")
    sent = b""
    deadline = time.monotonic() + 20
    try:
        while time.monotonic() < deadline and "END" not in emulator.raw:
            data = line.receive(0.5)
            emulator.feed(data)
            sent += data
    except Hangup:
        pass
    finally:
        line.close()
    return emulator, sent


def test_ncurses_in_the_c_locale_is_read_right():
    """The real thing: account and amount painted by curses, with REP on its way."""
    program = f'w.addstr(0, 0, "{ACCOUNT}")\nw.addstr(1, 0, "{AMOUNT}")\n'
    program += 'w.addstr(2, 0, "END")\nw.refresh()\nw.getch()'

    emulator, sent = painted(program, locale="C")

    assert re.search(rb"0\x1b\[[0-9]+b", sent)
    assert [ACCOUNT, AMOUNT, "END"] == lines(emulator)
    assert "" == emulator.unknown


def test_ncurses_lines_and_windows_are_read_right():
    """A box of DEC line drawing, and rows that curses scrolls instead of painting them anew."""
    program = """\
w.scrollok(True); w.idlok(True); w.border(); w.refresh()
w.addstr(1, 1, "1234567.00"); w.refresh()
w.scroll(1); w.addstr(3, 0, "END"); w.refresh(); w.getch()"""

    emulator, _ = painted(program, locale="C.UTF-8")

    assert "│1234567.00" == lines(emulator)[0][:11]
    assert "" == emulator.unknown


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("张三\r" + "A", "A 三"),  # the left half of 张 is gone, and with it the right one
        ("张三\x1b[1;2HA", " A三"),  # the right half
        ("张三\x1b[1;2H李", " 李"),  # across two: the left of 三 is gone too
        ("A张B\x1b[1;2H李", "A李B"),
        ("张三\x1b[1;2H\x1b[P", " 三"),  # DCH cuts 张
        ("张三\x1b[1;1H\x1b[P", " 三"),
        ("张三\x1b[1;2H\x1b[@", "   三"),  # ICH in the middle of 张
        ("A张三\x1b[1;1H\x1b[2P", " 三"),
        ("张三\x1b[1;2H\x1b[X", "  三"),  # ECH
        ("张三李\x1b[1;2H\x1b[3X", "    李"),
        ("张三\x1b[1;3H\x1b[K", "张"),
        ("张三\x1b[1;2H\x1b[K", ""),
        ("张三\x1b[1;1H\x1b[1K", "  三"),
        ("张三\x1b[1;2H\x1b[4hX\x1b[4l", " X 三"),
    ],
)
def test_half_a_wide_character_leaves_blanks(sent: str, expected: str):
    """What overwrites, erases or shifts one half blanks the other; nothing else moves."""
    emulator = screen(sent.encode())

    assert ([expected] if expected else []) == lines(emulator)
    assert 80 == len(emulator.raw)


@pytest.mark.parametrize(
    ("sent", "expected", "cursor"),
    [
        ("0123456789张三李四王", ["0123456789张三李四王"], (0, 19)),
        ("0123456789张三李四王五", ["0123456789张三李四王", "五"], (1, 2)),
        ("0123456789张三李四9王", ["0123456789张三李四9", "王"], (1, 2)),
        ("\x1b[?7l0123456789张三李四9王", ["0123456789张三李四9"], (0, 19)),
        ("0123456789012345678\r\nA", ["0123456789012345678", "A"], (1, 1)),
        ("01234567890123456789\r\nA", ["01234567890123456789", "A"], (1, 1)),
        ("01234567890123456789\b8", ["01234567890123456789"[:-2] + "89"], (0, 19)),
    ],
)
def test_lines_wrap_at_the_margin(sent: str, expected: list[str], cursor: tuple[int, int]):
    """The last column is written before the wrap; a wide character never hangs over it."""
    emulator = screen(sent.encode())

    assert expected == lines(emulator)
    assert cursor == emulator.cursor


def test_the_alternate_screen_comes_and_goes():
    """What stood before a program stands again after it, the cursor too; it begins blank."""
    emulator = screen(b"before\x1b[?1049h")
    assert [] == lines(emulator)

    emulator.feed(b"\x1b[Hduring\x1b[?1049l!")

    assert ["before!"] == lines(emulator)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("\x1b(0lqk\x1b(Blqk", "┌─┐lqk"),
        ("\x1b)0\x0eqx\x0fqx", "─│qx"),
        ("\x1b(0q\x1b[3b\x1b(B1", "────1"),
    ],
)
def test_lines_are_drawn_with_the_dec_set(sent: str, expected: str):
    """G0 and G1; figures after it are figures."""
    assert [expected] == lines(screen(sent.encode()))


def test_a_drawn_line_is_one_cell_on_a_chinese_page():
    """The same character sent as GB18030 text is two."""
    assert (0, 1) == screen(b"\x1b(0q", encoding="gb18030").cursor
    assert (0, 2) == screen("─".encode("gb18030"), encoding="gb18030").cursor


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("\x1b[2;3r\x1b[2;1Hb\r\nc\r\nd", ["a", "c", "d", "z"]),
        ("\x1b[2;3r\x1b[2;1Hb\x1b[2;1H\x1bMn", ["a", "n", "b", "z"]),
        ("\x1b[2;1Hb\x1b[2;1H\x1b[L", ["a", "", "b"]),
        ("\x1b[2;3r\x1b[2;1Hb\x1b[1;3r\x1b[1;1H\x1b[M", ["b", "", "", "z"]),
        ("\x1b[2;4r\x1b[S", ["a", "", "z"]),
        ("\x1b[2;4r\x1b[?6h\x1b[1;1Ho", ["a", "o", "", "z"]),
    ],
)
def test_scroll_regions_scroll_only_themselves(sent: str, expected: list[str]):
    """DECSTBM with LF, RI, IL, DL, SU and origin mode."""
    assert expected == lines(screen(b"a\x1b[4;1Hz" + sent.encode()))


def with_byte(byte: int) -> list[str]:
    """The Chinese characters of two bytes in GB18030 whose second byte it is."""
    found = []
    for lead in range(0x81, 0xFF):
        character = bytes([lead, byte]).decode("gb18030", "replace")
        if len(character) == 1 and "\u4e00" <= character <= "\u9fff":
            found.append(character)
    return found


def test_characters_with_byte_9b_are_characters():
    """To a parser of bytes each of them begins a control sequence; here none is lost."""
    characters = with_byte(0x9B)
    assert 80 < len(characters) < 130

    for character in characters:
        sent = f"{character}1,234.50".encode("gb18030")
        assert [f"{character}1,234.50"] == lines(screen(sent, encoding="gb18030"))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_bytes_may_be_cut_anywhere(encoding: str):
    """Each cut in two, and every byte alone: characters, sequences and strings go on."""
    text = f"\x1b]0;title\x07\x1b[2;3H张{''.join(with_byte(0x9B)[:3])}\x1b[1;1H10\x1b[8b.00€"
    sent = text.encode(encoding)
    expected = screen(sent, encoding=encoding)
    assert ["1" + "0" * 9 + ".00€"] == lines(expected)[:1]

    for at in range(len(sent) + 1):
        emulator = screen(sent[:at], encoding=encoding)
        emulator.feed(sent[at:])
        assert expected.raw == emulator.raw
    single = screen(b"", encoding=encoding)
    for at, end in pairwise(range(len(sent) + 1)):
        single.feed(sent[at:end])
    assert expected.raw == single.raw
    assert not single.is_midway


@pytest.mark.parametrize(
    ("sent", "encoding"), [("张".encode()[:2], "utf-8"), (b"\x81", "gb18030"), (b"\x1b[1", "utf-8")]
)
def test_half_a_character_or_sequence_is_told(sent: bytes, encoding: str):
    """The screen is not complete while one is under way."""
    assert screen(sent, encoding=encoding).is_midway


@pytest.mark.parametrize(
    ("sent", "unknown"),
    [
        (b"\x1b[1;2;3y", "[y"),
        (b"\x1b[?69h", "[?69h"),
        (b"\xc2\x9b1m", "\\x9b"),
        (b"\x1b(A", "(A"),
        (b"\x1b[4*z", "[*z"),
    ],
)
def test_what_it_does_not_know_it_says(sent: bytes, unknown: str):
    """A sequence that may move or change characters is never passed over in silence."""
    assert unknown == screen(sent).unknown


@pytest.mark.parametrize(
    "sent",
    [b"\x1b[1;31m", b"\x1b[?25l", b"\x1b]2;name\x1b\\", b"\x1bP+q544e\x1b\\", b"\x1b[?2004h"],
)
def test_colours_titles_and_the_like_change_nothing(sent: bytes):
    """They are known, and print nothing."""
    emulator = screen(sent + b"1.00")

    assert (["1.00"], "") == (lines(emulator), emulator.unknown)


def test_a_host_that_asks_is_answered():
    """Where the cursor is, whether all is well, what terminal it is."""
    assert b"\x1b[2;3R" == screen(csi("2;3H") + csi("6n")).answers
    assert b"\x1b[0n" == screen(csi("5n")).answers
    assert b"\x1b[?62;22c" == screen(csi("c")).answers


def test_accents_are_joined_or_marked_unreadable():
    """A mark that makes one character with the last one is joined; another shows U+FFFD."""
    assert ["é"] == lines(screen("e\u0301".encode()))
    assert ["\ufffd"] == lines(screen("7\u0336".encode()))


def test_resizing_cuts_and_pads():
    """No wide character is left half; the region is the whole screen."""
    emulator = screen("0123456789张三李四王\x1b[2;3r".encode())

    emulator.resize(3, 19)

    assert (57, ["0123456789张三李四"]) == (len(emulator.raw), lines(emulator))
    emulator.resize(5, 30)
    assert 150 == len(emulator.raw)
