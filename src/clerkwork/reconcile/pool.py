"""The lines that are to be matched: columns in DuckDB, and which of them are used by now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from clerkwork.facts import Entry, Match, to_minor
from clerkwork.facts.tables import write_columns
from clerkwork.reconcile.keys import Place, place, reference_key
from clerkwork.reconcile.rules import Rule

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Side = Literal["left", "right"]
MOST_ALTERNATIVES = 100  # of one match: more than a person reads


class Pool:
    """
    Both sides. Tables `l` and `r` hold the lines that were unused when the rule began:
    position (in file order, from 0), place, day, amount (minor units), reference (as it
    counts, "" for none).
    """

    def __init__(
        self, db: DuckDBPyConnection, left: Sequence[Entry], right: Sequence[Entry]
    ) -> None:
        self.db = db
        self.entries: dict[Side, Sequence[Entry]] = {"left": left, "right": right}
        self.minor: dict[Side, list[int]] = {}
        self.matches: list[Match] = []
        self._used: dict[Side, bytearray] = {}
        self._dropped: dict[Side, list[int]] = {"left": [], "right": []}
        places: dict[Place, int] = {}
        for side, entries in self.entries.items():
            self._used[side] = bytearray(len(entries))
            self.minor[side] = [to_minor(entry.amount, entry.currency) for entry in entries]
            self._load(side, places)

    def _load(self, side: Side, places: dict[Place, int]) -> None:
        entries = self.entries[side]
        columns: dict[str, tuple[str, Sequence[object]]] = {
            "position": ("BIGINT NOT NULL", list(range(len(entries)))),
            "place": (
                "INTEGER NOT NULL",
                [places.setdefault(place(entry), len(places)) for entry in entries],
            ),
            "day": ("INTEGER NOT NULL", [entry.accounting_date.toordinal() for entry in entries]),
            "amount": ("BIGINT NOT NULL", self.minor[side]),
            "reference": (
                "VARCHAR NOT NULL",
                [reference_key(entry.reference) for entry in entries],
            ),
        }
        write_columns(self.db, side[0], columns)

    def drop_used(self) -> None:
        """Take out of the tables what was used since the last time."""
        for side, positions in self._dropped.items():
            if positions:
                self.db.execute(
                    f"DELETE FROM {side[0]} WHERE position IN (SELECT unnest(?::BIGINT[]))",
                    [positions],
                )
                positions.clear()

    def is_free(self, side: Side, positions: Iterable[int]) -> bool:
        """Whether none of the lines is used."""
        used = self._used[side]
        return not any(used[at] for at in positions)

    def free(self, side: Side) -> Iterator[int]:
        """The positions of the unused lines, in file order."""
        return (at for at, used in enumerate(self._used[side]) if not used)

    def take(
        self,
        left: Sequence[int],
        right: Sequence[int],
        rule: Rule,
        because: Sequence[str],
        *,
        confirmed: bool,
        alternatives: Iterable[tuple[Side, Sequence[int]]] = (),
    ) -> bool:
        """Make a match of these lines, unless one of them is used by now; whether it was made."""
        if not (self.is_free("left", left) and self.is_free("right", right)):
            return False
        self._use("left", left)
        self._use("right", right)
        self.matches.append(
            Match(
                left=self._ids("left", left),
                right=self._ids("right", right),
                rule=rule.name,
                status="confirmed" if confirmed else "suggested",
                because=tuple(because),
                alternatives=tuple(self._ids(side, at) for side, at in alternatives),
            )
        )
        return True

    def _use(self, side: Side, positions: Sequence[int]) -> None:
        for at in positions:
            self._used[side][at] = 1
        self._dropped[side].extend(positions)

    def _ids(self, side: Side, positions: Sequence[int]) -> tuple[str, ...]:
        return tuple(self.entries[side][at].id for at in positions)

    def days_apart(self, left: Iterable[int], right: Iterable[int]) -> int:
        """Days between the first and the last of the lines."""
        days = [self.entries["left"][at].accounting_date for at in left]
        days += [self.entries["right"][at].accounting_date for at in right]
        return (max(days) - min(days)).days
