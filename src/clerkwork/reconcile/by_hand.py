"""
Matches by hand: what people say belongs together, and how a night respects it.

    our balance + what ours lack = their balance + what theirs lack

holds before and after: breaks that are matched are taken out of both sums, and where these
differ, the rest stands as a break in our books.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from clerkwork.errors import Refused
from clerkwork.facts import Break, Entry, HandMatch, Match
from clerkwork.reconcile.keys import place

RULE = "by-hand"
REASON = "hand_difference"  # of what is left where the sides differ


def sums(breaks: Sequence[Break]) -> tuple[Decimal, Decimal]:
    """What the breaks say that theirs lack, and that ours do: equal when they belong together."""
    by_books = {books: [b.difference for b in breaks if b.books == books] for books in _BOOKS}
    theirs, ours = (sum(by_books[books], Decimal(0)) for books in _BOOKS)
    return theirs, ours


_BOOKS = ("theirs", "ours")


def hand_match(breaks: Sequence[Break], day: date, because: tuple[str, ...]) -> HandMatch:
    """
    The match of these breaks from accounting date `day` on.

    Raises Refused MATCH_PLACES when they are of several accounts or currencies,
    MATCH_ONE_SIDE when no line of the other side is among them.
    """
    if len({place(item.entry) for item in breaks}) > 1:
        raise Refused("MATCH_PLACES")
    match = HandMatch(day, tuple(breaks), because)
    if not match.lines("left") or not match.lines("right"):
        raise Refused("MATCH_ONE_SIDE")
    theirs, ours = sums(breaks)
    first = breaks[0]
    why = f"matched by hand: {theirs} and {ours}"
    rest = Break(first.side, first.entry, REASON, "ours", ours - theirs, day, because=why)
    return HandMatch(day, tuple(breaks), because, rest if ours != theirs else None)


@dataclass
class Apart:
    """
    What a day leaves alone, because people have matched it or will on a later day.

    `left`, `right` and `open_breaks` are free to be matched and settled; `matches` and
    `cleared` are matched by hand, with `rests` left of them; `kept_*` stand open until the
    day of their match, and nothing else settles them.
    """

    left: list[Entry] = field(default_factory=list)
    right: list[Entry] = field(default_factory=list)
    open_breaks: list[Break] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    cleared: list[Break] = field(default_factory=list)
    rests: list[Break] = field(default_factory=list)
    kept_left: list[Entry] = field(default_factory=list)
    kept_right: list[Entry] = field(default_factory=list)
    kept_breaks: list[Break] = field(default_factory=list)


def set_apart(
    by_hand: Sequence[HandMatch],
    left: Sequence[Entry],
    right: Sequence[Entry],
    open_breaks: Sequence[Break],
    *,
    on: date,
) -> Apart:
    """Take out of a day what was matched by hand, from that match's day on or on a later one."""
    ruled = {  # by side: the days of the matches that have a line
        side: {entry.id: match.day for match in by_hand for entry in match.lines(side)}
        for side in ("left", "right")
    }
    days = {_key(item): match.day for match in by_hand for item in match.breaks}
    apart = Apart()
    for side, lines, free, kept in (
        ("left", left, apart.left, apart.kept_left),
        ("right", right, apart.right, apart.kept_right),
    ):
        for line in lines:
            day = ruled[side].get(line.id)
            if day is None:
                free.append(line)
            elif day > on:
                kept.append(line)
    for item in open_breaks:
        day = days.get(_key(item))
        where = apart.open_breaks if day is None else apart.kept_breaks if day > on else None
        (apart.cleared if where is None else where).append(item)
    present = {"left": {line.id for line in left}, "right": {line.id for line in right}}
    for item in apart.cleared:
        for side, ids in present.items():
            ids.update(line.id for line in HandMatch(on, (item,), ()).lines(side))
    for match in by_hand:
        found = _matched(match, present) if match.day <= on else None
        if found is None:
            continue
        apart.matches.append(found)
        if match.day == on and match.rest is not None:
            apart.rests.append(match.rest)
    return apart


def _key(item: Break) -> tuple[str, str, str, Decimal]:
    """What makes an open break the same one; what is left of it after a part is another."""
    return item.entry.id, item.reason, item.books, item.difference


def _matched(match: HandMatch, present: Mapping[str, set[str]]) -> Match | None:
    """The match of those of its lines that this day has; None when it has none of them."""
    left, right = (
        tuple(line.id for line in match.lines(side) if line.id in present[side])
        for side in ("left", "right")
    )
    return Match(left, right, RULE, "confirmed", match.because) if left or right else None
