"""From a draft and how it is read to the evidence: what of it stands in which place in time."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from clerkwork.errors import Refused
from clerkwork.read import dates
from clerkwork.read.draft import Draft, Front
from clerkwork.read.evidence import Evidence, Lost
from clerkwork.read.labels import Mark
from clerkwork.read.movements import Convention, Movements
from clerkwork.read.rows import place
from clerkwork.read.survey import Survey
from clerkwork.read.vocabulary import may_stand_for


def directions(read: Movements) -> list[bool]:
    """Whether the newest entry may stand first, the likelier answer first."""
    steps = {before < after for before, after in pairwise(read.dates) if before != after}
    if "".join(read.times):
        pairs = pairwise(zip(read.dates, read.times, strict=True))
        steps |= {
            before[1] < after[1]
            for before, after in pairs
            if before[0] == after[0] and before[1] and after[1] and before[1] != after[1]
        }
    if len(steps) == 1:
        return [steps == {False}]
    return [False, True] if len(read) > 1 else [False]


def evidence_of(
    draft: Draft,
    front: Front,
    how: Convention,
    survey: Survey,
    read: Movements,
    *,
    is_newest_first: bool,
    more: Sequence[Refused],
) -> Evidence:
    """What the proof looks at, oldest first; `more` contradicts it whatever it is."""
    contradictions = [*_contradictions(draft, how, survey), *more]
    marks = list(_placed(draft.marks, read, how, is_newest_first, contradictions))
    days = {
        mark.as_of: day.toordinal()
        for mark in marks
        if mark.as_of and (day := _day(mark.as_of, how))
    }
    period = period_of(draft, how)
    in_time = read.reversed() if is_newest_first else read
    cut = None
    if period is not None and directions(read) == [is_newest_first]:
        last = period[1].toordinal()
        cut = sum(on <= last for on in in_time.dates)
    return Evidence(
        in_time,
        marks,
        how.currency,
        is_newest_first,
        factor=-1 if how.is_debt else 1,
        days=days,
        cut=None if cut == len(read) else cut,
        strays=tuple(_lost(draft, front)),
        pages=tuple(_missing_pages(front)),
        contradictions=tuple(contradictions),
    )


def _placed(
    marks: Sequence[Mark[Decimal]],
    read: Movements,
    how: Convention,
    is_newest_first: bool,
    flaws: list[Refused],
) -> Iterator[Mark[int]]:
    """
    The marks in minor units, their places counted in entries that could be read, oldest
    first; one too fine for the currency is a flaw.
    """
    for mark in marks:
        try:
            placed = mark.in_units(how.currency)
        except Refused as flaw:
            flaws.append(flaw)
            continue
        at = bisect_left(read.at, mark.at)
        in_time = len(read) - at if is_newest_first else at
        is_first = mark.kind == "carried" and not mark.in_table and 0 in (mark.at, in_time)
        kind = "opening" if is_first else mark.kind  # in a box over or under the table
        amount = -placed.amount if mark.is_marked and how.is_debt else placed.amount
        yield replace(placed, kind=kind, amount=amount, at=in_time)


def _lost(draft: Draft, front: Front) -> Iterator[Lost]:
    """The lines that may be entries."""
    for stray in draft.strays:
        is_blank = stray.figures is None and stray.page not in front.scans
        code = "LINE_WITHOUT_AMOUNT" if is_blank else "LINE_NOT_UNDERSTOOD"
        problem = Refused(code, where=place(stray.page, stray.row), text=stray.text[:80])
        is_named = is_blank or stray.is_in_sheet
        yield Lost(stray.order, problem, stray.figures, is_named)


def _contradictions(draft: Draft, how: Convention, survey: Survey) -> Iterator[Refused]:
    """The places where the document names another account or currency than that of the rows."""
    for number in survey.accounts:
        if not _is_same(number, how.account):
            yield Refused("ACCOUNT_DIFFERS", where="", found=number, expected=how.account)
    for number, where in draft.others.items():
        yield Refused("ACCOUNT_DIFFERS", where=where, found=number, expected=how.account)
    for sign, where in (dict.fromkeys(sorted(survey.signs), "") | draft.signs).items():
        if not may_stand_for(sign, how.currency):
            yield Refused("CURRENCY_DIFFERS", where=where, found=sign, expected=how.currency)
    for unit, where in draft.units.items():
        yield Refused("UNIT_NOT_ONE", where=where, unit=unit)
    for code, where in draft.said.items():
        if code != how.currency:
            yield Refused("CURRENCY_DIFFERS", where=where, found=code, expected=how.currency)


def _day(text: str, how: Convention) -> date | None:
    return dates.latest([text], how.order)


def period_of(draft: Draft, how: Convention) -> tuple[date, date] | None:
    """The printed period; None when it cannot be read, or ends before it begins."""
    if draft.period is None:
        return None
    first, last = (_day(text, how) for text in draft.period)
    return (first, last) if first and last and first <= last else None


def _missing_pages(front: Front) -> Iterator[Refused]:
    """Page numbers that are skipped, and where they begin again or end before the last."""
    before = of = 0
    for at, (page, number, pages) in enumerate(front.numbered):
        is_last = at + 1 == len(front.numbered)
        is_next = number in (before, before + 1) or (number == 1 and before == of)
        is_place = number == page and pages <= front.pages  # others are not numbered
        if not is_place and (not is_next or (is_last and number < pages)):
            yield Refused(
                "PAGES_MISSING", where=f"p{page}", number=number, printed=pages, pages=front.pages
            )
        before, of = number, pages


def _is_same(account: str, other: str) -> bool:
    """Whether two numbers may be of one account: of a masked one the last digits are."""
    one, two = (re.sub(r".*[*•X]|\W", "", each) for each in (account, other))
    return one.endswith(two) or two.endswith(one)
