"""From a draft to statements: dates, signs and direction chosen once for all rows, then proof."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from clerkwork.errors import Refused
from clerkwork.facts import Entry, Proof, Statement, identified
from clerkwork.read import dates, movements
from clerkwork.read.draft import Draft, Front, Row
from clerkwork.read.labels import Mark
from clerkwork.read.movements import Convention
from clerkwork.read.proof import GRADES, Evidence, Result, prove
from clerkwork.read.vocabulary import currency_of

_CARD_WORDS = 2  # so many of the three things that only cards' statements say
_PLACE = re.compile(r"p(\d+)(?: r(\d+))?")


def statements_of(drafts: Sequence[Draft], front: Front, *, language: str) -> list[Statement]:
    """The statements that a document's drafts hold; problems are lines in `language`."""
    found: list[Statement] = []
    for draft in drafts:
        if draft.rows or any(m.kind in ("opening", "closing", "balance") for m in draft.marks):
            found += _of_account(draft, front, language)
    return found


def _of_account(draft: Draft, front: Front, language: str) -> Iterator[Statement]:
    """One statement per currency of the account's rows."""
    by_currency: dict[str, list[Row]] = {}
    currency = draft.currency
    for row in draft.rows:
        currency = _currency(row) or draft.currency or currency
        by_currency.setdefault(currency, []).append(row)
    if not by_currency:
        by_currency = {currency: []}
    convention = _convention(draft, front)
    for currency, rows in by_currency.items():
        part = draft if len(by_currency) == 1 else replace(draft, rows=rows, marks=[])
        yield _statement(part, front, replace(convention, currency=currency), language)


def _currency(row: Row) -> str:
    """The currency that a row itself prints: in its own column, else as a symbol."""
    own = currency_of(row.cells.get("currency", ""))
    if own:
        return own
    symbols = re.findall(r"[A-Z]{0,2}[$€£₹₩]", " ".join(row.cells.get(r, "") for r in _FIGURES))
    return currency_of(symbols[0]) if symbols else ""


_FIGURES = ("debit", "credit", "amount", "balance")


def _convention(draft: Draft, front: Front) -> Convention:
    """How the rows are written, as far as it does not depend on the proof."""
    printed = [row.date for row in draft.rows]
    values = [row.cells["value_date"] for row in draft.rows if "value_date" in row.cells]
    outside = [*(draft.period or ()), *front.issued]
    order = dates.order_of([*printed, *values, *outside], printed, None)
    near = dates.latest(outside, order)
    if not order and near:
        order = dates.order_of([*printed, *values, *outside], printed, near)
    return Convention(
        account=draft.account or front.card_number,
        currency=draft.currency,
        source=front.digest,
        order=order,
        near=near,
        flag=movements.flag_of(draft.rows),
        is_debt=len(draft.card_words) >= _CARD_WORDS,
    )


@dataclass(frozen=True)
class _Reading:
    """One way to read a draft, with what it proves; `entries` as printed."""

    how: Convention
    entries: list[Entry]
    is_newest_first: bool
    result: Result

    @property
    def rank(self) -> tuple[int, int]:
        """The better proof is the better reading."""
        return GRADES.index(self.result.grade), self.result.confirmed


def _statement(draft: Draft, front: Front, how: Convention, language: str) -> Statement:
    """The reading that proves most; of equals the first."""
    best = max(_readings(draft, front, how), key=lambda reading: reading.rank)
    result, entries = best.result, best.entries
    period = _period(draft, best.how)
    opening, basis, closing = _ends(best)
    early = [e for e in entries if period and e.accounting_date < period[0]]
    problems = list(result.problems)
    problems += [
        Refused("OUTSIDE_PERIOD", where=_place(e), date=e.accounting_date) for e in early[:3]
    ]
    proof = Proof(
        result.grade,
        (result.confirmed, result.total),
        tuple(line(problem, language) for problem in problems),
    )
    proven = result.proven[::-1] if best.is_newest_first else result.proven
    graded = [replace(entry, proof=word) for entry, word in zip(entries, proven, strict=True)]
    return Statement(
        account=best.how.account,
        currency=best.how.currency,
        entries=tuple(identified(graded)),
        opening=opening,
        closing=closing,
        opening_basis=basis,
        period=period,
        balance_side="debt" if best.how.is_debt else "credit",
        proof=proof,
    )


def _ends(reading: _Reading) -> tuple[Decimal | None, str | None, Decimal | None]:
    """Opening balance and where it is from, closing balance: printed, else by the chain."""
    result, entries = reading.result, reading.entries
    in_time = entries[::-1] if reading.is_newest_first else entries
    closing = result.closing.amount if result.closing else _last_balance(in_time)
    if result.opening:
        return result.opening.amount, "printed", closing
    if result.grade == "chain" and in_time[0].balance is not None:
        factor = -1 if reading.how.is_debt else 1
        return in_time[0].balance - in_time[0].amount * factor, "implied", closing
    return None, None, closing


