"""
Amounts and balances that OCR misread, put right where other links leave one answer.

    balance before   1,000.00   confirmed by the link above it
    amount              80.00   read; does not fit            -> 50.00
    balance after    1,050.00   confirmed by the link below it

All figures are whole minor units, the oldest entry first; None is one that is unreadable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

_RUN = 4  # so many misread balances one after another are bridged, no more


@dataclass(frozen=True)
class Repairs:
    """The entries (from 0) whose amount or balance was replaced, with what was put there."""

    amounts: dict[int, int] = field(default_factory=dict)
    balances: dict[int, int] = field(default_factory=dict)


def repair(
    amounts: Sequence[int | None],
    balances: Sequence[int | None],
    opening: int | None,
    closing: int | None,
    *,
    is_opening_sure: bool = False,
) -> Repairs:
    """
    What can be put right: never from one side only.

    A balance is replaced when the one before it and the amounts lead to the next printed
    one. An amount is replaced by the difference of two balances when the link before
    it and the link after it hold without it, when it goes the same way as the misread
    one and is like it: a row that was lost between the two makes another difference.
    `is_opening_sure` says that the opening balance is printed more than once, alike.

    >>> repair([100, 80, 50], [1100, 1150, 1200], 1000, 1200).amounts
    {1: 50}
    >>> repair([100, 80, 50], [1100, 1434, 1484], 1000, 1484).amounts
    {}
    >>> repair([100, 50, 50], [1100, 7150, 1200], 1000, 1200).balances
    {1: 1150}
    """
    known = [opening, *balances]
    put_balances = _bridge(amounts, known)
    if closing is not None and known[-1] is None:
        known[-1] = closing
    holds = [_holds(known[at], amount, known[at + 1]) for at, amount in enumerate(amounts)]
    holds.append(closing is not None and closing == known[-1])
    put_amounts = {}
    for at, amount in enumerate(amounts):
        before, after = known[at], known[at + 1]
        if holds[at] or before is None or after is None:
            continue
        is_between = (holds[at - 1] if at else is_opening_sure) and holds[at + 1]
        wanted = after - before
        if is_between and wanted and _may_be(amount, wanted):
            put_amounts[at] = wanted
    return Repairs(put_amounts, put_balances)


def _bridge(amounts: Sequence[int | None], known: list[int | None]) -> dict[int, int]:
    """Put into `known` the misread balances between two that the amounts between them join."""
    put: dict[int, int] = {}
    for start in range(len(amounts)):
        if known[start] is None or _holds(known[start], amounts[start], known[start + 1]):
            continue
        running, path = known[start], []
        for at in range(start, min(start + _RUN + 1, len(amounts))):
            amount = amounts[at]
            if running is None or amount is None:
                break
            running += amount
            path.append(running)
            if len(path) > 1 and running == known[at + 1]:
                for place, balance in enumerate(path[:-1], start):
                    if known[place + 1] != balance:
                        known[place + 1] = put[place] = balance
                break
    return put


def _holds(before: int | None, amount: int | None, after: int | None) -> bool:
    if before is None or amount is None or after is None:
        return False
    return before + amount == after


def _may_be(read: int | None, wanted: int) -> bool:
    """Whether `read` may be a misreading of `wanted`; one that is unreadable may be any."""
    if read is None:
        return True
    if (read < 0) != (wanted < 0):
        return False
    one, other = str(abs(read)), str(abs(wanted))
    return _distance(one, other) <= max(1, min(2, len(other) // 3))


def _distance(one: str, other: str) -> int:
    """How many characters must be changed, added or left out to make `one` of `other`."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]
