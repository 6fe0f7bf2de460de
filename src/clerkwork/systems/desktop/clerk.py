"""
One program with one system in it: type as a person does, read back, press.

`session` is the port; this is the same on every platform.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from clerkwork.errors import Drifted, Failure, InDoubt, Misconfigured, Refused, Unavailable
from clerkwork.systems.desktop.sight import Before, Sight
from clerkwork.systems.desktop.surface import PASSWORD, Node, Silent, Surface
from clerkwork.systems.desktop.values import check_typed, is_same
from clerkwork.systems.desktop.view import View
from clerkwork.systems.maps import FieldMap, KeyMap, ScreenMap, SystemMap
from clerkwork.systems.port import Picture, Screen
from clerkwork.systems.typing import hidden

_RESOLVES_S = 2.0  # how long a box may take to show what was typed, or to get the keys
_PAUSE_S = 0.01
_LEAVE_S = 1.0


class Clerk:
    """A program on its way through the mapped screens of one system."""

    def __init__(self, surface: Surface, system: SystemMap, *, secret: str):
        self._surface = surface
        self._map = system
        self._typed: dict[str, str] = {}  # what was typed into the form that stands, by field
        self._sight = Sight(surface, system)
        self._sight.hide(secret)

    def stop(self) -> None:
        """Sign off by the mapped key `sign_off`, if the screen has one, and end the program."""
        try:
            if seen := self._sight.glance():
                leave = seen[0].keys.get("sign_off")
                if leave and not leave.commits:
                    self._surface.act(self._element("sign_off", leave.selector, *seen))
                    self._sight.wait_for_another(seen[1], wait_s=_LEAVE_S)
        except (Failure, Silent):
            pass  # leaving politely is a courtesy: the program is ended in any case
        self._surface.close()

    def pictures(self, moment: str) -> list[Picture]:
        """The windows now, masked."""
        return [self._sight.picture(moment)]

    def now(self) -> Screen:
        """See `port.Session.now`."""
        return self._sight.shown(*self._sight.whole())

    def expect(self, *names: str) -> Screen:
        """See `port.Session.expect`."""
        return self._sight.settle(names, before=Before())

    def rows(self, table: str) -> tuple[list[Mapping[str, str]], Picture | None]:
        """
        The rows, and the picture of them unless the last one shows them already.

        Raises Drifted TABLE_CHANGED for another number of columns.
        """
        screen, view = self._sight.whole()
        mapped = screen.tables.get(table)
        found = view.table(mapped, system=self._map.name) if mapped else None
        if mapped is None or found is None:
            raise self._drift("FIELD_MISSING", screen, field=table)
        wanted = len(mapped.cells)
        if found.columns != wanted or len(found.cells) % wanted:
            facts = {"shown": str(found.columns), "expected": str(wanted)}
            raise self._drift("TABLE_CHANGED", screen, table=table, **facts)
        rows: list[Mapping[str, str]] = [
            dict(zip(mapped.cells, found.cells[first : first + wanted], strict=True))
            for first in range(0, len(found.cells), wanted)
        ]
        return rows, None if self._sight.is_pictured(view) else self._sight.picture("read")

    def differences(self) -> list[Drifted]:
        """See `port.Session.differences`."""
        screen, view = self._sight.standing()
        differing = []
        for name, mapped in screen.fields.items():
            found = view.field(screen, name, system=self._map.name)
            if found is None:
                differing.append(self._drift("FIELD_MISSING", screen, field=name))
            elif not (mapped.readonly or "editable" in found.states):
                differing.append(self._drift("FIELD_PROTECTED", screen, field=name))
        for key, mapped_key in screen.keys.items():
            if view.pick("", (mapped_key.selector,), system=self._map.name) is None:
                differing.append(self._drift("KEY_MISSING", screen, key=key))
        return differing

    def set(self, field: str, value: str) -> None:
        """See `port.Session.set`; the map and the checks are asked before a key goes out."""
        screen, view = self._sight.standing()
        mapped = screen.fields.get(field)
        found = view.field(screen, field, system=self._map.name) if mapped else None
        if mapped is None or found is None:
            raise self._sight.refusal() or self._drift("FIELD_MISSING", screen, field=field)
        if mapped.readonly or not {"editable", "sensitive"} <= found.states:
            raise self._drift("FIELD_PROTECTED", screen, field=field)
        if mapped.secret:
            self._sight.hide(value)
        where = self._where(screen)
        check_typed(field, value, mapped, code_page=self._map.code_page, where=where)
        try:
            self._surface.focus(found)
            self._wait_for_keys(screen, view, field)
            self._surface.type(found, value)
        except Silent as silent:
            facts = {"system": self._map.name, "detail": str(silent)}
            raise Unavailable("PROGRAM_SILENT", where=where, **facts) from None
        self._read_back(screen, view, field, value)
        self._typed[field] = value

    def press(self, key: str, *expect: str) -> Screen:
        """See `port.Session.press`."""
        screen, view, before = self._sight.before()
        mapped = self._key(key, screen)
        if mapped.commits:
            raise Misconfigured("KEY_COMMITS", key=key, screen=screen.name)
        element = self._element(key, mapped.selector, screen, view)
        self._typed = {}
        try:
            self._surface.act(element)
        except Silent as silent:
            facts = {"system": self._map.name, "detail": str(silent)}
            raise Unavailable("PROGRAM_SILENT", where=self._where(screen), **facts) from None
        return self._sight.settle(expect or mapped.next, before=before)

    def ready(self, key: str) -> None:
        """Make sure that what was typed still stands and that the key can be pressed."""
        screen, view = self._sight.standing()
        mapped = self._key(key, screen)
        for field, value in self._typed.items():
            if field not in screen.fields:
                raise self._drift("FIELD_MISSING", screen, field=field)
            found = view.field(screen, field, system=self._map.name)
            if found is None:
                raise self._drift("FIELD_MISSING", screen, field=field)
            if not _shows(found, value, screen.fields[field]):
                raise self._differs(screen, field, shown=found.shown, value=value)
        self._element(key, mapped.selector, screen, view)

    def send(self, key: str) -> Screen:
        """
        Press the committing key, accept its dialog, wait for the answer.

        Raises InDoubt ANSWER_NOT_SEEN for whatever is not a mapped answer; Refused for
        one that says no.
        """
        screen, view, before = self._sight.before()
        mapped = self._key(key, screen)
        element = self._element(key, mapped.selector, screen, view)
        self._typed = {}
        try:
            self._surface.act(element)
            if mapped.confirms:
                accept = self._sight.dialog(mapped.confirms, mapped.accept, before=before)
                self._surface.act(accept)
            return self._sight.settle(mapped.next, before=before)
        except Refused:
            raise  # a mapped answer: the system says that it changed nothing
        except (Failure, Silent) as unseen:
            facts = {"system": self._map.name, "key": key}
            raise InDoubt("ANSWER_NOT_SEEN", where=self._where(screen), **facts) from unseen

    def _wait_for_keys(self, screen: ScreenMap, view: View, field: str) -> None:
        """Until the box has the keys: typed before, they would go elsewhere."""
        deadline = time.monotonic() + _RESOLVES_S
        while True:
            found = self._same_window(view, field, screen)
            if found and "focused" in found.states:
                return
            if time.monotonic() > deadline:
                raise self._drift("FIELD_PROTECTED", screen, field=field)
            time.sleep(_PAUSE_S)

    def _read_back(self, screen: ScreenMap, view: View, field: str, value: str) -> None:
        """Wait until the box shows `value`: a program may resolve or group what was typed."""
        deadline = time.monotonic() + _RESOLVES_S
        while True:
            found = self._same_window(view, field, screen)
            if found and _shows(found, value, screen.fields[field]):
                return
            if time.monotonic() > deadline:
                shown = found.shown if found else ""
                raise self._differs(screen, field, shown=shown, value=value)
            time.sleep(_PAUSE_S)

    def _same_window(self, view: View, field: str, screen: ScreenMap) -> Node | None:
        """The field as it is now, in the window of `view` as long as that is in front."""
        now = self._sight.look(time.monotonic() + _RESOLVES_S)
        if now is None or now.window.handle != view.window.handle:
            return None
        return now.field(screen, field, system=self._map.name)

    def _differs(self, screen: ScreenMap, field: str, *, shown: str, value: str) -> Refused:
        mapped = screen.fields[field]
        facts = {"shown": hidden(shown, mapped), "value": hidden(value, mapped)}
        return Refused("FIELD_NOT_READ_BACK", where=self._where(screen), field=field, **facts)

    def _key(self, name: str, screen: ScreenMap) -> KeyMap:
        if name not in screen.keys:
            raise self._sight.refusal() or Misconfigured(
                "KEY_UNKNOWN", key=name, screen=screen.name
            )
        return screen.keys[name]

    def _element(self, key: str, selector: str, screen: ScreenMap, view: View) -> Node:
        element = view.pick("", (selector,), system=self._map.name)
        if element is None or "sensitive" not in element.states:
            raise self._drift("KEY_MISSING", screen, key=key)
        return element

    def _drift(self, code: str, screen: ScreenMap, **facts: str) -> Drifted:
        return Drifted(code, where=self._where(screen), screen=screen.name, **facts)

    def _where(self, screen: ScreenMap) -> str:
        return f"{self._map.name} {screen.name}"


def _shows(found: Node, value: str, mapped: FieldMap) -> bool:
    """Whether a box shows what was typed; where a secret cannot be read, there is no saying."""
    if found.role == PASSWORD and found.text is None:
        return True
    return is_same(found.shown, value, mapped)
