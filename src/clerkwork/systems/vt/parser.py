"""
The syntax of what a host sends to a VT (ECMA-48, the DEC parser of Paul Williams).

Text in, actions out: printable runs, controls, escape and control sequences. It may be
cut anywhere; what is not complete waits for the rest. Bytes are decoded before: 116
common characters have the byte 0x9B in GB18030, which is CSI to a parser of bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f]+")
_STRINGS = {"]": "OSC", "P": "DCS", "_": "APC", "^": "PM", "X": "SOS"}
_PARAMETERS_LIMIT = 256  # characters of one sequence; more is no sequence


@dataclass(frozen=True)
class Action:
    """
    One thing that the host asks for.

    kind: "text", "control", "escape", "csi" or "unknown"; text: the run, the control or the final
    character; marks: private and intermediate characters; numbers: parameters, None where
    empty.
    """

    kind: str
    text: str
    marks: str = ""
    numbers: tuple[int | None, ...] = ()


class Parser:
    """Splits decoded text into actions; keeps what is not complete yet."""

    def __init__(self) -> None:
        self._collected = ""
        self._state = "ground"

    @property
    def is_midway(self) -> bool:
        """Whether a sequence has begun and not ended."""
        return self._state != "ground"

    def split(self, text: str) -> Iterator[Action]:
        """The actions that are complete with `text`."""
        place = 0
        while place < len(text):
            if self._state == "ground" and (run := _TEXT.match(text, place)):
                yield Action("text", run[0])
                place = run.end()
                continue
            yield from self._take(text[place])
            place += 1

    def _take(self, character: str) -> Iterator[Action]:
        if character in "\x18\x1a":  # CAN and SUB end any sequence
            self._state = "ground"
        elif character == "\x1b":
            self._state = "string-end" if self._state == "string" else "escape"
            self._collected = ""
        elif self._state == "string":
            if character == "\x07":
                self._state = "ground"
        elif self._state == "string-end" and character == "\\":
            self._state = "ground"
        elif "\x80" <= character <= "\x9f":
            # An eight-bit control. Hosts of a decoded session send none; to take one for
            # what it is not would move every amount behind it.
            self._state = "ground"
            yield Action("unknown", character)
        elif character < " " or character == "\x7f":
            yield Action("control", character)  # acts at once, even inside a sequence
        elif self._state == "csi":
            yield from self._csi(character)
        else:
            yield from self._escape(character)

    def _escape(self, character: str) -> Iterator[Action]:
        """A character after ESC, or after ESC and intermediates."""
        if " " <= character <= "/":
            self._collected += character
        elif character == "[" and not self._collected:
            self._state = "csi"
        elif character in _STRINGS and not self._collected:
            self._state = "string"
        else:
            self._state = "ground"
            yield Action("escape", character, self._collected)

    def _csi(self, character: str) -> Iterator[Action]:
        if "@" <= character <= "~":
            self._state = "ground"
            yield _csi_of(self._collected, character)
        elif len(self._collected) < _PARAMETERS_LIMIT and character <= "?":
            self._collected += character
        else:
            self._state = "ground"
            yield Action("unknown", "[" + self._collected[:16] + character)


def _csi_of(collected: str, final: str) -> Action:
    given = re.fullmatch(r"([<=>?]*)([0-9;:]*)([ -/]*)", collected)
    if not given:
        return Action("unknown", f"[{collected}{final}")
    numbers = tuple(
        min(int(part), 65_535) if part.isdigit() else None for part in given[2].split(";")
    )
    return Action("csi", final, given[1] + given[3], numbers)
