"""
EBCDIC code pages of the host, the Chinese ones too.

Python has no cp935, cp1388 and cp1047. Their tables are asked of the system's own iconv
program when a host starts (one call, some 50 ms); none is kept here.
"""

from __future__ import annotations

import codecs
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache

SHIFT_OUT, SHIFT_IN = 0x0E, 0x0F  # double-byte characters stand between them, a cell each
_SUBSTITUTE = b"\x6f"  # "?" in every EBCDIC page
_UNREADABLE = "\ufffd"
_DOUBLE_BYTE = ("cp935", "cp1388")
_LATIN, _BASIC_PLANE = range(0x20, 0x100), range(0x20, 0x10000)
_SURROGATES = range(0xD800, 0xE000)
_LINE_ENDS = (0x85, 0x2028, 0x2029)


class CodePageMissing(Exception):
    """Neither Python nor the system's iconv has this code page."""


class CodePage:
    """One code page: text to the bytes of 3270 cells, and back."""

    def __init__(self, name: str, bytes_of: Mapping[str, bytes]):
        self.name = name
        self.is_double_byte = name in _DOUBLE_BYTE
        self._bytes_of = bytes_of
        self._text_of: dict[bytes, str] = {}
        for character, code in bytes_of.items():
            self._text_of.setdefault(code, character)

    def encode(self, text: str) -> bytes:
        """The cells of `text`; SO and SI around double-byte runs, "?" for what is not there."""
        out = bytearray()
        is_shifted = False
        for character in text:
            code = self._bytes_of.get(character, _SUBSTITUTE)
            if (len(code) == 2) != is_shifted:
                is_shifted = not is_shifted
                out.append(SHIFT_OUT if is_shifted else SHIFT_IN)
            out += code
        return bytes(out) + bytes([SHIFT_IN] * is_shifted)

    def decode(self, cells: bytes) -> str:
        """The text of `cells`; U+FFFD for what the page does not have."""
        if not self.is_double_byte:
            return "".join(self._text_of.get(bytes([cell]), _UNREADABLE) for cell in cells)
        text, place, width = [], 0, 1
        while place < len(cells):
            if cells[place] in (SHIFT_OUT, SHIFT_IN):
                width = 2 if cells[place] == SHIFT_OUT else 1
                place += 1
                continue
            text.append(self._text_of.get(cells[place : place + width], _UNREADABLE))
            place += width
        return "".join(text)


@cache
def code_page(name: str) -> CodePage:
    """The code page of this name ("cp037", "cp935", ...). Raises CodePageMissing."""
    try:
        codecs.lookup(name)
    except LookupError:
        return CodePage(name, _by_iconv(name))
    return CodePage(name, {bytes([code]).decode(name): bytes([code]) for code in range(256)})


def _by_iconv(name: str) -> dict[str, bytes]:
    """Every character of the basic plane that iconv can say in this page, one a line."""
    program = shutil.which("iconv")
    if program is None:
        raise CodePageMissing(name)
    command = [program, "-c", "-f", "UTF-8", "-t", name.upper().replace("CP", "IBM")]
    points = _BASIC_PLANE if name in _DOUBLE_BYTE else _LATIN
    characters = [chr(p) for p in points if p not in _SURROGATES and p not in _LINE_ENDS]
    asked = "\n".join(["", *characters]).encode()
    said = subprocess.run(command, input=asked, capture_output=True, check=False).stdout
    lines = (
        said.split(said[:1])[1:] if said else []
    )  # the first character is a line end, in this page
    if len(lines) != len(characters):
        raise CodePageMissing(name)
    pairs = zip(characters, lines, strict=True)
    known = {character: _bare(line) for character, line in pairs if line}
    return {c: code for c, code in known.items() if code != b"\x3f"}  # SUB stands for many


def _bare(line: bytes) -> bytes:
    """The code without the SO and SI around it."""
    return line[1:-1] if line[:1] == bytes([SHIFT_OUT]) else line
