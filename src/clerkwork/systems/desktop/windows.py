"""
A program on Windows, through RPA.Windows (UI Automation). It was not run on Linux, where this
was written: its tests run on Windows only.

Texts are set through the value pattern, never as keys: RPA.Windows would read "{Ctrl}" in a
value as a key, and writes the keys that it sends into its log.
"""

from __future__ import annotations

import io
import shlex
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from clerkwork.errors import Misconfigured
from clerkwork.systems.desktop.surface import PASSWORD, Node, Silent, Tree

_PREFIXES = ("command:", "here:")  # there is one screen only
_END_S = 5.0
# Control types of UI Automation, in the words of AT-SPI.
_ROLES = {
    "WindowControl": "frame",
    "PaneControl": "panel",
    "EditControl": "text",
    "DocumentControl": "text",
    "TextControl": "label",
    "ButtonControl": "push button",
    "MenuBarControl": "menu bar",
    "MenuControl": "menu",
    "MenuItemControl": "menu item",
    "CheckBoxControl": "check box",
    "RadioButtonControl": "radio button",
    "ComboBoxControl": "combo box",
    "StatusBarControl": "statusbar",
    "TableControl": "table",
    "DataGridControl": "table",
    "ListControl": "table",
    "HeaderItemControl": "table column header",
    "DataItemControl": "table row",
}
_ONE_LINE = "EditControl"


@dataclass(frozen=True)
class Handle:
    """An element: by its runtime id the same as when it is looked at again."""

    runtime_id: tuple[int, ...]
    element: Any = field(compare=False)


class WindowsSurface:
    """One program, started for this. Raises Misconfigured COMMAND_WRONG, PROGRAM_NOT_STARTED."""

    def __init__(self, system: str, address: str):
        from RPA.Windows import Windows

        prefix = next((each for each in _PREFIXES if address.startswith(each)), "")
        command = shlex.split(address.removeprefix(prefix), posix=False) if prefix else []
        if not command:
            raise Misconfigured("COMMAND_WRONG", system=system, address=address)
        try:
            self._program = subprocess.Popen(command)
        except OSError as failed:
            facts = {"system": system, "detail": str(failed)}
            raise Misconfigured("PROGRAM_NOT_STARTED", **facts) from None
        self._windows = Windows()

    def look(self, *, wait_s: float) -> Tree:
        """See `Surface.look`."""
        from RPA.core.windows.locators import WindowsElement

        nodes: list[Node] = []
        try:
            self._windows.set_global_timeout(wait_s)
            for listed in self._windows.list_windows():
                if listed["pid"] == self._program.pid:
                    element = WindowsElement(listed["object"], None)
                    _add(element, -1, nodes, is_active=listed["is_active"])
        except Exception as failed:  # noqa: BLE001 (comtypes and RPA raise what they like)
            raise Silent(type(failed).__name__) from None
        return Tree(nodes)

    def focus(self, node: Node) -> None:
        """See `Surface.focus`."""
        _element(node).item.SetFocus()

    def type(self, node: Node, text: str) -> None:
        """See `Surface.type`."""
        element = _element(node)
        try:
            self._windows.set_value(element, text, send_keys_fallback=False)
            if "single line" in node.states:
                self._windows.send_keys(element, "{Tab}")
        except Exception as failed:  # noqa: BLE001 (its text may hold the value)
            raise Silent(type(failed).__name__) from None

    def act(self, node: Node) -> None:
        """See `Surface.act`."""
        try:
            self._windows.click(_element(node))
        except Exception as failed:  # noqa: BLE001 (comtypes and RPA raise what they like)
            raise Silent(type(failed).__name__) from None

    def ended(self) -> str:
        """See `Surface.ended`."""
        code = self._program.poll()
        return "" if code is None else f"exit {code}"

    def pixels(self, tree: Tree, covered: Sequence[Node]) -> bytes | None:
        """See `Surface.pixels`: the window in front."""
        from PIL import Image, ImageDraw

        front = tree.front()
        if front is None:
            return None
        window = _element(tree.nodes[front])
        frame = window.item.BoundingRectangle
        with TemporaryDirectory() as folder:
            path = Path(folder) / "window.png"
            self._windows.screenshot(window, str(path))
            with Image.open(path) as taken:
                picture = taken.convert("RGB")
        drawn = ImageDraw.Draw(picture)
        for node in covered:
            box = _element(node).item.BoundingRectangle
            corner = (box.left - frame.left, box.top - frame.top)
            drawn.rectangle((*corner, box.right - frame.left, box.bottom - frame.top), "black")
        png = io.BytesIO()
        picture.save(png, "PNG")
        return png.getvalue()

    def close(self) -> None:
        """See `Surface.close`."""
        self._program.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._program.wait(_END_S)


def _add(element: Any, parent: int, nodes: list[Node], *, is_active: bool = False) -> None:
    """`element` and what is below it; a table's rows are its cells."""
    at = len(nodes)
    nodes.append(_node(element, parent, is_active=is_active))
    children = element.item.GetChildren()
    for child in children:
        _add(type(element)(child, None), at, nodes)
    if nodes[at].role == "table":
        rows = [each for each in children if each.ControlTypeName == "DataItemControl"]
        cells = [[cell.Name.strip() for cell in row.GetChildren()] for row in rows]
        columns = max(map(len, cells), default=0)
        flat = tuple(cell for row in cells for cell in row)
        nodes[at] = replace(nodes[at], cells=flat, columns=columns)


def _node(element: Any, parent: int, *, is_active: bool) -> Node:
    item = element.item
    role = _ROLES.get(item.ControlTypeName, "panel")
    if role == "text" and item.IsPassword:
        role = PASSWORD
    value = item.GetValuePattern() if hasattr(item, "GetValuePattern") else None
    held = {
        "active": is_active,
        "showing": not item.IsOffscreen,
        "sensitive": item.IsEnabled,
        "focused": item.HasKeyboardFocus,
        "editable": value is not None and not value.IsReadOnly,
        "single line": item.ControlTypeName == _ONE_LINE,
    }
    states = frozenset(name for name, is_so in held.items() if is_so)
    text = value.Value if value is not None and role == "text" else None  # no secret is read
    handle = Handle(tuple(item.GetRuntimeId()), element)
    return Node(handle, role, item.Name.strip(), states, parent, text)


def _element(node: Node) -> Any:
    assert isinstance(node.handle, Handle)
    return node.handle.element
