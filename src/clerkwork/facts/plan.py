"""What a bot's `read` and `decide` hand over, and the facts of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from clerkwork.facts.entry import Entry, Statement
from clerkwork.facts.instruction import Instruction
from clerkwork.facts.outcome import BalanceStatement, Break, CashCheck, HandMatch, Match


@dataclass(frozen=True)
class Column:
    """A column of a report table; type: "text", "amount", "date", "count"."""

    name: str
    en: str
    zh: str
    type: str = "text"


@dataclass(frozen=True)
class Table:
    """A report table; a row has values in the order of `columns`: Decimal, date, int, str, None."""

    name: str
    en: str
    zh: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[object, ...]]


@dataclass(frozen=True)
class SourceTotals:
    """One source of entries in one currency: entries = matched + suggested + breaks + refused."""

    source: str
    currency: str
    entries: tuple[int, Decimal]  # count, sum of signed amounts
    matched: tuple[int, Decimal]
    suggested: tuple[int, Decimal]
    breaks: tuple[int, Decimal]
    refused: tuple[int, Decimal] = (0, Decimal(0))

    @property
    def is_balanced(self) -> bool:
        """Whether nothing was lost, by count and by amount."""
        parts = (self.matched, self.suggested, self.breaks, self.refused)
        counted = sum(part[0] for part in parts), sum((part[1] for part in parts), Decimal(0))
        return counted == self.entries


@dataclass(frozen=True)
class ItemException:
    """An item that a person must settle, met while reading or deciding; texts for a clerk."""

    source: str
    kind: str
    code: str
    en: str
    zh: str


@dataclass(frozen=True)
class Reading:
    """Everything a bot has read of one accounting day; a bot may extend it."""

    business_date: date
    left: Mapping[str, Statement]  # ours, by account
    right: Mapping[str, Statement]  # theirs, by our account
    open_breaks: tuple[Break, ...] = ()
    exceptions: tuple[ItemException, ...] = ()
    hand_matches: tuple[HandMatch, ...] = ()


@dataclass(frozen=True)
class Plan:
    """
    What a bot decided; pure consequence of its reading.

    `left` and `right` are the day's entries, ours and theirs; `breaks` all that stand
    open at the end of the day, new ones and those of earlier days; `cleared` are open
    breaks of earlier days that this day settled.
    """

    business_date: date
    left: tuple[Entry, ...] = ()
    right: tuple[Entry, ...] = ()
    matches: tuple[Match, ...] = ()
    breaks: tuple[Break, ...] = ()
    cleared: tuple[Break, ...] = ()
    instructions: tuple[Instruction, ...] = ()
    exceptions: tuple[ItemException, ...] = ()
    balance_statements: tuple[BalanceStatement, ...] = ()
    cash: tuple[CashCheck, ...] = ()
    totals: tuple[SourceTotals, ...] = ()
    unproven: tuple[str, ...] = ()  # what was read without proof, one line each
    account_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # number -> en, zh
    reason_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    treatment_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # by reason
    timing_reasons: frozenset[str] = frozenset()  # 未达账项: shown apart from errors


@dataclass(frozen=True)
class Report:
    """A run's report: the reconciliation statements first, then tables (design, section 8)."""

    en: str
    zh: str
    run: str
    business_date: date
    balance_statements: tuple[BalanceStatement, ...]
    cash: tuple[CashCheck, ...]
    tables: tuple[Table, ...]
    account_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # number -> en, zh
    reason_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    timing_reasons: frozenset[str] = frozenset()
    prepared: str = ""
    checked: str = ""
    authorised: str = ""
    # under a reconciliation statement, by "account currency": maker and checker, "" for nobody
    signed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
