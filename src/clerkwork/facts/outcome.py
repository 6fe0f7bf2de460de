"""Matches and breaks: what reconciliation makes of entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from clerkwork.facts.entry import Entry


@dataclass(frozen=True)
class Match:
    """
    Entries that belong together, by id. `status` is "confirmed" or "suggested";
    `because` says what agreed, in words; `alternatives` are other right sides that
    would fit as well.
    """

    left: tuple[str, ...]
    right: tuple[str, ...]
    rule: str
    status: str
    because: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Break:
    """
    An entry with no counterpart (or whose counterpart differs).

    `side` is "left" (ours) or "right" (theirs); `reason` a key of
    resources/rules/treatments.toml; `difference` what is missing in the books in the
    account's own sign; `counterpart` the entry it differs from, where there is one.
    """

    side: str
    entry: Entry
    reason: str
    difference: Decimal
    counterpart: Entry | None = None
    since: date | None = None
    because: str = ""
