"""The windows of a program as AT-SPI tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from clerkwork.systems.desktop.bus import ATSPI, ROOT, Bus, Handle, Question
from clerkwork.systems.desktop.surface import Node, Tree

# Bits of AtspiStateType (at-spi2-core, atspi-constants.h).
_STATES = {
    1: "active", 7: "editable", 12: "focused", 16: "modal", 24: "sensitive", 25: "showing",
    26: "single line",
}  # fmt: skip
_LABELLED_BY = 2  # AtspiRelationType
_SCREEN = 0  # AtspiCoordType
# Roles in which somebody types, and roles below which there is nothing to read.
_BOXES = ("text", "password text", "entry", "spin button", "editbar", "combo box", "terminal")
_LEAVES = (
    "label", "text", "password text", "push button", "check box", "radio button", "separator",
    "table cell", "table column header", "scroll bar", "icon", "statusbar", "menu item",
)  # fmt: skip
_TABLES = ("table", "tree table")
_PROPERTIES = "org.freedesktop.DBus.Properties"


@dataclass(frozen=True)
class _Told:
    """What an object says of itself."""

    handle: Handle
    parent: int
    name: str
    role: str
    states: frozenset[str]
    children: tuple[Handle, ...] = ()


def read_tree(bus: Bus, *, deadline: float) -> Tree:
    """Every window of every program on `bus`, by `deadline`. Raises Silent."""
    programs = _children(bus.ask([_of(ROOT, "GetChildren")], deadline=deadline)[0])
    answers = bus.ask([_of(program, "GetChildren") for program in programs], deadline=deadline)
    level = [(window, -1) for answer in answers for window in _children(answer)]
    told: list[_Told] = []
    while level:
        found = _tell(bus, level, deadline=deadline)
        level = [
            (child, len(told) + number)
            for number, each in enumerate(found)
            for child in each.children
        ]
        told += found
    return _in_order(_with_cells(told, _with_texts(bus, told, deadline=deadline)))


def extents(bus: Bus, nodes: Sequence[Node], *, deadline: float) -> list[tuple[int, int, int, int]]:
    """Left, top, width and height of each on the screen; those that are gone are left out."""
    asked = [
        Question(_handle(node), ATSPI + "Component", "GetExtents", "u", (_SCREEN,))
        for node in nodes
    ]
    return [tuple(answer[0]) for answer in bus.ask(asked, deadline=deadline) if answer]


def grab_focus(bus: Bus, node: Node, *, deadline: float) -> None:
    """Put the keys into `node`."""
    bus.ask([Question(_handle(node), ATSPI + "Component", "GrabFocus")], deadline=deadline)


def set_text(bus: Bus, node: Node, text: str, *, deadline: float) -> bool:
    """Put `text` in place of what stands in `node`; whether it takes texts this way."""
    interface = ATSPI + "EditableText"
    asked = Question(_handle(node), interface, "SetTextContents", "s", (text,))
    (answer,) = bus.ask([asked], deadline=deadline)
    return bool(answer and answer[0])


def do_action(bus: Bus, node: Node) -> None:
    """Do the first action of `node`: press a button, choose a menu's item."""
    bus.tell(Question(_handle(node), ATSPI + "Action", "DoAction", "i", (0,)))


def _tell(bus: Bus, level: Sequence[tuple[Handle, int]], *, deadline: float) -> list[_Told]:
    """What the objects of one level say, with the objects below them."""
    asked = []
    for handle, _ in level:
        asked += [
            Question(handle, _PROPERTIES, "Get", "ss", (ATSPI + "Accessible", "Name")),
            _of(handle, "GetRoleName"),
            _of(handle, "GetState"),
        ]
    answers = iter(bus.ask(asked, deadline=deadline))
    told = []
    for (handle, parent), *answer in zip(level, *[answers] * 3, strict=True):
        if None in answer:
            continue  # it went away meanwhile
        name, role, bits = (each[0] for each in answer)
        held = (word for bit, word in _STATES.items() if bits[bit // 32] >> bit % 32 & 1)
        told.append(_Told(handle, parent, name[1].strip(), role, frozenset(held)))
    branches = [at for at, each in enumerate(told) if each.role not in _LEAVES]
    answers = iter(
        bus.ask([_of(told[at].handle, "GetChildren") for at in branches], deadline=deadline)
    )
    for at, answer in zip(branches, answers, strict=True):
        told[at] = replace(told[at], children=_children(answer))
    return told


def _with_texts(bus: Bus, told: Sequence[_Told], *, deadline: float) -> list[Node]:
    """The objects as nodes, with what stands in them and the labels that belong to them."""
    boxes = [at for at, each in enumerate(told) if each.role in _BOXES]
    asked = []
    for at in boxes:
        asked.append(Question(told[at].handle, ATSPI + "Text", "GetText", "ii", (0, -1)))
        asked.append(_of(told[at].handle, "GetRelationSet"))
    answers = iter(bus.ask(asked, deadline=deadline))
    found = {at: pair for at, *pair in zip(boxes, answers, answers, strict=True)}
    names = {each.handle: each.name for each in told}
    nodes = []
    for at, each in enumerate(told):
        text, relations = found.get(at, (None, None))
        label = " ".join(names.get(handle, "") for handle in _labels(relations))
        shown = text[0] if text else None
        nodes.append(
            Node(each.handle, each.role, each.name, each.states, each.parent, shown, label)
        )
    return nodes


def _with_cells(told: Sequence[_Told], nodes: list[Node]) -> list[Node]:
    """The tables with their cells, row by row; their number of columns is that of the heads."""
    inside: dict[int, dict[str, list[str]]] = {
        at: {"table cell": [], "table column header": []}
        for at, each in enumerate(told)
        if each.role in _TABLES
    }
    for node in nodes:
        if node.parent in inside and node.role in inside[node.parent]:
            inside[node.parent][node.role].append(node.shown.strip())
    for at, found in inside.items():
        cells = tuple(found["table cell"])
        nodes[at] = replace(nodes[at], cells=cells, columns=len(found["table column header"]))
    return nodes


def _in_order(nodes: Sequence[Node]) -> Tree:
    """The nodes as they are read: each window, and in it each part, as a whole."""
    below: dict[int, list[int]] = {}
    for at, node in enumerate(nodes):
        below.setdefault(node.parent, []).append(at)
    ordered: list[Node] = []
    places = {-1: -1}
    waiting = below.get(-1, [])[::-1]
    while waiting:
        at = waiting.pop()
        places[at] = len(ordered)
        ordered.append(replace(nodes[at], parent=places[nodes[at].parent]))
        waiting += below.get(at, [])[::-1]
    return Tree(ordered)


def _labels(relations: Any) -> list[Handle]:
    if not relations:
        return []
    return [
        Handle(*target)
        for kind, targets in relations[0]
        if kind == _LABELLED_BY
        for target in targets
    ]


def _of(handle: Handle, method: str) -> Question:
    return Question(handle, ATSPI + "Accessible", method)


def _children(answer: Any) -> tuple[Handle, ...]:
    return tuple(Handle(*each) for each in answer[0]) if answer else ()


def _handle(node: Node) -> Handle:
    assert isinstance(node.handle, Handle)
    return node.handle
