"""What the bank decides about reconciliation, as data: rules, reasons, treatments, accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from clerkwork.facts import exact
from clerkwork.manifest import Manifest, WrongValue, checked, load_toml


def _amount(value: object) -> Decimal:
    if isinstance(value, Decimal):  # one of our own defaults
        return value
    if not isinstance(value, str):
        raise WrongValue('amounts are written as text: "500.00"', '金额须加引号："500.00"')
    return exact(value)


Amount = Annotated[Decimal, BeforeValidator(_amount)]


class Rule(Manifest):
    """One way of matching; rules are tried in the order of the file."""

    name: str
    by: Literal["reference", "batch", "amount", "run"]
    days: int = Field(default=0, ge=0)
    absolute: Amount = Decimal(0)  # tolerance of by = "reference"
    percent: Amount = Decimal(0)
    most: int = Field(default=8, ge=2, le=8)  # lines of by = "run"


class Fee(Manifest):
    """How a correspondent's fee is recognised."""

    patterns: tuple[str, ...]
    up_to: Amount


class Hours(Manifest):
    """Hours of one account that are not those of the others."""

    cut_off: dt.time | None = None
    date_roll: dt.time | None = None


class Reasons(Manifest):
    """How the reason of a break is told."""

    cut_off: dt.time
    date_roll: dt.time
    fee: Fee
    accounts: dict[str, Hours] = {}

    def cut_off_of(self, account: str) -> dt.time:
        """When the correspondent of `account` closes its day."""
        return self.accounts.get(account, Hours()).cut_off or self.cut_off

    def date_roll_of(self, account: str) -> dt.time:
        """When our day ends (日切) for `account`."""
        return self.accounts.get(account, Hours()).date_roll or self.date_roll


class Rules(Manifest):
    """Matching rules in order, and how reasons are told."""

    rules: tuple[Rule, ...]
    reasons: Reasons


class Voucher(Manifest):
    """One voucher of a treatment; the file explains the keys."""

    purpose: str
    kind: str
    amount_of: Literal["difference", "entry", "counterpart"]
    colour: Literal["blue", "red"] = "blue"
    in_: str = Field(alias="in")
    out: str
    original: str = ""
    after: str = ""
    narrative: str


class Treatment(Manifest):
    """What one reason becomes."""

    en: str
    zh: str
    timing: bool = False
    queried: bool = False
    owner: str = ""
    due_days: int = 0
    vouchers: tuple[Voucher, ...] = ()


class Words(Manifest):
    """A name in both languages."""

    en: str
    zh: str


class Treatments(Manifest):
    """All treatments, and the names of the reasons, by reason."""

    treatments: dict[str, Treatment]
    reasons: dict[str, Words]


class Account(Manifest):
    """One account of ours."""

    en: str
    zh: str
    currency: str
    side: Literal["asset", "liability"]
    contra: str = ""
    theirs: str = ""  # the correspondent's number for it
    statement: str = ""  # pattern of its statement's file name
    teller: str = ""  # whose cash box it is


class Accounts(Manifest):
    """Our accounts by number, and those that treatments name."""

    accounts: dict[str, Account]
    named: dict[str, str]

    def correspondents(self) -> Iterator[tuple[str, Account]]:
        """The accounts that a correspondent sends statements of."""
        return ((number, one) for number, one in self.accounts.items() if one.statement)

    def cash_boxes(self) -> Iterator[tuple[str, Account]]:
        """The accounts that are cash boxes of tellers."""
        return ((number, one) for number, one in self.accounts.items() if one.teller)


def load_rules(matching: Path, reasons: Path) -> Rules:
    """The rules in the two files. Raises Misconfigured, naming file and key."""
    told = checked(Reasons, load_toml(reasons), reasons)
    return checked(Rules, {**load_toml(matching), "reasons": told}, matching)


def load_matching(path: Path) -> Rules:
    """The rules in the file at `path`; the default reasons where it has no table for them."""
    return checked(Rules, {"reasons": DEFAULT_RULES.reasons, **load_toml(path)}, path)


# For lists that no bank has described: the same order, no cut-offs that could be told.
DEFAULT_RULES = Rules(
    rules=(
        Rule(name="exact", by="reference"),
        Rule(name="reference-within-days", by="reference", days=3),
        Rule(name="batch", by="batch", days=3),
        Rule(name="amount-and-date", by="amount", days=1),
        Rule(name="consecutive-lines", by="run", days=1),
    ),
    reasons=Reasons(
        cut_off=dt.time.max,
        date_roll=dt.time.max,
        fee=Fee(patterns=("SERVICE CHARGE", "BANK CHARGE", "手续费"), up_to=Decimal(500)),
    ),
)


def load_treatments(path: Path) -> Treatments:
    """The treatments in the file at `path`. Raises Misconfigured, naming file and key."""
    return checked(Treatments, load_toml(path), path)


def load_accounts(path: Path) -> Accounts:
    """The accounts in the file at `path`. Raises Misconfigured, naming file and key."""
    return checked(Accounts, load_toml(path), path)
