"""A truth in its layout as a PDF."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from . import heads, printed
from .layout import Layout
from .model import Account, Row, Truth

_FIGURES = ("debit", "credit", "amount", "balance")
_CJK = "STSong-Light"
_PAD = 5


@dataclass
class Column:
    """One column: its head in lines, and where it lies."""

    role: str
    head: list[str]
    width: float = 0
    x: float = 0

    @property
    def is_figure(self) -> bool:
        """Whether its cells end on the right."""
        return self.role in _FIGURES


@dataclass
class Paper:
    """A document, and the page of each row of each account."""

    content: bytes
    pages: list[list[int]] = field(default_factory=list)


def draw(truth: Truth, layout: Layout) -> Paper:
    """The PDF; drawn twice, because pages say how many there are."""
    pdfmetrics.registerFont(UnicodeCIDFont(_CJK))
    first = _Painter(truth, layout, of=0)
    first.paint()
    second = _Painter(truth, layout, of=first.number)
    return second.paint()


class _Painter:
    """Draws from top to bottom; `y` is the place of the next line."""

    def __init__(self, truth: Truth, layout: Layout, *, of: int) -> None:
        self.truth, self.layout, self.of = truth, layout, of
        self.out = io.BytesIO()
        self.size, self.width = layout.size, layout.page[0]
        self.columns = self._columns()
        page = (self.width, layout.page[1])
        self.canvas = Canvas(self.out, pagesize=page, invariant=True)
        self.leading = self.size * 1.2
        self.number = 0
        self.rows_on: list[list[int]] = []
        self.cells: list[tuple[float, float, str, str]] = []  # x, y, text, font of one page
        self.account = truth.accounts[0]
        self.y = 0.0
        self.running: Row | None = None
        self.on_page: list[Row] = []

    def paint(self) -> Paper:
        """The whole document."""
        self._begin_page(is_first=True)
        for at, account in enumerate(self.truth.accounts):
            self.account, self.running, self.on_page = account, None, []
            if at and (self.layout.seed % 2 or self.y < self.layout.page[1] / 2):
                self._end_page()
                self._begin_page(is_first=True)
            elif at:
                self.y -= 2 * self.leading
                self._front()
            self._account(account)
        self._end_page()
        self.canvas.save()
        return Paper(self.out.getvalue(), self.rows_on)

    def _account(self, account: Account) -> None:
        layout = self.layout
        self.rows_on.append([])
        at_top = layout.ends in ("top", "box")
        self._summary(opening=at_top or layout.ends == "first", closing=at_top, is_totals=at_top)
        if account.pending:
            self._title(heads.PENDING[layout.tongue][layout.seed % 3])
            self._heads()
            for number, row in enumerate(account.pending, start=1):
                self._row(row, number, balance=False)
            self._title(heads.POSTED[layout.tongue][layout.seed % 2])
        for title, rows in printed.sections_of(account, layout):
            if title:
                self._title(title)
            self._heads()
            if layout.ends == "table":
                self._note(layout.end_words[0], account.opening, is_dated=layout.seed % 3 == 0)
            for at, row in enumerate(rows):
                self._row(row, at + 1, balance=printed.has_balance(rows, at, layout))
                self.running = row
                self.on_page.append(row)
                self.rows_on[-1].append(self.number)
            if layout.ends == "table":
                self._note(layout.end_words[1], account.closing, is_dated=False)
        if layout.totals == "row":
            self._total_row(heads.TOTAL_ROW[layout.tongue][layout.seed % 3], account.rows)
        self.y -= self.leading
        bottom = layout.ends == "bottom"
        self._summary(opening=bottom, closing=bottom, is_totals=not at_top)
        if layout.count:
            self._line(layout.count.format(len(account.rows)))

    # pages

    def _begin_page(self, *, is_first: bool) -> None:
        self.number += 1
        self.y = self.layout.page[1] - self.layout.margin - self.size
        if is_first or self.layout.repeats_front:
            self._line(heads.BANKS[self.layout.tongue][self.layout.seed % 3], bold=True)
            self._line(heads.TITLES[self.layout.tongue][self.layout.seed % 4], bold=True)
            self.y -= self.leading
            self._front()

    def _end_page(self) -> None:
        foot = self.layout.margin - self.size
        for at, text in enumerate(self.layout.foot):
            self._put(self.layout.margin, foot + (len(self.layout.foot) - at) * self.leading, text)
        if self.layout.numbering:
            text = self.layout.numbering.format(self.number, self.of)
            x = (self.width - self._width(text, self.layout.font)) / 2
            self._put(x, foot, text)
        if self.layout.order == "columns":
            self.cells.sort(key=lambda cell: (cell[0], -cell[1]))
        for x, y, text, font in self.cells:
            self._ink(x, y, text, font)
        self.cells = []
        self.canvas.showPage()

    def _need(self, height: float) -> None:
        """Go on to a next page when `height` has no room above the foot."""
        floor = self.layout.margin + (len(self.layout.foot) + 2) * self.leading
        room = 2 * (self.leading + self.layout.gap)
        if self.y - height - room > floor:
            return
        layout, running = self.layout, self.running
        if layout.page_total and self.on_page:
            self._total_row(layout.page_total, tuple(self.on_page))
        if layout.carried and running:
            self._note(layout.carried[0], running.balance, is_dated=False)
        self.on_page = []
        self._end_page()
        self._begin_page(is_first=False)
        if layout.repeats_heads:
            self._heads()
        if layout.carried and running:
            self._note(layout.carried[1], running.balance, is_dated=False)

    # lines

    def _front(self) -> None:
        for line in printed.front_of(self.truth, self.account, self.layout):
            self._line(line)
        self.y -= self.leading

    def _summary(self, *, opening: bool, closing: bool, is_totals: bool) -> None:
        pairs = printed.summary_of(self.account, self.layout, opening=opening, closing=closing)
        names = self.layout.end_words
        pairs = [pair for pair in pairs if is_totals or pair[0] in names]
        x = self.layout.margin
        width = max((self._width(label, self.layout.font) for label, _ in pairs), default=0)
        for label, figure in pairs:
            end = x + width + 80
            self._put(x, self.y, label)
            self._put(end - self._width(figure, self.layout.font), self.y, figure)
            if self.layout.ends == "box":
                self.canvas.rect(x - 3, self.y - 3, width + 86, self.leading)
            self.y -= self.leading
        if pairs:
            self.y -= self.leading

    def _line(self, text: str, *, bold: bool = False) -> None:
        self._put(self.layout.margin, self.y, text, self.layout.head_font if bold else None)
        self.y -= self.leading

    def _title(self, text: str) -> None:
        self._need(6 * self.leading)
        self.y -= self.leading
        self._line(text, bold=True)

    def _heads(self) -> None:
        font, deep = self.layout.head_font, max(len(column.head) for column in self.columns)
        if self.layout.style != "plain":
            self._rule(self.y + self.size)
        for column in self.columns:
            for at, text in enumerate(column.head):
                width = self._width(text, font)
                x = column.x
                if self.layout.head_align == "center":
                    x += (column.width - width) / 2
                elif self.layout.head_align == "column" and column.is_figure:
                    x += column.width - width
                self._put(x, self.y - at * self.leading, text, font)
        self.y -= (deep - 1) * self.leading
        self._rule(self.y - 3)
        self.y -= self.leading + self.layout.gap

    def _row(self, row: Row, number: int, *, balance: bool) -> None:
        cells = printed.cells_of(row, self.layout, self.account, number, balance)
        wrapped = {
            column.role: self._wrapped(cells[column.role], column) for column in self.columns
        }
        deep = max(map(len, wrapped.values()))
        self._need(deep * self.leading + self.layout.gap)
        top = self.y
        for column in self.columns:
            lines = wrapped[column.role]
            slack = (deep - len(lines)) * self.leading
            down = {"top": 0.0, "middle": slack / 2, "bottom": slack}[self.layout.valign]
            for at, text in enumerate(lines):
                x = column.x
                if column.is_figure:
                    x += column.width - self._width(text, self.layout.font)
                self._put(x, top - down - at * self.leading, text)
        self.y -= (deep - 1) * self.leading
        if self.layout.style in ("rules", "grid"):
            self._rule(self.y - self.size * 0.2 - self.layout.gap / 2)
        if self.layout.style == "grid":
            for column in self.columns:
                x = column.x - _PAD / 2
                self.canvas.line(x, top + self.size, x, self.y - self.layout.gap / 2)
        self.y -= self.leading + self.layout.gap

    def _note(self, words: str, amount: object, *, is_dated: bool) -> None:
        """A line of the table that has a name and a balance."""
        owed = -amount if self.layout.is_card else amount  # type: ignore[operator]
        figure = printed.print_figure(owed, self.layout, self.account.currency).removeprefix("+")
        cells = {"text": words, "balance": figure}
        if is_dated:
            cells["date"] = printed.print_date(self.truth.first, self.layout)
        self._cells(cells)

    def _total_row(self, words: str, rows: tuple[Row, ...]) -> None:
        sums = zip(("debit", "credit"), printed.sums_of(rows), strict=True)
        figures = {
            role: printed.print_figure(total, self.layout, self.account.currency).removeprefix("+")
            for role, total in sums
        }
        self._cells({"text": words, **figures})

    def _cells(self, cells: dict[str, str]) -> None:
        for column in self.columns:
            text = cells.get(column.role, "")
            x = column.x
            if column.is_figure:
                x += column.width - self._width(text, self.layout.font)
            self._put(x, self.y, text)
        self.y -= self.leading + self.layout.gap

    # geometry

    def _columns(self) -> list[Column]:
        """Columns with their places; the writing shrinks until they have room."""
        while True:
            columns = [Column(role, self._head(head)) for role, head in self.layout.columns]
            for column in columns:
                column.width = self._needed(column)
            spare = self.width - 2 * self.layout.margin
            spare -= sum(column.width + 2 * _PAD for column in columns)
            if spare >= 0:
                break
            if self.size > 6:
                self.size -= 0.5
            else:
                self.width -= spare
                spare = 0
                break
        for column in columns:
            if column.role == "text":
                column.width += min(max(spare, 0), 60)
        x = self.layout.margin
        for column in columns:
            column.x = x
            x += column.width + 2 * _PAD
        return columns

    def _head(self, head: str) -> list[str]:
        lines = head.split("\n")
        if len(lines) > 1 or self.layout.seed % 3:
            return lines
        words = head.split(" ")
        return [head] if len(words) == 1 or "/" in head else [words[0], " ".join(words[1:])]

    def _needed(self, column: Column) -> float:
        """How wide a column must be for its cells and its head."""
        font = self.layout.font
        most = max(self._width(line, self.layout.head_font) for line in column.head)
        if column.role in ("text", "counterparty"):
            limit = self.layout.wraps_at * (1 if column.role == "text" else 0.6)
            return max(most, limit)
        for account in self.truth.accounts:
            ends = [printed.print_figure(total, self.layout, account.currency)
                    for total in (*printed.sums_of(account.rows), -account.opening)]  # fmt: skip
            if column.is_figure:
                most = max(most, *(self._width(end, font) for end in ends))
            for number, row in enumerate((*account.rows, *account.pending), start=1):
                cells = printed.cells_of(row, self.layout, account, number, True)
                most = max(most, self._width(cells[column.role], font))
        return most

    def _wrapped(self, text: str, column: Column) -> list[str]:
        """The text in lines that fit; Chinese may break anywhere, words only between."""
        if self._width(text, self.layout.font) <= column.width or column.is_figure:
            return [text]
        lines, line = [], ""
        for word in _breakable(text):
            if line and self._width(line + word, self.layout.font) > column.width:
                lines.append(line.strip())
                line = ""
            line += word
        return [*lines, line.strip()]

    def _rule(self, y: float) -> None:
        self.canvas.setLineWidth(0.4)
        last = self.columns[-1]
        self.canvas.line(self.layout.margin - 2, y, last.x + last.width + 2, y)

    def _width(self, text: str, font: str) -> float:
        return sum(
            pdfmetrics.stringWidth(part, name, self.size) for part, name in _runs(text, font)
        )

    def _put(self, x: float, y: float, text: str, font: str | None = None) -> None:
        if text:
            self.cells.append((x, y, text, font or self.layout.font))

    def _ink(self, x: float, y: float, text: str, font: str) -> None:
        for part, name in _runs(text, font):
            self.canvas.setFont(name, self.size)
            self.canvas.drawString(x, y, part)
            x += pdfmetrics.stringWidth(part, name, self.size)


def _runs(text: str, font: str) -> Iterator[tuple[str, str]]:
    """The text in parts of one font: Chinese has its own."""
    for is_cjk, part in groupby(text, key=lambda character: ord(character) > 0x2FFF):
        yield "".join(part), _CJK if is_cjk else font


def _breakable(text: str) -> Iterator[str]:
    """The parts between which a line may end, each with the space after it."""
    for word in text.split(" "):
        for is_cjk, part in groupby(word + " ", key=lambda character: ord(character) > 0x2FFF):
            if is_cjk:
                yield from part
            else:
                yield "".join(part)
