"""
Statements on paper: rows in columns, page after page, ruled or borderless.

    header        bank, title, account, currency, period, opening balance
    column heads  on every page
    rows          lines of money; notes (opening, forward, closing, sub-heading)
    summary       after the last row: opening, totals, closing
    footer        page x of y
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO

from reportlab.lib.colors import Color, black
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from clerkwork.practice.books import StatementLine

_MARGIN = 32
_HEADER = 120  # height from the upper edge to the column heads
_FOOTER = 46
_LEADING = 8.4
_SIZE = 7.0
_RED = Color(0.75, 0, 0)


@dataclass(frozen=True)
class Column:
    """A column; `align` "l" or "r"; a column that `wraps` breaks its text at spaces."""

    heading: str
    width: float
    show: Callable[[StatementLine], str]
    align: str = "l"
    wraps: bool = False


@dataclass(frozen=True)
class Layout:
    """
    What a correspondent's paper looks like.

    The last column is the balance. `forwards` are the words at the foot and the head
    of a page for the balance carried over, "" for none; `page` has {page} and {pages}.
    """

    size: tuple[float, float]
    bank: str
    title: str
    columns: tuple[Column, ...]
    font: str
    bold: str
    page: str
    copy: str
    ruled: bool
    forwards: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Row:
    """
    One row: cells with their printed lines, or a note across them.

    `after` is the balance that stands after it; `shows_balance` prints it beside the note.
    """

    after: Decimal
    cells: tuple[tuple[str, ...], ...] = ()
    note: str = ""
    shows_balance: bool = False
    is_red: bool = False
    is_summary: bool = False
    value: str = ""

    @property
    def lines(self) -> int:
        """How many printed lines it needs."""
        return max((len(cell) for cell in self.cells), default=1)


def row_of(line: StatementLine, columns: tuple[Column, ...], font: str) -> Row:
    """A line of money as a row."""
    cells = tuple(
        tuple(_wrapped(column.show(line), column.width - 5, font))
        if column.wraps
        else (column.show(line),)
        for column in columns
    )
    return Row(line.balance, cells, is_red=line.amount < 0)


def _wrapped(text: str, width: float, font: str) -> Iterator[str]:
    """`text` broken at spaces to lines not wider than `width`."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and stringWidth(longer, font, _SIZE) > width:
            yield line
            line = word
        else:
            line = longer
    yield line


