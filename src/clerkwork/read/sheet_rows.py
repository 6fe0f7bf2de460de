"""Sheets to drafts: columns by the words over them, plain rows many at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import islice, zip_longest

from clerkwork.facts.entries import BLOCK
from clerkwork.read import labels
from clerkwork.read.lines import Line
from clerkwork.read.reader import MOVEMENTS, Reader
from clerkwork.read.rows import Block
from clerkwork.read.sheet import column_texts, figure_cells, plain_text
from clerkwork.read.stored import cell_text, days
from clerkwork.read.table import BY_WEIGHT
from clerkwork.read.values import NOTHING, date_parts
from clerkwork.read.vocabulary import DATES, FIGURES, WRITING, head_words, role_of, role_of_cell
from clerkwork.read.words import Page, Word

_WIDTH = 10.0  # of a column, where a row is looked at as a line of words
_LATEST_HEAD = 20_000  # rows; a sheet without a table until there has none
_LEAST_HEADS = 2  # of the upper row of two that head a table
_ASIDE = ("pending", "daily")  # what a title says of rows that are no entries
_LETTER = re.compile(r"[^\W\d]|^#$")
# Of two columns with one role the one that tells what was booked counts.
_BOOKED = re.compile("记账|入账|结算|booked|billing|settle|account", re.IGNORECASE)


@dataclass(frozen=True)
class SheetColumns:
    """What each column of a sheet holds; "other" where nothing known heads it."""

    roles: list[str]

    def cells(self, line: Line) -> list[list[Word]]:
        """The words of each column: one, or none."""
        cells: list[list[Word]] = [[] for _ in self.roles]
        for word in line.words:
            at = int(word.x0 / _WIDTH)
            if at < len(cells):
                cells[at].append(word)
        return cells


class SheetReader(Reader):
    """Takes sheets in order; `drafts` has what they say."""

    def take_sheet(self, number: int, rows: Iterable[Sequence[object]]) -> None:
        """Read one more sheet, row by row, `number` from 1; cells as they are stored."""
        self.front.pages += 1
        self._number, self._last, self._columns = 0, None, None
        page = Page(number, [], is_grid=True)
        first = 1
        unread = iter(rows)
        while window := list(islice(unread, BLOCK)):
            if self._columns is None and first > _LATEST_HEAD:
                return
            at = 0
            while at < len(window):
                at += self._take_rows(page, window[at:], first + at)
            first += len(window)

    def _take_rows(self, page: Page, rows: list[Sequence[object]], number: int) -> int:
        """Rows up to the head of a table, or that head; how many were taken."""
        columns = self._columns
        if not isinstance(columns, SheetColumns):
            return self._take_row(page, rows, number)
        block, is_plain = _block_of(columns, rows, page.number, number)
        at = 0
        while at < len(rows):
            end = is_plain.index(False, at) if False in is_plain[at:] else len(rows)
            if end > at and self._next is None and self._says not in _ASIDE:
                self._add_block(block, at, end)
                at = end
            else:
                at += self._take_row(page, rows[at : at + 2], number + at)
                if self._columns is not columns:
                    break
        return at

    def _add_block(self, block: Block, at: int, end: int) -> None:
        self._rows_here = True
        self._number += end - at
        self._order += end - at
        self._last = (block.row(end - 1), float(block.rows[end - 1]))
        part = block.part(at, end)
        self._draft.rows.add_block(replace(part, outgoing=[int(self._is_outgoing)] * len(part)))

    def _take_row(self, page: Page, rows: Sequence[Sequence[object]], number: int) -> int:
        """One row by itself, or the head of a table over one or two; how many were taken."""
        texts = [_texts_of(self._dated(row)) for row in rows[:2]]
        for size in range(1, len(texts) + 1):
            if size > 1 and len(list(filter(None, texts[0]))) < _LEAST_HEADS:
                break  # a title
            roles = _roles(texts[:size])
            if roles:
                lines = [_line(row, number) for row in texts[:size]]
                lines = [line for line in lines if line.words]
                self._begin_table(SheetColumns(roles), lines, page.number)
                return size
        line = _line(texts[0], number)
        heads = len(self._columns.roles) if self._columns else len(texts[0])
        if any(texts[0][heads:]):  # what no head names: a decimal comma may divide a figure
            self._number += 1
            self._order += 1
            self._stray(line, page)
        elif line.words:
            self._take_line(line, page)
        return 1

    def _dated(self, row: Sequence[object]) -> Sequence[object]:
        """A row with its numbers of days as days."""
        if self._columns is None or float not in {*map(type, row)}:
            return row
        roles = zip_longest(self._columns.roles, row, fillvalue="")
        return [days([cell])[0] if role in DATES else cell for role, cell in roles]

    def _moves(self, cells: dict[str, str]) -> bool:
        """Whether anything but a dash stands where the figures of movements do."""
        return any(cells.get(role, "") not in NOTHING for role in MOVEMENTS)


def _roles(rows: Sequence[Sequence[str]]) -> list[str] | None:
    """
    The roles of the columns when the rows head a table of money: no figures, a date and an
    amount, and little that is unknown.
    """
    heads = [" ".join(filter(None, cells)) for cells in zip_longest(*rows, fillvalue="")]
    if any(cell and not _LETTER.search(cell) for cells in rows for cell in cells):
        return None
    roles = [_role_of_cell(head) for head in heads]
    known = sum(role != "other" for role in roles)
    has_date = not {*DATES, "time"}.isdisjoint(roles)
    has_figure = not set(FIGURES).isdisjoint(roles)
    is_known = known * 2 >= len(list(filter(None, heads))) or {"text", "amount"} <= set(roles)
    if not (has_date and has_figure and is_known):
        return None
    if "amount" in roles and "credit" not in roles:  # charges beside the amount
        roles = ["other" if role == "debit" else role for role in roles]
    for role in (*FIGURES, "currency"):
        places = [at for at, each in enumerate(roles) if each == role]
        best = next((at for at in places if _BOOKED.search(heads[at])), (places or [0])[0])
        for at in places:
            roles[at] = role if at == best else "other"
    return roles


@cache
def _role_of_cell(head: str) -> str:
    """What the words of a cell head; of two languages the first that is known."""
    words = [word for word, _, _ in head_words(head)]
    latin = tuple(word for word in words if word.isascii())
    chinese = [(word,) for word in words if not word.isascii()]
    known = next(filter(None, map(role_of, (tuple(words), *chinese, latin))), None)
    return known or role_of_cell(words) or "other"


def _line(texts: Sequence[str], number: int) -> Line:
    """A row as a line of words, one for each cell."""
    words = [
        Word(at * _WIDTH, at * _WIDTH + _WIDTH - 2, float(number), 0.8, text)
        for at, text in enumerate(texts)
        if text
    ]
    return Line(float(number), 0.8, words)


def _texts_of(row: Sequence[object]) -> list[str]:
    return [plain_text(cell_text(value)) for value in row]


def _block_of(
    columns: SheetColumns, rows: Sequence[Sequence[object]], sheet: int, first: int
) -> tuple[Block, list[bool]]:
    """Rows as a block, and which of them are plainly rows of the table: dated, with an amount."""
    count, heads = len(rows), len(columns.roles)
    values = list(islice(zip_longest(*rows, fillvalue=""), heads))
    texts: dict[str, list[str]] = {}
    moves: dict[str, Sequence[str | float]] = {}
    for role, column in zip(columns.roles, values, strict=False):
        if role in FIGURES:
            moves[role] = figure_cells(column)
            continue
        if role in DATES and float in {*map(type, column)}:
            column = tuple(days(column))
        cells = column_texts(column)
        if role in texts:
            cells = list(map(str.strip, map(" ".join, zip(texts[role], cells, strict=True))))
        texts[role] = cells
    printed = _days(texts, count)
    is_plain = [day != "" for day in printed]
    for at, row in enumerate(rows):
        if len(row) > heads and any(row[heads:]):
            is_plain[at] = False
    still = [moves[role] for role in MOVEMENTS if role in moves]
    for at in [
        at for at, cells in enumerate(zip(*still, strict=True)) if NOTHING.issuperset(cells)
    ]:
        is_plain[at] = False
    for role in WRITING:
        if role in texts and labels.may_be_note("\n".join(texts[role])):
            for at, cell in enumerate(texts[role]):
                is_plain[at] = is_plain[at] and not labels.note_in(cell)
    texts.pop("other", None)
    numbers = range(first, first + count)
    return Block([sheet] * count, numbers, printed, [0] * count, {**moves, **texts}), is_plain


def _days(texts: dict[str, list[str]], count: int) -> list[str]:
    """
    The date of each row, "" where it is not plain; a time of day beside it becomes the
    time of the row.
    """
    has_time = any(_day_and_clock(text)[0] for text in texts.get("time", ()))
    role = next((r for r in BY_WEIGHT if r in texts and (r != "time" or has_time)), "time")
    column = texts.pop(role, [""] * count)
    both = [_day_and_clock(text) for text in column]
    if any(clock for _, clock in both):
        texts["time"] = [clock for _, clock in both]
    return [day for day, _ in both]


@lru_cache(maxsize=1 << 15)
def _day_and_clock(text: str) -> tuple[str, str]:
    """A printed date and the time of day after it, "" for what is none."""
    if date_parts(text):
        return text, ""
    day, _, clock = text.partition(" ")
    return (day, clock) if ":" in clock and date_parts(day) else ("", "")
