"""Rows of money as printed, column by column; those of 200,000 lines in a few MB."""

from __future__ import annotations

import marshal
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clerkwork.facts.entries import BLOCK
from clerkwork.read.stored import cell_text

PLACE = re.compile(r"p(\d+)(?: r(\d+))?")  # what `place` gives, at the head of a problem


def place(page: int, row: int) -> str:
    """Where a line stands, as problems name it; row 0 for one of which only the page is known."""
    return f"p{page} r{row}" if row else f"p{page}"


_FEW = 64  # rows that are not worth a block of their own


@dataclass
class Row:
    """One row as printed: the text of each role, `date` as printed or carried down."""

    page: int
    row: int
    cells: dict[str, str]
    date: str
    is_outgoing: bool = False

    @property
    def place(self) -> str:
        """Where the row stands."""
        return place(self.page, self.row)


@dataclass(frozen=True)
class Block:
    """
    Up to 4,096 rows one after another; every column has a value for each, "" for none.

    A figure of a sheet may be the number that is stored; all else is text.
    """

    pages: Sequence[int]
    rows: Sequence[int]
    dates: Sequence[str]
    outgoing: Sequence[int]
    cells: Mapping[str, Sequence[str | float]]

    def __len__(self) -> int:
        return len(self.pages)

    def texts(self, role: str) -> Sequence[str]:
        """A column that has no figures; empty where there is none."""
        return self.cells.get(role, ())  # type: ignore[return-value]

    def part(self, at: int, end: int) -> Block:
        """The rows from `at` up to `end`."""
        here = slice(at, end)
        cells = {role: values[here] for role, values in self.cells.items()}
        return Block(
            self.pages[here], self.rows[here], self.dates[here], self.outgoing[here], cells
        )

    def row(self, at: int) -> Row:
        """One of the rows; a cell that is empty is left out."""
        cells = {
            role: cell_text(values[at]) for role, values in self.cells.items() if values[at] != ""
        }
        return Row(self.pages[at], self.rows[at], cells, self.dates[at], bool(self.outgoing[at]))


@dataclass
class Rows:
    """
    The rows of one account, in the order of the document.

    The last one may still grow (`add` gives it back): a wrapped line belongs to it.
    """

    _packed: list[bytes] = field(default_factory=list)
    _open: list[Row] = field(default_factory=list)
    _count: int = 0
    _roles: set[str] = field(default_factory=set)

    @property
    def roles(self) -> set[str]:
        """Every role of which a row has something."""
        return self._roles.union(*(row.cells for row in self._open))

    def __len__(self) -> int:
        return self._count + len(self._open)

    def add(self, row: Row) -> None:
        """One more row."""
        if len(self._open) >= BLOCK:
            self._close()
        self._open.append(row)

    def add_block(self, block: Block) -> None:
        """Many more rows at once; they do not grow."""
        if len(block) < _FEW:
            for at in range(len(block)):
                self.add(block.row(at))
        else:
            self._close()
            self._pack(block)

    def blocks(self) -> Iterator[Block]:
        """All rows, a block at a time."""
        for each in self._packed:
            yield Block(*marshal.loads(zlib.decompress(each)))
        if self._open:
            yield _transposed(self._open)

    def __iter__(self) -> Iterator[Row]:
        for block in self.blocks():
            for at in range(len(block)):
                yield block.row(at)

    def _close(self) -> None:
        if self._open:
            self._pack(_transposed(self._open))
            self._open = []

    def _pack(self, block: Block) -> None:
        self._roles |= block.cells.keys()
        columns: Any = (
            list(block.pages), list(block.rows), block.dates, block.outgoing, dict(block.cells),
        )  # fmt: skip
        self._packed.append(zlib.compress(marshal.dumps(columns), 1))  # ours: never left here
        self._count += len(block)


def _transposed(rows: list[Row]) -> Block:
    roles = dict.fromkeys(role for row in rows for role in row.cells)
    return Block(
        [row.page for row in rows],
        [row.row for row in rows],
        [row.date for row in rows],
        [int(row.is_outgoing) for row in rows],
        {role: [row.cells.get(role, "") for row in rows] for role in roles},
    )
