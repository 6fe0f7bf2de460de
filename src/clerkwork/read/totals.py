"""Printed totals and counts against the entries they are of."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from clerkwork.errors import Refused
from clerkwork.read.evidence import Evidence
from clerkwork.read.labels import Mark


def check_totals(evidence: Evidence, places: Collection[int]) -> tuple[list[Refused], bool]:
    """
    What differs, and whether totals of both columns are printed and are those of all entries.

    `places` are after how many entries a total may be taken; one among the rows also there.
    """
    differ: list[Refused] = []
    agreed = set()
    count = len(evidence.movements)
    for mark in evidence.marks:
        if mark.kind not in ("debits", "credits", "count"):
            continue
        ends = {*places, mark.at} if mark.in_table else places
        sums = {end: _sums(evidence, 0, end, mark.kind) for end in ends}
        number, whole = sums[count]
        if mark.kind == "count":
            aside = len(evidence.movements.asides)
            if all(mark.count not in (each, each + aside) for each, _ in sums.values()):
                differ.append(_count_differs(mark, number))
            continue
        if _is_total(evidence, mark, whole):
            agreed.add(mark.kind)
        elif not any(_is_total(evidence, mark, total) for _, total in sums.values()):
            differ.append(_total_differs(evidence, mark, abs(whole)))
        if mark.count is not None and all(each != mark.count for each, _ in sums.values()):
            differ.append(_count_differs(mark, number))
    differ += _differing_parts(evidence)
    return differ, agreed == {"debits", "credits"} and not differ


def _sums(evidence: Evidence, start: int, end: int, kind: str) -> tuple[int, int]:
    """How many entries there stand in a column, and their sum; red ones lower it."""
    if kind == "count":
        return end - start, 0
    movements = evidence.movements
    is_debit = kind == "debits"
    pairs = zip(movements.amounts[start:end], movements.reds[start:end], strict=True)
    amounts = [amount for amount, red in pairs if amount and ((amount < 0) != red) == is_debit]
    return len(amounts), sum(amounts)


def _is_total(evidence: Evidence, mark: Mark[int], total: int) -> bool:
    """
    Whether the total of a column is printed: debits without their minus, or with it; what
    a card's holder paid may have one, too. That of a column in red has the minus, never none.
    """
    if mark.kind == "debits":
        return mark.amount == -total or mark.amount == total < 0
    is_owed = evidence.factor < 0
    return mark.amount == total or (is_owed and mark.amount == -total < 0)


def _differing_parts(evidence: Evidence) -> list[Refused]:
    """
    Totals of a page, a day or a section, and of a column of signed amounts, that are
    the sum of no such part beside them: the line may be an entry.
    """
    parts = [mark for mark in evidence.marks if mark.kind.startswith("part ")]
    if not parts:
        return []
    movements = evidence.movements
    starts = {0, len(movements), *(mark.at for mark in parts)}
    days = zip(movements.pages, movements.dates, strict=True)
    starts |= {at for at, (one, two) in enumerate(pairwise(days), start=1) if one != two}
    return [
        _total_differs(evidence, mark, sum(_part(evidence, mark, 0, mark.at)))
        for mark in parts
        if not any(_is_part(evidence, mark, *sorted((start, mark.at))) for start in starts)
    ]


def _is_part(evidence: Evidence, mark: Mark[int], start: int, end: int) -> bool:
    sums = _part(evidence, mark, start, end)
    known = {abs(sum(sums)), abs(sums[0] - sums[-1]), *map(abs, sums)}
    return start < end and abs(mark.amount) in (known if len(sums) > 1 else {abs(sums[0])})


def _part(evidence: Evidence, mark: Mark[int], start: int, end: int) -> list[int]:
    """The sums of a part in the columns that its total is of."""
    of = mark.kind.removeprefix("part ")
    kinds = (of,) if of in ("debits", "credits") else ("debits", "credits")
    return [_sums(evidence, start, end, kind)[1] for kind in kinds]


def _total_differs(evidence: Evidence, mark: Mark[int], expected: int) -> Refused:
    return Refused(
        "TOTAL_DIFFERS", where=mark.place, printed=evidence.shown(mark.amount),
        expected=evidence.shown(expected),
    )  # fmt: skip


def _count_differs(mark: Mark[int], expected: int) -> Refused:
    return Refused("COUNT_DIFFERS", where=mark.place, printed=mark.count, expected=expected)
