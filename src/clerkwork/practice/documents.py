"""
The documents of a day: three statements as PDF, the vault sheet as a workbook.

The same day, rows per page and variant give the same bytes; another variant is the
same content printed again, with other page breaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from clerkwork.practice.accounts import BRANCH
from clerkwork.practice.books import StatementDay, StatementLine
from clerkwork.practice.layouts import PAPERS, Words
from clerkwork.practice.paper import Layout, Row, draw, row_of
from clerkwork.practice.vault_sheet import workbook
from clerkwork.practice.world import SEED, day


def render(
    on: date, folder: Path, *, rows_per_page: int = 34, variant: int = 0, seed: int = SEED
) -> tuple[Path, ...]:
    """
    Write the documents of `on` into `folder` and give their paths.

    Each variant above 0 has three rows a page fewer than the one before, and narrower
    descriptions where the layout wraps them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    books = day(on, seed=seed)
    written = []
    for statement in books.statements:
        name = f"{statement.correspondent}_{statement.currency.lower()}_{on:%Y%m%d}.pdf"
        content = _statement(statement, on, rows_per_page - 3 * variant, variant)
        written.append(_write(folder / name, content))
    sheet = workbook(books.vault, on, variant=variant)
    written.append(_write(folder / f"vault_{BRANCH}_{on:%Y%m%d}.xlsx", sheet))
    return tuple(written)


def _write(path: Path, content: bytes) -> Path:
    """`content` as `path`, all of it or nothing."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_bytes(content)
    return unfinished.replace(path)


def _statement(statement: StatementDay, on: date, rows_per_page: int, copy: int) -> bytes:
    layout, words = PAPERS[statement.correspondent]
    columns = tuple(
        replace(column, width=column.width - 12 * copy) if column.wraps else column
        for column in layout.columns
    )
    layout = replace(layout, columns=columns)
    written = words.write(on)
    header = [
        (words.account, statement.their_account),
        (words.currency, statement.currency),
        words.holder,
        (words.period, f"{written} - {written}"),
        (words.opening, f"{statement.opening:,.2f}"),
    ]
    rows = list(_rows(statement, layout, words, on))
    return draw(layout, header, rows, rows_per_page=rows_per_page, copy=copy)


def _rows(statement: StatementDay, layout: Layout, words: Words, on: date) -> Iterator[Row]:
    """The rows in the order of the document: the day, its closing balance, what came later."""

    def line(each: StatementLine) -> Row:
        return row_of(each, layout.columns, layout.font)

    closing = words.closing.format(day=words.write(on))
    yield Row(statement.opening, note=words.opening, shows_balance=True)
    yield from map(line, statement.lines)
    yield Row(statement.closing, note=closing, shows_balance=True)
    if statement.later:
        yield Row(statement.closing, note=words.later)
        yield from map(line, statement.later)
    after = (*statement.lines, *statement.later)[-1].balance
    yield Row(after, is_summary=True)
    debits, credits = _total(statement, "D"), _total(statement, "C")
    for note, amount in (
        (words.opening, statement.opening),
        (words.debits.format(count=debits[0]), debits[1]),
        (words.credits.format(count=credits[0]), credits[1]),
        (closing, statement.closing),
    ):
        yield Row(after, note=note, value=f"{amount:,.2f}", is_summary=True)
    yield Row(after, note=words.excluded, is_summary=True)


def _total(statement: StatementDay, side: str) -> tuple[int, Decimal]:
    """Count and sum of one column of the day; lines in red lower the sum."""
    amounts = [line.amount for line in statement.lines if line.side == side]
    return len(amounts), sum(amounts, Decimal(0))
