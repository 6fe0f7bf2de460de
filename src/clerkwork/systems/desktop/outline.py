"""The windows of a program as an outline of their elements, fit to be kept as evidence."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator

from clerkwork.systems.desktop.surface import PASSWORD, Node, Tree, covered_nodes
from clerkwork.systems.masking import masked


def outline(tree: Tree, hidden: Collection[Node], secrets: Iterable[str]) -> str:
    """
    A line for each element, shown or not, below its parent: role, name, label, what
    stands in it, states. What stands in `hidden`, and in boxes for passwords, is covered.
    """
    known = list(secrets)
    lines: list[str] = []
    depths = {-1: -1}
    covered = covered_nodes(tree.nodes)
    for at, node in enumerate(tree.nodes):
        depths[at] = depths[node.parent] + 1
        is_hidden = node.role == PASSWORD or node in hidden
        told = " ".join(_told(covered[at], known, is_hidden=is_hidden))
        lines.append(f"{'  ' * depths[at]}{told}")
    return masked("\n".join(lines), known)


def _told(node: Node, secrets: Collection[str], *, is_hidden: bool) -> Iterator[str]:
    def quoted(text: str) -> str:
        return json.dumps(masked(text, secrets), ensure_ascii=False)

    yield node.role
    if node.name:
        is_content = is_hidden and node.text is None and node.role != PASSWORD
        yield "***" if is_content else quoted(node.name)
    if node.label and node.label != node.name:
        yield f"label {quoted(node.label)}"
    if node.text is not None:
        yield f"text {'***' if is_hidden else quoted(node.text)}"
    if node.cells:
        yield f"cells {len(node.cells)} in {node.columns} columns"
    yield f"[{', '.join(sorted(node.states))}]"
