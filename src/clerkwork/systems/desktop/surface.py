"""What a desktop is to the driver on every platform: elements to see, type into and press."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from clerkwork.systems.masking import covered_row

PASSWORD = "password text"
# what stands in a menu that is closed can be chosen, though it is not on the screen
MENUS = ("menu", "menu item", "check menu item", "radio menu item")


@dataclass(frozen=True)
class Node:
    """
    One element of a window, by the words of AT-SPI.

    `handle` finds it again on its platform; `text` what stands in it, None where nothing
    can, or where it is a secret that cannot be read; `label` the text of its own label;
    `states` the names of those that hold: "active", "editable", "focused", "modal",
    "sensitive", "showing", "single line"; `parent` its place in the tree, -1 for a
    window; `cells` what stands in a table row by row, `columns` of them in a row.
    """

    handle: object
    role: str
    name: str
    states: frozenset[str]
    parent: int
    text: str | None = None
    label: str = ""
    cells: tuple[str, ...] = ()
    columns: int = 0

    @property
    def shown(self) -> str:
        """What a person reads there."""
        return self.name if self.text is None else self.text

    @property
    def is_there(self) -> bool:
        """Whether a person can reach it."""
        return "showing" in self.states or self.role in MENUS


@dataclass(frozen=True)
class Tree:
    """All windows of the program at one moment; a parent stands before its children."""

    nodes: Sequence[Node]

    def windows(self) -> list[int]:
        """The windows that can be seen."""
        nodes = enumerate(self.nodes)
        return [at for at, node in nodes if node.parent < 0 and "showing" in node.states]

    def below(self, window: int) -> Iterator[int]:
        """The elements of a window, without itself."""
        inside = {window}
        for at in range(window + 1, len(self.nodes)):
            if self.nodes[at].parent in inside:
                inside.add(at)
                yield at

    def window_of(self, node: Node) -> Node:
        """The window in which an element of this tree stands, itself when it is one."""
        at = next(place for place, each in enumerate(self.nodes) if each is node)
        while self.nodes[at].parent >= 0:
            at = self.nodes[at].parent
        return self.nodes[at]

    def front(self) -> int | None:
        """The window that takes the keys; None while none does, or it cannot be told."""
        seen = self.windows()
        for state in ("active", "modal"):
            found = [at for at in seen if state in self.nodes[at].states]
            if len(found) == 1:
                return found[0]
        return seen[0] if len(seen) == 1 else None


def covered_nodes(nodes: Sequence[Node]) -> list[Node]:
    """The elements, with card numbers covered that are split over several of them."""
    shown = covered_row([node.shown if node.is_there else "" for node in nodes])
    return [
        (replace(node, name=text) if node.text is None else replace(node, text=text))
        if text
        else node
        for node, text in zip(nodes, shown, strict=True)
    ]


class Silent(Exception):
    """The program does not answer in time: it hangs, or is gone."""


class Surface(Protocol):
    """One running program on one platform."""

    def look(self, *, wait_s: float) -> Tree:
        """Its windows as they are now. Raises Silent."""
        ...

    def focus(self, node: Node) -> None:
        """Put the keys into `node`; `look` tells whether it worked. Raises Silent."""
        ...

    def type(self, node: Node, text: str) -> None:
        """
        Type as a person does into `node`, which has the keys, over what stands there;
        then leave it by Tab, where it has one line only. Raises Silent.
        """
        ...

    def act(self, node: Node) -> None:
        """Press a button or choose from a menu, once. Raises Silent when it was not told."""
        ...

    def ended(self) -> str:
        """Why the program is gone, "" while it runs."""
        ...

    def pixels(self, tree: Tree, covered: Sequence[Node]) -> bytes | None:
        """The program's windows as PNG, `covered` blackened; None when it cannot be sure."""
        ...

    def close(self) -> None:
        """End the program and all that was started for it; never raises."""
        ...
