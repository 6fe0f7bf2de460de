"""Large facts as columns: DuckDB tables, amounts as int64 minor units, never a float."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from typing import TYPE_CHECKING

from clerkwork.facts.entry import Entry, Origin
from clerkwork.facts.money import from_minor, to_minor

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_CHUNK = 100_000  # rows handed over at once: bounds the second copy of a column
# Every field of an entry, in its order; `balance`, `value_date` and `time` may be NULL.
_TYPES = {
    "account": "VARCHAR NOT NULL",
    "accounting_date": "DATE NOT NULL",
    "currency": "VARCHAR NOT NULL",
    "amount": "BIGINT NOT NULL",
    "reference": "VARCHAR NOT NULL",
    "text": "VARCHAR NOT NULL",
    "counterparty": "VARCHAR NOT NULL",
    "value_date": "DATE",
    "time": "TIME",
    "balance": "BIGINT",
    "red": "BOOLEAN NOT NULL",
    "proof": "VARCHAR NOT NULL",
    "source": "VARCHAR NOT NULL",
    "page": "INTEGER NOT NULL",
    "row": "INTEGER NOT NULL",
    "id": "VARCHAR NOT NULL",
}


def write_columns(
    db: DuckDBPyConnection, table: str, columns: Mapping[str, tuple[str, Sequence[object]]]
) -> None:
    """Make `table` of `columns`: for each name its SQL type and its values, all of one length."""
    schema = ", ".join(f'"{name}" {kind}' for name, (kind, _) in columns.items())
    db.execute(f"CREATE OR REPLACE TABLE {table} ({schema})")
    types = [kind.split()[0] for kind, _ in columns.values()]
    unnested = ", ".join(f"unnest(?::{kind}[])" for kind in types)
    (length,) = {len(values) for _, values in columns.values()}
    for start in range(0, length, _CHUNK):
        chunk = [values[start : start + _CHUNK] for _, values in columns.values()]
        db.execute(f"INSERT INTO {table} SELECT {unnested}", chunk)


def write_entries(db: DuckDBPyConnection, table: str, entries: Sequence[Entry]) -> None:
    """
    Make `table` of `entries`: position (from 0) and every field of an entry, amounts in
    minor units. Raises Refused AMOUNT_TOO_FINE.
    """
    rows = list(zip(*map(_row, entries), strict=True)) or [()] * len(_TYPES)
    fields = zip(_TYPES.items(), rows, strict=True)
    columns: dict[str, tuple[str, Sequence[object]]] = {
        "position": ("BIGINT NOT NULL", list(range(len(entries))))
    }
    columns |= {name: (kind, values) for (name, kind), values in fields}
    write_columns(db, table, columns)


def read_entries(db: DuckDBPyConnection, table: str) -> Iterator[Entry]:
    """The entries of a table that `write_entries` made, in their order, as they were."""
    names = ", ".join(f'"{name}"' for name in _TYPES)
    rows = db.cursor().execute(f"SELECT {names} FROM {table} ORDER BY position")
    while chunk := rows.fetchmany(_CHUNK):
        yield from (_entry(*row) for row in chunk)


def _row(entry: Entry) -> tuple[object, ...]:
    """The values of `entry` in the order of `_TYPES`."""
    balance = None if entry.balance is None else to_minor(entry.balance, entry.currency)
    return (
        entry.account, entry.accounting_date, entry.currency,
        to_minor(entry.amount, entry.currency), entry.reference, entry.text, entry.counterparty,
        entry.value_date, entry.time, balance, entry.red, entry.proof,
        entry.origin.source, entry.origin.page, entry.origin.row, entry.id,
    )  # fmt: skip


def _entry(
    account: str,
    accounting_date: date,
    currency: str,
    amount: int,
    reference: str,
    text: str,
    counterparty: str,
    value_date: date | None,
    at: time | None,
    balance: int | None,
    red: bool,
    proof: str,
    source: str,
    page: int,
    row: int,
    entry_id: str,
) -> Entry:
    """The entry that `_row` gave these values."""
    return Entry(
        account=account,
        accounting_date=accounting_date,
        currency=currency,
        amount=from_minor(amount, currency),
        reference=reference,
        text=text,
        counterparty=counterparty,
        value_date=value_date,
        time=at,
        balance=None if balance is None else from_minor(balance, currency),
        red=red,
        proof=proof,
        origin=Origin(source, page, row),
        id=entry_id,
    )
