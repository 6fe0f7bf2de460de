"""
What was saved: a person's time for what bots did, as far as their `minutes_by_hand` say.

Counted are runs that are done, and items that a bot keyed and read back. Rehearsals, what failed,
and what a person keyed by hand in the end (an exception that was confirmed) save nothing. The
time that people take to approve and settle is not known, and is not taken off.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

import sqlalchemy as sa

from clerkwork.errors import Failure
from clerkwork.facts.money import exponent
from clerkwork.run.office import Office
from clerkwork.store.tables import item_states, items, runs
from clerkwork.workspace import load_manifest

_BY_BOT = ("keying", "keyed", "in_doubt")  # states from which a bot's own keying is confirmed
_HOUR = Decimal(60)


@dataclass(frozen=True)
class Part:
    """One bot: what it did, and how long a person takes for it; minutes are None where unsaid."""

    bot: str
    runs: int
    items: int
    run_minutes: int | None
    item_minutes: int | None
    source: tuple[str, str]

    @property
    def minutes(self) -> int:
        """A person's minutes for all of it; 0 where nobody says how long it takes."""
        return self.runs * (self.run_minutes or 0) + self.items * (self.item_minutes or 0)


@dataclass(frozen=True)
class Saved:
    """What was saved since a moment; `money` is None where an hour has no price."""

    since: datetime
    parts: tuple[Part, ...]
    cost_per_hour: Decimal | None
    currency: str

    @property
    def hours(self) -> Decimal:
        """Hours, to a tenth."""
        minutes = Decimal(sum(part.minutes for part in self.parts))
        return (minutes / _HOUR).quantize(Decimal("0.1"), ROUND_HALF_EVEN)

    @property
    def money(self) -> Decimal | None:
        """What these hours cost, to the currency's decimals."""
        if self.cost_per_hour is None:
            return None
        minutes = Decimal(sum(part.minutes for part in self.parts))
        cost = minutes * self.cost_per_hour / _HOUR
        return cost.quantize(Decimal(1).scaleb(-exponent(self.currency)), ROUND_HALF_EVEN)


def saved_since(office: Office, since: datetime, *, bots: Collection[str]) -> Saved:
    """What these bots have saved since that moment."""
    done = (
        sa.select(runs.c.bot, sa.func.count().label("number"))
        .where(runs.c.state == "done", runs.c.ended_at > since, runs.c.rehearse.is_(False))
        .group_by(runs.c.bot)
    )
    keyed = (
        sa.select(runs.c.bot, sa.func.count().label("number"))
        .select_from(item_states)
        .join(items, items.c.id == item_states.c.item_id)
        .join(runs, runs.c.id == items.c.run_id)
        .where(
            item_states.c.to_state == "confirmed",
            item_states.c.from_state.in_(_BY_BOT),
            item_states.c.at > since,
        )
        .group_by(runs.c.bot)
    )
    with office.store.connect() as conn:
        counts = {row.bot: row.number for row in conn.execute(done)}
        confirmed = {row.bot: row.number for row in conn.execute(keyed)}
    seen = sorted(bot for bot in bots if bot in counts or bot in confirmed)
    return Saved(
        since=since,
        parts=tuple(_part(office, bot, counts.get(bot, 0), confirmed.get(bot, 0)) for bot in seen),
        cost_per_hour=office.workspace.cost_per_hour,
        currency=office.workspace.cost_currency,
    )


def _part(office: Office, bot: str, done: int, keyed: int) -> Part:
    try:
        by_hand = load_manifest(office.workspace, bot).minutes_by_hand
    except Failure:  # its manifest is wrong, which is told elsewhere
        by_hand = None
    if by_hand is None:
        return Part(bot, done, keyed, None, None, ("", ""))
    source = by_hand.source_en, by_hand.source_zh
    return Part(bot, done, keyed, by_hand.run, by_hand.item, source)
