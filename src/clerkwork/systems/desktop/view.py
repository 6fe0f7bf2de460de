"""What the window in front shows, and which mapped screen that is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from clerkwork.errors import Drifted, Misconfigured
from clerkwork.systems.desktop.surface import PASSWORD, Node, Tree, covered_nodes
from clerkwork.systems.maps import Mark, ScreenMap, SystemMap, TableMap
from clerkwork.systems.masking import covered_row, masked
from clerkwork.systems.meaning import code_in
from clerkwork.systems.port import Screen

_STEP = re.compile(r"role=([a-z ]+?)(?:\[name=([^\]]+)\])?")


@dataclass(frozen=True)
class View:
    """The windows at one moment, one of them in front."""

    tree: Tree
    front: int

    @property
    def window(self) -> Node:
        """The window in front."""
        return self.tree.nodes[self.front]

    @cached_property
    def inside(self) -> tuple[int, ...]:
        """The places of the elements in it that a person can reach."""
        nodes = self.tree.nodes
        return tuple(at for at in self.tree.below(self.front) if nodes[at].is_there)

    @property
    def nodes(self) -> Iterator[Node]:
        """The elements in it."""
        return (self.tree.nodes[at] for at in self.inside)

    @cached_property
    def signature(self) -> tuple[object, ...]:
        """What changes when the window in front, or anything that is read in it, changes."""
        return (self.window.handle, self.window.name, *((n.handle, n.shown) for n in self.nodes))

    def find(self, selector: str, *, system: str) -> list[Node]:
        """
        The elements that `selector` means: 'role=push button[name=OK]', and such steps
        with ' >> ' between them, each inside the one before. Raises Misconfigured
        SELECTOR_WRONG.
        """
        places: list[int] = []
        for number, (role, name) in enumerate(_steps(selector, system)):
            fits = [at for at in self.inside if _is(self.tree.nodes[at], role, name)]
            places = [at for at in fits if number == 0 or self._is_below(at, places)]
        return [self.tree.nodes[at] for at in places]

    def pick(self, label: str, selectors: Sequence[str], *, system: str) -> Node | None:
        """The one element that is meant, None where there is none, or more than one."""
        if label:
            boxes = [n for n in self.nodes if n.text is not None or n.role == PASSWORD]
            found = [n for n in boxes if label in (n.label, n.name)]
            if found:
                return found[0] if len(found) == 1 else None
        for selector in selectors:
            found = self.find(selector, system=system)
            if found:
                return found[0] if len(found) == 1 else None
        return None

    def text_at(self, mark: Mark, *, system: str) -> str | None:
        """The text of the first element of `mark` that contains the mark's text."""
        if mark.window and mark.window != self.window.name:
            return None
        nodes = self.find(mark.selector, system=system) if mark.selector else [self.window]
        return next((node.shown for node in nodes if mark.text in node.shown), None)

    def field(self, screen: ScreenMap, name: str, *, system: str) -> Node | None:
        """Field `name` of `screen` as it stands, None where it is not."""
        mapped = screen.fields[name]
        return self.pick(mapped.label, mapped.selectors, system=system)

    def table(self, mapped: TableMap, *, system: str) -> Node | None:
        """The one table that is meant."""
        return self.pick("", (mapped.selector,), system=system)

    def text(self, secrets: Iterable[str]) -> str:
        """All that stands in the windows, the one in front first, and no secret."""
        others = [at for at in self.tree.windows() if at != self.front]
        lines = []
        for window in (self.front, *others):
            lines.append(f"[{self.tree.nodes[window].name}]")
            lines += list(self._lines(window))
        return masked("\n".join(lines), secrets)

    def exposes(self, secrets: Iterable[str]) -> bool:
        """Whether a secret can be read where nothing will cover it."""
        seen = "\n".join(node.shown for node in self.tree.nodes if node.role != PASSWORD)
        return any(secret in seen for secret in secrets)

    def _lines(self, window: int) -> Iterator[str]:
        labels = {node.label for node in self.tree.nodes}
        nodes = covered_nodes(self.tree.nodes)
        for at in self.tree.below(window):
            node = nodes[at]
            if node.cells:
                per_row = max(node.columns, 1)
                for first in range(0, len(node.cells), per_row):
                    yield " | ".join(covered_row(node.cells[first : first + per_row]))
            elif node.role == "table cell" or not node.is_there:
                continue
            elif node.text is not None and node.role not in ("label", PASSWORD):
                yield f"{node.label or node.name} = {node.text}"
            elif node.shown and node.role != PASSWORD and node.shown not in labels:
                yield node.shown

    def _is_below(self, at: int, places: Sequence[int]) -> bool:
        while at >= 0:
            at = self.tree.nodes[at].parent
            if at in places:
                return True
        return False


def recognised(view: View, system: SystemMap) -> ScreenMap | None:
    """The screen all of whose marks stand; raises Misconfigured SCREEN_AMBIGUOUS for two."""
    name = system.name
    found = [
        screen
        for screen in system.screens.values()
        if all(view.text_at(mark, system=name) is not None for mark in screen.recognise)
    ]
    if len(found) > 1:
        names = ", ".join(screen.name for screen in found)
        raise Misconfigured("SCREEN_AMBIGUOUS", system=name, screens=names)
    return found[0] if found else None


def screen_of(view: View, screen: ScreenMap, system: SystemMap, secrets: Iterable[str]) -> Screen:
    """
    `view`, recognised as `screen`, as the port hands it over.

    Raises Drifted FIELD_MISSING when a mapped field does not stand there.
    """
    fields = {}
    for name, mapped in screen.fields.items():
        found = view.field(screen, name, system=system.name)
        if found is None:
            where = f"{system.name} {screen.name}"
            raise Drifted("FIELD_MISSING", where=where, field=name, screen=screen.name)
        fields[name] = "" if mapped.secret else found.shown.strip()
    told = view.text_at(screen.message, system=system.name) if screen.message else None
    message = told or ""
    return Screen(screen.name, fields, view.text(secrets), message, code_in(message, system))


def _is(node: Node, role: str, name: str | None) -> bool:
    return node.role == role and (name is None or name in (node.name, node.label))


@cache
def _steps(selector: str, system: str) -> tuple[tuple[str, str | None], ...]:
    steps = [_STEP.fullmatch(step) for step in selector.split(" >> ")]
    if None in steps:
        raise Misconfigured("SELECTOR_WRONG", system=system, detail=selector)
    return tuple((step[1], step[2]) for step in steps if step)
