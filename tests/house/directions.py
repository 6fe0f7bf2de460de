"""Which room may import which: down, never up, never sideways on floors 2 and 3."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from .source import Import, Module, content, engine, imports

FLOORS = {
    "errors": 1, "manifest": 1,
    "facts": 2, "workspace": 2, "secrets": 2, "store": 2, "systems": 2,
    "read": 3, "reconcile": 3, "approve": 3, "rekey": 3, "audit": 3, "report": 3, "alert": 3,
    "people": 3,
    "run": 4, "schedule": 4, "process": 4,
    "console": 5, "record": 5,
    "cli": 6,
}  # fmt: skip
SIDEWAYS = {"facts", "errors", "manifest"}  # what rooms of floors 2 and 3 may take beside them
APART = "practice"
FACES = {"errors", "facts", "read", "reconcile", "rekey", "report"}  # for bots and tasks
PORTS = {"clerkwork.systems.port"}


def imports_go_down(root: Path) -> list[str]:
    """Floors of the design, section 3; the practice bank apart; content not by name."""
    wrong = []
    for module in engine(root):
        for item in imports(module):
            reason = _refused(module, item)
            if reason:
                wrong.append(f"{module.place}:{item.line}: imports {_full(item)}: {reason}")
    return wrong


def content_uses_public_faces(root: Path) -> list[str]:
    """Bots and tasks see the faces of a few rooms and the port; tasks know no bot."""
    wrong = []
    for module in content(root):
        for item in imports(module):
            full = _full(item)
            if item.top == "clerkwork" and not _is_face(item):
                wrong.append(f"{module.place}:{item.line}: imports {full}: not a public face")
            if item.top == "bots":
                wrong.append(f"{module.place}:{item.line}: imports {full}: no bot is named here")
    return wrong


def no_import_circles(root: Path) -> list[str]:
    """No module of the engine needs itself in order to be imported."""
    modules = {module.name: module for module in engine(root)}
    graph = {
        module.name: {target for item in _at_the_top(module) if (target := _in(modules, item))}
        - {module.name}
        for module in modules.values()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        return ["import circle: " + " -> ".join(circle.args[1])]
    return []


def every_room_has_its_floor(root: Path) -> list[str]:
    """A new room takes its place in the design before it takes code."""
    rooms = {module.room for module in engine(root)} - {"clerkwork", APART}
    return [
        f"src/clerkwork/{room}: no floor in the design, section 3"
        for room in sorted(rooms - FLOORS.keys())
    ]


def _refused(module: Module, item: Import) -> str:
    """Why `module` may not have `item`; "" when it may."""
    if item.top in ("bots", "tasks", "tests"):
        return "the engine finds content, it never imports it by name"
    if item.top != "clerkwork":
        return ""
    room = _room(item)
    if module.room == APART:
        return "" if room == APART else "the practice bank imports nothing of the engine"
    if room == APART:
        return "" if module.room == "cli" else "only cli starts the practice bank"
    here, there = FLOORS.get(module.room, 0), FLOORS.get(room, 0)
    if room == module.room or there < here:
        return ""
    if there > here:
        return f"up, from floor {here} to floor {there}"
    if here in (2, 3) and room not in SIDEWAYS:
        return f"sideways on floor {here}"
    return ""


def _room(item: Import) -> str:
    parts = item.module.split(".")
    return parts[1] if len(parts) > 1 else item.name


def _full(item: Import) -> str:
    return f"{item.module}.{item.name}" if item.name else item.module


def _is_face(item: Import) -> bool:
    if item.module in PORTS or _full(item) in PORTS:
        return True
    parts = item.module.split(".")
    return len(parts) == 2 and parts[1] in FACES


def _at_the_top(module: Module) -> list[Import]:
    """The imports that run when the module is imported."""
    inside = {
        line
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or _is_for_types(node)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    return [item for item in imports(module) if item.line not in inside]


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def _in(modules: dict[str, Module], item: Import) -> str:
    """The module of the engine that an import loads: the deepest that exists."""
    return next((name for name in (_full(item), item.module) if name in modules), "")
