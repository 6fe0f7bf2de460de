"""
docs/manifests.md against the models that read the manifests.

Each table of the page stands below `<!-- clerkwork.systems.maps.FieldMap -->`, the model
it describes: one row a key, with the default that the model has.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from .source import engine

PAGE = "docs/manifests.md"
_MODEL = re.compile(r"<!-- (clerkwork\.[\w.]+) -->")
_ROW = re.compile(r"^\| `([^`]+)` \| ([^|]+) \|")


def manifest_keys_are_documented(root: Path) -> list[str]:
    """Every key of every manifest stands in the page, with its default; and no other."""
    described = _described(root / PAGE)
    models = manifest_models(root)
    wrong = [f"{PAGE}: there is no model {name}" for name in sorted(described.keys() - models)]
    for name, keys in sorted(models.items()):
        said = described.get(name)
        if said is None:
            wrong.append(f"{PAGE}: no table for {name}")
            continue
        wrong += [f"{PAGE}: {name} has no key {key}" for key in sorted(said.keys() - keys)]
        wrong += [
            f"{PAGE}: {name}: key {key}, {default}, is told as {said.get(key)}"
            for key, default in keys.items()
            if said.get(key) != default
        ]
    return wrong


def manifest_models(root: Path) -> dict[str, dict[str, str]]:
    """Default by key ("required" without one) by the full name of each manifest model."""
    models: dict[str, dict[str, str]] = {}
    for module in engine(root):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and _is_manifest(node):
                models[f"{module.name}.{node.name}"] = {
                    _key(field.target.id, field.value): _default(field.value)
                    for field in node.body
                    if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
                }
    return models


def _is_manifest(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Manifest" for base in node.bases)


def _key(name: str, value: ast.expr | None) -> str:
    """The key as it is written: the field's alias where it has one (`in` is a word of Python)."""
    match value:
        case ast.Call(func=ast.Name(id="Field"), keywords=keywords):
            aliases = [ast.literal_eval(k.value) for k in keywords if k.arg == "alias"]
            return str(aliases[0]) if aliases else name
    return name


def _default(value: ast.expr | None) -> str:
    """A default as TOML writes it."""
    match value:
        case None:
            return "required"
        case ast.Constant(value=bool() as flag):
            return f"`{str(flag).lower()}`"
        case ast.Constant(value=str() as text):
            return f'`"{text}"`'
        case ast.Constant(value=number):
            return f"`{number}`"
        case ast.Tuple(elts=[]):
            return "`[]`"
        case ast.Dict(keys=[]):
            return "no table"
        case ast.Call(func=ast.Name(id="Field"), args=[], keywords=keywords):
            return _default(next((k.value for k in keywords if k.arg == "default"), None))
        case ast.Call(func=ast.Name(id="Decimal"), args=[ast.Constant(value=amount)]):
            return f'`"{amount}"`'
        case ast.Call(args=[], keywords=[]):
            return "its defaults"
    return f"`{ast.unparse(value)}`"


def _described(page: Path) -> dict[str, dict[str, str]]:
    """The page's rows by model: default by key."""
    described: dict[str, dict[str, str]] = {}
    model = ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if found := _MODEL.search(line):
            model = found[1]
            described[model] = {}
        elif line.startswith("#"):
            model = ""
        elif model and (row := _ROW.match(line)):
            described[model][row[1]] = row[2].strip()
    return described
