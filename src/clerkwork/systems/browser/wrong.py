"""Failures of a screen that is not as its map says."""

from __future__ import annotations

from clerkwork.errors import Drifted, Failure
from clerkwork.systems.browser.repair import Repair, repair_of
from clerkwork.systems.browser.sight import Sight
from clerkwork.systems.browser.view import View
from clerkwork.systems.maps import FieldMap, KeyMap, ScreenMap, SystemMap


class Wrong:
    """Says what has drifted; `repair` is the last proposal of a new map, None before one."""

    def __init__(self, system: SystemMap, sight: Sight):
        self._map = system
        self._sight = sight
        self.repair: Repair | None = None

    def drift(self, code: str, screen: ScreenMap, **facts: str) -> Drifted:
        """The failure `code` of `screen`."""
        return Drifted(code, where=self.where(screen), screen=screen.name, **facts)

    def drifted(
        self, screen: ScreenMap, view: View, name: str, mapped: FieldMap | KeyMap
    ) -> Failure | None:
        """
        SELECTOR_DRIFTED with a proposal, when exactly one element can still be meant by a
        later selector; None when there is none.
        """
        found = self._sight.heal(view, mapped)
        if found is None:
            return None
        self.repair = repair_of(self._map.name, screen.name, name, mapped, found)
        facts = {"screen": screen.name, "repair": self.repair.new, "diff": self.repair.diff}
        return Drifted("SELECTOR_DRIFTED", where=self.where(screen), name=name, **facts)

    def where(self, screen: ScreenMap) -> str:
        """The place of a failure."""
        return f"{self._map.name} {screen.name}"
