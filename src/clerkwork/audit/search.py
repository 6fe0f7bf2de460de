"""
Search the audit log: newest first, a page at a time, by an index whatever is asked for.

What is read is not verified; an event that cannot be read any more is found without its fields.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from pathlib import Path

from clerkwork.audit.log import FILE, field_of, read_row
from clerkwork.errors import Refused
from clerkwork.facts.event import Event

# Moments are taken before their threads wait for the commit: so far they may stand out of order.
_OUT_OF_ORDER = 1000


@dataclass(frozen=True)
class Wanted:
    """
    What is asked for; what is empty is not asked. `person` is a pseudonym.

    `bots` and `schedules` are those that may be seen, None for all; `closed` are beginnings
    of names that may not.
    """

    names: tuple[str, ...] = ()
    run: str = ""
    item: str = ""
    person: str = ""
    since: datetime | None = None
    until: datetime | None = None
    bots: Collection[str] | None = None
    schedules: Collection[str] | None = None
    closed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """An event and the bytes that stand in the log; `event` is None when it cannot be read."""

    position: int
    stored: bytes
    event: Event | None


def search(home: Path, wanted: Wanted, *, before: int = 0, limit: int = 50) -> list[Found]:
    """The newest events before position `before` (0: of all), newest first."""
    with closing(_open(home)) as connection:
        low, high = _span(connection, wanted)
        if before:
            high = min(high, before)
        rows: dict[int, bytes] = {}
        for leading, values in _leads(wanted):
            text, parts = _sentence(wanted, leading)
            asked = (*values, low, high, *parts, limit)
            rows |= dict(connection.execute(text, asked).fetchall())
    newest = sorted(rows.items(), reverse=True)[:limit]
    return [_found(position, stored) for position, stored in newest]


def find_event(home: Path, position: int) -> Found:
    """The event at that position. Raises Refused AUDIT_EVENT_UNKNOWN."""
    with closing(_open(home)) as connection:
        wanted = "SELECT position, event FROM events WHERE position = ?"
        row = connection.execute(wanted, (position,)).fetchone()
    if row is None:
        raise Refused("AUDIT_EVENT_UNKNOWN", event=position)
    return _found(*row)


def _open(home: Path) -> sqlite3.Connection:
    """The log, to be read only: who writes is not kept waiting."""
    connection = sqlite3.connect(f"{(home / FILE).resolve().as_uri()}?mode=ro", uri=True)
    connection.text_factory = bytes
    return connection


def _found(position: int, stored: bytes) -> Found:
    try:
        return Found(position, stored, read_row((position, stored))[1])
    except (ValueError, KeyError, TypeError, AttributeError):  # altered: `verify` names it
        return Found(position, stored, None)


def _leads(wanted: Wanted) -> Iterable[tuple[tuple[str, ...], tuple[str, ...]]]:
    """
    The fields whose index each query goes by, with their values: one query for each.

    The narrowest leads. What a person did stands in two fields, and names are many.
    """
    if wanted.item:
        return [(("item",), (wanted.item,))]
    if wanted.run:
        return [(("run",), (wanted.run,))]
    if wanted.person:
        return [((field,), (wanted.person,)) for field in ("by", "person")]
    if wanted.names:
        return [((field,), (name,)) for field, name in product(("event",), wanted.names)]
    return [((), ())]


def _sentence(wanted: Wanted, leading: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The query and its values behind the positions; `+` keeps other indexes out of it."""
    terms = [f"{field_of(name)} = ?" for name in leading]
    terms.append("position > ? AND position < ?")
    values: list[str] = []

    def ask(term: str, *given: str) -> None:
        terms.append(term)
        values.extend(given)

    if wanted.item and wanted.run:
        ask(f"+{field_of('run')} = ?", wanted.run)
    if wanted.person and not {"by", "person"} & set(leading):
        ask(f"? IN (+{field_of('by')}, +{field_of('person')})", wanted.person)
    if wanted.names and "event" not in leading:
        ask(f"+{field_of('event')} IN ({_marks(wanted.names)})", *wanted.names)
    if wanted.since:
        ask(f"{field_of('at')} >= ?", wanted.since.isoformat())
    if wanted.until:
        ask(f"{field_of('at')} < ?", wanted.until.isoformat())
    for beginning in wanted.closed:
        ask(f"substr(+{field_of('event')}, 1, {len(beginning)}) IS NOT ?", beginning)
    if wanted.bots is not None:
        run = f"coalesce({field_of('run')}, '')"
        bot = f"substr({run}, 1, instr({run}, '.') - 1)"
        ask(f"({run} = '' OR {bot} IN ({_marks(wanted.bots)}))", *wanted.bots)
    if wanted.schedules is not None:
        name = f"coalesce({field_of('schedule')}, '')"
        ask(f"({name} = '' OR {name} IN ({_marks(wanted.schedules)}))", *wanted.schedules)
    where = " AND ".join(terms)
    order = "ORDER BY position DESC LIMIT ?"
    return f"SELECT position, event FROM events WHERE {where} {order}", tuple(values)


def _marks(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))


def _span(connection: sqlite3.Connection, wanted: Wanted) -> tuple[int, int]:
    """Between which positions the events of the time that is asked for stand."""
    last = connection.execute("SELECT max(position) FROM events").fetchone()[0] or 0
    low, high = 0, last + 1
    if wanted.since:
        low = max(_first(connection, wanted.since, last) - _OUT_OF_ORDER, 0)
    if wanted.until:
        high = min(_first(connection, wanted.until, last) + _OUT_OF_ORDER, high)
    return low, high


def _first(connection: sqlite3.Connection, moment: datetime, last: int) -> int:
    """About where the events since `moment` begin: positions follow time."""
    low, high = 1, last + 1
    asked = f"SELECT {field_of('at')} FROM events WHERE position = ?"
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(asked, (middle,)).fetchone()
        # text_factory gives bytes; ISO 8601 in UTC sorts as time does
        if row is None or row[0] is None or row[0] < moment.isoformat().encode():
            low = middle + 1
        else:
            high = middle
    return low
