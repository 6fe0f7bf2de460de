"""What waits for people: items to approve, items and breaks to settle."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from clerkwork.approve import may_agree
from clerkwork.people import Person
from clerkwork.run.office import Office
from clerkwork.store.tables import decisions, items, open_breaks, runs

UNSETTLED = ("in_doubt", "excepted")
MOST = 500  # rows of one list; the rest is counted
ITEM = (*items.c, runs.c.bot, runs.c.started_by)


@dataclass(frozen=True)
class Sum:
    """Items or breaks of one currency: how many, and their amounts in whole minor units."""

    currency: str
    count: int
    amount_minor: int


def waiting_for(office: Office, person: Person, *, bots: Collection[str] | None) -> list[Any]:
    """
    Items that wait for a word of this person, who has no hand in them; oldest first.

    Each row has `bot` and `started_by` of its run besides. `bots` None: of all.
    """
    wanted = (
        sa.select(*ITEM)
        .join(runs, runs.c.id == items.c.run_id)
        .where(items.c.state == "waiting")
        .order_by(items.c.created_at, items.c.ordinal)
    )
    if bots is not None:
        wanted = wanted.where(runs.c.bot.in_(bots))
    found: list[Any] = []
    with office.store.connect() as conn:
        said = _agreed(conn)
        for row in conn.execute(wanted):
            if may_agree(row, person, row.started_by, said.get(row.id, ())):
                found.append(row)
            if len(found) == MOST:
                break
    return found


def _agreed(conn: sa.Connection) -> dict[str, list[tuple[str, str]]]:
    """Who has agreed to each waiting item as it stands now: (role, person), by item."""
    wanted = (
        sa.select(decisions.c.item_id, decisions.c.role, decisions.c.person)
        .join(items, items.c.id == decisions.c.item_id)
        .where(
            items.c.state == "waiting",
            decisions.c.version == items.c.version,
            decisions.c.digest == items.c.digest,
            decisions.c.decision == "agree",
        )
        .order_by(decisions.c.id)
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for item_id, role, name in conn.execute(wanted):
        found.setdefault(item_id, []).append((role, name))
    return found


def unsettled_items(office: Office, *, bots: Collection[str] | None) -> list[Any]:
    """Items that are excepted or in doubt, or were sent back to be edited; oldest first."""
    wanted = (
        sa.select(*ITEM)
        .join(runs, runs.c.id == items.c.run_id)
        .where(items.c.state.in_((*UNSETTLED, "new")))
        .order_by(items.c.updated_at, items.c.ordinal)
        .limit(MOST)
    )
    return _rows(office, wanted if bots is None else wanted.where(runs.c.bot.in_(bots)))


def standing_breaks(office: Office, *, bots: Collection[str] | None) -> list[Any]:
    """Breaks that no day has settled, oldest first; each row has the `bot` of its run."""
    wanted = (
        sa.select(*open_breaks.c, runs.c.bot)
        .join(runs, runs.c.id == open_breaks.c.run_id)
        .where(open_breaks.c.cleared_on.is_(None))
        .order_by(open_breaks.c.since, open_breaks.c.id)
        .limit(MOST)
    )
    return _rows(office, wanted if bots is None else wanted.where(runs.c.bot.in_(bots)))


def sums(rows: Iterable[Any], *, of: str = "amount_minor") -> list[Sum]:
    """How many of each currency, and the sum of their column `of`."""
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        count, amount = found.get(row.currency, (0, 0))
        found[row.currency] = (count + 1, amount + getattr(row, of))
    return [Sum(currency, *found[currency]) for currency in sorted(found)]


def next_after(rows: Sequence[Any], item_id: str) -> str:
    """The id of the row behind the one with `item_id`, else of the first other; "" for none."""
    ids = [row.id for row in rows]
    if item_id in ids:
        at = ids.index(item_id)
        ids = ids[at + 1 :] + ids[:at]
    return ids[0] if ids else ""


def _rows(office: Office, wanted: sa.Select[Any]) -> list[Any]:
    with office.store.connect() as conn:
        return list(conn.execute(wanted))
