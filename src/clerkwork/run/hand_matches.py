"""What the store knows of matches by hand, and what of them a night is told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.facts import HandMatch
from clerkwork.facts.codec import from_json
from clerkwork.run.office import Office
from clerkwork.store.tables import hand_matches, open_breaks, runs

_MET_WITHIN = timedelta(days=400)  # later on, no statement prints a line again


def find_match(office: Office, match_id: str) -> Any:
    """The row of a match by hand. Raises Refused MATCH_UNKNOWN."""
    with office.store.connect() as conn:
        if match_id.isdecimal() and len(match_id) < 19:
            wanted = sa.select(hand_matches).where(hand_matches.c.id == int(match_id))
            row = conn.execute(wanted).one_or_none()
            if row is not None:
                return row
    raise Refused("MATCH_UNKNOWN", match=match_id)


def match_of(row: Any) -> HandMatch:
    """The match of a row."""
    return from_json(HandMatch, row.content)


def match_about(office: Office, row: Any) -> Any:
    """The match by hand, proposed or agreed to, that has the break of `row`; None for none."""
    wanted = sa.select(hand_matches).where(
        hand_matches.c.environment == row.environment,
        hand_matches.c.account == row.account,
        hand_matches.c.state != "sent_back",
    )
    with office.store.connect() as conn:
        return next((one for one in conn.execute(wanted) if row.id in one.breaks), None)


def proposed_matches(office: Office, *, bots: Collection[str] | None) -> list[Any]:
    """The matches that wait for a second person, oldest first; each has the `bot` of its run."""
    wanted = (
        sa.select(*hand_matches.c, runs.c.bot)
        .join(runs, runs.c.id == hand_matches.c.run_id)
        .where(hand_matches.c.state == "proposed")
        .order_by(hand_matches.c.id)
    )
    wanted = wanted if bots is None else wanted.where(runs.c.bot.in_(bots))
    with office.store.connect() as conn:
        return list(conn.execute(wanted))


def may_be_matched_with(office: Office, row: Any) -> list[Any]:
    """The other open breaks of its account, nearest in amount to the break of `row` first."""
    wanted = sa.select(open_breaks).where(
        open_breaks.c.environment == row.environment,
        open_breaks.c.account == row.account,
        open_breaks.c.currency == row.currency,
        open_breaks.c.cleared_on.is_(None),
        open_breaks.c.id != row.id,
    )
    with office.store.connect() as conn:
        found = list(conn.execute(wanted.order_by(open_breaks.c.since, open_breaks.c.id)))
    far = abs(row.difference_minor)
    return sorted(found, key=lambda one: (abs(abs(one.difference_minor) - far), one.id))


def load_hand_matches(office: Office, environment: str, on: date) -> tuple[HandMatch, ...]:
    """What was agreed to belong together, as far as accounting date `on` may meet it."""
    wanted = sa.select(hand_matches.c.content).where(
        hand_matches.c.environment == environment,
        hand_matches.c.state == "agreed",
        hand_matches.c.day >= on - _MET_WITHIN,
    )
    with office.store.connect() as conn:
        stored = list(conn.execute(wanted.order_by(hand_matches.c.id)).scalars())
    return tuple(from_json(HandMatch, one) for one in stored)
