"""
A generator of statements that no bank ever printed: seed -> truth and layout -> file.

    truth, layout = statement_for(7)       what is true, and how it is printed
    document = render(truth, layout)       the file, and what a reader must find in it
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, repeat

from clerkwork.facts import Statement
from clerkwork.read import Document

from . import paper, sheets
from .layout import Layout, statement_for
from .model import Truth
from .printed import Expected, expected_rows, provable

__all__ = ["Layout", "Rendered", "Truth", "difference", "render", "statement_for"]


@dataclass(frozen=True)
class Wanted:
    """One statement as a reader must give it; `grade` is the best that its figures allow."""

    account: str
    currency: str
    rows: list[Expected]
    opening: Decimal | None
    closing: Decimal | None
    grade: str


@dataclass(frozen=True)
class Rendered:
    """A file, and what a reader must find in it."""

    content: bytes
    suffix: str
    statements: list[Wanted]


def render(truth: Truth, layout: Layout) -> Rendered:
    """The truth in its layout."""
    pages: Iterable[Iterable[int]]
    if layout.kind == "pdf":
        drawn = paper.draw(truth, layout)
        content, pages = drawn.content, drawn.pages
    else:
        content = sheets.write(truth, layout)
        pages = (repeat(at + 1 if layout.kind == "xlsx" else 1) for at in range(9))
    owed = -1 if layout.is_card else 1
    statements = [
        Wanted(
            account.number.replace(" ", ""),
            account.currency,
            expected_rows(account, layout, chain(where)),
            account.opening * owed if layout.ends != "none" else None,
            account.closing * owed if layout.ends not in ("none", "first") else None,
            provable(account, layout),
        )
        for account, where in zip(truth.accounts, pages, strict=False)
    ]
    return Rendered(content, layout.kind, statements)


def difference(wanted: list[Wanted], document: Document) -> str:
    """The first thing that was read otherwise, "" when all is right; a grade is no part of it."""
    if document.refused:
        return f"refused {document.refused.code}: {document.refused.message('en')}"
    if len(wanted) != len(document.statements):
        return f"{len(wanted)} statements, read {len(document.statements)}"
    found = (
        _difference(expected, actual)
        for expected, actual in zip(wanted, document.statements, strict=True)
    )
    return next((text for text in found if text), "")


def _difference(wanted: Wanted, statement: Statement) -> str:
    rows = read_rows(statement)
    for at, (expected, actual) in enumerate(zip(wanted.rows, rows, strict=False), start=1):
        for name, value in vars(expected).items():
            if value != getattr(actual, name):
                return f"row {at} {name}: {value!r}, read {getattr(actual, name)!r}"
    if len(wanted.rows) != len(rows):
        return f"{len(wanted.rows)} rows, read {len(rows)}"
    for name in ("account", "currency"):
        if getattr(wanted, name) != getattr(statement, name):
            return f"{name} {getattr(wanted, name)}, read {getattr(statement, name)!r}"
    for name in ("opening", "closing"):
        value = getattr(wanted, name)
        if value is not None and value != getattr(statement, name):
            return f"{name} {value}, read {getattr(statement, name)}"
    return ""


def read_rows(statement: Statement) -> list[Expected]:
    """The rows of a statement as they were read."""
    return [
        Expected(
            e.accounting_date, e.amount, e.balance, e.origin.page, e.reference,
            "".join(e.text.split()), e.value_date, e.red,
        )
        for e in statement.entries
    ]  # fmt: skip
