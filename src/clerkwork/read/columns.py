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
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from clerkwork.read.header import Head
from clerkwork.read.lines import Line
from clerkwork.read.values import date_parts
from clerkwork.read.vocabulary import DATES, FIGURES, WRITING, currency_of
from clerkwork.read.words import Word

_BESIDE = re.compile("[CD]R?|Rs|[借贷]方?|元", re.IGNORECASE)
_GOES_ON = re.compile(
    r"\d{1,2} [A-Za-z]{3,9}|[A-Za-z]{3,9} (?:\d{1,2},?|\d{4})|\d{1,2}, \d{4}"
    r"|[-+(]?\d{1,3} \d{3}(?:[.,]\d\d)?\)?|\S*\d (?:DR?|CR?)",
    re.IGNORECASE,
)
_DASHES = frozenset("-–—")
_DIGIT = re.compile(r"\d")
_CAPITAL = re.compile("[a-z][A-Z]")
# A figure that cannot be part of a text: decimals, a sign or a currency stands with it.
_FIGURE = re.compile(r"[-+($€£¥₹]*\d[\d,.']*[.,]\d\d?[-+)]*(?:[DC]R?)?|[-+($€£¥₹]+\d[\d,.']*\)?")


@dataclass(frozen=True)
class Columns:
    """
    The columns of a table; `bounds` are the places between them, one fewer than `heads`.

    `edges` are where the figures of a column end on the right, None where they do not
    end at one place. `support` is how many lines the bounds were found from.
    """

    heads: list[Head]
    bounds: list[float]
    edges: list[float | None]
    support: int

    @cached_property
    def roles(self) -> list[str]:
        """What each column holds, from left to right."""
        return [head.role for head in self.heads]

    @cached_property
    def _writing(self) -> list[bool]:
        return [role in WRITING for role in self.roles]

    @cached_property
    def _figures(self) -> list[bool]:
        return [role in FIGURES for role in self.roles]

    def cells(self, line: Line) -> list[list[Word]]:
        """
        The words of each column: writing where it begins, figures where their middle is.

        Writing that runs over into a column of figures goes back.
        """
        cells: list[list[Word]] = [[] for _ in self.heads]
        bounds, writing, figures = self.bounds, self._writing, self._figures
        before, end, close = 0, line.words[0].x0, line.height * 0.6
        for word in line.words:
            x0, x1, _, _, text = word
            has_digit = _DIGIT.search(text) is not None
            at = bisect(bounds, (x0 + x1) / 2 if has_digit else x0 + 1)
            if at < len(bounds) and x1 > bounds[at] and not has_digit:
                parts = _parted(word, bounds[at])
                if parts:
                    cells[at].append(parts[0])
                    cells[at + 1].append(parts[1])
                    before, end = at + 1, x1
                    continue
            if figures[at]:
                if not has_digit and _is_writing(text):
                    at = self._writing_near(at)
                if figures[at] and writing[before] and x0 - end < close:
                    at = before if self._runs_over(word, at) else at
            cells[at].append(word)
            before, end = at, x1
        self._clear_dates(cells, line.height)
        return cells

    def _writing_near(self, at: int) -> int:
        """The column of words nearest to column `at`, on its left if there is one."""
        places = [*range(at - 1, -1, -1), *range(at + 1, len(self.heads))]
        return next((place for place in places if self._writing[place]), at)

    def _runs_over(self, word: Word, at: int) -> bool:
        """Whether a word in a column of figures is none of it: not written so, nor in line."""
        if _FIGURE.fullmatch(word.text):
            return False
        edge = self.edges[at]
        return edge is None or abs(word.x1 - edge) > 1.5 or not _DIGIT.search(word.text)

    @cached_property
    def _dates_after_writing(self) -> list[int]:
        """The columns of dates with one of words to their left."""
        return [
            at
            for at, role in enumerate(self.roles)
            if at and role in DATES and self._writing[at - 1]
        ]

    def _clear_dates(self, cells: list[list[Word]], height: float) -> None:
        """Move words that stand well before a date out of its column, to the writing before it."""
        for at in self._dates_after_writing:
            for cut in range(len(cells[at]) - 1, 0, -1):
                before, word = cells[at][cut - 1], cells[at][cut]
                if word.x0 - before.x1 > height and date_parts(word.text):
                    cells[at - 1] += cells[at][:cut]
                    cells[at] = cells[at][cut:]
                    break


def _parted(word: Word, bound: float) -> tuple[Word, Word] | None:
    """
    A word over the bound of two columns in its halves, when a capital stands in it there:
    "HealthcareExpense" in cells that touch.
    """
    step = (word.x1 - word.x0) / len(word.text)
    for found in _CAPITAL.finditer(word.text):
        x = word.x0 + (found.start() + 1) * step
        if abs(x - bound) < 1.5 * step:
            at = found.start() + 1
            return word._replace(x1=x, text=word.text[:at]), word._replace(
                x0=x, text=word.text[at:]
            )
    return None


