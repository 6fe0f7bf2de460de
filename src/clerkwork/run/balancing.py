"""
Day-end balancing (轧账): what was keyed of one accounting day, for one desk, by operator.

    instructed = confirmed + ended by decision + open      (count, debit, credit)
    confirmed  = what the system showed when it was read back

The day is balanced when nothing is open and both lines hold. A voucher's amount counts on the
side of each account that its fields name (`debit_account`, `credit_account`), red ones (红字)
with their sign; an instruction with neither is counted, and has no amount on a side.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Failure, Refused
from clerkwork.facts import Receipt, exact
from clerkwork.facts.codec import from_json
from clerkwork.run.connect import credential_of
from clerkwork.run.items import instruction_of
from clerkwork.run.office import Office
from clerkwork.store.tables import items, runs
from clerkwork.workspace import desk_of

OPEN = ("new", "waiting", "approved", "keying", "keyed", "in_doubt", "excepted")
ENDED = ("refused", "abandoned")
_ZERO = Decimal(0)
_DAYS = 31  # that are listed


@dataclass(frozen=True)
class Sum:
    """How many, and what they come to on each side."""

    count: int = 0
    debit: Decimal = _ZERO
    credit: Decimal = _ZERO

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.count + other.count, self.debit + other.debit, self.credit + other.credit)

    def __sub__(self, other: Sum) -> Sum:
        return Sum(self.count - other.count, self.debit - other.debit, self.credit - other.credit)

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing of it, on either side."""
        return self == Sum()


@dataclass(frozen=True)
class Line:
    """What one operator keyed into one system in one currency; or a total of such lines."""

    operator: str  # who started the run: a person, or a schedule
    system: str
    sign_on: str  # the credential under which it is keyed; "" where the system is here no more
    currency: str
    instructed: Sum = Sum()
    ended: Sum = Sum()  # refused or abandoned by decision: not keyed
    open: Sum = Sum()
    confirmed: Sum = Sum()
    shown: Sum = Sum()  # what the system showed of the confirmed ones

    @property
    def difference(self) -> Sum:
        """What was instructed and is neither ended nor shown by the system."""
        return self.instructed - self.ended - self.shown

    @property
    def is_balanced(self) -> bool:
        """Whether nothing is open and the system shows what was instructed."""
        nothing = (self.open, self.difference, self.confirmed - self.shown)
        return all(each.is_nothing for each in nothing)

    def with_(self, other: Line) -> Line:
        """Both together."""
        parts = ("instructed", "ended", "open", "confirmed", "shown")
        sums = {part: getattr(self, part) + getattr(other, part) for part in parts}
        return replace(self, **sums)


@dataclass(frozen=True)
class Day:
    """One desk's accounting day in one environment."""

    environment: str
    on: date
    desk: str
    runs: tuple[Any, ...]
    items: tuple[Any, ...]
    lines: tuple[Line, ...]
    differing: tuple[Any, ...] = field(default=())  # confirmed, and shown otherwise

    @cached_property
    def open(self) -> tuple[Any, ...]:
        """The items that keep the day from being balanced."""
        return tuple(row for row in self.items if row.state in OPEN)

    @cached_property
    def totals(self) -> tuple[Line, ...]:
        """The desk's totals, for each system and currency."""
        return _together(self.lines, operator=False)

    @property
    def is_balanced(self) -> bool:
        """Whether every line is."""
        return all(line.is_balanced for line in self.lines)

    @property
    def makers(self) -> frozenset[str]:
        """Who started the runs of the day, or edited an item: they check none of it."""
        started = {run.started_by for run in self.runs}
        return frozenset(started | {name for row in self.items for name in row.edited_by})

    def signed_lines(self) -> dict[str, str]:
        """What a signature is bound to: each run, and each item with what became of it."""
        said = {f"run {run.id}": "done" for run in self.runs}
        for row in self.items:
            receipt = from_json(Receipt, row.receipt) if row.receipt else None
            number = receipt.number if receipt else ""
            said[f"item {row.id}"] = " ".join(filter(None, (row.state, number, row.digest)))
        return said


