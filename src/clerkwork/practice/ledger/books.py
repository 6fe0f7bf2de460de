"""The ledger's own SQLite file: one table of vouchers, one transaction per voucher."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, fields
from datetime import UTC, date, datetime
from pathlib import Path

from clerkwork.practice.ledger.notices import Rejected

BRANCH = "0755"
HOLD_LIMIT_MINOR = 1_000_000_00  # from here on a voucher waits for the ledger's authoriser

_TABLE = """
CREATE TABLE IF NOT EXISTS vouchers (
    number TEXT PRIMARY KEY, accounting_date TEXT NOT NULL,
    debit_account TEXT NOT NULL, credit_account TEXT NOT NULL, currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL, colour TEXT NOT NULL, original_voucher TEXT NOT NULL,
    narrative TEXT NOT NULL, reference TEXT NOT NULL, state TEXT NOT NULL,
    keyed_by TEXT NOT NULL, keyed_at TEXT NOT NULL, released_by TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS vouchers_by_reference ON vouchers (reference);
"""


@dataclass(frozen=True)
class Draft:
    """A voucher as keyed and checked, before it has a number."""

    accounting_date: str
    debit_account: str
    credit_account: str
    currency: str
    amount_minor: int
    colour: str
    original_voucher: str
    narrative: str
    reference: str


@dataclass(frozen=True)
class Voucher(Draft):
    """A voucher in the books. `state` is "posted" or "held" (待授权)."""

    number: str
    state: str
    keyed_by: str
    keyed_at: str  # UTC, ISO 8601
    released_by: str = ""


_COLUMNS = ", ".join(field.name for field in fields(Voucher))


def database(home: Path) -> Path:
    """Where the ledger of the practice bank in `home` keeps its vouchers."""
    return home / "practice" / "ledger.db"


class Books:
    """The vouchers of one SQLite file; every call opens and closes its own connection."""

    def __init__(self, path: Path):
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connected() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_TABLE)

    def book(self, draft: Draft, *, keyed_by: str) -> Voucher:
        """Give `draft` its number and store it, held when it is large."""
        with self._transaction() as connection:
            state = "held" if abs(draft.amount_minor) >= HOLD_LIMIT_MINOR else "posted"
            number = _next_number(connection, draft.accounting_date)
            voucher = Voucher(
                **asdict(draft),
                number=number,
                state=state,
                keyed_by=keyed_by,
                keyed_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            )
            marks = ", ".join("?" * len(fields(Voucher)))
            connection.execute(
                f"INSERT INTO vouchers ({_COLUMNS}) VALUES ({marks})", astuple(voucher)
            )
        return voucher

    def release(self, number: str, *, released_by: str) -> None:
        """Post a held voucher. Raises Rejected LG1016 when it is not held."""
        with self._transaction() as connection:
            changed = connection.execute(
                "UPDATE vouchers SET state = 'posted', released_by = ?"
                " WHERE number = ? AND state = 'held'",
                (released_by, number),
            ).rowcount
        if not changed:
            raise Rejected("LG1016", number=number)

    def find(self, reference: str) -> list[Voucher]:
        """Every voucher with exactly this reference, in the order they were keyed."""
        return self._select("reference = ?", reference)

    def held(self) -> list[Voucher]:
        """The vouchers that wait for the authoriser."""
        return self._select("state = ?", "held")

    def _select(self, condition: str, value: str) -> list[Voucher]:
        query = f"SELECT {_COLUMNS} FROM vouchers WHERE {condition} ORDER BY keyed_at, number"
        with self._connected() as connection:
            return [Voucher(*row) for row in connection.execute(query, (value,))]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=10)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            yield connection
        finally:
            connection.close()


def _next_number(connection: sqlite3.Connection, accounting_date: str) -> str:
    """Branch, accounting date, serial of that date: 0755-20260611-0001."""
    stem = f"{BRANCH}-{date.fromisoformat(accounting_date):%Y%m%d}-"
    (taken,) = connection.execute(
        "SELECT count(*) FROM vouchers WHERE accounting_date = ?", (accounting_date,)
    ).fetchone()
    return f"{stem}{taken + 1:04d}"
