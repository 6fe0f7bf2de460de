"""
Where one column ends and the next begins, and the cells of a line.

    Details            Debit     Credit        heads
    ---------------|----------|----------
    LC 85670 VANTAGE  694.57                   a bound lies between two heads, where
    COLL 45740                  8,340.99       the fewest words stand in its way
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Sequence
from typing import NamedTuple

from clerkwork.read.header import Head
from clerkwork.read.lines import Line
from clerkwork.read.vocabulary import FIGURES, WRITING
from clerkwork.read.words import Word

# A figure that cannot be part of a text: decimals, a sign or a currency stands with it.
_FIGURE = re.compile(
    r"[-+($€£¥₹]*\d[\d,.']*[.,]\d\d?[-+)]*(?:[DC]R?)?|[-+($€£¥₹]+\d[\d,.']*\)?"
)


class Columns(NamedTuple):
    """The columns of a table; `bounds` are the places between them, one fewer than `heads`."""

    heads: list[Head]
    bounds: list[float]

    @property
    def roles(self) -> list[str]:
        """What each column holds, from left to right."""
        return [head.role for head in self.heads]

    def cells(self, line: Line) -> list[list[Word]]:
        """The words of each column; writing that runs over into a column of figures goes back."""
        cells: list[list[Word]] = [[] for _ in self.heads]
        before, end = 0, line.words[0].x0
        for word in line.words:
            at = bisect(self.bounds, (word.x0 + word.x1) / 2)
            if (
                self.heads[at].role in FIGURES
                and self.heads[before].role in WRITING
                and word.x0 - end < line.height * 0.6
                and not _FIGURE.fullmatch(word.text)
            ):
                at = before
            cells[at].append(word)
            before, end = at, word.x1
        return cells


def columns_of(heads: list[Head], lines: Sequence[Line]) -> Columns:
    """The columns under `heads`; `lines` are those that follow on the page."""
    words = [word for line in lines if _is_typed(line) for word in line.words]
    bounds = [
        _bound(left.x1, right.x0, words) for left, right in zip(heads, heads[1:], strict=False)
    ]
    return Columns(heads, bounds)


def _is_typed(line: Line) -> bool:
    """Whether the line has two words with digits, as a line of money has."""
    return sum(word.text[-1].isdigit() or word.text[0].isdigit() for word in line.words) > 1


def _bound(low: float, high: float, words: list[Word]) -> float:
    """The middle of the widest stretch between `low` and `high` with the fewest words over it."""
    if low >= high:
        return (low + high) / 2
    steps = [(low, 0), (high, 0)]
    for word in words:
        if word.x0 < high and word.x1 > low:
            steps.append((max(word.x0, low), 1))
            steps.append((min(word.x1, high), -1))
    steps.sort()
    over = 0
    best: tuple[int, float, float] | None = None
    for (x, change), (after, _) in zip(steps, steps[1:], strict=False):
        over += change
        if after > x:
            found = (over, x - after, (x + after) / 2)  # fewest first, then widest
            best = found if best is None else min(best, found)
    return best[2] if best else (low + high) / 2