def balance_day(office: Office, on: date, desk: str, *, environment: str) -> Day:
    """
    The day as it stands now: the items that the runs of that accounting day have filed.

    Raises Refused DAY_WITHOUT_RUN.
    """
    bots = _bots_of(office, desk)
    with office.store.connect() as conn:
        mine = (
            (runs.c.business_date == on)
            & (runs.c.environment == environment)
            & runs.c.bot.in_(bots)
            & (runs.c.state == "done")
            & runs.c.rehearse.is_(False)
        )
        found = list(conn.execute(sa.select(runs).where(mine).order_by(runs.c.created_at)))
        wanted = sa.select(items).where(items.c.run_id.in_([run.id for run in found]))
        rows = list(conn.execute(wanted.order_by(items.c.created_at, items.c.ordinal)))
    if not found:
        raise Refused("DAY_WITHOUT_RUN", day=on.isoformat(), desk=desk)
    starters = {run.id: run.started_by for run in found}
    sign_ons = {row.target: _sign_on(office, row.target, environment) for row in rows}
    lines = [_line(row, starters[row.run_id], sign_ons[row.target]) for row in rows]
    differing = [row for row, line in zip(rows, lines, strict=True) if line.confirmed != line.shown]
    return Day(
        environment=environment,
        on=on,
        desk=desk,
        runs=tuple(found),
        items=tuple(rows),
        lines=_together(lines, operator=True),
        differing=tuple(differing),
    )


def days_of(
    office: Office, desks: Collection[str], *, environment: str
) -> list[tuple[date, str, int]]:
    """The last days with a run of those desks, newest first: day, desk, how many are open."""
    owners = {bot: desk_of(office.workspace, bot) for bot in office.workspace.bots}
    is_open = sa.func.sum(sa.case((items.c.state.in_(OPEN), 1), else_=0))
    wanted = (
        sa.select(runs.c.business_date, runs.c.bot, is_open.label("open"))
        .outerjoin(items, items.c.run_id == runs.c.id)
        .where(
            runs.c.business_date.is_not(None),
            runs.c.environment == environment,
            runs.c.bot.in_([bot for bot, desk in owners.items() if desk in desks]),
            runs.c.state == "done",
            runs.c.rehearse.is_(False),
        )
        .group_by(runs.c.business_date, runs.c.bot)
        .order_by(runs.c.business_date.desc())
        .limit(_DAYS)
    )
    found: dict[tuple[date, str], int] = {}
    with office.store.connect() as conn:
        for row in conn.execute(wanted):
            key = row.business_date, owners[row.bot]
            found[key] = found.get(key, 0) + int(row.open or 0)
    return [(*key, count) for key, count in found.items()]


def _bots_of(office: Office, desk: str) -> list[str]:
    return [bot for bot in office.workspace.bots if desk_of(office.workspace, bot) == desk]


def _sign_on(office: Office, system: str, environment: str) -> str:
    try:
        return credential_of(office.workspace, system, environment, types=True)
    except Failure:  # the system is here no more; what was keyed into it still counts
        return ""


def _line(row: Any, operator: str, sign_on: str) -> Line:
    """One item as a line of its own."""
    instruction = instruction_of(row)
    told = _sum(instruction.fields)
    line = Line(operator, row.target, sign_on, row.currency, instructed=told)
    if row.state in ENDED:
        return replace(line, ended=told)
    if row.state in OPEN:
        return replace(line, open=told)
    shown = _sum(from_json(Receipt, row.receipt).fields) if row.receipt else Sum()
    return replace(line, confirmed=told, shown=shown)


def _sum(fields: Mapping[str, str]) -> Sum:
    amount = exact(fields["amount"]) if fields.get("amount") else _ZERO
    return Sum(
        1,
        debit=amount if fields.get("debit_account") else _ZERO,
        credit=amount if fields.get("credit_account") else _ZERO,
    )


def _together(lines: Iterable[Line], *, operator: bool) -> tuple[Line, ...]:
    """Lines of the same operator (or of all), system, sign-on and currency as one each."""
    found: dict[tuple[str, ...], Line] = {}
    for line in lines:
        one = line if operator else replace(line, operator="")
        key = one.operator, one.system, one.sign_on, one.currency
        found[key] = found[key].with_(one) if key in found else one
    return tuple(found[key] for key in sorted(found))
