"""Parameters of a bot: what a person may set, and their texts turned into its Params."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from clerkwork.errors import Misconfigured
from clerkwork.workspace.bots import Bot

CHOICE = "choice"
_YES_NO = {"true": True, "false": False}


@dataclass(frozen=True)
class Kind:
    """How a kind of value is read from text, and told to who typed something else."""

    name: str
    read: Callable[[str], Any]
    example: str
    choices: tuple[str, ...] = ()


def _amount(text: str) -> Decimal:
    amount = Decimal(text)
    if not amount.is_finite():
        raise ValueError(text)
    return amount


_KINDS: dict[Any, Kind] = {
    date: Kind("date", date.fromisoformat, "2026-06-11"),
    # as a row of the store has it, too: True
    bool: Kind("yes_no", lambda text: _YES_NO[text.lower()], "true"),
    int: Kind("number", int, "10"),
    Decimal: Kind("amount", _amount, "100.00"),
    str: Kind("text", str, "0755"),
}


@dataclass(frozen=True)
class Parameter:
    """One parameter as a form shows it: `default` is the text that stands for it, "" for none."""

    name: str
    kind: str  # date, yes_no, number, amount, text, choice
    choices: tuple[str, ...]
    default: str
    is_needed: bool
    label: tuple[str, str]  # English, Chinese
    hint: tuple[str, str]


def parameters_of(bot: Bot) -> list[Parameter]:
    """The parameters of `bot` in order, with the words that its bot.toml has for them."""
    hints = get_type_hints(bot.params)
    found = []
    for field in fields(bot.params):
        kind = _kind_of(hints[field.name])
        words = bot.manifest.parameters.get(field.name)
        found.append(
            Parameter(
                name=field.name,
                kind=kind.name,
                choices=kind.choices,
                default=_default(field),
                is_needed=_is_needed(field),
                label=(words.en, words.zh) if words else (field.name, field.name),
                hint=(words.hint_en, words.hint_zh) if words else ("", ""),
            )
        )
    return found


def problems(bot: Bot, given: Mapping[str, str]) -> dict[str, Misconfigured]:
    """What is wrong with each parameter, by its name; nothing when `parameters` takes them."""
    found = {}
    for field in fields(bot.params):
        try:
            _one(bot, field, given)
        except Misconfigured as failure:
            found[field.name] = failure
    return found


def parameters(bot: Bot, given: Mapping[str, str]) -> Any:
    """
    The bot's Params from texts as a person types them.

    Raises Misconfigured PARAMETER_UNKNOWN, PARAMETER_MISSING, PARAMETER_WRONG.
    """
    known = {field.name: field for field in fields(bot.params)}
    for name in given:
        if name not in known:
            names = ", ".join(f"--{option.replace('_', '-')}" for option in known)
            raise Misconfigured("PARAMETER_UNKNOWN", bot=bot.name, name=name, names=names)
    values: dict[str, Any] = {}
    for field in known.values():
        values |= _one(bot, field, given)
    return bot.params(**values)


def _one(bot: Bot, field: Field[Any], given: Mapping[str, str]) -> dict[str, Any]:
    """The value of one parameter by its name; nothing when its default stands."""
    option = field.name.replace("_", "-")
    if field.name not in given:
        if _is_needed(field):
            raise Misconfigured("PARAMETER_MISSING", bot=bot.name, name=option)
        return {}
    text = given[field.name]
    kind = _kind_of(get_type_hints(bot.params)[field.name])
    try:
        return {field.name: kind.read(text)}
    except (ValueError, KeyError, InvalidOperation):
        raise Misconfigured(
            "PARAMETER_WRONG", name=option, value=text, example=kind.example
        ) from None


def _kind_of(hint: Any) -> Kind:
    """The kind of a type hint; `X | None` is an X that may be left out."""
    if get_origin(hint) in (Union, UnionType):
        hint = next(kind for kind in get_args(hint) if kind is not NoneType)
    if get_origin(hint) is Literal:
        choices = {str(choice): choice for choice in get_args(hint)}
        names = ", ".join(choices)
        return Kind(CHOICE, choices.__getitem__, names, tuple(choices))
    return _KINDS[hint]


def _is_needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _default(field: Field[Any]) -> str:
    made = field.default
    if made is MISSING:
        made = None if field.default_factory is MISSING else field.default_factory()
    if made is None:
        return ""
    return str(made).lower() if isinstance(made, bool) else str(made)
