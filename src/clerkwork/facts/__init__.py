"""Facts: money, entries, statements, matches, instructions, events. Frozen, exact, no I/O."""

from clerkwork.facts.entries import Entries
from clerkwork.facts.entry import Entry, Origin, Proof, Statement, identified
from clerkwork.facts.identity import digest, entry_ids, normalised, reference_of
from clerkwork.facts.instruction import Instruction, Receipt, Take
from clerkwork.facts.money import exact, exponent, from_minor, grouped, plain, to_minor
from clerkwork.facts.outcome import BalanceStatement, Break, CashCheck, HandMatch, Match
from clerkwork.facts.plan import (
    Column,
    ItemException,
    Plan,
    Reading,
    Report,
    SourceTotals,
    Table,
)

__all__ = [
    "BalanceStatement",
    "CashCheck",
    "Column",
    "ItemException",
    "Plan",
    "Reading",
    "Report",
    "SourceTotals",
    "Table",
    "Break",
    "Entries",
    "HandMatch",
    "Entry",
    "Instruction",
    "Match",
    "Origin",
    "Proof",
    "Receipt",
    "Statement",
    "Take",
    "digest",
    "entry_ids",
    "exact",
    "exponent",
    "from_minor",
    "grouped",
    "identified",
    "normalised",
    "plain",
    "reference_of",
    "to_minor",
]
