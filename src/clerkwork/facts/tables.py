"""Large facts as columns: entries in DuckDB tables, amounts as int64 minor units, never a float."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clerkwork.facts.entry import Entry
from clerkwork.facts.money import to_minor

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SCHEMA = (
    "position BIGINT NOT NULL, account VARCHAR NOT NULL, currency VARCHAR NOT NULL, "
    "day INTEGER NOT NULL, amount BIGINT NOT NULL, reference VARCHAR NOT NULL"
)


def write_entries(db: DuckDBPyConnection, table: str, entries: Sequence[Entry]) -> None:
    """
    Make `table` of `entries`: position (from 0, file order), account, currency, day
    (proleptic ordinal), amount (minor units), reference.
    """
    db.execute(f"CREATE OR REPLACE TABLE {table} ({_SCHEMA})")
    columns = [
        list(range(len(entries))),
        [entry.account for entry in entries],
        [entry.currency for entry in entries],
        [entry.accounting_date.toordinal() for entry in entries],
        [to_minor(entry.amount, entry.currency) for entry in entries],
        [entry.reference for entry in entries],
    ]
    unnested = ", ".join(f"unnest(${number})" for number in range(1, len(columns) + 1))
    db.execute(f"INSERT INTO {table} SELECT {unnested}", columns)