def _readings(draft: Draft, front: Front, how: Convention) -> Iterator[_Reading]:
    """The ways to read the rows that the document leaves open, the likeliest first."""
    ways = [how]
    if movements.repeats_minus(draft.rows):
        ways.append(replace(how, has_signed_debits=True))
    if how.is_debt and any("debit" in row.cells for row in draft.rows):
        ways += [replace(way, is_debt=False) for way in ways]
    for way in ways:
        entries, flaws = _entries(draft, way)
        for is_newest_first in _directions(entries):
            evidence = _evidence(draft, front, way, entries, flaws, is_newest_first)
            yield _Reading(way, entries, is_newest_first, prove(evidence))


def _entries(draft: Draft, how: Convention) -> tuple[list[Entry], list[Refused]]:
    """The entries of the rows that can be read, and why the others cannot."""
    entries: list[Entry] = []
    flaws: list[Refused] = []
    for row in draft.rows:
        try:
            entry = movements.entry_of(row, how)
        except Refused as flaw:
            flaws.append(flaw)
            continue
        try:
            entry = replace(entry, balance=movements.balance_of(row, how))
        except Refused as flaw:
            flaws.append(flaw)
        entries.append(entry)
    return entries, flaws


def _directions(entries: list[Entry]) -> list[bool]:
    """Whether the newest entry may stand first, the likelier answer first."""
    keys = [(entry.accounting_date, entry.time) for entry in entries]
    steps = {_step(before, after) for before, after in pairwise(keys)}
    if steps & {1, -1} == {-1}:
        return [True]
    if steps & {1, -1} == {1}:
        return [False]
    return [False, True] if len(entries) > 2 else [False]


def _step(before: tuple[date, object], after: tuple[date, object]) -> int:
    """1 when time goes on from one row to the next, -1 when it goes back, 0 when neither shows."""
    if before[0] != after[0]:
        return 1 if before[0] < after[0] else -1
    first, second = before[1], after[1]
    if first is None or second is None or first == second:
        return 0
    return 1 if str(first) < str(second) else -1


def _evidence(
    draft: Draft,
    front: Front,
    how: Convention,
    entries: list[Entry],
    flaws: list[Refused],
    is_newest_first: bool,
) -> Evidence:
    """What the proof looks at, oldest first."""
    count = len(entries)
    marks = [_placed(mark, draft, entries, is_newest_first) for mark in draft.marks]
    days = {mark.as_of: day for mark in marks if mark.as_of and (day := _day(mark.as_of, how))}
    period = _period(draft, how)
    in_time = entries[::-1] if is_newest_first else entries
    cut = None
    if period is not None and _directions(entries) == [is_newest_first]:
        cut = sum(entry.accounting_date <= period[1] for entry in in_time)
    return Evidence(
        in_time,
        marks,
        is_newest_first,
        factor=-1 if how.is_debt else 1,
        days=days,
        cut=None if cut == count else cut,
        flaws=tuple(flaws),
        strays=tuple(
            (s.order, Refused("LINE_NOT_UNDERSTOOD", where=f"p{s.page} r{s.row}", text=s.text[:80]))
            for s in draft.strays
        ),
        pages=tuple(_missing_pages(front)),
    )


def _placed(mark: Mark, draft: Draft, entries: list[Entry], is_newest_first: bool) -> Mark:
    """The mark with its place counted in entries that could be read, oldest first."""
    at = mark.at
    if len(entries) != len(draft.rows):
        read = {(entry.origin.page, entry.origin.row) for entry in entries}
        at = sum((row.page, row.row) in read for row in draft.rows[: mark.at])
    return replace(mark, at=len(entries) - at if is_newest_first else at)


def _day(text: str, how: Convention) -> date | None:
    return dates.latest([text], how.order)


def _period(draft: Draft, how: Convention) -> tuple[date, date] | None:
    """The printed period; None when it cannot be read, or ends before it begins."""
    if draft.period is None:
        return None
    first, last = (_day(text, how) for text in draft.period)
    return (first, last) if first and last and first <= last else None


def _missing_pages(front: Front) -> Iterator[Refused]:
    """Page numbers that are skipped, and a last page that is not the last."""
    before = 0
    for at, (page, number, pages) in enumerate(front.numbered):
        is_last = at + 1 == len(front.numbered)
        is_skipped = number not in (before, before + 1, 1) and at > 0
        if is_skipped or (is_last and number < pages):
            yield Refused(
                "PAGES_MISSING", where=f"p{page}", number=number, printed=pages, pages=front.pages
            )
        before = number


def _last_balance(in_time: list[Entry]) -> Decimal | None:
    """The balance after the last entry, where the rows run one way."""
    if not in_time or len(_directions(in_time)) > 1:
        return None
    return in_time[-1].balance


def _place(entry: Entry) -> str:
    return f"p{entry.origin.page} r{entry.origin.row}"


def line(problem: Refused, language: str) -> str:
    """A problem as one line that names page and row."""
    text = problem.message(language)
    if language != "zh":
        return text
    return _PLACE.sub(
        lambda at: f"第{at[1]}页第{at[2]}行" if at[2] else f"第{at[1]}页", text, count=1
    )
