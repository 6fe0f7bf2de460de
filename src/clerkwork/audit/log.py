"""
The audit log, HOME/audit.db: append only, durable when `record` returns.

Threads that append at the same moment share one commit; processes take turns. Each
event is stored as the bytes that are hashed, with its leaf of the Merkle tree and a
chain value over all before it: the tree is what checkpoints sign, the chain names the
place when something was changed.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from clerkwork.audit.checkpoints import write_checkpoint
from clerkwork.audit.pseudonyms import pseudonym, pseudonym_key
from clerkwork.audit.tree import HASH_BYTES, Frontier, leaf_hash
from clerkwork.errors import Refused, Unavailable
from clerkwork.facts.event import PERSONAL, Event
from clerkwork.store.private import make_private
from clerkwork.store.sqlite import connect

FILE = "audit.db"
CHAIN_START = bytes(HASH_BYTES)


def field_of(name: str) -> str:
    """
    One field of an event, in SQL, as the indexes have it.

    An event that was tampered with has none, which `verify` tells.
    """
    text = "CAST(event AS TEXT)"
    return f"CASE WHEN json_valid({text}) THEN json_extract({text}, '$.{name}') END"


_RUN_OF = field_of("run")
INDEXED = ("run", "item", "event", "by", "person")  # what is asked for among millions
_TABLES = (
    "CREATE TABLE IF NOT EXISTS events ("
    "position INTEGER PRIMARY KEY, event BLOB NOT NULL, leaf BLOB NOT NULL, chain BLOB NOT NULL)",
    *(
        f"CREATE INDEX IF NOT EXISTS events_by_{name} ON events"
        f" ({field_of(name)}, position) WHERE {field_of(name)} IS NOT NULL"
        for name in INDEXED
    ),
    # the tree up to the last checkpoint, so that the next one need not hash it all again
    "CREATE TABLE IF NOT EXISTS frontier ("
    "one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, roots BLOB NOT NULL)",
)


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def open_log(home: Path, *, clock: Callable[[], datetime] = utc_now) -> AuditLog:
    """The audit log of `home`, made when missing. Raises Unavailable AUDIT_NOT_OPENED."""
    path = make_private(home) / FILE
    try:
        connection = connect(path)
    except sqlite3.Error as broken:
        raise Unavailable("AUDIT_NOT_OPENED", file=str(path), detail=str(broken)) from None
    try:
        return AuditLog(home, connection, clock)
    except BaseException:
        connection.close()
        raise


def next_chain(chain: bytes, leaf: bytes) -> bytes:
    """The chain value of an event: over the one before and its own leaf."""
    return sha256(chain + leaf).digest()


@dataclass
class _Waiting:
    """An event on its way; `position` or `failure` is set once it was tried."""

    stored: bytes
    position: int = 0
    failure: BaseException | None = None


class AuditLog:
    """An open audit log; threads may share it."""

    def __init__(self, home: Path, connection: sqlite3.Connection, clock: Callable[[], datetime]):
        self._home = home
        self._connection = connection
        self._clock = clock
        self._key = pseudonym_key(home)
        self._waiting: deque[_Waiting] = deque()
        self._writing = threading.Lock()
        with self._transaction():
            for table in _TABLES:
                connection.execute(table)

    def record(self, name: str, **fields: object) -> int:
        """Append an event that happens now; gives its position, from 1."""
        return self.append(self.event(name, **fields))

    def append(self, *events: Event) -> int:
        """Append `events` in order, durably, in one commit; gives the position of the last."""
        mine = [_Waiting(_stored(event, self._key)) for event in events]
        self._waiting.extend(mine)
        with self._writing:  # whoever comes first writes for all who wait by then
            if not mine[-1].position and not mine[-1].failure:
                self._write()
        if mine[-1].failure:
            raise mine[-1].failure
        return mine[-1].position

    def event(self, name: str, **fields: object) -> Event:
        """An event that happens now, to be appended with others."""
        return Event(name, self._clock(), fields)

    def read(self, *, after: int = 0) -> Iterator[tuple[int, Event]]:
        """The events after position `after`, with their positions; not verified."""
        wanted = "SELECT position, event FROM events WHERE position > ? ORDER BY position"
        with self._writing:
            rows = self._connection.execute(wanted, (after,)).fetchall()
        yield from map(read_row, rows)

    def read_run(self, run_id: str) -> list[tuple[int, Event]]:
        """The events of one run, in order, with their positions; not verified."""
        wanted = f"SELECT position, event FROM events WHERE {_RUN_OF} = ? ORDER BY position"
        with self._writing:
            rows = self._connection.execute(wanted, (run_id,)).fetchall()
        return [read_row(row) for row in rows]

    def checkpoint(self) -> None:
        """
        Sign the tree as it stands now, into a file of its own in HOME/checkpoints.

        Raises Refused AUDIT_EVENTS_MISSING when the log is shorter than it was.
        """
        with self._writing, self._transaction():
            frontier = self._grown()
            roots = b"".join(frontier.roots)
            row = (1, frontier.size, roots)
            self._connection.execute("INSERT OR REPLACE INTO frontier VALUES (?, ?, ?)", row)
        if frontier.size:
            write_checkpoint(self._home, frontier.size, frontier.root())

    def close(self) -> None:
        """Close the file."""
        with self._writing:
            self._connection.close()

    def _grown(self) -> Frontier:
        """The tree of all events, from the last checkpoint on."""
        kept = self._connection.execute("SELECT size, roots FROM frontier").fetchone()
        size, roots = kept or (0, b"")
        parts = [roots[at : at + HASH_BYTES] for at in range(0, len(roots), HASH_BYTES)]
        frontier = Frontier(size, parts)
        last, _ = self._last()
        if last < size:
            raise Refused("AUDIT_EVENTS_MISSING", first=last + 1, last=size)
        wanted = "SELECT leaf FROM events WHERE position > ? ORDER BY position"
        for (leaf,) in self._connection.execute(wanted, (size,)):
            frontier.append(leaf)
        return frontier

    def _last(self) -> tuple[int, bytes]:
        """Position and chain value of the last event."""
        wanted = "SELECT position, chain FROM events ORDER BY position DESC LIMIT 1"
        position, chain = self._connection.execute(wanted).fetchone() or (0, CHAIN_START)
        return position, chain

    def _write(self) -> None:
        """Write everybody who waits in one commit; a failure is everybody's."""
        batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            with self._transaction():
                last, chain = self._last()
                rows = []
                for position, waiting in enumerate(batch, start=last + 1):
                    leaf = leaf_hash(waiting.stored)
                    chain = next_chain(chain, leaf)
                    rows.append((position, waiting.stored, leaf, chain))
                self._connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)
        except BaseException as failure:
            for waiting in batch:
                waiting.failure = failure
            raise
        for position, waiting in enumerate(batch, start=last + 1):
            waiting.position = position

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """The only writer of all processes, from its start to its commit."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise


def read_row(row: tuple[int, bytes]) -> tuple[int, Event]:
    """The event of a row, with its position."""
    position, stored = row
    fields = json.loads(stored)
    at = datetime.fromisoformat(fields.pop("at"))
    return position, Event(fields.pop("event"), at, fields)


def _stored(event: Event, key: bytes) -> bytes:
    """The bytes of an event: canonical JSON, persons by pseudonym."""
    fields = {
        name: pseudonym(key, str(value)) if name in PERSONAL and value else value
        for name, value in event.fields.items()
    }
    fields |= {"event": event.name, "at": event.at.astimezone(UTC).isoformat()}
    text = json.dumps(
        fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode()
