"""What a host sent to a terminal, for a person to read: fit to be kept as evidence."""

from __future__ import annotations

import re
from collections.abc import Collection

from clerkwork.systems.masking import covered, covered_parts

_DIGIT = "#"
# Control strings as the parser has them, sequences, controls.
_PARTS = re.compile(
    r"(\x1b[]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]"
    r"|[\x00-\x1f\x7f-\x9f])"
)
_MOVES = re.compile(r"\x1b\[[0-?]*[Hf]")  # to another place: a line of its own
_STRINGS = ("\x1b]", "\x1bP", "\x1b_", "\x1b^", "\x1bX")


def readable(sent: str, secrets: Collection[str] = ()) -> str:
    r"""
    `sent` with its sequences to be seen and every digit of its texts covered.

    A host paints a number in pieces, in any order, over older ones, so that no piece looks
    like a card number; the screen's text has the digits that may be seen.

    >>> print(readable("\x1b[2J\x1b[4;1H账号\x1b[4;9H6222\x1b[1m0212\x1b[m\r\n"))
    \e[2J
    \e[4;1H账号
    \e[4;9H####\e[1m####\e[m\r\n
    """
    parts = _PARTS.split(sent)  # what is between sequences, and each sequence, by turns
    texts = [_without_digits(text) for text in covered_parts(parts[::2], secrets)]
    lines = [""]
    for sequence, text in zip(parts[1::2], texts[1:], strict=True):
        if _MOVES.fullmatch(sequence):
            lines.append("")
        lines[-1] += _shown(covered(sequence, secrets))
        if sequence == "\n":
            lines.append("")
        lines[-1] += text
    return "\n".join([texts[0] + lines[0], *filter(None, lines[1:])]).lstrip("\n")


def _shown(sequence: str) -> str:
    if sequence.startswith(_STRINGS):
        sequence = _without_digits(sequence)
    return "".join(map(_readable, sequence))


def _without_digits(text: str) -> str:
    return re.sub("[0-9]", _DIGIT, text)


def _readable(character: str) -> str:
    if character == "\x1b":
        return r"\e"
    return character if character.isprintable() else ascii(character)[1:-1]
