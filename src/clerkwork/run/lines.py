"""The lines of money behind every figure of a run, and the place in a document of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.facts import Entry, Plan
from clerkwork.run.office import Office
from clerkwork.run.sources import Source, entries_of, plan_of, with_evidence
from clerkwork.store.tables import open_breaks

PARTS = ("entries", "matched", "suggested", "breaks")
_SIDES = {"journal": "left", "cash journal": "left", "statement": "right"}
_BOOKS = {"left": "ours", "right": "theirs"}
_OPEN = "open breaks"


@dataclass(frozen=True)
class Line:
    """A line, whose it is, and where it went: `part` of the totals, by which rule or reason."""

    books: str
    entry: Entry
    part: str
    why: str


def lines_behind(plan: Plan, source: str, currency: str, part: str) -> list[Line]:
    """
    The lines that a figure of the control totals counts, in the order of their document.

    Raises Refused LINES_UNKNOWN for a source or part that the totals do not have.
    """
    named = [one.source for one in plan.totals if one.currency == currency]
    if source not in named or part not in PARTS:
        raise Refused("LINES_UNKNOWN", source=source, currency=currency, part=part)
    name, _, account = source.rpartition(" ")
    found = _carried(plan) if name == _OPEN else _of_day(plan, _SIDES.get(name, "left"))
    return [
        line
        for line in found
        if (line.entry.account, line.entry.currency) == (account, currency)
        and part in ("entries", line.part)
    ]


def _of_day(plan: Plan, side: str) -> Iterator[Line]:
    """Every line of one side of the day; who matched it, else why it did not match."""
    went: dict[str, tuple[str, str]] = {}
    for item in (*plan.breaks, *plan.cleared):
        entry = item.entry if item.side == side else item.counterpart
        if entry is not None:
            went[entry.id] = ("breaks", item.reason)
    for match in plan.matches:
        part = "matched" if match.status == "confirmed" else "suggested"
        ids = match.left if side == "left" else match.right
        went |= dict.fromkeys(ids, (part, match.rule))
    for entry in plan.left if side == "left" else plan.right:
        part, why = went.get(entry.id, ("matched", ""))  # a cash journal is counted as a whole
        yield Line(_BOOKS[side], entry, part, why)


def _carried(plan: Plan) -> Iterator[Line]:
    """The breaks of earlier days: what of them was settled, and what stands open."""
    for item in plan.cleared:
        yield Line(_BOOKS[item.side], item.entry, "matched", item.reason)
    for item in plan.breaks:
        if item.since < plan.business_date:
            yield Line(_BOOKS[item.side], item.entry, "breaks", item.reason)


def find_line(office: Office, run: Any, books: str, entry_id: str) -> Source:
    """
    One line of a run with the evidence that it was read from.

    A line of an earlier day was read by the run of that day. Raises Refused LINE_UNKNOWN.
    """
    plan = plan_of(office, run.id)
    pairs = entries_of(plan) if plan else ()
    entry = next((e for whose, e in pairs if (whose, e.id) == (books, entry_id)), None)
    if entry is None:
        raise Refused("LINES_UNKNOWN", source=books, currency="", part=entry_id)
    for run_id in (run.id, *_earlier(office, run, entry_id)):
        (source,) = with_evidence(office, run_id, [(books, entry)])
        if source.evidence is not None:
            return source
    return source


def _earlier(office: Office, run: Any, entry_id: str) -> Sequence[str]:
    """The runs that registered a break of that line."""
    mine = open_breaks.c.id.startswith(f"{run.environment}:{entry_id}:", autoescape=True)
    with office.store.connect() as conn:
        return list(conn.execute(sa.select(open_breaks.c.run_id).where(mine)).scalars())
