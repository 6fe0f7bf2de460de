"""What the electronic formats share: one account's message, its values, and its proof."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import islice

from clerkwork.errors import Refused
from clerkwork.facts import Entry, Proof, Statement, identified, to_minor
from clerkwork.read.evidence import Evidence
from clerkwork.read.labels import Mark
from clerkwork.read.movements import NO_BALANCE, Movements
from clerkwork.read.proof import Result, prove
from clerkwork.read.rows import PLACE, place
from clerkwork.read.values import check_decimals, is_paired


@dataclass
class Message:
    """
    One account in one currency as its format gives it, entries oldest first.

    `flaws` are what could not be read or differs: they take the proof; `notes` are only
    said. `goes_on`: the closing balance is that of a page, and the next message of the
    account must open with it. `page` is the number of the statement and that of its page, 0
    where none is given; `is_first` and `is_last` say whether it is the first and the last
    page, None where a balance only suggests that it is not.
    """

    number: int  # which statement of the file, from 1
    account: str = ""
    currency: str = ""
    period: tuple[date, date] | None = None
    entries: list[Entry] = field(default_factory=list)
    marks: list[Mark[Decimal]] = field(default_factory=list)
    flaws: list[Refused] = field(default_factory=list)
    notes: list[Refused] = field(default_factory=list)
    goes_on: bool = False
    page: tuple[int, int] = (0, 0)
    is_first: bool | None = True
    is_last: bool | None = True

    def mark(self, kind: str, amount: Decimal, *, row: int = 0, count: int | None = None) -> None:
        """Keep a balance ("opening", "closing"), a total ("debits", "credits") or a "count"."""
        at = 0 if kind == "opening" else len(self.entries)
        self.marks.append(Mark(kind, amount, self.number, row, at, False, row, count=count))

    def end(self, kind: str) -> Mark[Decimal] | None:
        """The first balance of that kind."""
        return next((mark for mark in self.marks if mark.kind == kind), None)


def statements_of(messages: Iterable[Message], *, language: str, row: str) -> list[Statement]:
    """
    The statements of a file, each with its proof.

    `row` is what an entry's row counts: "line" of the file or "entry" of the statement.
    """
    return [_statement(message, language, row) for message in messages]


def _statement(message: Message, language: str, row: str) -> Statement:
    result = _proved(message)
    problems = [*result.problems, *message.notes, *_outside(message)]
    opening, closing = message.end("opening"), message.end("closing")
    graded = [
        replace(entry, account=message.account, currency=message.currency, proof=word)
        for entry, word in zip(message.entries, result.proven, strict=True)
    ]
    return Statement(
        account=message.account,
        currency=message.currency,
        entries=tuple(identified(graded)),
        opening=opening.amount if opening else None,
        closing=closing.amount if closing else None,
        opening_basis="printed" if opening else None,
        period=message.period,
        proof=Proof(
            result.grade,
            (result.confirmed, result.total),
            tuple(line(problem, language, row) for problem in problems),
        ),
    )


def _outside(message: Message) -> list[Refused]:
    """The first entries that are booked before or after the period of the message."""
    first, last = message.period or (date.min, date.max)
    outside = (each for each in message.entries if not first <= each.accounting_date <= last)
    return [
        Refused(
            "OUTSIDE_PERIOD", where=place(each.origin.page, each.origin.row),
            date=each.accounting_date,
        )
        for each in islice(outside, 3)
    ]  # fmt: skip


def _proved(message: Message) -> Result:
    """
    How far arithmetic proves a message.

    A reversal of a credit is a debit entry (SWIFT :61: subfield 3; ISO 20022 RvslInd):
    totals count it by its own direction, unlike 红字 on paper. A statement without
    entries is proven by two ends that agree: nothing can have been lost from the format.
    """
    marks = list(_marks(message))
    result = prove(Evidence(_movements(message), marks, message.currency, signs_are_sure=True))
    if not message.entries:
        result.problems = [each for each in result.problems if each.code != "NO_ENTRIES"]
        ends = (message.end("opening"), message.end("closing"))
        if all(ends) and not result.problems:
            result.grade = "totals"
        elif not result.problems:
            result.problems = [Refused("NO_ENTRIES", where=f"p{message.number}")]
    return result


def _movements(message: Message) -> Movements:
    """The entries in minor units, none of them in red."""
    found = Movements(flaws=message.flaws)
    for at, entry in enumerate(message.entries):
        found.append(
            entry.accounting_date.toordinal(), to_minor(entry.amount, message.currency), 0,
            NO_BALANCE, 0, "", entry.origin.page, entry.origin.row, at,
        )  # fmt: skip
    return found


def _marks(message: Message) -> Iterator[Mark[int]]:
    """The marks in minor units; one too fine for the currency is a flaw."""
    for mark in message.marks:
        try:
            yield mark.in_units(message.currency)
        except Refused as flaw:
            message.flaws.append(flaw)


_CHINESE = (
    (re.compile(r"\bstatement (\d+)"), r"第\1份"),
    (re.compile(r"\bline (\d+)"), r"第\1行"),
    (re.compile(r"\bentry (\d+)"), r"第\1笔"),
)


def line(problem: Refused, language: str, row: str) -> str:
    """A problem as one line that names its place in the file."""
    return at_place(problem, language, row).message(language)


def at_place(problem: Refused, language: str, row: str) -> Refused:
    """The same problem, its place in the words of the format and of `language`."""

    def named(found: re.Match[str]) -> str:
        if row == "line" and found[2]:
            return f"line {found[2]}"
        return f"statement {found[1]}" + (f" entry {found[2]}" if found[2] else "")

    where = PLACE.sub(named, problem.where, count=1)
    if language == "zh":
        for english, chinese in _CHINESE:
            where = english.sub(chinese, where, count=1)
    placed = Refused(problem.code, where=where)
    placed.facts = problem.facts
    return placed


_DECIMAL = re.compile(r"(?P<sign>[+-]?)(?P<number>[0-9]{1,17}(?:[.,][0-9]*)?|[.,][0-9]+)")


def decimal_of(text: str, *, currency: str, where: str, point: str, signs: str = "") -> Decimal:
    """
    An amount as a format writes it: no grouping, one of `point` before the decimals,
    a sign only if it is one of `signs`.

    Raises Refused AMOUNT_UNREADABLE, AMOUNT_TOO_FINE (more decimals than the currency).

    >>> decimal_of("1234,5", currency="EUR", where="line 1", point=",")
    Decimal('1234.5')
    """
    found = _DECIMAL.fullmatch(text)
    wrong = found is None or (found["sign"] and found["sign"] not in signs)
    if found is None or wrong or any(p in text for p in ".," if p not in point):
        raise Refused("AMOUNT_UNREADABLE", text=text, where=where)
    amount = Decimal(found["number"].replace(",", "."))
    check_decimals(amount, currency, where)
    return -amount if found["sign"] == "-" and amount else amount


def day_of(text: str, *, where: str) -> date:
    """
    A date written YYMMDD (SWIFT: 80 to 99 are of the last century) or YYYYMMDD or by ISO 8601.

    Raises Refused DATE_UNREADABLE.

    >>> day_of("260131", where="line 1")
    datetime.date(2026, 1, 31)
    """
    digits = text.replace("-", "") if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else text
    if re.fullmatch("[0-9]{6}", digits):
        digits = ("19" if digits >= "80" else "20") + digits
    try:
        if not re.fullmatch("[0-9]{8}", digits):
            raise ValueError(text)
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise Refused("DATE_UNREADABLE", text=text[:40], where=where) from None


def text_of(content: bytes) -> str:
    """
    The text of a file that does not say its encoding: UTF-8 or UTF-16 by its mark, UTF-8
    where it is, GB18030 where the bytes above ASCII stand in pairs, else Western European.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "gb18030" if is_paired([content]) else "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def lines_of(text: str) -> list[str]:
    """The lines of a text, whatever ends them; nothing but that ends a line."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
