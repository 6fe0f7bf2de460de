"""The first sheet: every account's statement and the cash check, each on a page to sign."""

from __future__ import annotations

from decimal import Decimal

from openpyxl.cell.cell import Cell
from openpyxl.worksheet.pagebreak import Break as PageBreak
from openpyxl.worksheet.worksheet import Worksheet

from clerkwork.facts import BalanceStatement, CashCheck, Report
from clerkwork.report import style
from clerkwork.report.cells import put_amount, put_date, put_text
from clerkwork.report.form import Form, Line, Pair, form
from clerkwork.report.texts import (
    account_name,
    cash_result,
    facts_line,
    labelled,
    signatures,
    statement_result,
    summary_line,
)
from clerkwork.report.words import Language, chosen, word

# our books in A to D, their statement in E to H: date, reference, particulars, amount
_WIDTHS = (12, 18, 38, 18) * 2
_LETTERS = "ABCDEFGH"
_CASH_HEADS = (
    *("teller", "account", "account_name", "book"),
    *("currency", "counted", "result", "difference"),
)


def lay_statements(sheet: Worksheet, report: Report, language: Language) -> None:
    """Fill `sheet`: heading, one form per account and currency, the cash check."""
    pen = _Pen(sheet, language)
    pen.text("A:H", chosen((report.en, report.zh), language), style.TITLE)
    pen.end_row(height=28)
    pen.text("A:H", facts_line(report, language), style.NOTE)
    pen.end_row()
    pen.text("A:H", summary_line(report, language), style.NOTE)
    pen.end_row()
    for number, statement in enumerate(report.balance_statements):
        _lay_form(pen, form(statement, report, language), report, opens_page=number > 0)
    if report.cash:
        _lay_cash(pen, report, opens_page=bool(report.balance_statements))
    for letter, width in zip(_LETTERS, _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A4"
    sheet.sheet_view.showGridLines = False
    style.set_up_print(sheet, chosen((report.en, report.zh), language), language)


class _Pen:
    """Writes the sheet row after row; a span is "D", or "A:D" to merge the cells between."""

    def __init__(self, sheet: Worksheet, language: Language) -> None:
        self.sheet = sheet
        self.language = language
        self.row = 1

    def text(self, span: str, text: str, looks: style.Looks) -> None:
        """Write a text."""
        put_text(self._cell(span, looks), text)

    def amount(self, span: str, amount: Decimal, currency: str, looks: style.Looks) -> None:
        """Write an amount."""
        put_amount(self._cell(span, looks), amount, currency)

    def line(self, columns: str, line: Line | None, currency: str) -> None:
        """Write an item into its four `columns`; blank ones when there is none."""
        on, reference, text, amount = (self._cell(letter, style.BODY) for letter in columns)
        style.dress(amount, style.FIGURE, self.language)
        if line is None:
            return
        if line.on:
            put_date(on, line.on)
        put_text(reference, line.reference)
        put_text(text, line.text)
        put_amount(amount, line.amount, currency)

    def end_row(self, *, height: float | None = None) -> None:
        """Go to the next row."""
        if height:
            self.sheet.row_dimensions[self.row].height = height
        self.row += 1

    def begin_block(self, *, opens_page: bool) -> None:
        """Leave a row, and print what follows on a new page if it `opens_page`."""
        if opens_page:
            self.sheet.row_breaks.append(PageBreak(id=self.row))
        self.end_row()

    def _cell(self, span: str, looks: style.Looks) -> Cell:
        first, _, last = span.partition(":")
        for letter in _LETTERS[_LETTERS.index(first) : _LETTERS.index(last or first) + 1]:
            style.dress(self._at(letter), looks, self.language)
        cell = self._at(first)
        if last:
            self.sheet.merge_cells(f"{first}{self.row}:{last}{self.row}")
        return cell

    def _at(self, letter: str) -> Cell:
        cell = self.sheet[f"{letter}{self.row}"]
        assert isinstance(cell, Cell)
        return cell


def _lay_form(pen: _Pen, laid: Form, report: Report, *, opens_page: bool) -> None:
    statement, language = laid.statement, pen.language
    pen.begin_block(opens_page=opens_page)
    pen.text("A:H", word("statement", language), style.FORM_TITLE)
    pen.end_row(height=26)
    name = account_name(statement.account, report, language)
    account = labelled("account", f"{statement.account}  {name}", language)
    pen.text("A:D", account, style.NOTE)
    pen.text("E:F", labelled("currency", statement.currency, language), style.NOTE)
    pen.text("G:H", labelled("as_of", statement.as_of, language), style.NOTE)
    pen.end_row()
    pen.text("A:D", word("our_books", language), style.HEAD)
    pen.text("E:H", word("their_books", language), style.HEAD)
    pen.end_row(height=18)
    heads = ("date", "reference", "particulars", "amount") * 2
    for letter, head in zip(_LETTERS, heads, strict=True):
        pen.text(letter, word(head, language), style.HEAD)
    pen.end_row()
    for pair in laid.pairs:
        _lay_pair(pen, pair, statement.currency)
    looks = style.GOOD if statement.is_equal else style.BAD
    pen.text("A:H", statement_result(statement, language), looks)
    pen.end_row(height=20)
    _lay_signatures(pen, report, statement)


def _lay_pair(pen: _Pen, pair: Pair, currency: str) -> None:
    if pair.kind == "item":
        pen.line("ABCD", pair.ours, currency)
        pen.line("EFGH", pair.theirs, currency)
        lengths = [style.columns_wide(line.text) for line in (pair.ours, pair.theirs) if line]
        pen.end_row(height=style.height_of(lengths, [_WIDTHS[2]] * len(lengths)))
        return
    total = pair.kind != "section"
    words, figure = (
        (style.TOTAL, style.TOTAL_FIGURE) if total else (style.SECTION, style.SECTION_FIGURE)
    )
    for span, letter, line in (("A:C", "D", pair.ours), ("E:G", "H", pair.theirs)):
        if line:
            pen.text(span, line.text, words)
            pen.amount(letter, line.amount, currency, figure)
    pen.end_row(height=18)


def _lay_cash(pen: _Pen, report: Report, *, opens_page: bool) -> None:
    language = pen.language
    pen.begin_block(opens_page=opens_page)
    pen.text("A:H", word("cash", language), style.FORM_TITLE)
    pen.end_row(height=26)
    for letter, head in zip(_LETTERS, _CASH_HEADS, strict=True):
        pen.text(letter, word(head, language), style.HEAD)
    pen.end_row(height=18)
    for check in report.cash:
        _lay_check(pen, check, account_name(check.account, report, language))
    _lay_signatures(pen, report)


def _lay_check(pen: _Pen, check: CashCheck, name: str) -> None:
    pen.text("A", check.teller, style.BODY)
    pen.text("B", check.account, style.BODY)
    pen.text("C", name, style.BODY)
    pen.amount("D", check.book, check.currency, style.FIGURE)
    pen.text("E", check.currency, style.BODY)
    pen.amount("F", check.counted, check.currency, style.FIGURE)
    looks = style.BAD if check.difference else style.GOOD
    pen.text("G", cash_result(check, pen.language), looks)
    pen.amount("H", check.difference, check.currency, style.FIGURE)
    pen.end_row()


def _lay_signatures(pen: _Pen, report: Report, statement: BalanceStatement | None = None) -> None:
    pen.end_row()
    names = signatures(report, pen.language, statement)
    for span, signature in zip(("A:C", "D:F", "G:H"), names, strict=True):
        pen.text(span, signature, style.SIGNATURE)
    pen.end_row(height=24)
