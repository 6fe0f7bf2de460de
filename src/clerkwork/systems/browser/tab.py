"""
One page with one system in it: type as a person does, read back, press.

Everything here runs in the one thread that owns the browser; `session` is the port.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from playwright.sync_api import ElementHandle, Error
from playwright.sync_api import TimeoutError as TooLate

from clerkwork.errors import Drifted, Failure, InDoubt, Misconfigured, Refused, Unavailable
from clerkwork.systems.browser.chrome import Chrome
from clerkwork.systems.browser.sight import Sight
from clerkwork.systems.browser.values import check_value, is_same
from clerkwork.systems.browser.view import View
from clerkwork.systems.browser.watch import Watch, first_line
from clerkwork.systems.maps import KeyMap, ScreenMap, SystemMap
from clerkwork.systems.port import Picture, Screen
from clerkwork.systems.typing import hidden

_RESOLVES_S = 2.0  # how long a field may take to show its resolved value
_LEAVE_MS = 2000.0


class Tab:
    """A page on its way through the mapped screens of one system."""

    def __init__(self, system: SystemMap, *, secret: str, headless: bool):
        self._map = system
        self._typed: dict[str, str] = {}  # what was typed into the form that stands, by field
        self._chrome = Chrome(headless=headless, timeout_s=system.deadline_s)
        self._watch = Watch(self._chrome.page)
        self._sight = Sight(self._chrome.page, self._watch, system)
        self._sight.hide(secret)

    def connect(self, address: str) -> None:
        """Open `address`. Raises Unavailable SYSTEM_NOT_REACHED."""
        try:
            self._chrome.page.goto(address, wait_until="commit")
        except Error as failed:
            self._watch.trouble = self._watch.trouble or first_line(failed)
        if self._watch.trouble:
            facts = {"address": address, "detail": self._watch.trouble}
            raise Unavailable("SYSTEM_NOT_REACHED", system=self._map.name, **facts)

    def stop(self) -> None:
        """Sign off by the mapped key `sign_off`, if the screen has one, and stop the browser."""
        try:
            screen, _ = self._sight.standing()
            leave = screen.keys.get("sign_off")
            if leave and not leave.commits:
                self._element("sign_off", leave, screen).click(timeout=_LEAVE_MS)
        except (Failure, Error):
            pass  # leaving politely is a courtesy: closing the browser ends it in any case
        self._chrome.stop()

    def kill(self) -> None:
        """End the browser at once; the one call that may come from another thread."""
        self._chrome.kill()

    def picture(self, moment: str) -> Picture:
        """The page now, masked."""
        return self._sight.picture(moment)

    def now(self) -> Screen:
        """See `port.Session.now`."""
        return self._sight.shown(*self._sight.standing())

    def expect(self, *names: str) -> Screen:
        """See `port.Session.expect`."""
        return self._sight.settle(names, before={})

    def rows(self, table: str) -> tuple[list[Mapping[str, str]], Picture | None]:
        """
        The rows, and the picture of them unless the last one shows them already.

        Raises Drifted TABLE_CHANGED for another number of cells.
        """
        screen, view = self._sight.standing()
        mapped = screen.tables.get(table)
        if mapped is None:
            raise self._drift("FIELD_MISSING", screen, field=table)
        rows: list[Mapping[str, str]] = []
        for cells in view.table(mapped):
            if len(cells) != len(mapped.cells):
                facts = {"shown": str(len(cells)), "expected": str(len(mapped.cells))}
                raise self._drift("TABLE_CHANGED", screen, table=table, **facts)
            rows.append(dict(zip(mapped.cells, cells, strict=True)))
        return rows, None if self._sight.is_pictured(view) else self._sight.picture("read")

    def differences(self) -> list[Drifted]:
        """See `port.Session.differences`."""
        screen, view = self._sight.standing()
        differing = []
        for name, mapped in screen.fields.items():
            found = self._sight.field(screen, view, name)
            if found is None:
                differing.append(self._drift("FIELD_MISSING", screen, field=name))
            elif not (mapped.readonly or found["takesTyping"]):
                differing.append(self._drift("FIELD_PROTECTED", screen, field=name))
        for key, mapped_key in screen.keys.items():
            if self._sight.pick(mapped_key.frame, "", (mapped_key.selector,)) is None:
                differing.append(self._drift("KEY_MISSING", screen, key=key))
        return differing

    def set(self, field: str, value: str) -> None:
        """See `port.Session.set`; the map and the checks are asked before a key goes out."""
        screen, view = self._sight.known()
        mapped = screen.fields.get(field)
        found = self._sight.field(screen, view, field) if mapped else None
        if mapped is None or found is None:
            raise self._sight.refusal() or self._drift("FIELD_MISSING", screen, field=field)
        if mapped.readonly or not found["takesTyping"]:
            raise self._drift("FIELD_PROTECTED", screen, field=field)
        if mapped.secret:
            self._sight.hide(value)
        where = self._where(screen)
        if found["isSelect"]:
            value = _choice(field, value, found["choices"], where=where)
        else:
            check_value(field, value, mapped, code_page=self._map.code_page, where=where)
        element = self._sight.pick(mapped.frame, mapped.label, mapped.selectors, focus=True)
        if element is None:
            raise self._drift("FIELD_MISSING", screen, field=field)
        if found["isSelect"]:
            element.select_option(value=value)
            element.press("Tab")
        else:
            self._type(value, is_empty=found["value"] == "")
        self._read_back(screen, view, field, value)
        self._typed[field] = value

    def press(self, key: str, *expect: str) -> Screen:
        """See `port.Session.press`."""
        screen, view = self._sight.known()
        mapped = self._key(key, screen)
        if mapped.commits:
            raise Misconfigured("KEY_COMMITS", key=key, screen=screen.name)
        element = self._element(key, mapped, screen)
        self._typed = {}
        self._watch.begin()
        element.click(no_wait_after=True)
        return self._sight.settle(expect or mapped.next, before=view.documents)

    def ready(self, key: str) -> None:
        """Make sure that what was typed still stands and that the key can be pressed."""
        screen, view = self._sight.standing()
        mapped = self._key(key, screen)
        for field, value in self._typed.items():
            found = view.field(screen, field) if field in screen.fields else None
            if found is None:
                raise self._drift("FIELD_MISSING", screen, field=field)
            if not is_same(found["value"], value, screen.fields[field]):
                raise self._differs(screen, field, shown=found["value"], value=value)
        try:
            self._element(key, mapped, screen).click(trial=True)
        except TooLate:
            raise self._drift("KEY_MISSING", screen, key=key) from None

    def send(self, key: str) -> Screen:
        """
        Press the committing key, accept its dialog, wait for the answer.

        Raises InDoubt ANSWER_NOT_SEEN for whatever is not a mapped answer; Refused for
        one that says no; Drifted DIALOG_UNEXPECTED when nothing was sent.
        """
        screen, view = self._sight.known()
        mapped = self._key(key, screen)
        element = self._element(key, mapped, screen)
        self._typed = {}
        self._watch.begin(confirms=mapped.confirms)
        try:
            with self._watch.sending_once(timeout_s=self._map.deadline_s):
                element.click(no_wait_after=True)
                return self._sight.settle(mapped.next, before=view.documents)
        except Refused:
            raise  # a mapped answer: the system says that it changed nothing
        except (Failure, Error) as unseen:
            if self._watch.surprise and not self._watch.has_sent:
                raise self._sight.surprised() from None
            facts = {"system": self._map.name, "key": key}
            raise InDoubt("ANSWER_NOT_SEEN", where=self._where(screen), **facts) from unseen

    def _type(self, value: str, *, is_empty: bool) -> None:
        """Over whatever stood there, key by key; leaving the field lets the page resolve it."""
        keys = self._chrome.page.keyboard
        if not is_empty:
            keys.press("ControlOrMeta+a")
            keys.press("Delete")
        keys.type(value)
        keys.press("Tab")

    def _read_back(self, screen: ScreenMap, view: View, field: str, value: str) -> None:
        """Wait until the field shows `value`: a page may resolve or group what was typed."""
        deadline = time.monotonic() + _RESOLVES_S
        while True:
            found = self._sight.field(screen, view, field)
            if found and is_same(found["value"], value, screen.fields[field]):
                return
            if time.monotonic() > deadline:
                shown = found["value"] if found else ""
                raise self._differs(screen, field, shown=shown, value=value)
            self._sight.pause()

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

    def _element(self, key: str, mapped: KeyMap, screen: ScreenMap) -> ElementHandle:
        element = self._sight.pick(mapped.frame, "", (mapped.selector,))
        if element is None:
            raise self._drift("KEY_MISSING", screen, key=key)
        return element

    def _drift(self, code: str, screen: ScreenMap, **facts: str) -> Drifted:
        return Drifted(code, where=self._where(screen), screen=screen.name, **facts)

    def _where(self, screen: ScreenMap) -> str:
        return f"{self._map.name} {screen.name}"


def _choice(field: str, value: str, choices: list[list[str]], *, where: str) -> str:
    """The value of the option whose value or text is `value`. Raises Refused FIELD_NOT_A_CHOICE."""
    for option, text in choices:
        if value in (option, text):
            return option
    shown = ", ".join(option for option, _ in choices if option)
    raise Refused("FIELD_NOT_A_CHOICE", where=where, field=field, value=value, choices=shown)
