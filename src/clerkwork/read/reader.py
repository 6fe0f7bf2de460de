"""From pages to drafts: which lines are rows of money, which say something else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from clerkwork.read import labels
from clerkwork.read.columns import Columns, columns_of, same_heads
from clerkwork.read.draft import Draft, Front, Seen
from clerkwork.read.header import Head, header_at, heads_without_words
from clerkwork.read.labels import Mark
from clerkwork.read.lines import Line, lines_of
from clerkwork.read.rows import Row, place
from clerkwork.read.strays import Stray, figures_in, is_daily_balance, is_stray, is_whole
from clerkwork.read.table import Table, cells_of, date_of, has_digit
from clerkwork.read.values import date_parts
from clerkwork.read.vocabulary import FIGURES, WRITING, currency_of, title_says
from clerkwork.read.words import Page

MOVEMENTS = ("debit", "credit", "amount")
_ENOUGH = 20  # lines from which the bounds of columns are known
_LINKED = 1.6  # lines of one row stand closer than this many heights of their words


class Reader:
    """
    Takes pages in order; `drafts` has what they say, one draft per account.

    `seen`, where it is given, gets every line that was taken for something.
    """

    def __init__(self, digest: str = "", seen: list[Seen] | None = None) -> None:
        self.front = Front(digest=digest)
        self._seen = seen
        self.drafts = [Draft()]
        self._next: Draft | None = None  # another account was named; its table has not begun
        self._columns: Table | None = None
        self._title = ""
        self._half_period = ""
        self._says = ""  # what the title over the table says of its rows
        self._rows_here = False  # whether the table has rows on this page
        self._number = 0  # of the row on its page
        self._order = 0  # of the line in the document
        self._has_wholes = False  # whether a row has an amount without decimals
        self._last: tuple[Row, float] | None = None  # the row that a line below may continue
        # a dated line without an amount, which may stand on the next: its cells, place and date
        self._begun: tuple[dict[str, str], float, str] | None = None
        self._loose: list[tuple[Line, dict[str, str]]] = []  # lines that wait for their row

    @property
    def _has_said(self) -> bool:
        """Whether anything of money was said of the account so far."""
        return len(self._draft.rows) > 0 or any(m.kind == "closing" for m in self._draft.marks)

    @property
    def _is_outgoing(self) -> bool:
        """Whether the amounts are paid out because the title says so, and no column their sign."""
        if self._says != "out" or self._columns is None:
            return False
        return {"balance", "flag", "type"}.isdisjoint(self._columns.roles)

    @property
    def _draft(self) -> Draft:
        return self.drafts[-1]

    @property
    def _current(self) -> Draft:
        """The account that what is said outside the rows belongs to."""
        return self._next or self._draft

    def take(self, page: Page) -> None:
        """Read one more page."""
        self.front.pages += 1
        if page.is_scan:
            self.front.scans.add(page.number)
        lines = lines_of(page.words)
        self._number, self._last, self._loose, self._rows_here = 0, None, [], False
        self._begun = None
        if self._next and not self._next.marks:
            self._draft.take_in(self._next)  # a number in the foot of a page begins no account
            self._next = None
        at = 0
        headers = {at: found for at in range(len(lines)) if (found := header_at(lines, at))}
        if not headers and self._columns is None:
            heads = heads_without_words(lines)
            self._columns = columns_of(heads, lines) if heads else None
        while at < len(lines):
            if at in headers:
                heads, size = headers[at]
                end = min((each for each in headers if each >= at + size), default=len(lines))
                columns = self._columns_under(heads, lines[at + size : end])
                for line in lines[at : at + size]:
                    self._saw(line, page, "head", columns)
                self._begin_table(columns, lines[at : at + size], page.number)
                at += size
            else:
                self._take_line(lines[at], page)
                at += 1

    def _saw(self, line: Line, page: Page, what: str, columns: Table | None) -> None:
        if self._seen is not None:
            row = 0 if what == "head" else self._number
            self._seen.append(Seen(page.number, row, line, what, columns))

    def _columns_under(self, heads: list[Head], lines: Sequence[Line]) -> Columns:
        """The columns under these heads: those of the page before where it has the same."""
        before = self._columns
        if not isinstance(before, Columns) or not same_heads(before.heads, heads):
            return columns_of(heads, lines)
        if before.support >= _ENOUGH:
            return before
        columns = columns_of(heads, lines)
        return before if before.support > columns.support else columns

    def _begin_table(self, columns: Table, lines: Sequence[Line], page: int) -> None:
        if self._next is not None:
            self.drafts.append(self._next)
            self._next = None
        says = title_says(self._title)
        is_again = self._columns is not None and self._columns.roles == columns.roles
        if says or not is_again or self._rows_here:
            self._says = says  # else the table goes on from the page before
        self._columns = columns
        self._last, self._begun, self._loose, self._title = None, None, [], ""
        text = " ".join(line.text for line in lines)
        self._draft.card_words |= labels.card_words(text)
        if unit := labels.unit_in(text):
            self._draft.units.setdefault(unit, place(page, 0))
        printed = {currency_of(word) for word in re.split(r"[\s()/]+", text)} - {""}
        if len(printed) == 1:  # else columns of several currencies
            self._draft.name_currency(printed.pop(), place(page, 0))

    def _take_line(self, line: Line, page: Page) -> None:
        self._order += 1
        if self._columns is None:
            self._take_label(line, page, in_table=False)
            return
        if self._says == "daily" and is_daily_balance(line.text):
            return
        cells = cells_of(self._columns, line)
        date, movement = date_of(cells), self._moves(cells)
        writing = " ".join([cells[role] for role in WRITING if role in cells])
        is_dated = date_parts(date) is not None
        if self._begun and line.y - self._begun[1] >= _LINKED * line.height:
            self._begun = None
        if is_dated and not movement and writing and not page.is_grid:
            self._begun = cells, line.y, date
        note = labels.note_in(writing)
        figures = [cells[role] for role in FIGURES if has_digit(cells.get(role))] if note else []
        if note and len({*figures}) == 1 and (is_dated or not date):
            self._take_note(line, page, note, figures[0])
        elif labels.is_period_alone(line.text):
            self._take_label(line, page, in_table=True)
        elif is_dated and movement and not labels.is_foot(line.text):
            self._add_row(line, page, cells, date)
        elif is_dated or labels.labelled_in(line.text):
            self._take_label(line, page, in_table=True)
        elif total := labels.total_in(line.text) or labels.total_in(writing):
            self._take_total(line, page, cells, total)
        elif labels.is_foot(line.text) or labels.page_number_in(line.text):
            self._take_label(line, page, in_table=True)
        elif self._begun and not date and movement:
            above, _, day = self._begun
            self._add_row(line, page, above | _over(above, cells), day)
        elif self._last is not None and not date and movement and _is_more(line, writing):
            self._add_row(line, page, cells, self._last[0].date)
        elif not page.is_grid and cells and all(role in WRITING for role in cells):
            self._take_writing(line, page, cells)
        else:
            self._take_label(line, page, in_table=True)

    def _take_note(self, line: Line, page: Page, note: tuple[str, str], figure: str) -> None:
        """A row whose text is nothing but the name of a balance."""
        self._number += 1
        self._last = None
        currency = self._current.currency
        found = labels.figure_in(note[0], figure, currency=currency, as_of=note[1])
        self._mark(found, line, page, in_table=True)

    def _moves(self, cells: dict[str, str]) -> bool:
        """Whether a figure stands where those of movements do."""
        return any(has_digit(cells.get(role)) for role in MOVEMENTS)

    def _add_row(self, line: Line, page: Page, cells: dict[str, str], date: str) -> None:
        if self._next is not None:  # the table goes on: what was said belongs to this account
            self._draft.take_in(self._next)
            self._next = None
        self._number += 1
        self._rows_here, self._begun = True, None
        row = Row(page.number, self._row(line, page), cells, date, self._is_outgoing)
        if self._loose and line.y - self._loose[-1][0].y < _LINKED * line.height:
            for above, writing in reversed(self._loose):
                if line.y - above.y < 4 * _LINKED * line.height:
                    _join(row.cells, writing, before=True)
        self._loose = []
        if not self._has_wholes:
            self._has_wholes = any(is_whole(cells.get(role, "")) for role in MOVEMENTS)
        self._saw(line, page, "row", self._columns)
        if self._says == "pending":
            self._draft.pending.append(row.place)
        else:
            self._draft.rows.add(row)
        self._last = (row, line.y)

    def _take_writing(self, line: Line, page: Page, cells: dict[str, str]) -> None:
        """A line of words only: it continues the row above it, or waits for the row below."""
        if self._last is not None and line.y - self._last[1] < _LINKED * line.height:
            row, _ = self._last
            _join(row.cells, cells)
            self._last = (row, line.y)
            return
        if self._loose and line.y - self._loose[-1][0].y >= _LINKED * line.height:
            self._loose = []
        self._loose.append((line, cells))
        self._take_label(line, page, in_table=True)

    def _take_total(self, line: Line, page: Page, cells: dict[str, str], total: str) -> None:
        """A line of totals in the columns of the table: of all its rows, or of a part of them."""
        self._number += 1
        self._last = None
        for role in MOVEMENTS:
            if has_digit(cells.get(role)):
                of = role if role == "amount" else f"{role}s"
                kind = of if total == "total" and role != "amount" else f"part {of}"
                self._take_figure(kind, cells[role], line, page)
        if total == "total" and has_digit(cells.get("balance")):
            self._take_figure("carried", cells["balance"], line, page)

    def _take_figure(self, kind: str, text: str, line: Line, page: Page) -> None:
        """A figure of a total's line; where it cannot be read, the line may be a lost one."""
        found = labels.figure_in(kind, text, currency=self._current.currency)
        self._mark(found, line, page, in_table=True)
        if not found:
            self._stray(line, page)

    def _take_label(self, line: Line, page: Page, *, in_table: bool) -> None:
        """What a line says that is no row."""
        text = line.text
        self._take_front(text, page)
        own = labels.currency_in(text)
        self._take_account(text, own)
        found = labels.labelled_in(text, own or self._current.currency)
        self._begin_again(found)
        target = self._current
        target.name_currency(own, place(page.number, self._row(line, page)))
        target.card_words |= labels.card_words(text)
        if unit := labels.unit_in(text):
            target.units.setdefault(unit, place(page.number, self._row(line, page)))
        self._take_period(text, target)
        if found and in_table:
            self._number += 1
            self._last = None
        self._mark(found, line, page, in_table=in_table)
        if not found and is_stray(self._columns, line, page, has_wholes=self._has_wholes):
            self._number += 1
            self._stray(line, page)
        if not found:
            self._title = text

    def _mark(
        self, found: list[labels.Labelled], line: Line, page: Page, *, in_table: bool
    ) -> None:
        target = self._current
        in_table = in_table and target is not self._next  # whose table has not begun
        for each in found:
            self._saw(line, page, each.kind, self._columns if in_table else None)
            where = place(page.number, self._row(line, page))
            target.name_currency(each.currency, where)
            if each.sign:
                target.signs.setdefault(each.sign, where)
            target.marks.append(
                Mark(
                    each.kind, each.amount, page.number, self._row(line, page), len(target.rows),
                    in_table, self._order, each.as_of, each.count, each.is_marked,
                )
            )  # fmt: skip

    def _row(self, line: Line, page: Page) -> int:
        """The number of a line on its page: in a sheet that of its row, else of those of money."""
        return round(line.y) if page.is_grid else self._number

    def _stray(self, line: Line, page: Page) -> None:
        target = self._current
        at, figures = len(target.rows), figures_in(line, page, target.currency)
        number = self._row(line, page)
        target.strays.append(
            Stray(page.number, number, line.text, at, self._order, figures, page.is_grid)
        )
        self._saw(line, page, "stray", self._columns)

    def _take_front(self, text: str, page: Page) -> None:
        self.front.card_number = self.front.card_number or labels.card_in(text)
        numbered = labels.page_number_in(text)
        if numbered:
            self.front.numbered.append((page.number, *numbered))
        if labels.is_issue_date(text):
            self.front.issued += labels.dates_in(text)[:1]

    def _take_account(self, text: str, currency: str) -> None:
        """
        Whose the statement is; another number, or another currency of the account, after
        it has said something of money begins the next one.
        """
        number = labels.account_in(text, at_start=self._has_said)
        is_other = bool(self._draft.currency and currency not in ("", self._draft.currency))
        if number and not self._draft.account:
            self._draft.account = number
        elif number and number != self._draft.account and self._has_said:
            if self._next is None or self._next.account != number:
                self._next = Draft(number, currency or self._draft.currency)
        elif number == self._draft.account != "":
            if self._next is not None:
                at = len(self._draft.rows)
                self._draft.strays += [replace(each, at=at) for each in self._next.strays]
            self._next = None
        if is_other and self._has_said and self._next is None:
            self._next = Draft(self._draft.account)

    def _begin_again(self, found: list[labels.Labelled]) -> None:
        """
        A new opening balance after the closing one begins the next statement: of the account
        where it is the closing one, else of one that is not named.
        """
        ends = {mark.kind: mark.amount for mark in self._draft.marks}
        opening = next((each.amount for each in found if each.kind == "opening"), None)
        is_next = (
            opening not in (None, ends.get("opening")) and {"opening", "closing"} <= ends.keys()
        )
        if is_next and self._next is None and self._draft.rows:
            account = self._draft.account if opening == ends["closing"] else ""
            self._next = Draft(account, self._draft.currency)

    def _take_period(self, text: str, target: Draft) -> None:
        dates = labels.dates_in(text)
        of_period = labels.period_in(text, is_front=not target.rows)
        if self._half_period and dates:
            target.period = target.period or (self._half_period, dates[0])
        self._half_period = ""
        if len(of_period) > 1:
            target.period = target.period or (of_period[0], of_period[1])
        elif of_period:
            self._half_period = of_period[0]


_DECIMALS = re.compile(r"\d[.,]\d\d(?!\d)")
_PAGE_OF = re.compile(r"\d+\s*/\s*\d+")


def _is_more(line: Line, writing: str) -> bool:
    """
    Whether a line may be a row of the same day as the one before it: it is no "3 / 5", and
    what stands for its words is no sum.
    """
    is_sum = _DECIMALS.search(writing) and not any(map(str.isalpha, writing))
    return bool(writing) and not is_sum and not _PAGE_OF.fullmatch(line.text)


def _over(cells: dict[str, str], more: dict[str, str]) -> dict[str, str]:
    """The cells of a line below, with the writing above it before their own."""
    joined = dict(more)
    _join(joined, {role: cells[role] for role in WRITING if role in cells}, before=True)
    return joined


def _join(cells: dict[str, str], more: dict[str, str], *, before: bool = False) -> None:
    """Add what a wrapped line has to the cells of its row."""
    for role, text in more.items():
        parts = (text, cells.get(role, "")) if before else (cells.get(role, ""), text)
        cells[role] = " ".join(part for part in parts if part)
