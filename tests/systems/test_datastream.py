"""What a terminal's failure leaves of the screen: its fields, or the last that came in."""

from __future__ import annotations

import shlex
import sys

import pytest

from clerkwork.errors import Drifted, Refused
from clerkwork.systems.grid.buffer import TAIL, Buffer, Field
from clerkwork.systems.grid.view import fields_of, text_of
from clerkwork.systems.maps import FieldMap, ScreenMap, SystemMap
from clerkwork.systems.port import Picture, SignOn
from clerkwork.systems.vt import open_session
from clerkwork.systems.vt.stream import readable

CARD, RESIDENT = "6222021234567890128", "11010519491231002X"
PROTECTED, NUMERIC, HIDDEN = 0x20, 0x10, 0x0C


def test_each_field_is_told_with_what_it_takes():
    """Place, length, attribute and what stands in it, Chinese too; a hidden one is blank."""
    raw = f" Name: 张{TAIL}三{TAIL}  PIN4711 ".ljust(40)
    fields = (
        Field(7, 6, 0),
        Field(13, 7, HIDDEN),
        Field(21, 10, PROTECTED | NUMERIC, takes_wide=False),
    )
    assert fields_of(Buffer(raw, fields, 20), None, ()).splitlines() == [
        "row 1 column 8 length 6 attribute 00: 张三",
        "row 1 column 14 length 7 attribute 0c, hidden:",
        "row 2 column 2 length 10 attribute 30, protected, numeric, single-byte:",
    ]


def test_a_card_number_in_two_fields_side_by_side_is_covered():
    """In the text and in each of the fields; the amount beside it is not."""
    raw = " 62220212 34567890128 1234.50 ".ljust(40)
    fields = (Field(1, 8), Field(10, 11), Field(22, 7))

    assert text_of(Buffer(raw, fields, 40), None, ()) == " 622202** *******0128 1234.50"
    assert [
        line.rpartition(": ")[2]
        for line in fields_of(Buffer(raw, fields, 40), None, ()).splitlines()
    ] == ["622202**", "*******0128", "1234.50"]


def test_no_field_shows_a_secret_or_a_whole_number():
    """In one field, over the end of a row, over several fields, around the end; by the map too."""
    secret = FieldMap(row=3, column=1, length=4, secret=True)
    screen = ScreenMap(name="s", title_en="s", title_zh="s", recognise=(), fields={"pin": secret})
    rows = [f"1234 {CARD}", " 6222 0212 3456 7890 128", "9753 SECRET12", CARD.rjust(30)]
    raw = "".join(row.ljust(30) for row in rows)
    fields = (
        *(Field(5, 20), Field(31, 4), Field(36, 4), Field(41, 4), Field(46, 4), Field(51, 3)),
        *(Field(60, 10), Field(101, 30)),
    )
    text = fields_of(Buffer(raw, fields, 30), screen, {"SECRET12"})

    assert "622202*********0128" in text
    for shown in (CARD, "9753", "SECRET", ": 3456"):
        assert shown not in text


def test_a_stream_is_readable_and_has_no_digit():
    """A line for each place that is gone to; a number painted in pieces cannot be read."""
    sent = "\x1b[2J\x1b[4;1H账号\x1b[4;9H6222\x1b[1m02\x1b[m\r\nSECR\x1b[KET12 "
    sent += f"{RESIDENT}\x1b]0;{CARD}\x07"

    assert readable(sent, {"SECRET12"}).splitlines() == [
        r"\e[2J",
        r"\e[4;1H账号",
        r"\e[4;9H####\e[1m##\e[m\r\n",
        r"****\e[K**** ######********###X\e]#;######*********####\x07",
    ]


def host(program: str, kept: list[Picture]):
    """A session with a host on a terminal of ours that runs `program`."""
    system = SystemMap(
        name="host", title_en="Host", title_zh="主机", driver="vt", code_page="utf-8",
        deadline_s=2.0, environments={},
        screens={"form": ScreenMap.model_validate({
            "name": "form", "title_en": "Form", "title_zh": "表单",
            "recognise": [{"row": 1, "column": 1, "text": "FORM"}],
            "fields": {"name": {"row": 3, "column": 10, "length": 10}},
        })},
    )  # fmt: skip
    code = "import os, time, tty; tty.setraw(0)\n" + program
    address = "command:" + shlex.join([sys.executable, "-c", code])
    return open_session(system, address, SignOn("OP", "SECRET12"), keep=kept.append)


def test_a_failure_on_a_character_screen_leaves_what_came_last():
    """The sequences of the host as they came, over the pieces in which it painted."""
    kept: list[Picture] = []
    program = (
        r"os.write(1, b'\x1b[2J\x1b[1;1HFORM 6222\x1b[0m021234567890128\x1b[3;10H'); time.sleep(9)"
    )
    with host(program, kept) as session, pytest.raises(Refused, match="FIELD_TOO_LONG"):
        session.expect("form")
        session.set("name", "x" * 11)

    failure = kept[-1]
    assert failure.source and ("failure", "datastream") == (failure.moment, failure.source.kind)
    assert r"\e[1;1HFORM ####\e[0m##*********####" in failure.source.text
    assert "FORM 622202*********0128" in failure.text


def test_a_sequence_that_is_not_known_is_in_the_evidence():
    """The screen cannot be read any more: what came in says why."""
    kept: list[Picture] = []
    program = r"os.write(1, b'\x1b[1;1HFORM\x1b[5;5%z'); time.sleep(9)"
    with host(program, kept) as session, pytest.raises(Drifted, match="SEQUENCE_UNKNOWN"):
        session.expect("form")

    assert kept[-1].source and r"\e[5;5%z" in kept[-1].source.text
