"""A statement that stands twice in one document: nothing that is doubled is proven."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from clerkwork.errors import Refused
from clerkwork.facts import Statement
from clerkwork.facts.entries import Entries, packed, unpacked
from clerkwork.read.rows import place


def doubles_named(
    statements: Iterable[Statement], *, line: Callable[[Refused], str]
) -> list[Statement]:
    """
    The same statements; one that repeats an earlier one says so and is not proven.

    `line` gives the problem in words. Without entries nothing is doubled: an account may
    rest for two statements.
    """
    found: list[Statement] = []
    by_ends: dict[tuple[object, ...], list[Statement]] = {}
    for each in statements:
        ends = (
            each.account, each.currency, each.opening, each.closing, each.period, len(each.entries),
        )  # fmt: skip
        alike = by_ends.setdefault(ends, [])
        is_double = bool(each.entries) and any(_has_entries_of(each, other) for other in alike)
        alike.append(each)
        found.append(_unproven(each, line) if is_double else each)
    return found


def _has_entries_of(one: Statement, other: Statement) -> bool:
    """Whether the entries have the same dates, amounts and references, in the same order."""
    rows = [Entries.of(each.entries).values("date", "amount", "reference") for each in (one, other)]
    return all(here == there for here, there in zip(*rows, strict=True))


def _unproven(statement: Statement, line: Callable[[Refused], str]) -> Statement:
    origin = statement.entries[0].origin
    problem = line(Refused("STATEMENT_TWICE", where=place(origin.page, origin.row)))
    entries = Entries.of(statement.entries)
    blocks = [
        (count, packed({**unpacked(block), "proof": "none"})) for count, block in entries.blocks
    ]
    proof = statement.proof
    return replace(
        statement,
        entries=Entries(entries.account, entries.currency, entries.source, blocks),
        proof=replace(proof, grade="none", problems=(*proof.problems, problem)),
    )
