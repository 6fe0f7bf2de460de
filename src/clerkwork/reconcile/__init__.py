"""Reconciliation: entries into matches, breaks with reasons, and instructions."""

from clerkwork.reconcile.nearest import Candidate, nearest
from clerkwork.reconcile.night import Outcome, balance_statement, cash_outcome, reconcile
from clerkwork.reconcile.rules import (
    DEFAULT_RULES,
    Accounts,
    Rules,
    Treatments,
    load_accounts,
    load_matching,
    load_rules,
    load_treatments,
)
from clerkwork.reconcile.treat import instruct

__all__ = [
    "DEFAULT_RULES",
    "Accounts",
    "Candidate",
    "Outcome",
    "Rules",
    "Treatments",
    "balance_statement",
    "cash_outcome",
    "instruct",
    "load_accounts",
    "load_matching",
    "load_rules",
    "load_treatments",
    "nearest",
    "reconcile",
]
