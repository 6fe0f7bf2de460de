"""The balance reconciliation statement as the two-column form that a bank signs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from typing import Literal

from clerkwork.facts import BalanceStatement, Break, Report
from clerkwork.report.texts import reason_name
from clerkwork.report.words import Language, word


@dataclass(frozen=True)
class Line:
    """One line of one column; `amount` as it is printed: positive below "less", else signed."""

    text: str
    amount: Decimal
    on: date | None = None
    reference: str = ""


@dataclass(frozen=True)
class Pair:
    """What stands beside each other: our books left, their statement right."""

    kind: Literal["balance", "section", "item", "adjusted"]
    ours: Line | None
    theirs: Line | None


@dataclass(frozen=True)
class Form:
    """
    One account's form, in one language.

        our balance                        their balance
        + received by them, not by us      + received by us, not by them
        - paid by them, not by us          - paid by us, not by them
        +/- our errors                     +/- their errors
        = adjusted balance                 = adjusted balance
    """

    statement: BalanceStatement
    pairs: tuple[Pair, ...]


def form(statement: BalanceStatement, report: Report, language: Language) -> Form:
    """`statement` laid out line by line in `language`."""
    ours, theirs = statement.our_balance, statement.their_balance
    pairs = [
        Pair(
            "balance",
            Line(word("our_balance", language), ours),
            Line(word("their_balance", language), theirs),
        )
    ]
    for section in ("add", "less", "errors"):
        pairs += _section(section, statement, report, language)
    adjusted = word("adjusted", language)
    pairs.append(
        Pair(
            "adjusted",
            Line(adjusted, statement.adjusted("ours")),
            Line(adjusted, statement.adjusted("theirs")),
        )
    )
    return Form(statement, tuple(pairs))


def _section(
    section: str, statement: BalanceStatement, report: Report, language: Language
) -> list[Pair]:
    """The heading of a section with its sums, and its items side by side."""
    columns: list[list[Line]] = []
    headings: list[Line] = []
    for books in ("ours", "theirs"):
        breaks = [
            item
            for item in statement.breaks
            if item.books == books and _section_of(item, report) == section
        ]
        lines = [_item(item, section, report, language) for item in breaks]
        title = word("errors" if section == "errors" else f"{section}_{books}", language)
        headings.append(Line(title, sum((line.amount for line in lines), Decimal(0))))
        columns.append(lines)
    items = [Pair("item", left, right) for left, right in zip_longest(*columns)]
    return [Pair("section", *headings), *items]


def _section_of(item: Break, report: Report) -> str:
    """Timing items (未达账项) by direction; everything else awaits correction."""
    if item.reason not in report.timing_reasons:
        return "errors"
    return "add" if item.difference > 0 else "less"


def _item(item: Break, section: str, report: Report, language: Language) -> Line:
    reason = reason_name(item.reason, report, language)
    text = f"{reason} · {item.entry.text}" if item.entry.text else reason
    amount = -item.difference if section == "less" else item.difference
    return Line(text, amount, item.entry.accounting_date, item.entry.reference)
