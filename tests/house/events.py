"""Events: each one recorded is registered with its fields, each one registered is recorded."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from .codes import CHINESE
from .source import Module, called, constants, content, engine

REGISTRY = "src/clerkwork/facts/event.py"
ALWAYS = {"run", "item"}  # fields that any event may have


@dataclass(frozen=True)
class Kind:
    """A registered kind of event."""

    fields: frozenset[str]
    en: str
    zh: str


def registry(root: Path) -> dict[str, Kind]:
    """The registered kinds by name, read from the table KINDS and those that it takes in."""
    found: dict[str, Kind] = {}
    for path in _registries(root):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            match node:
                case ast.AnnAssign(target=ast.Name(), value=ast.Dict() as table):
                    found |= dict(_kinds(table))
    return found


def _registries(root: Path) -> list[Path]:
    """The registry, and the modules beside it that hold a part of it: facts/<what>_events.py."""
    path = root / REGISTRY
    return [path, *sorted(path.parent.glob("*_events.py"))]


def recorded_events_are_registered(root: Path) -> list[str]:
    """Whoever records an event names a registered one, and fields that its kind has."""
    known = registry(root)
    wrong = []
    for module in (*engine(root), *content(root)):
        for node in ast.walk(module.tree):
            name = _recorded(node)
            if not isinstance(node, ast.Call) or not name:
                continue
            place = f"{module.place}:{node.lineno}"
            if name not in known:
                wrong.append(f"{place}: event {name} is not registered")
                continue
            given = {keyword.arg for keyword in node.keywords if keyword.arg}
            extra = given - known[name].fields - ALWAYS
            if extra:
                wrong.append(f"{place}: event {name} has no field {', '.join(sorted(extra))}")
    return wrong


def registered_events_are_recorded(root: Path) -> list[str]:
    """An event that nobody records is taken out of the registry."""
    tables = {str(path.relative_to(root)) for path in _registries(root)}
    modules = [module for module in engine(root) if module.place not in tables]
    named = {text for module in modules for text, _ in constants(module)}
    prefixes = {prefix for module in modules for prefix in _composed(module)}
    return [
        f"{REGISTRY}: {name} is recorded nowhere"
        for name in registry(root)
        if name not in named
        and not any(name.startswith(p) and name.removeprefix(p) in named for p in prefixes)
    ]


def events_are_told_in_both_languages(root: Path) -> list[str]:
    """A sentence in English and in Chinese, which name the same fields of the kind."""
    wrong = []
    for name, kind in registry(root).items():
        en, zh = _names(kind.en), _names(kind.zh)
        if not kind.en or not CHINESE.search(kind.zh):
            wrong.append(f"{REGISTRY}: {name}: a sentence is missing")
        if en != zh:
            wrong.append(f"{REGISTRY}: {name}: en names {sorted(en)}, zh names {sorted(zh)}")
        if unknown := (en | zh) - kind.fields - ALWAYS:
            wrong.append(f"{REGISTRY}: {name}: has no field {', '.join(sorted(unknown))}")
    return wrong


def _kinds(table: ast.Dict) -> Iterator[tuple[str, Kind]]:
    for key, value in zip(table.keys, table.values, strict=True):
        match key, value:
            case ast.Constant(value=str() as name), ast.Call(args=[fields, en, zh]):
                yield (
                    name,
                    Kind(
                        frozenset(ast.literal_eval(fields)),
                        str(ast.literal_eval(en)),
                        str(ast.literal_eval(zh)),
                    ),
                )


def _recorded(node: ast.AST) -> str:
    """The event that a call records by name; "" for any other node."""
    if isinstance(node, ast.Call) and called(node).lstrip("_") in ("record", "Event") and node.args:
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            return first.value
    return ""


def _composed(module: Module) -> Iterator[str]:
    """Beginnings of event names that are put together: "item." of `f"item.{state}"`."""
    for node in ast.walk(module.tree):
        match node:
            case ast.JoinedStr(values=[ast.Constant(value=str() as prefix), ast.FormattedValue()]):
                if prefix.endswith("."):
                    yield prefix


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
