"""Who must agree before an instruction is keyed: the bank's authority, read from its file."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from clerkwork.errors import Refused
from clerkwork.facts import Instruction, exact
from clerkwork.manifest import Manifest, WrongValue, checked, load_toml

ORDER = ("checker", "authoriser", "manager")  # in which they are asked


def _amount(value: object) -> Decimal:
    if not isinstance(value, str):
        raise WrongValue('amounts are written as text: "50000.00"', '金额须加引号："50000.00"')
    try:
        return exact(value)
    except Refused:
        raise WrongValue(f"“{value}” is not an amount", f"“{value}”不是金额") from None


Amount = Annotated[Decimal, BeforeValidator(_amount), Field(gt=0)]
# "checker", "authoriser", "manager"; "manager:wang.fang" is that person alone
Need = Annotated[str, Field(pattern=r"^(checker|authoriser|manager)(:[a-z][a-z0-9._-]*)?$")]


class Tier(Manifest):
    """Who must agree to an amount of at most `up_to`."""

    up_to: Amount
    needs: tuple[Need, ...] = Field(min_length=1)


class Customers(Manifest):
    """Accounts of customers: how their numbers begin, and who must agree to touch one."""

    accounts: tuple[str, ...]
    needs: tuple[Need, ...]


class Authority(Manifest):
    """The whole of resources/rules/authority.toml; keys are explained there."""

    tiers: dict[str, tuple[Tier, ...]]
    kinds: dict[str, tuple[Need, ...]]
    customers: Customers

    @model_validator(mode="after")
    def _tiers_rise(self) -> Self:
        for currency, tiers in self.tiers.items():
            limits = [tier.up_to for tier in tiers]
            if not limits or limits != sorted(set(limits)):
                raise WrongValue(
                    f"tiers of {currency}: each up_to is above the one before",
                    f"{currency} 分级：各级 up_to 须逐级递增",
                )
        return self


def load_authority(path: Path) -> Authority:
    """The authority in the file at `path`. Raises Misconfigured, naming file and key."""
    return checked(Authority, load_toml(path), path)


def needs(instruction: Instruction, authority: Authority) -> tuple[str, ...]:
    """
    The roles that must agree to `instruction`, each by another person, in order.

    The tier of its amount, and besides what its kind and the accounts it touches ask
    for. Raises Refused AUTHORITY_SILENT when the file does not know its currency or
    kind, ABOVE_EVERY_LIMIT when nobody may agree, AMOUNT_IS_NOT_KEYED when the amount
    that would be keyed is another one than the one that is judged.
    """
    _is_what_is_keyed(instruction)
    needed = {
        *_by_amount(instruction, authority),
        *_by_kind(instruction, authority),
        *_by_accounts(instruction, authority),
    }
    named = {role_of(need) for need in needed if ":" in need}
    return tuple(sorted(needed - named, key=lambda need: (ORDER.index(role_of(need)), need)))


@dataclass(frozen=True)
class Ground:
    """One rule that asks for somebody: "amount" (up to `up_to`), "kind" or "account"."""

    rule: str
    needs: tuple[Need, ...]
    up_to: Decimal | None = None


def grounds(instruction: Instruction, authority: Authority) -> tuple[Ground, ...]:
    """Which rules ask for whom; those that ask for nobody are left out. Raises as `needs` does."""
    amount = _by_amount(instruction, authority)
    up_to = next(
        tier.up_to
        for tier in authority.tiers[instruction.currency]
        if abs(instruction.amount) <= tier.up_to
    )
    found = (
        Ground("amount", amount, up_to),
        Ground("kind", _by_kind(instruction, authority)),
        Ground("account", _by_accounts(instruction, authority)),
    )
    return tuple(ground for ground in found if ground.needs)


def most_allowed(currency: str, authority: Authority) -> Decimal | None:
    """The largest amount of `currency` that anybody may agree to; None where none is."""
    tiers = authority.tiers.get(currency, ())
    return tiers[-1].up_to if tiers else None


def role_of(need: str) -> str:
    """The role of a need that may name a person."""
    return need.partition(":")[0]


def _is_what_is_keyed(instruction: Instruction) -> None:
    keyed = instruction.fields.get("amount")
    if keyed is not None and abs(exact(keyed)) != abs(instruction.amount):
        raise Refused(
            "AMOUNT_IS_NOT_KEYED",
            where=instruction.reference,
            keyed=keyed,
            amount=str(instruction.amount),
        )


def _by_amount(instruction: Instruction, authority: Authority) -> tuple[str, ...]:
    amount, currency = abs(instruction.amount), instruction.currency
    if currency not in authority.tiers:
        raise Refused("AUTHORITY_SILENT", where=instruction.reference, about=currency)
    for tier in authority.tiers[currency]:
        if amount <= tier.up_to:
            return tier.needs
    limit = authority.tiers[currency][-1].up_to
    raise Refused(
        "ABOVE_EVERY_LIMIT",
        where=instruction.reference,
        amount=str(amount),
        currency=currency,
        limit=str(limit),
    )


def _by_kind(instruction: Instruction, authority: Authority) -> tuple[str, ...]:
    if instruction.kind not in authority.kinds:
        raise Refused("AUTHORITY_SILENT", where=instruction.reference, about=instruction.kind)
    return authority.kinds[instruction.kind]


def _by_accounts(instruction: Instruction, authority: Authority) -> tuple[str, ...]:
    touched = [value for name, value in instruction.fields.items() if name.endswith("account")]
    is_customers = any(number.startswith(authority.customers.accounts) for number in touched)
    return authority.customers.needs if is_customers else ()
