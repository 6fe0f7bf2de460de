"""Matching by hand: proposed by one person, agreed to by another; their breaks are cleared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.facts import HandMatch, to_minor
from clerkwork.facts.codec import from_json, to_json
from clerkwork.people import Person
from clerkwork.reconcile.by_hand import hand_match, sums
from clerkwork.reconcile.hand_rules import MatchLimit, load_settling
from clerkwork.run.breaks import break_of, insert_break
from clerkwork.run.office import Office
from clerkwork.run.reversing import DEAD
from clerkwork.store.tables import hand_matches, items, open_breaks, runs


@dataclass(frozen=True)
class Proposal:
    """
    What would be matched: the breaks, what theirs and ours lack by them, what is left.

    `needs_other` says whether a second person agrees.
    """

    rows: tuple[Any, ...]
    match: HandMatch
    theirs: Decimal
    ours: Decimal
    needs_other: bool

    @property
    def amount(self) -> Decimal:
        """Of the larger side: what the bank's limits are about."""
        return max(abs(self.theirs), abs(self.ours))

    @property
    def rest(self) -> Decimal:
        """What is left, and stands as a break of its own."""
        return self.ours - self.theirs


def weigh(office: Office, rows: Sequence[Any], *, because: tuple[str, ...] = ()) -> Proposal:
    """
    What a match of the open breaks of `rows` would be; nothing is written.

    Raises Refused MATCH_PLACES, MATCH_ONE_SIDE, MATCH_DIFFERS, MATCH_NO_RULE, BREAK_SETTLED,
    BREAK_HAS_ITEM, BREAK_PROPOSED.
    """
    with office.store.connect() as conn:
        for row in rows:
            is_free(conn, row)
    return _weighed(office, rows, because)


def _weighed(office: Office, rows: Sequence[Any], because: tuple[str, ...]) -> Proposal:
    first = rows[0]
    if any((r.environment, r.account) != (first.environment, first.account) for r in rows):
        raise Refused("MATCH_PLACES")
    breaks = [break_of(row) for row in rows]
    match = hand_match(breaks, max(row.since for row in rows), because)
    theirs, ours = sums(breaks)
    limit = _limit(office, first.currency)
    if abs(ours - theirs) > limit.difference:
        raise Refused(
            "MATCH_DIFFERS",
            theirs=str(theirs),
            ours=str(ours),
            difference=str(abs(ours - theirs)),
            most=str(limit.difference),
            currency=first.currency,
        )
    found = Proposal(tuple(rows), match, theirs, ours, needs_other=True)
    return replace(found, needs_other=found.amount > limit.alone)


def _limit(office: Office, currency: str) -> MatchLimit:
    rules = load_settling(office.workspace.rules("settling")).match
    if currency not in rules:
        raise Refused("MATCH_NO_RULE", currency=currency)
    return rules[currency]


def why_not_free(office: Office, row: Any) -> Refused | None:
    """Why the break of `row` cannot be settled by hand now; None when it can."""
    with office.store.connect() as conn:
        try:
            is_free(conn, row)
        except Refused as why_not:
            return why_not
    return None


def is_free(conn: sa.Connection, row: Any) -> None:
    """
    Nothing, when the break of `row` stands open and nothing else is about to settle it.

    Raises Refused BREAK_SETTLED, BREAK_HAS_ITEM, BREAK_PROPOSED.
    """
    wanted = sa.select(open_breaks).where(open_breaks.c.id == row.id).with_for_update()
    now = conn.execute(wanted).one()
    if now.cleared_on is not None:
        raise Refused("BREAK_SETTLED", where=row.id, day=now.cleared_on)
    theirs = (items.c.environment == now.environment) & items.c.reference.in_(now.references)
    alive = sa.select(items.c.id, items.c.state).where(theirs, items.c.state.not_in(DEAD))
    item = conn.execute(alive.limit(1)).one_or_none()
    if item is not None:
        raise Refused("BREAK_HAS_ITEM", where=row.id, item=item.id)
    proposed = sa.select(hand_matches.c.id, hand_matches.c.breaks).where(
        hand_matches.c.environment == now.environment, hand_matches.c.state == "proposed"
    )
    for match_id, ids in conn.execute(proposed):
        if row.id in ids:
            raise Refused("BREAK_PROPOSED", where=row.id, match=match_id)


