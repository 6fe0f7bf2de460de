"""The bytes of keys, as a terminal of the TERM family sends them (terminfo kf1 ... kcuu1)."""

from __future__ import annotations

import re

from clerkwork.errors import Misconfigured

_PLAIN = {
    "Enter": "\r", "Tab": "\t", "Esc": "\x1b", "Backspace": "\x7f", "BackTab": "\x1b[Z",
    "Insert": "\x1b[2~", "Delete": "\x1b[3~", "PageUp": "\x1b[5~", "PageDown": "\x1b[6~",
}  # fmt: skip
_ARROWS = {"Up": "A", "Down": "B", "Right": "C", "Left": "D", "Home": "H", "End": "F"}
# F1 to F12; 13 to 24 are the same with Shift in xterm, codes of their own in VT220 and Linux.
_NUMBERS = (11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24)
_SHIFTED = (25, 26, 28, 29, 31, 32, 33, 34)  # F13 to F20 of a VT220
_CONTROL = re.compile(r"Ctrl-([A-Z@\[\\\]^_])")
_FUNCTION = re.compile(r"F([1-9]|1[0-9]|2[0-4])")


def bytes_of(key: str, *, term: str, is_application: bool, screen: str) -> bytes:
    r"""
    What the key as maps write it sends: "F1" to "F24", "Enter", "Tab", "Esc", "Up",
    "Ctrl-U". Raises Misconfigured KEY_UNKNOWN, also for one that this terminal lacks.

    >>> bytes_of("F5", term="xterm", is_application=False, screen="menu")
    b'\x1b[15~'
    """
    if key in _PLAIN:
        return _PLAIN[key].encode()
    if key in _ARROWS:
        return f"\x1b{'O' if is_application else '['}{_ARROWS[key]}".encode()
    if control := _CONTROL.fullmatch(key):
        return bytes([ord(control[1]) & 0x1F])
    sent = _function(int(key[1:]), term) if _FUNCTION.fullmatch(key) else ""
    if not sent:
        raise Misconfigured("KEY_UNKNOWN", key=key, screen=screen)
    return sent.encode()


def _function(number: int, term: str) -> str:
    if term.startswith("xterm"):
        shift, place = divmod(number - 1, 12)
        if place < 4:
            return f"\x1b[1;2{'PQRS'[place]}" if shift else f"\x1bO{'PQRS'[place]}"
        return f"\x1b[{_NUMBERS[place]}{';2' if shift else ''}~"
    if number > 20:
        return ""
    if number > 12:
        return f"\x1b[{_SHIFTED[number - 13]}~"
    if term.startswith("linux") and number < 6:
        return f"\x1b[[{'ABCDE'[number - 1]}"
    if term.startswith("vt") and number < 5:
        return f"\x1bO{'PQRS'[number - 1]}"
    return f"\x1b[{_NUMBERS[number - 1]}~"
