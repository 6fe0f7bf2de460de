"""The register of open breaks: what one accounting day hands to the next."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.facts import Break, Plan, to_minor
from clerkwork.facts.codec import from_json, to_json
from clerkwork.reconcile import Candidate, nearest
from clerkwork.run.office import Office
from clerkwork.store.tables import open_breaks, runs


def load_open_breaks(office: Office, environment: str, before: date) -> tuple[Break, ...]:
    """
    Breaks first seen before accounting date `before` and not settled before it.

    So a day that is run again finds what was open then, whatever later days settled.
    """
    open_then = open_breaks.c.cleared_on.is_(None) | (open_breaks.c.cleared_on >= before)
    wanted = (
        sa.select(open_breaks.c["break"])
        .where(open_breaks.c.environment == environment, open_breaks.c.since < before, open_then)
        .order_by(open_breaks.c.since, open_breaks.c.id)
    )
    with office.store.connect() as conn:
        return tuple(from_json(Break, row[0]) for row in conn.execute(wanted))


def register(office: Office, run: Any, plan: Plan) -> None:
    """
    Add the day's new breaks and close those it settled; the same day again changes nothing.

    A break that the day settled in part is closed, and its rest stands in a row of its
    own from that day on: so earlier days, run again, still find the whole.
    """
    day = plan.business_date
    settled = {_id(run, item) for item in plan.cleared}
    with office.store.begin() as conn:
        for item in plan.cleared:
            mine = open_breaks.c.id == _id(run, item)
            mine |= open_breaks.c.id.startswith(f"{_id(run, item)}:", autoescape=True)
            still_open = open_breaks.c.cleared_on.is_(None) & (open_breaks.c.since < day)
            closed = {"cleared_on": day, "cleared_by": run.id}
            conn.execute(sa.update(open_breaks).where(mine, still_open).values(**closed))
        for item in plan.breaks:
            own = {"environment": run.environment, "run_id": run.id, "day": day}
            if item.since == day:
                _add(conn, item, _id(run, item), **own)
            elif _id(run, item) in settled:
                _add(conn, item, f"{_id(run, item)}:{day}", **own)


def breaks_before(
    office: Office,
    *,
    bots: Collection[str] | None,
    reason: str = "",
    before: tuple[date, str] | None = None,
    limit: int = 50,
) -> list[Any]:
    """
    Breaks that no day has settled, newest first, older than `before`: (since, id).

    Each row has the `bot` of its run; `bots` None: of all.
    """
    wanted = (
        sa.select(*open_breaks.c, runs.c.bot)
        .join(runs, runs.c.id == open_breaks.c.run_id)
        .where(open_breaks.c.cleared_on.is_(None))
        .order_by(open_breaks.c.since.desc(), open_breaks.c.id.desc())
        .limit(limit)
    )
    if bots is not None:
        wanted = wanted.where(runs.c.bot.in_(bots))
    if reason:
        wanted = wanted.where(open_breaks.c.reason == reason)
    if before is not None:
        since, row_id = sa.literal(before[0], open_breaks.c.since.type), sa.literal(before[1])
        place = sa.tuple_(open_breaks.c.since, open_breaks.c.id)
        wanted = wanted.where(place < sa.tuple_(since, row_id))
    with office.store.connect() as conn:
        return list(conn.execute(wanted))


def find_break(office: Office, break_id: str) -> Any:
    """The row of a break, settled or not. Raises Refused BREAK_UNKNOWN."""
    with office.store.connect() as conn:
        row = conn.execute(sa.select(open_breaks).where(open_breaks.c.id == break_id)).one_or_none()
    if row is None:
        raise Refused("BREAK_UNKNOWN", item=break_id)
    return row


def find_break_by_start(office: Office, text: str) -> Any:
    """
    The open break whose entry's id begins with `text`, or that has the whole id.

    Raises Refused BREAK_UNKNOWN, BREAK_AMBIGUOUS.
    """
    environment = office.workspace.environment
    starts = open_breaks.c.id.startswith(f"{environment}:{text}", autoescape=True)
    wanted = sa.select(open_breaks).where(
        (open_breaks.c.id == text) | (starts & open_breaks.c.cleared_on.is_(None))
    )
    with office.store.connect() as conn:
        found = list(conn.execute(wanted))
    if len(found) > 1:
        raise Refused("BREAK_AMBIGUOUS", item=text, count=len(found))
    if not found:
        raise Refused("BREAK_UNKNOWN", item=text)
    return found[0]


def break_of(row: Any) -> Break:
    """The break of a row, as it was when it was registered."""
    return from_json(Break, row._mapping["break"])


def near(item: Break, plan: Plan) -> tuple[Candidate, ...]:
    """The lines of the other side that come nearest to the break, in the plan that found it."""
    others = plan.right if item.side == "left" else plan.left
    taken = {
        line: match.rule
        for match in plan.matches
        for line in (match.right if item.side == "left" else match.left)
    }
    return nearest(item.entry, others, taken)


def _id(run: Any, item: Break) -> str:
    return f"{run.environment}:{item.entry.id}:{item.reason}"


def insert_break(
    conn: sa.Connection, item: Break, *, environment: str, run_id: str, day: date
) -> None:
    """Add a break that stands open from accounting date `day` on, unless it is there already."""
    row_id = f"{environment}:{item.entry.id}:{item.reason}"
    _add(conn, item, row_id, environment=environment, run_id=run_id, day=day)


def _add(
    conn: sa.Connection, item: Break, row_id: str, *, environment: str, run_id: str, day: date
) -> None:
    same = sa.select(open_breaks.c.id).where(open_breaks.c.id == row_id)
    if conn.execute(same).one_or_none() is not None:
        return
    conn.execute(
        sa.insert(open_breaks).values(
            id=row_id,
            environment=environment,
            account=item.entry.account,
            currency=item.entry.currency,
            since=day,
            side=item.side,
            reason=item.reason,
            books=item.books,
            difference_minor=to_minor(item.difference, item.entry.currency),
            **{"break": to_json(item).decode()},
            references=list(item.references),
            run_id=run_id,
        )
    )
