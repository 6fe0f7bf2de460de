"""Many entries in little memory: packed columns; an entry is made when it is looked at."""

from __future__ import annotations

import json
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, time
from functools import lru_cache
from itertools import accumulate, pairwise, repeat
from typing import Any, overload

from clerkwork.facts.entry import Entry, Origin
from clerkwork.facts.identity import entry_id, normalised
from clerkwork.facts.money import from_minor, to_minor

BLOCK = 4096  # entries that are packed together

# The columns of a block: a list with one value an entry, or one value for all of them.
# Dates are proleptic ordinals, amounts minor units, `red` 0 or 1.
COLUMNS = (
    "date", "amount", "balance", "value_date", "time", "reference", "text", "counterparty",
    "red", "proof", "page", "row",
)  # fmt: skip


def packed(columns: object) -> bytes:
    """Columns, or any plain values, in a fifth of their size."""
    text = json.dumps(columns, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 1)


def unpacked(block: bytes) -> Any:
    """What `packed` was given."""
    return json.loads(zlib.decompress(block).decode("utf-8", "surrogatepass"))


class Entries(Sequence[Entry]):
    """
    The entries of one statement, in the order of the document.

    `blocks` are pairs of how many entries a block has and its packed columns (`COLUMNS`).
    Looking at an entry unpacks its block; ids are made for all entries once, when the
    first one is looked at.
    """

    def __init__(
        self, account: str, currency: str, source: str, blocks: Sequence[tuple[int, bytes]]
    ) -> None:
        self.account = account
        self.currency = currency
        self.source = source
        self.blocks = tuple(blocks)
        self._ends = list(accumulate(count for count, _ in blocks))
        self._ids = b""
        self._open: tuple[int, list[Entry]] = (-1, [])  # the block that was looked at last

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Entries:
        """Entries of one account, currency and document, packed. Raises AMOUNT_TOO_FINE."""
        if isinstance(entries, Entries):
            return entries
        if not entries:
            return cls("", "", "", ())
        first = entries[0]
        parts = [entries[at : at + BLOCK] for at in range(0, len(entries), BLOCK)]
        blocks = [(len(part), packed(_columns(part))) for part in parts]
        return cls(first.account, first.currency, first.origin.source, blocks)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[Entry]:
        for number in range(len(self.blocks)):
            yield from self._block(number)

    @overload
    def __getitem__(self, at: int) -> Entry: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Entry, ...]: ...
    def __getitem__(self, at: int | slice) -> Entry | tuple[Entry, ...]:
        if isinstance(at, slice):
            return tuple(self[each] for each in range(*at.indices(len(self))))
        place = at + len(self) if at < 0 else at
        if not 0 <= place < len(self):
            raise IndexError(at)
        number = bisect_right(self._ends, place)
        return self._block(number)[place - (self._ends[number - 1] if number else 0)]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash((self.account, self.currency, self.source, len(self)))

    def values(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """What every entry has in some of the `COLUMNS`, without making entries."""
        for number in range(len(self.blocks)):
            yield from self._values(number, names)

    def _block(self, number: int) -> list[Entry]:
        if self._open[0] != number:
            first = self._ends[number] - self.blocks[number][0]
            if not self._ids:
                self._ids = self._make_ids()
            self._open = (
                number,
                [
                    self._entry(values, self._ids[16 * at : 16 * at + 16].hex())
                    for at, values in enumerate(self._values(number), start=first)
                ],
            )
        return self._open[1]

    def _values(self, number: int, names: Sequence[str] = COLUMNS) -> Iterator[tuple[Any, ...]]:
        """The values of each entry of a block in some columns."""
        size, block = self.blocks[number]
        columns = unpacked(block)
        return zip(
            *(
                column if isinstance(column := columns[name], list) else repeat(column, size)
                for name in names
            ),
            strict=False,
        )

    def _entry(self, values: tuple[Any, ...], entry_id: str) -> Entry:
        on, amount, balance, value_on, at, reference, text, name, red, proof, page, row = values
        return Entry(
            account=self.account,
            accounting_date=date.fromordinal(on),
            currency=self.currency,
            amount=from_minor(amount, self.currency),
            reference=reference,
            text=text,
            counterparty=name,
            value_date=date.fromordinal(value_on) if value_on else None,
            time=time.fromisoformat(at) if at else None,
            balance=None if balance is None else from_minor(balance, self.currency),
            red=bool(red),
            proof=proof,
            origin=Origin(self.source, page, row),
            id=entry_id,
        )

    def _make_ids(self) -> bytes:
        """
        The ids of all entries, 16 bytes each.

        An entry that no other equals, as nearly all are, is the first with its key; the
        few that may be others are found by their first ids and counted.
        """
        ids = bytearray(b"".join(bytes.fromhex(entry_id(key, 1)) for key in self._keys()))
        heads = array("Q", bytes(ids[at + byte] for at in range(0, len(ids), 16) for byte in _HEAD))
        again = {one for one, other in pairwise(sorted(heads)) if one == other}
        if again:
            seen: dict[tuple[object, ...], int] = {}
            for at, (head, key) in enumerate(zip(heads, self._keys(), strict=True)):
                if head in again:
                    ordinal = seen[key] = seen.get(key, 0) + 1
                    ids[16 * at : 16 * at + 16] = bytes.fromhex(entry_id(key, ordinal))
        return bytes(ids)

    def _keys(self) -> Iterator[tuple[object, ...]]:
        """`Entry.key` of each entry, without making it."""
        day = lru_cache(date.fromordinal)
        for on, amount, reference, text in self.values("date", "amount", "reference", "text"):
            plain = f"{from_minor(amount, self.currency).normalize():f}"
            yield self.account, day(on), self.currency, plain, reference, normalised(text)


_HEAD = range(8)  # the bytes of an id that tell nearly all apart


def _columns(entries: Sequence[Entry]) -> dict[str, list[object]]:
    rows = [
        (
            e.accounting_date.toordinal(),
            to_minor(e.amount, e.currency),
            None if e.balance is None else to_minor(e.balance, e.currency),
            e.value_date.toordinal() if e.value_date else 0,
            e.time.isoformat() if e.time else "",
            e.reference, e.text, e.counterparty, int(e.red), e.proof, e.origin.page, e.origin.row,
        )
        for e in entries
    ]  # fmt: skip
    return dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
