"""Open breaks of earlier days, settled by what this day brought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from clerkwork.facts import Break, Entry, Match
from clerkwork.reconcile.keys import Place, key, place, reference_key

RULE = "open-break"

_ARRIVED = {
    "instructed": "by the vouchers that were instructed",
    "reference": "its reference and amount arrived",
    "amount": "its amount arrived, and nothing else has it",
}


@dataclass
class Settlement:
    """
    What became of the open breaks, and the lines of the day that settled them.

    A break of which only a part arrived is in `cleared` as it was, and in `still_open`
    with the rest of its difference.
    """

    cleared: list[Break] = field(default_factory=list)
    still_open: list[Break] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    left: list[Entry] = field(default_factory=list)  # the day's lines that are left
    right: list[Entry] = field(default_factory=list)


def settle(
    open_breaks: Sequence[Break],
    left: Sequence[Entry],
    right: Sequence[Entry],
    *,
    by_amount: bool = True,
) -> Settlement:
    """
    Settle `open_breaks` by the lines of the day, each used once.

    What our books lacked arrives as lines of ours, what theirs lacked as lines of theirs:
    under the references that were instructed; else under the break's own reference; else,
    where one of them has no reference, by an amount that nothing else has (`by_amount`).
    """
    if not open_breaks:
        return Settlement(left=list(left), right=list(right))
    days = {"ours": _Day(left, right), "theirs": _Day(right, left)}
    arrived: dict[int, tuple[str, list[Entry]]] = {}
    for at, item in enumerate(open_breaks):
        if lines := days[item.books].instructed(item):
            arrived[at] = "instructed", lines
    for at, item in enumerate(open_breaks):
        if at not in arrived and (lines := days[item.books].by_reference(item)):
            arrived[at] = "reference", lines
    if by_amount:
        for at, line in _by_amount(open_breaks, days, arrived.keys()):
            arrived[at] = "amount", [line]
    outcome = Settlement(left=days["ours"].unused(), right=days["theirs"].unused())
    for at, item in enumerate(open_breaks):
        how, lines = arrived.get(at, ("", []))
        rest = item.difference - sum((line.amount for line in lines), Decimal(0))
        if lines:
            outcome.matches.append(_match(item, lines, how))
            outcome.cleared.append(item)
        if not lines:
            outcome.still_open.append(item)
        elif rest:
            outcome.still_open.append(replace(item, difference=rest))
    return outcome


class _Day:
    """The day's lines of one side, and which of them have settled something."""

    def __init__(self, lines: Sequence[Entry], others: Iterable[Entry]) -> None:
        self._lines = lines
        self._used: set[int] = set()
        self._others = {key(other) for other in others}
        self._by_reference: dict[tuple[Place, str], list[int]] = defaultdict(list)
        self._by_amount: dict[tuple[Place, Decimal], list[int]] = defaultdict(list)
        for at, line in enumerate(lines):
            if reference := reference_key(line.reference):
                self._by_reference[place(line), reference].append(at)
            self._by_amount[place(line), line.amount].append(at)

    def instructed(self, item: Break) -> list[Entry]:
        """The lines under the references that settle `item`; some of them may come later."""
        where = place(item.entry)
        found = [
            at
            for reference in item.references
            for at in self._by_reference.get((where, reference_key(reference)), ())
        ]
        return self._take(at for at in found if at not in self._used)

    def by_reference(self, item: Break) -> list[Entry]:
        """The first line with the reference of `item` and its whole difference."""
        wanted = place(item.entry), reference_key(item.entry.reference)
        found = self._by_reference.get(wanted, ()) if wanted[1] else ()
        fitting = (at for at in found if self._lines[at].amount == item.difference)
        return self._take([at for at in fitting if at not in self._used][:1])

    def by_amount(self, item: Break) -> list[int]:
        """The lines that have nothing but the amount of `item`, and no counterpart today."""
        found = self._by_amount.get((place(item.entry), item.difference), ())
        return [at for at in found if at not in self._used and self._is_loose(at, item)]

    def _is_loose(self, at: int, item: Break) -> bool:
        """Whether the line names no other payment, and is not that of one of today."""
        line = self._lines[at]
        if not reference_key(line.reference):
            return True
        return not reference_key(item.entry.reference) and key(line) not in self._others

    def take(self, at: int) -> Entry:
        """The line at a position, used from now on."""
        return self._take([at])[0]

    def _take(self, positions: Iterable[int]) -> list[Entry]:
        taken = list(dict.fromkeys(positions))
        self._used.update(taken)
        return [self._lines[at] for at in taken]

    def unused(self) -> list[Entry]:
        """The lines that have settled nothing, in their order."""
        return [line for at, line in enumerate(self._lines) if at not in self._used]


def _by_amount(
    open_breaks: Sequence[Break], days: dict[str, _Day], settled: Iterable[int]
) -> Iterator[tuple[int, Entry]]:
    """
    Breaks, by position, and the line that settles them by its amount alone.

    Never a break with vouchers: those arrive under their references. As many lines as
    breaks of one amount are alike, so each has its own; any other number is not unique.
    """
    waiting: dict[tuple[str, Place, Decimal], list[int]] = defaultdict(list)
    done = set(settled)
    for at, item in enumerate(open_breaks):
        if at not in done and not item.references:
            waiting[item.books, place(item.entry), item.difference].append(at)
    for (books, _, _), positions in waiting.items():
        day = days[books]
        fitting = {tuple(day.by_amount(open_breaks[at])) for at in positions}
        lines = fitting.pop()
        if not fitting and len(lines) == len(positions):
            yield from ((at, day.take(line)) for at, line in zip(positions, lines, strict=True))


def _match(item: Break, arrived: Sequence[Entry], how: str) -> Match:
    """The break's own entries on their sides, and the lines that settled it on theirs."""
    sides: dict[str, list[str]] = {"left": [], "right": []}
    sides[item.side].append(item.entry.id)
    if item.counterpart is not None:
        sides["right" if item.side == "left" else "left"].append(item.counterpart.id)
    sides["left" if item.books == "ours" else "right"] += [line.id for line in arrived]
    because = f"settles the break of {item.since}: {item.reason}", _ARRIVED[how]
    return Match(tuple(sides["left"]), tuple(sides["right"]), RULE, "confirmed", because)
