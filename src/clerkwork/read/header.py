"""Find the line that heads a table: which columns there are, and where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from clerkwork.read.lines import Line
from clerkwork.read.vocabulary import (
    DATES,
    FIGURES,
    LONGEST_HEAD,
    head_words,
    may_head,
    role_of,
    role_of_cell,
)


class Head(NamedTuple):
    """The head of one column; role "other" is a column that no role fits."""

    role: str
    x0: float
    x1: float


class _Piece(NamedTuple):
    """
    A word of a head; `cell` tells which printed word it is part of.

    It begins where the writing begins that only translates it: "■■■■ (Date)".
    """

    word: str
    x0: float
    x1: float
    cell: int


_DIGIT = re.compile(r"\d")


def header_at(lines: Sequence[Line], start: int) -> tuple[list[Head], int] | None:
    """
    The column heads that begin at line `start`, and over how many lines they go.

    A head over several lines is taken only where it says more than its best single line,
    or as much in the same columns: "Booking" over "Date".
    """
    pieces = _pieces(lines[start])
    if pieces is None:
        return None
    single = _as_header(_side_by_side(pieces, lines[start].height), lines[start].height)
    best = (single, 1) if single else None
    known = _known(single)
    for size in (2, 3):
        block = lines[start : start + size]
        if len(block) < size or block[-1].y - block[-2].y > 2 * block[-1].height:
            break
        rows = [_pieces(line) for line in block]
        if any(row is None for row in rows):
            break
        height = block[-1].height
        last = _as_header(_side_by_side(rows[-1] or [], height), height)
        known = max(known, _known(last))
        heads, is_whole = _stacked(rows, block)
        stacked = _as_header(heads, height)
        if not (stacked and is_whole) and (
            size == 2 and single and last and _stand_below(single, last)
        ):
            best = ([_both(*pair) for pair in zip(single, last, strict=True)], 2)
        elif stacked and (is_whole or _known(stacked) > known):
            best, known = (stacked, size), _known(stacked)
    return best


def _stand_below(heads: list[Head], others: list[Head]) -> bool:
    """Whether each head has one below it: the same heads in another language."""
    return len(heads) == len(others) and all(
        one.x0 < other.x1 and other.x0 < one.x1 for one, other in zip(heads, others, strict=True)
    )


def _both(one: Head, other: Head) -> Head:
    return Head(_first_of(one.role, other.role), min(one.x0, other.x0), max(one.x1, other.x1))


def _pieces(line: Line) -> list[_Piece] | None:
    """The line as words of heads; None when it cannot head a table."""
    if _DIGIT.search(line.words[0].text) or _DIGIT.search(line.words[-1].text):
        return None
    pieces: list[_Piece] = []
    foreign: float | None = None  # where writing began that is neither English nor Chinese
    cell, goes_on = 0, False
    for word in line.words:
        if _DIGIT.search(word.text):
            return None
        cell += not (goes_on or word.text.startswith("/"))
        goes_on = word.text.endswith("/")
        step = (word.x1 - word.x0) / len(word.text)
        ended = 0
        for text, start, end in head_words(word.text):
            x0 = word.x0 + start * step
            if "(" in word.text[ended:start]:
                x0 = foreign if foreign is not None else x0 - step
            pieces.append(_Piece(text, x0, word.x0 + end * step, cell))
            foreign, ended = None, end
        signs = not any(map(str.isalpha, word.text[ended:]))
        if signs and pieces and pieces[-1].x1 > word.x0 - 0.8 * line.height:  # "Amount (+/-)"
            pieces[-1] = pieces[-1]._replace(x1=word.x1)
        elif not signs and foreign is None:
            foreign = word.x0 + (ended + 1) * step
    if not any(may_head(piece.word) for piece in pieces):
        return None
    return pieces


def _side_by_side(pieces: list[_Piece], height: float) -> list[Head]:
    """The longest known heads, from left to right; what stands close to one belongs to it."""
    heads: list[Head] = []
    at = 0
    while at < len(pieces):
        size, role = _longest(pieces[at : at + LONGEST_HEAD], height)
        first, last = pieces[at], pieces[at + size - 1]
        before = heads[-1] if heads else None
        is_close = before is not None and first.x0 - before.x1 < 0.6 * height
        if before and pieces[at - 1].cell == first.cell:  # "Payee / Description"
            heads[-1] = Head(_first_of(before.role, role), before.x0, last.x1)
        elif before and is_close and role in (None, before.role):
            heads[-1] = before._replace(x1=last.x1)
        else:
            heads.append(Head(role or "other", first.x0, last.x1))
        at += size
    return heads


def _first_of(one: str, other: str | None) -> str:
    """What a head of two words means: the first that is known; a text is a text of any kind."""
    return other if other and (one == "other" or other == "text") else one


def _longest(pieces: list[_Piece], height: float) -> tuple[int, str | None]:
    """How many of the pieces make one known head, and its role."""
    size = 1
    while size < len(pieces) and (
        pieces[size].cell == pieces[size - 1].cell
        or pieces[size].x0 - pieces[size - 1].x1 < 1.2 * height
    ):
        size += 1
    for length in range(size, 0, -1):
        role = role_of(tuple(piece.word for piece in pieces[:length]))
        apart = any(
            after.cell != piece.cell and after.x0 - piece.x1 > 0.6 * height
            for piece, after in pairwise(pieces[:length])
        )
        if role and not (role == "flag" and apart):  # "Debit  Credit" are two columns
            return length, role
    return 1, None


def _stacked(rows: Sequence[list[_Piece] | None], block: Sequence[Line]) -> tuple[list[Head], bool]:
    """
    Heads over several lines: cells that stand above each other are one. And whether they are
    one head for certain: each is known, and what stands below only goes on with what is above.
    """
    stacks: list[tuple[float, float, list[str]]] = []
    grown = set()
    lines = [_cells(row or [], line.height) for row, line in zip(rows, block, strict=True)]
    for x0, x1, words in chain.from_iterable(lines):
        over = next((s for s in stacks if s[0] < x1 and x0 < s[1]), None)
        if over is None:
            stacks.append((x0, x1, words))
        else:
            stacks.remove(over)
            stacks.append((min(x0, over[0]), max(x1, over[1]), over[2] + words))
            grown.add(stacks[-1][0])
    roles = [role_of_cell(words) for _, _, words in sorted(stacks)]
    heads = [
        Head(role or "other", x0, x1)
        for role, (x0, x1, _) in zip(roles, sorted(stacks), strict=True)
    ]
    wraps = len(lines) == 2 and all(word.isascii() for _, _, words in stacks for word in words)
    is_alone = any(len(cells) == 1 for cells in lines[1:])  # may be the first row's text
    goes_on = wraps and len(lines[0]) == len(heads) if is_alone else len(grown) > 1
    return heads, all(roles) and goes_on and len(lines[0]) > 1


def _cells(pieces: list[_Piece], height: float) -> list[tuple[float, float, list[str]]]:
    cells: list[tuple[float, float, list[str]]] = []
    before: _Piece | None = None
    for piece in pieces:
        is_joined = before is not None and before.cell == piece.cell  # "Payee / Description"
        if cells and (is_joined or piece.x0 - cells[-1][1] < 0.8 * height):
            x0, _, words = cells[-1]
            cells[-1] = (x0, piece.x1, [*words, piece.word])
        else:
            cells.append((piece.x0, piece.x1, [piece.word]))
        before = piece
    return cells


def _known(heads: list[Head] | None) -> int:
    return sum(head.role != "other" for head in heads or [])


def _as_header(heads: list[Head], height: float) -> list[Head] | None:
    """
    The heads, when they head a table of money: a date, a figure, little that is unknown,
    and wide gaps between most of them, which a sentence with such words has not.

    Of two columns with the same figure the first counts.
    """
    roles = [head.role for head in heads]
    known = _known(heads)
    has_date = any(role in (*DATES, "time") for role in roles)
    has_figure = any(role in FIGURES for role in roles)
    if not (has_date and has_figure) or known < 2 or len(heads) - known > known:
        return None
    if known == 2 and len(heads) > 2:
        return None
    wide = sum(
        right.x0 - left.x1 > 0.8 * height for left, right in zip(heads, heads[1:], strict=False)
    )
    if wide * 2 < len(heads) - 1:
        return None
    return [
        head._replace(role="other") if head.role in FIGURES and head.role in roles[:at] else head
        for at, head in enumerate(heads)
    ]


_DATED = re.compile(r"\d{1,4}[-/.年]\d{1,2}([-/.月]\d{1,4}日?)?")
_ENDS = re.compile(r"[-+($€£¥]*\d[\d,.']*[.,]\d\d\)?(?:[CD]R)?")


def heads_without_words(lines: Sequence[Line]) -> list[Head]:
    """
    The columns of a table that nothing heads: lines that begin with a date and end with
    one amount, or with an amount and a balance; none where there are not two such lines.
    """
    rows = [line.words for line in lines if len(line.words) > 2]
    rows = [words for words in rows if _DATED.fullmatch(words[0].text)]
    rows = [words for words in rows if _ENDS.fullmatch(words[-1].text)]
    figures = {1 + bool(_ENDS.fullmatch(words[-2].text)) for words in rows}
    if len(rows) < 2 or len(figures) > 1:
        return []
    roles = ["amount", "balance"][: figures.pop()]
    parts = [(words[0], words[1], *words[-len(roles) :]) for words in rows]
    return [
        Head(role, min(word.x0 for word in words), max(word.x1 for word in words))
        for role, words in zip(["date", "text", *roles], zip(*parts, strict=True), strict=True)
    ]