def _is_writing(text: str) -> bool:
    """Whether a word cannot stand beside a figure: letters that are no sign and no currency."""
    return text.isalpha() and not _BESIDE.fullmatch(text) and not currency_of(text)


def columns_of(heads: list[Head], lines: Sequence[Line]) -> Columns:
    """The columns under `heads`; `lines` are those that follow on the page."""
    typed = [line for line in lines if _is_typed(line)]
    words = [word for line in typed for word in _runs(line)]
    bounds = [_bound(left, right, words) for left, right in zip(heads, heads[1:], strict=False)]
    ends: list[list[float]] = [[] for _ in heads]
    for word in words:
        if _DIGIT.search(word.text):
            ends[bisect(bounds, (word.x0 + word.x1) / 2)].append(round(word.x1))
    return Columns(heads, bounds, [_edge(each) for each in ends], len(typed))


def _runs(line: Line) -> Iterator[Word]:
    """The words of a line, those as one that can only be a date or a figure: "01 Mar 2026"."""
    run = line.words[0]
    for before, word in pairwise(line.words):
        is_close = word.x0 - before.x1 < 0.65 * line.height
        if is_close and _GOES_ON.fullmatch(f"{before.text} {word.text}"):
            run = run._replace(x1=word.x1, text=f"{run.text} {word.text}")
        else:
            yield run
            run = word
    yield run


def same_heads(one: list[Head], other: list[Head]) -> bool:
    """Whether two tables have the same heads at the same places."""
    return len(one) == len(other) and all(
        a.role == b.role and abs(a.x0 - b.x0) < 1 for a, b in zip(one, other, strict=True)
    )


def _edge(ends: list[float]) -> float | None:
    """The place where most of some figures end."""
    if not ends:
        return None
    place, count = Counter(ends).most_common(1)[0]
    return place if count * 2 > len(ends) else None


def _is_typed(line: Line) -> bool:
    """Whether the line has two words with digits and a gap, as a line of money has: no sentence."""
    if sum(word.text[-1].isdigit() or word.text[0].isdigit() for word in line.words) < 2:
        return False
    return any(word.x0 - before.x1 > line.height for before, word in pairwise(line.words))


def _between(left: Head, right: Head, words: list[Word]) -> list[tuple[float, bool]]:
    """The middle of each word between two heads of figures, and whether the left is nearer."""
    if left.role not in FIGURES or right.role not in FIGURES:
        return []
    halves = (left.x0 + left.x1 + right.x0 + right.x1) / 4
    return [
        ((word.x0 + word.x1) / 2, (word.x0 + word.x1) / 2 < halves)
        for word in words
        if left.x1 < word.x0 and word.x1 < right.x0
    ]


_BEFORE_A_CELL = 4.0
_BESIDE_A_DATE = 4.0  # points between columns, and more than between the words of a date


def _bound(left: Head, right: Head, words: list[Word]) -> float:
    """
    Where the column under `left` ends: the middle of a stretch with the fewest words over it.

    Of several it is the one that leaves no dash beside a figure of the same column, and
    each figure between two heads of figures with the nearer one, then
    the one beside the head that the column is aligned with (writing begins under its head,
    figures end under it), else the widest; after a date the first.
    """
    low, high = left.x1, right.x0
    if low >= high:
        return (low + high) / 2
    steps = [(low, 0), (high, 0)]
    dashes = []
    for word in words:
        if word.x0 < high and word.x1 > low:
            steps.append((max(word.x0, low), 1))
            steps.append((min(word.x1, high), -1))
            if word.text in _DASHES:
                dashes.append(word.x0)
    steps.sort()
    over = 0
    is_dated = left.role in DATES
    is_begun = right.role not in FIGURES and any(abs(word.x0 - high) < 1.5 for word in words)
    between = _between(left, right, words)
    found: list[tuple[int, bool, int, bool, float, float]] = []
    for (x, change), (after, _) in zip(steps, steps[1:], strict=False):
        over += change
        if after - x > 0.5:
            begins = after == high and is_begun
            ends = x == low and left.role in FIGURES
            strands = left.role in FIGURES and any(x <= dash for dash in dashes)
            if is_dated:  # the words after a date are of the next column, wherever its head is
                begins, size = after - x > _BESIDE_A_DATE, x
            else:
                size = x - after
            middle = (x + after) / 2
            if left.role in WRITING and begins:  # longer writing of other lines runs up to it
                middle = max(middle, after - _BEFORE_A_CELL)
            far = sum((at < middle) != is_left for at, is_left in between)
            found.append((over, strands, far, not (begins or ends), size, middle))
    return min(found)[5] if found else (low + high) / 2