def draw(
    layout: Layout, header: list[tuple[str, str]], rows: list[Row], *, rows_per_page: int, copy: int
) -> bytes:
    """The document as PDF, the same bytes for the same content."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=layout.size, invariant=1, pageCompression=1)
    canvas.setTitle(f"{layout.title} {header[0][1]}")
    canvas.setAuthor(layout.bank)
    sheet = _Sheet(canvas, layout, rows_per_page)
    pages = list(sheet.paginated(rows))
    for number, page in enumerate(pages, start=1):
        # the opening balance, last in the header, stands on the first page only
        sheet.draw_header(header if number == 1 else header[:-1])
        sheet.draw_rows(page)
        foot = layout.page.format(page=number, pages=len(pages))
        sheet.draw_footer(foot + (layout.copy.format(copy=copy) if copy else ""))
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


class _Sheet:
    """One canvas with the geometry of its layout; `_y` is where the next row begins."""

    def __init__(self, canvas: Canvas, layout: Layout, rows_per_page: int) -> None:
        self.canvas = canvas
        self.layout = layout
        self.body = layout.size[1] - _HEADER - _FOOTER - 20
        self.row_height = self.body / (rows_per_page + 1)
        self._y = 0.0
        edges = [float(_MARGIN)]
        for column in layout.columns:
            edges.append(edges[-1] + column.width)
        self.edges = edges

    def paginated(self, rows: list[Row]) -> Iterator[list[Row]]:
        """
        `rows` page by page, with the balance carried and brought forward between them.

        The summary stays on one page.
        """
        foot, head = self.layout.forwards
        page: list[Row] = []
        room = self.body - (self.row_height if foot else 0)
        table = [[row] for row in rows if not row.is_summary]
        for group in [*table, [row for row in rows if row.is_summary]]:
            if sum(map(self._height, [*page, *group])) > room + 0.01:
                after = page[-1].after
                yield [*page, Row(after, note=foot, shows_balance=True)] if foot else page
                page = [Row(after, note=head, shows_balance=True)] if head else []
            page.extend(group)
        yield page

    def _height(self, row: Row) -> float:
        return self.row_height + (row.lines - 1) * _LEADING

    def draw_header(self, header: list[tuple[str, str]]) -> None:
        """Bank, title and what the statement is about."""
        canvas, layout = self.canvas, self.layout
        top = layout.size[1] - 44
        canvas.setFillColor(black)
        canvas.setFont(layout.bold, 13)
        canvas.drawString(_MARGIN, top, layout.bank)
        canvas.setFont(layout.bold, 10)
        canvas.drawRightString(self.edges[-1], top, layout.title)
        canvas.setLineWidth(1.2)
        canvas.line(_MARGIN, top - 7, self.edges[-1], top - 7)
        for place, (label, value) in enumerate(header):
            x = _MARGIN if place % 2 == 0 else _MARGIN + 300
            y = top - 24 - place // 2 * 14
            canvas.setFont(layout.bold, 8)
            canvas.drawString(x, y, label)
            canvas.setFont(layout.font, 8)
            canvas.drawString(x + 88, y, value)

    def draw_footer(self, text: str) -> None:
        """The page number."""
        self.canvas.setFillColor(black)
        self.canvas.setFont(self.layout.font, 7)
        self.canvas.drawRightString(self.edges[-1], 26, text)

    def draw_rows(self, rows: list[Row]) -> None:
        """Column heads and the rows of one page."""
        self._y = self.layout.size[1] - _HEADER
        if not rows[0].is_summary:
            self._draw_heads()
        for row in rows:
            height = self._height(row)
            if row.is_summary:
                self._draw_summary(row)
            else:
                self._draw_row(row, height)
            self._y -= height

    def _draw_heads(self) -> None:
        height = 18.0
        canvas = self.canvas
        canvas.setFont(self.layout.bold, _SIZE)
        for place, column in enumerate(self.layout.columns):
            self._draw_text(place, column.heading, self._y - 11.5)
        canvas.setLineWidth(0.5)
        if self.layout.ruled:
            self._rule(height, range(len(self.edges)))
            canvas.line(self.edges[0], self._y, self.edges[-1], self._y)
        self._y -= height

    def _draw_row(self, row: Row, height: float) -> None:
        canvas, layout = self.canvas, self.layout
        base = self._y - self.row_height / 2 - 2.4
        last = len(layout.columns) - 1
        canvas.setFillColor(_RED if row.is_red else black)
        canvas.setFont(layout.bold if row.note else layout.font, _SIZE)
        for place, cell in enumerate(row.cells):
            for number, text in enumerate(cell):
                self._draw_text(place, text, base - number * _LEADING)
        if row.note:
            canvas.drawString(self.edges[0] + 2.5, base, row.note)
        if row.shows_balance:
            self._draw_text(last, f"{row.after:,.2f}", base)
        canvas.setFillColor(black)
        if layout.ruled:
            note = (0, last, last + 1) if row.shows_balance else (0, last + 1)
            self._rule(height, range(len(self.edges)) if row.cells else note)

    def _draw_summary(self, row: Row) -> None:
        base = self._y - self.row_height / 2 - 2.4
        self.canvas.setFont(self.layout.bold, _SIZE + 0.5)
        self.canvas.drawString(_MARGIN, base, row.note)
        self.canvas.drawRightString(_MARGIN + 330, base, row.value)

    def _draw_text(self, place: int, text: str, y: float) -> None:
        left, right = self.edges[place] + 2.5, self.edges[place + 1] - 2.5
        if self.layout.columns[place].align == "r":
            self.canvas.drawRightString(right, y, text)
        else:
            self.canvas.drawString(left, y, text)

    def _rule(self, height: float, verticals: Iterable[int]) -> None:
        """The lines below a row and between its cells."""
        bottom = self._y - height
        self.canvas.setLineWidth(0.4)
        self.canvas.line(self.edges[0], bottom, self.edges[-1], bottom)
        for place in verticals:
            self.canvas.line(self.edges[place], self._y, self.edges[place], bottom)
