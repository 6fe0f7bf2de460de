"""What the three correspondents print: their columns, their words, their way to write a date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from reportlab.lib.pagesizes import A4, letter
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont

from clerkwork.practice.books import StatementDay, StatementLine
from clerkwork.practice.paper import Column, Layout

# A font of Adobe's Chinese collection: it needs no file here, viewers bring it.
_SONG = "STSong-Light"
registerFont(UnicodeCIDFont(_SONG))


@dataclass(frozen=True)
class Words:
    """The words of one statement; `date` writes a day."""

    date: str
    account: str
    holder: tuple[str, str]
    currency: str
    period: str
    opening: str
    closing: str
    later: str
    debits: str
    credits: str
    excluded: str


def _signed(line: StatementLine) -> str:
    return f"{line.amount:,.2f}"


def _debit(line: StatementLine) -> str:
    return _signed(line) if line.side == "D" else ""


def _credit(line: StatementLine) -> str:
    return _signed(line) if line.side == "C" else ""


def _balance(line: StatementLine) -> str:
    return f"{line.balance:,.2f}"


def _time(line: StatementLine) -> str:
    return f"{line.at:%H:%M:%S}"


def _reference(line: StatementLine) -> str:
    return line.reference


def _text(line: StatementLine) -> str:
    return line.text


def american(day: date) -> str:
    """
    A day as Meridian prints it, whatever the locale.

    >>> american(date(2026, 6, 11))
    '11 JUN 2026'
    """
    month = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()[day.month - 1]
    return f"{day.day:02d} {month} {day.year}"


def dotted(day: date) -> str:
    """
    A day as Rhenane prints it.

    >>> dotted(date(2026, 6, 11))
    '11.06.2026'
    """
    return f"{day:%d.%m.%Y}"
