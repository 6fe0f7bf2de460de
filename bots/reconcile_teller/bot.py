"""Core journal, correspondents' statements and vault sheet of one accounting day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from clerkwork.errors import Refused, Unavailable
from clerkwork.facts import CashCheck, Entry, Instruction, Plan, Reading, Receipt, Statement
from clerkwork.reconcile import (
    Accounts,
    Rules,
    Treatments,
    balance_statement,
    cash_breaks,
    instruct,
    load_accounts,
    load_rules,
    load_treatments,
    reconcile,
)
from clerkwork.rekey import Form, Keyboard
from clerkwork.systems.port import Desk
from tasks import core, correspondent, ledger, vault


@dataclass(frozen=True)
class Params:
    """What a person may set; the run form, the CLI options and the schedule file come from it."""

    business_date: date | None = None  # None: the core's previous accounting day
    branch: str = "0755"


@dataclass(frozen=True)
class Night(Reading):
    """The reading of one night: besides both sides, what was counted and by what to decide."""

    later: dict[str, tuple[Entry, ...]] = None  # by our account, dated after the day
    cash: tuple[CashCheck, ...] = ()
    rules: Rules = None
    treatments: Treatments = None
    accounts: Accounts = None
