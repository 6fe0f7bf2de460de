"""The sources of a tree as the house rules see them: parsed, with their room and imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ENGINE = "src/clerkwork"
CONTENT = ("bots", "tasks")


@dataclass(frozen=True)
class Module:
    """
    One Python file. `name` is how it is imported ("clerkwork.facts.money"), `room`
    its room in the engine ("facts", "errors"), or "bots", "tasks", "tests".
    """

    path: Path
    place: str  # path below the root, for messages
    name: str
    room: str
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        """Whether it is the face of a package."""
        return self.path.name == "__init__.py"


@dataclass(frozen=True)
class Import:
    """One import: the module, and the name taken from it ("" for `import module`)."""

    module: str
    name: str
    line: int

    @property
    def top(self) -> str:
        """The package it comes from."""
        return self.module.partition(".")[0]


def engine(root: Path) -> list[Module]:
    """The modules of the engine."""
    base = root / "src"
    return [
        _module(root, path, path.relative_to(base), depth=1)
        for path in sorted((root / ENGINE).rglob("*.py"))
    ]


def content(root: Path) -> list[Module]:
    """The modules of bots and tasks."""
    paths = [path for folder in CONTENT for path in sorted((root / folder).rglob("*.py"))]
    return [_module(root, path, path.relative_to(root), depth=0) for path in paths]


def tests(root: Path) -> list[Module]:
    """The modules of the tests."""
    paths = sorted((root / "tests").rglob("*.py"))
    return [_module(root, path, path.relative_to(root), depth=0) for path in paths]


def imports(module: Module) -> Iterator[Import]:
    """Every import of a module, at the top and inside functions, relative ones resolved."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, "", node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(module, node)
            for alias in node.names:
                yield Import(base, alias.name, node.lineno)
        elif isinstance(node, ast.Call) and _is_import_module(node):
            yield Import(str(ast.literal_eval(node.args[0])), "", node.lineno)


def constants(module: Module) -> Iterator[tuple[str, int]]:
    """Every text literal of a module but for docstrings, with its line."""
    docstrings = {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(module.tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in docstrings:
            yield node.value, node.lineno


def called(node: ast.Call) -> str:
    """The last name of what is called: "read_text" for `path.read_text()`."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _is_import_module(node: ast.Call) -> bool:
    return called(node) == "import_module" and isinstance(node.args[0], ast.Constant)


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.name.split(".")
    up = node.level - 1 if module.is_package else node.level
    base = package[: len(package) - up]
    return ".".join([*base, node.module] if node.module else base)


def _module(root: Path, path: Path, below: Path, *, depth: int) -> Module:
    parts = list(below.with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    room = parts[depth] if len(parts) > depth else parts[-1]
    place = path.relative_to(root).as_posix()
    return Module(path, place, ".".join(parts), room, _parsed(path, path.stat().st_mtime_ns))


@cache
def _parsed(path: Path, _changed: int) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