def propose_match(office: Office, rows: Sequence[Any], person: Person, why: str) -> Any:
    """
    Propose that the open breaks of `rows` belong together; gives the row of the match.

    Where the bank's rule lets one person do it alone, it is agreed to at once. Raises Refused
    WHY_MISSING, RUN_GOES_ON, and as `weigh` does.
    """
    if not why.strip():
        raise Refused("WHY_MISSING")
    with office.store.begin() as conn:
        for row in rows:
            is_free(conn, row)
        proposal = _weighed(office, rows, (f"{person.name}: {why}",))
        first = rows[0]
        made = conn.execute(
            sa.insert(hand_matches).values(
                environment=first.environment,
                account=first.account,
                currency=first.currency,
                day=proposal.match.day,
                breaks=[row.id for row in rows],
                content=to_json(proposal.match).decode(),
                amount_minor=to_minor(proposal.amount, first.currency),
                difference_minor=to_minor(proposal.rest, first.currency),
                state="proposed",
                run_id=first.run_id,
                by=person.name,
                at=office.clock(),
                why=why,
            )
        )
        assert made.inserted_primary_key is not None  # the database numbers it
        match_id = int(made.inserted_primary_key[0])
        _record(office, "proposed", first.run_id, match_id, person, why, breaks=len(rows))
        if not proposal.needs_other:
            _agree(office, conn, _locked(conn, match_id), person, "within the limit of one person")
        return _locked(conn, match_id)


def agree_to_match(office: Office, row: Any, person: Person, why: str = "") -> None:
    """
    Agree to the proposed match of `row`: its breaks are cleared, and every night respects it.

    Raises Refused MATCH_DECIDED, SELF_APPROVAL, RUN_GOES_ON, BREAK_SETTLED, BREAK_HAS_ITEM.
    """
    with office.store.begin() as conn:
        now = _standing(conn, row)
        if person.name in {now.by, *_starters(conn, now)}:
            raise Refused("SELF_APPROVAL", where=f"match {now.id}", person=person.name)
        _agree(office, conn, now, person, why)


def send_match_back(office: Office, row: Any, person: Person, why: str) -> None:
    """
    Send the proposed match back to who proposed it: its breaks are free again.

    Raises Refused WHY_MISSING, MATCH_DECIDED.
    """
    if not why.strip():
        raise Refused("WHY_MISSING", where=f"match {row.id}")
    with office.store.begin() as conn:
        now = _standing(conn, row)
        _decide(office, conn, now, "sent_back", person, why)
        _record(office, "sent_back", now.run_id, now.id, person, why)


def may_agree_to(office: Office, row: Any, person: Person) -> bool:
    """Whether that person has no hand in the proposed match."""
    with office.store.connect() as conn:
        return person.name not in {row.by, *_starters(conn, row)}


def _standing(conn: sa.Connection, row: Any) -> Any:
    now = _locked(conn, row.id)
    if now.state != "proposed":
        raise Refused("MATCH_DECIDED", where=f"match {now.id}", by=now.decided_by)
    return now


def _agree(office: Office, conn: sa.Connection, now: Any, person: Person, why: str) -> None:
    """Clear the breaks, and leave what is left as a break of its own."""
    wanted = sa.select(open_breaks).where(open_breaks.c.id.in_(now.breaks)).with_for_update()
    rows = list(conn.execute(wanted))
    _no_run_goes_on(conn, rows)
    _decide(office, conn, now, "agreed", person, why)
    for row in rows:
        is_free(conn, row)
    cleared = {"cleared_on": now.day, "cleared_by": now.by}
    conn.execute(sa.update(open_breaks).where(open_breaks.c.id.in_(now.breaks)).values(**cleared))
    match = from_json(HandMatch, now.content)
    if match.rest is not None:
        insert_break(conn, match.rest, environment=now.environment, run_id=now.run_id, day=now.day)
    _record(office, "agreed", now.run_id, now.id, person, why)


def _no_run_goes_on(conn: sa.Connection, rows: Sequence[Any]) -> None:
    """A run that has read the open breaks already would settle them its own way."""
    bots = sa.select(runs.c.bot).where(runs.c.id.in_([row.run_id for row in rows]))
    going = sa.select(runs.c.id).where(runs.c.bot.in_(bots), runs.c.state == "running")
    found = conn.execute(going.where(runs.c.environment == rows[0].environment)).first()
    if found is not None:
        raise Refused("MATCH_MEANWHILE", run=found.id)


def _starters(conn: sa.Connection, row: Any) -> set[str]:
    """Who started the runs that found its breaks."""
    found = sa.select(open_breaks.c.run_id).where(open_breaks.c.id.in_(row.breaks))
    wanted = sa.select(runs.c.started_by).where(runs.c.id.in_(found))
    return set(conn.execute(wanted).scalars())


def _locked(conn: sa.Connection, match_id: int) -> Any:
    wanted = sa.select(hand_matches).where(hand_matches.c.id == match_id)
    return conn.execute(wanted.with_for_update()).one()


def _decide(
    office: Office, conn: sa.Connection, row: Any, state: str, person: Person, why: str
) -> None:
    decided = {"decided_by": person.name, "decided_at": office.clock(), "decided_why": why}
    mine = sa.update(hand_matches).where(hand_matches.c.id == row.id)
    conn.execute(mine.values(state=state, **decided))


def _record(
    office: Office, what: str, run: str, match: int, person: Person, why: str, **more: object
) -> None:
    office.audit.record(f"match.{what}", run=run, match=match, by=person.name, why=why, **more)
