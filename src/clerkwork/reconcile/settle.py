"""Open breaks of earlier days, settled by what this day brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from clerkwork.facts import Break, Entry, Match

RULE = "open-break"


@dataclass
class Settlement:
    """What became of the open breaks, and the lines of the day that settled them."""

    cleared: list[Break] = field(default_factory=list)
    still_open: list[Break] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    left: list[Entry] = field(default_factory=list)  # the day's lines that are left
    right: list[Entry] = field(default_factory=list)


def settle(
    open_breaks: Sequence[Break], left: Sequence[Entry], right: Sequence[Entry]
) -> Settlement:
    """
    Settle `open_breaks` by the lines of the day, each used once.

    What our books lacked arrives as lines of ours: by the references of the vouchers
    that were instructed, or the line itself; what theirs lacked as lines of theirs. A
    part that arrived leaves the rest of the difference open.
    """
    outcome = Settlement(left=list(left), right=list(right))
    for item in open_breaks:
        lines = outcome.left if item.books == "ours" else outcome.right
        arrived = _arrived(item, lines)
        rest = item.difference - sum((line.amount for line in arrived), Decimal(0))
        if not arrived:
            outcome.still_open.append(item)
            continue
        for line in arrived:
            lines.remove(line)
        outcome.matches.append(_match(item, arrived))
        outcome.cleared.append(item)
        if rest:
            outcome.still_open.append(replace(item, difference=rest))
    return outcome


def _arrived(item: Break, lines: Sequence[Entry]) -> list[Entry]:
    """The lines that settle `item`, or a part of it; empty when none came."""
    entry = item.entry
    mine = [one for one in lines if (one.account, one.currency) == (entry.account, entry.currency)]
    instructed = [line for line in mine if line.reference and line.reference in item.references]
    if instructed:
        return instructed
    wanted = [line for line in mine if line.amount == item.difference]
    by_reference = [
        line for line in wanted if entry.reference and line.reference == entry.reference
    ]
    if by_reference:
        return by_reference[:1]
    nameless = [line for line in wanted if not line.reference or not entry.reference]
    return nameless if len(nameless) == 1 else []


def _match(item: Break, arrived: Sequence[Entry]) -> Match:
    """The break's own entries on their sides, and the lines that settled it on theirs."""
    sides: dict[str, list[str]] = {"left": [], "right": []}
    sides[item.side].append(item.entry.id)
    if item.counterpart is not None:
        sides["right" if item.side == "left" else "left"].append(item.counterpart.id)
    sides["left" if item.books == "ours" else "right"] += [line.id for line in arrived]
    because = f"settles the break of {item.since}: {item.reason}"
    return Match(tuple(sides["left"]), tuple(sides["right"]), RULE, "confirmed", (because,))
