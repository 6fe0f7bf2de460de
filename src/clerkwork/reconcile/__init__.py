"""Reconciliation: entries into matches, breaks with reasons, and instructions."""

from clerkwork.reconcile.night import Outcome, balance_statement, cash_outcome, reconcile
from clerkwork.reconcile.rules import (
    Accounts,
    Rules,
    Treatments,
    load_accounts,
    load_rules,
    load_treatments,
)
from clerkwork.reconcile.treat import instruct

__all__ = [
    "Accounts",
    "Outcome",
    "Rules",
    "Treatments",
    "balance_statement",
    "cash_outcome",
    "instruct",
    "load_accounts",
    "load_rules",
    "load_treatments",
    "reconcile",
]
