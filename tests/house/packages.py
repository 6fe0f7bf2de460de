"""Third-party packages: declared with the rooms that may import each, and why."""

from __future__ import annotations

import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

from .source import Module, content, engine, imports, tests

LIST = "tests/house/packages.toml"
OURS = {"clerkwork", "bots", "tasks", "tests", ""}
PROMISED = ("rpaframework", "playwright", "openpyxl", "pdfplumber", "apscheduler", "pytest")


def packages_are_declared(root: Path) -> list[str]:
    """Every import from outside stands in packages.toml, for the room that has it."""
    owners = {name: key for key, entry in _list(root).items() for name in entry["imports"]}
    wrong = []
    for module in _modules(root):
        for item in imports(module):
            top = item.top
            if top in OURS or top in sys.stdlib_module_names or _is_sibling(module, top):
                continue
            where = f"{module.place}:{item.line}"
            if top not in owners:
                wrong.append(f"{where}: imports {top}, which {LIST} does not have")
            elif module.room not in _list(root)[owners[top]]["rooms"]:
                wrong.append(f"{where}: {module.room} may not import {top}, says {LIST}")
    return list(dict.fromkeys(wrong))


def declared_packages_are_used(root: Path) -> list[str]:
    """Nothing in packages.toml is idle: each room named imports it, or `through` says how."""
    used = defaultdict(set)
    for module in _modules(root):
        for item in imports(module):
            used[item.top].add(module.room)
    wrong = []
    for key, entry in _list(root).items():
        rooms = set().union(*(used[name] for name in entry["imports"]), set())
        idle = [room for room in entry["rooms"] if room not in rooms]
        if idle:
            wrong.append(f"{LIST}: {key}: not imported in {', '.join(idle)}")
        if not entry["rooms"] and not entry.get("through"):
            wrong.append(f"{LIST}: {key}: no room imports it, and no `through` says who does")
        if not entry.get("why"):
            wrong.append(f"{LIST}: {key}: no reason why")
    return wrong


def packages_agree_with_the_project(root: Path) -> list[str]:
    """packages.toml, without the optional ones, and pyproject.toml have the same packages."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {}).values()
    required = {
        _normal(re.split(r"[\s\[<>=!~;]", line)[0])
        for lines in (project.get("dependencies", []), *extras)
        for line in lines
    }
    listed = {_normal(key) for key, entry in _list(root).items() if not entry.get("optional")}
    return [
        *(f"pyproject.toml: {name} is not in {LIST}" for name in sorted(required - listed)),
        *(f"{LIST}: {name} is not in pyproject.toml" for name in sorted(listed - required)),
    ]


def promised_packages_are_imported(root: Path) -> list[str]:
    """The packages that the product promises to build on are really imported by it."""
    rooms = {key: entry["rooms"] for key, entry in _list(root).items()}
    return [f"{LIST}: no room imports {name}" for name in PROMISED if not rooms.get(name)]


def _modules(root: Path) -> list[Module]:
    return [*engine(root), *content(root), *tests(root)]


def _list(root: Path) -> dict[str, dict[str, Any]]:
    tables = tomllib.loads((root / LIST).read_text(encoding="utf-8"))
    return {key: {"imports": [], "rooms": []} | entry for key, entry in tables.items()}


def _normal(name: str) -> str:
    """A distribution's name as an index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _is_sibling(module: Module, top: str) -> bool:
    """A test's import of a file or folder beside it."""
    beside = module.path.parent
    return module.room == "tests" and ((beside / f"{top}.py").exists() or (beside / top).is_dir())
