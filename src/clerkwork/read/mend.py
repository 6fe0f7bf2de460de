"""The rows of a scan with what OCR misread put right, and every such place named."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import product

from clerkwork.errors import Refused
from clerkwork.facts import exponent, from_minor
from clerkwork.read.draft import Draft
from clerkwork.read.movements import NO_BALANCE, Convention, Movements, Neutral, movement_of
from clerkwork.read.repair import repair
from clerkwork.read.rows import Row


@dataclass(frozen=True)
class Repaired:
    """Which movements have a figure that was put right, and a line for each figure."""

    at: tuple[int, ...] = ()
    notes: tuple[Refused, ...] = ()


@dataclass
class _Found:
    """
    One row as far as it was read: `values` in the order of the columns of `Movements`, None
    where it is no entry; `amount` None where it is yet to be found, and `size` that amount
    without its direction, where only this was read. `flaw`: why not all could be read;
    `aside`: why the source itself leaves it out.
    """

    row: Row
    is_scan: bool
    values: tuple[int, int, int, int, int, str] | None = None
    amount: int | None = None
    balance: int | None = None
    size: int | None = None
    flaw: Refused | None = None
    aside: Refused | None = None
    notes: list[Refused] = field(default_factory=list)


def mended(
    draft: Draft, scans: Collection[int], how: Convention, is_newest_first: bool
) -> tuple[Movements, Repaired]:
    """
    The movements of a document with pages that are scans, in the order of the document,
    with what two sides confirm put right on those pages.
    """
    found = [_read(row, how, is_scan=row.page in scans) for row in draft.rows]
    _mend(found, draft, how, is_newest_first)
    read = Movements()
    repaired, notes = [], []
    for at, each in enumerate(found):
        if each.flaw:
            read.flaws.append(each.flaw)
        if each.aside:
            read.asides.append(each.aside)
        if each.values is None or each.amount is None:
            continue
        on, _, red, _, value_date, clock = each.values
        balance = NO_BALANCE if each.balance is None else each.balance
        where = each.row.page, each.row.row, at
        read.append(on, each.amount, red, balance, value_date, clock, *where)
        if each.notes:
            repaired.append(len(read) - 1)
            notes += each.notes
    return read, Repaired(tuple(repaired), tuple(notes))


def _read(row: Row, how: Convention, *, is_scan: bool) -> _Found:
    """A row as far as it can be read; of a scan also one whose amount cannot."""
    found = _Found(row, is_scan)
    flaws: list[Refused] = []
    try:
        found.values = movement_of(row, how, flaws)
        found.amount = found.values[1]
    except Neutral as aside:
        found.aside = aside
    except Refused as flaw:
        flaws.append(flaw)
        if is_scan:
            _read_partly(found, how, flaws)
    if found.values and found.values[3] != NO_BALANCE:
        found.balance = found.values[3]
    found.flaw = flaws[0] if flaws else None
    return found


def _read_partly(found: _Found, how: Convention, flaws: list[Refused]) -> None:
    """The row without its time of day, else without its amount."""
    cells = {role: text for role, text in found.row.cells.items() if role != "time"}
    row = replace(found.row, cells=cells)
    try:
        found.values = movement_of(row, how, [])
        found.amount = found.values[1]
        flaws.clear()
        return
    except Refused:
        pass
    unflagged = replace(how, flag="")
    if how.flag and "debit" not in cells and "credit" not in cells:
        try:
            found.size = abs(movement_of(row, unflagged, [])[1])
        except Refused:
            found.size = None
    moved = ("debit", "credit", "amount", "flag")
    cells = {role: text for role, text in cells.items() if role not in moved} | {"amount": "0"}
    try:
        found.values = movement_of(replace(found.row, cells=cells), unflagged, [])
    except Refused:
        found.size = None


def _mend(found: Sequence[_Found], draft: Draft, how: Convention, is_newest_first: bool) -> None:
    """
    Put right in place what two sides confirm: directions, balances, amounts.

    Nothing beside a line that was not understood: it may be a row that was lost.
    """
    rows = list(found[::-1] if is_newest_first else found)
    factor = -1 if how.is_debt else 1
    count = len(rows)
    lost = {stray.at - more for stray in draft.strays for more in (0, 1)}
    fixed = {at for at in range(count) if (count - 1 - at if is_newest_first else at) not in lost}
    fixed = {at for at in fixed if rows[at].is_scan and rows[at].values}
    openings = [_mark(m.amount, how) * factor for m in draft.marks if m.kind == "opening"]
    opening = openings[0] if openings else None
    known = [None if row.balance is None else row.balance * factor for row in rows]
    _mend_directions(rows, [opening, *known], how, fixed)
    repairs = repair(
        [row.amount for row in rows],
        known,
        opening,
        _closing(draft, how, factor, count),
        is_opening_sure=len(openings) > 1 and len(set(openings)) == 1,
    )
    for at in fixed & repairs.balances.keys():
        _put_balance(rows[at], repairs.balances[at] * factor, how)
    for at in fixed & repairs.amounts.keys():
        _put_amount(rows[at], repairs.amounts[at], how)


def _mend_directions(
    rows: Sequence[_Found], known: Sequence[int | None], how: Convention, fixed: set[int]
) -> None:
    """
    The directions of amounts whose flag cannot be read, over one row or two, where one way
    only leads from the balance before to the balance after: figures that agree to the last
    digit are no misreading.
    """
    runs = [range(at, at + length) for length in (1, 2) for at in range(len(rows) - length + 1)]
    for run in runs:
        before, after = known[run.start], known[run.stop]
        if before is None or after is None or not fixed.issuperset(run):
            continue
        found = [
            way for way in product(*(_ways(rows[at]) for at in run)) if before + sum(way) == after
        ]
        if len(found) == 1:
            for at, amount in zip(run, found[0], strict=True):
                if rows[at].amount is None:
                    _put_amount(rows[at], amount, how)


def _ways(found: _Found) -> list[int]:
    """What the amount of a row may be: as read, else one way or the other, else nothing."""
    if found.amount is not None:
        return [found.amount]
    return [found.size, -found.size] if found.size else []


def _mark(amount: Decimal, how: Convention) -> int:
    """A printed balance in minor units; one too fine for the currency is cut, and fits nothing."""
    return int(amount.scaleb(exponent(how.currency)))


def _closing(draft: Draft, how: Convention, factor: int, count: int) -> int | None:
    """The closing balance, where it is printed at the end of the rows."""
    for mark in draft.marks:
        if mark.kind == "closing" and mark.in_table and mark.at in (0, count):
            return _mark(mark.amount, how) * factor
    return None


def _put_amount(found: _Found, amount: int, how: Convention) -> None:
    cells = found.row.cells
    roles = ("debit", "credit", "flag", "amount")
    printed = " ".join(cells[role] for role in roles if cells.get(role))
    put = from_minor(amount, how.currency)
    found.notes.append(Refused("AMOUNT_REPAIRED", where=found.row.place, printed=printed, put=put))
    found.amount, found.flaw = amount, None


def _put_balance(found: _Found, balance: int, how: Convention) -> None:
    printed = found.row.cells.get("balance", "")
    put = from_minor(balance, how.currency)
    found.notes.append(Refused("BALANCE_REPAIRED", where=found.row.place, printed=printed, put=put))
    found.balance, found.flaw = balance, None
