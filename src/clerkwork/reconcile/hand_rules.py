"""What people may settle by hand, and what becomes of it: the bank's rules, read from its file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from clerkwork.manifest import Manifest, checked, load_toml
from clerkwork.reconcile.rules import Amount

Positive = Annotated[Amount, Field(gt=0)]
NotNegative = Annotated[Amount, Field(ge=0)]


class MatchLimit(Manifest):
    """Of one currency: how far the sides may differ, and up to what one person is enough."""

    difference: NotNegative
    alone: NotNegative


class WriteOff(Manifest):
    """Which breaks are written off, up to what, and where to."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    en: str
    zh: str
    reasons: tuple[str, ...] = Field(min_length=1)
    kind: str
    in_: str = Field(alias="in")
    out: str
    narrative: str
    up_to: dict[str, Positive]


class Reversal(Manifest):
    """How a voucher that was keyed wrongly is taken back, and keyed right."""

    same_year: Literal["red", "exchanged"]
    earlier_year: Literal["red", "exchanged"]
    kind: str
    correction: str
    narrative: str


class Settling(Manifest):
    """The whole of resources/rules/settling.toml; keys are explained there."""

    match: dict[str, MatchLimit]
    write_offs: tuple[WriteOff, ...] = ()
    reversal: Reversal


def load_settling(path: Path) -> Settling:
    """The rules in the file at `path`. Raises Misconfigured, naming file and key."""
    return checked(Settling, load_toml(path), path)
