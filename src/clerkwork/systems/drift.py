"""The drift check: the screens a bot will use are visited and compared with their maps first."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from clerkwork.errors import Drifted
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.port import Session


@dataclass(frozen=True)
class Visit:
    """One screen that was looked at, or could not be without typing; what differs there."""

    screen: str
    was_reached: bool
    differences: tuple[Drifted, ...] = ()


def visit(session: Session, system: SystemMap, screens: Collection[str]) -> Iterator[Visit]:
    """
    Each of `screens`, nearest first, compared with its map; nothing is typed or committed.

    Begins where the session stands. Screens that only a filled form leads to are given as
    not reached. Raises Drifted where a key leads elsewhere than the map says.
    """
    left = [name for name in system.screens if name in screens]
    here = session.now().name
    while left:
        found = _way(system, here, left)
        if found is None:
            yield from (Visit(name, was_reached=False) for name in left)
            return
        keys, here = found
        for key in keys:
            session.press(key)
        left.remove(here)
        yield Visit(here, was_reached=True, differences=tuple(session.differences()))


def _way(system: SystemMap, here: str, wanted: Collection[str]) -> tuple[list[str], str] | None:
    """The fewest keys from one screen to the nearest of `wanted`, and which that is."""
    ways: dict[str, list[str]] = {here: []}
    queue = deque([here])
    while queue:
        name = queue.popleft()
        if name in wanted:
            return ways[name], name
        for key, target in _steps(system, name):
            if target not in ways:
                ways[target] = [*ways[name], key]
                queue.append(target)
    return None


def _steps(system: SystemMap, name: str) -> Iterator[tuple[str, str]]:
    """The keys of a screen that only lead on, and where to."""
    for key, mapped in system.screens[name].keys.items():
        leads = len(mapped.next) == 1 and not (mapped.commits or mapped.submits)
        if leads and mapped.next[0] != name and key != "sign_off":
            yield key, mapped.next[0]
