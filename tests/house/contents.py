"""Content: every bot is complete, and says which screens it uses."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from .source import Module, called, content, imports

FILES = ("bot.toml", "process.toml", "bot.py", "README.md")
CASES = ("good", "refused", "drifted", "in_doubt")


def every_bot_is_complete(root: Path) -> list[str]:
    """A bot has its manifest, map, functions and procedure, and a case of each kind."""
    wrong = []
    for folder in _bots(root):
        place = f"bots/{folder.name}"
        wrong += [f"{place}: no {name}" for name in FILES if not _has_text(folder / name)]
        cases = [path.name for path in (root / "tests" / place / "cases").glob("*")]
        wrong += [
            f"tests/{place}/cases: no case “{kind}”"
            for kind in CASES
            if not any(name.startswith(kind) for name in cases)
        ]
    return wrong


def every_screen_is_declared(root: Path) -> list[str]:
    """The screens that a bot's tasks wait for stand in its bot.toml, and are mapped."""
    tasks = {module.name: module for module in content(root) if module.room == "tasks"}
    wrong = []
    for folder in _bots(root):
        place = f"bots/{folder.name}/bot.toml"
        manifest = tomllib.loads((folder / "bot.toml").read_text(encoding="utf-8"))
        declared = manifest.get("screens", {})
        for system, names in declared.items():
            mapped = _mapped(root, system)
            wrong += [
                f"{place}: screen {system}/{name} is not in resources/systems"
                for name in names
                if name not in mapped
            ]
        known = {name for names in declared.values() for name in names}
        for module in _used(root, folder, tasks):
            wrong += [
                f"{module.place}:{line}: screen “{name}” is not declared in {place}"
                for name, line in _screens(module)
                if name not in known
            ]
    return wrong


def _bots(root: Path) -> list[Path]:
    return sorted(path.parent for path in root.glob("bots/*/bot.*") if path.suffix == ".toml")


def _has_text(path: Path) -> bool:
    return path.is_file() and bool(path.read_text(encoding="utf-8").strip())


def _mapped(root: Path, system: str) -> set[str]:
    """Names of the mapped screens of a system."""
    screens = (root / "resources/systems" / system / "screens").glob("*.toml")
    return {tomllib.loads(path.read_text(encoding="utf-8"))["name"] for path in screens}


def _used(root: Path, folder: Path, tasks: dict[str, Module]) -> list[Module]:
    """The modules of a bot and of the tasks it imports, and theirs."""
    bot = f"bots.{folder.name}"
    todo = [module for module in content(root) if module.name.startswith(bot + ".")]
    used: dict[str, Module] = {}
    while todo:
        module = todo.pop()
        used[module.name] = module
        for item in imports(module):
            for name in (item.module, f"{item.module}.{item.name}"):
                if name in tasks and name not in used:
                    todo.append(tasks[name])
    return list(used.values())


def _screens(module: Module) -> Iterator[tuple[str, int]]:
    """Screens named in `session.expect(...)` and after the key of `session.press(key, ...)`."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        named = {"expect": node.args, "press": node.args[1:]}.get(called(node), [])
        for name in named:
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield name.value, node.lineno
