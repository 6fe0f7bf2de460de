"""Words that stand side by side, as lines from left to right."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple

from clerkwork.read.words import Word


class Line(NamedTuple):
    """Words of one height on the page, from left to right."""

    y: float
    height: float
    words: list[Word]

    @property
    def text(self) -> str:
        """The words with a space between them, and two where a gap divides cells."""
        parts: list[str] = []
        for before, word in zip([None, *self.words], self.words, strict=False):
            if before is not None:
                parts.append("  " if word.x0 - before.x1 > self.height else " ")
            parts.append(word.text)
        return "".join(parts)


_by_height = attrgetter("y")
_by_place = attrgetter("x0")


def lines_of(words: Iterable[Word]) -> list[Line]:
    """
    The lines of a page, from the top.

    Words belong to one line when their middles differ by less than half the height of
    the smaller: a Chinese and a Latin font on one base line do.
    """
    lines: list[Line] = []
    group: list[Word] = []
    y = 0.0
    for word in sorted(words, key=_by_height):
        if group and word.y - y > min(word.height, group[-1].height) * 0.45:
            lines.append(_line(group))
            group = []
        if not group:
            y = word.y
        group.append(word)
    if group:
        lines.append(_line(group))
    return lines


def _line(words: list[Word]) -> Line:
    words.sort(key=_by_place)
    return Line(
        sum(word.y for word in words) / len(words), min(word.height for word in words), words
    )
