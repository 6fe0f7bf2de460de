"""
The windows with one system in them: look, fill, press, wait.

Everything here runs in the one thread that owns the browser; `session` is the port.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import ElementHandle, Error
from playwright.sync_api import TimeoutError as TooLate

from clerkwork.errors import Drifted, Failure, InDoubt, Misconfigured, Refused, Unavailable
from clerkwork.systems.browser.camera import Camera
from clerkwork.systems.browser.chrome import Chrome
from clerkwork.systems.browser.form import Form
from clerkwork.systems.browser.session import Download
from clerkwork.systems.browser.sight import Documents, Sight, is_moving
from clerkwork.systems.browser.view import View
from clerkwork.systems.browser.watch import Watch, first_line
from clerkwork.systems.browser.windows import Windows
from clerkwork.systems.browser.wrong import Wrong
from clerkwork.systems.maps import KeyMap, ScreenMap, SystemMap
from clerkwork.systems.port import Picture, Screen

_LEAVE_MS = 2000.0
_GONE, _CLOSED = "not attached to the DOM", "has been closed"  # what Playwright says


class Tab:
    """A browser on its way through the mapped screens of one system."""

    def __init__(self, system: SystemMap, *, secret: str, headless: bool):
        self._map = system
        self._chrome = Chrome(headless=headless, timeout_s=system.deadline_s)
        self._watch = Watch(self._chrome.context, why_not=self._chrome.outlet.failure)
        self._page = self._chrome.context.new_page()
        self._windows = Windows(self._chrome.context, self._page)
        self._sight = Sight(self._windows, self._watch, system)
        self._sight.hide(secret)
        self._wrong = Wrong(system, self._sight)
        self._form = Form(system, self._sight, self._watch, self._wrong)
        self._camera = Camera(self._sight, self._watch, system)

    def connect(self, address: str) -> None:
        """Open `address`. Raises Unavailable SYSTEM_NOT_REACHED."""
        try:
            self._page.goto(address, wait_until="commit")
        except Error as failed:
            self._watch.trouble = self._watch.trouble or first_line(failed)
        if self._watch.trouble:
            facts = {"address": address, "detail": self._watch.trouble}
            raise Unavailable("SYSTEM_NOT_REACHED", system=self._map.name, **facts)

    def stop(self) -> None:
        """
        Close the pop-ups, sign off by the mapped key `sign_off`, if the screen has one, and
        stop the browser.
        """
        try:
            for window in self._windows.newest_first()[:-1]:
                window.close()
            screen, view = self._sight.standing()
            leave = screen.keys.get("sign_off")
            if leave and not leave.commits:
                self._watch.begin(leave)
                self._element("sign_off", leave, screen, view).click(timeout=_LEAVE_MS)
        except (Failure, Error):
            pass  # leaving politely is a courtesy: closing the browser ends it in any case
        self._chrome.stop()

    def kill(self) -> None:
        """End the browser at once; the one call that may come from another thread."""
        self._chrome.kill()

    def pictures(self, moment: str) -> list[Picture]:
        """The window in front now, masked; and with it the proposed repair, if there is one."""
        repair, self._wrong.repair = self._wrong.repair, None
        taken = [self._camera.picture(moment)]
        return [*taken, self._camera.picture("repair", repair)] if repair else taken

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
            raise self._wrong.drift("FIELD_MISSING", screen, field=table)
        rows: list[Mapping[str, str]] = []
        for cells in view.table(mapped):
            if len(cells) != len(mapped.cells):
                facts = {"shown": str(len(cells)), "expected": str(len(mapped.cells))}
                raise self._wrong.drift("TABLE_CHANGED", screen, table=table, **facts)
            rows.append(dict(zip(mapped.cells, cells, strict=True)))
        return rows, None if self._camera.has_taken(view) else self._camera.picture("read")

    def differences(self) -> list[Drifted]:
        """See `port.Session.differences`."""
        screen, view = self._sight.standing()
        differing = []
        for name, mapped in screen.fields.items():
            found = self._sight.field(screen, view, name)
            if found is None:
                differing.append(self._wrong.drift("FIELD_MISSING", screen, field=name))
            elif not (mapped.readonly or found["takesTyping"]):
                differing.append(self._wrong.drift("FIELD_PROTECTED", screen, field=name))
        for key, mapped_key in screen.keys.items():
            if self._sight.pick(view, mapped_key) is None:
                differing.append(self._wrong.drift("KEY_MISSING", screen, key=key))
        return differing

    def set(self, field: str, value: str) -> None:
        """See `port.Session.set`."""
        self._form.set(field, value)

    def press(self, key: str, *expect: str) -> Screen:
        """See `port.Session.press`; a page that was painted anew meanwhile is looked at again."""
        self._form.forget()
        screen, mapped, view, before = self._pressed(key)
        names = expect or mapped.next
        try:
            return self._settle(names, mapped, view, before)
        except Drifted as failed:
            if failed.facts.get("shown") != screen.name or not self._sight.is_replaced(view):
                raise
        # The page was painted anew under the key, and the old one was the only one to hear it:
        # press it as a person does who sees the same page still stand there.
        screen, mapped, view, before = self._pressed(key)
        return self._settle(names, mapped, view, before)

    def _pressed(self, key: str) -> tuple[ScreenMap, KeyMap, View, Documents]:
        """Press a plain key; on which screen, and what stood there before."""
        deadline = time.monotonic() + self._map.deadline_s
        while True:
            screen, view = self._sight.known()
            mapped = self._plain_key(key, screen)
            try:
                element = self._element(key, mapped, screen, view)
                before = self._sight.documents(view)
                self._watch.begin(mapped)
                element.click(no_wait_after=True)
            except Error as failed:
                is_gone = _GONE in failed.message or is_moving(failed)
                if is_gone and time.monotonic() < deadline:
                    self._sight.pause()
                    continue  # nothing was pressed
                if _CLOSED not in failed.message or self._page.is_closed():
                    raise  # else the key closed its own window
            return screen, mapped, view, before

    def download(self, key: str) -> Download:
        """Press a key that commits nothing and take the file that comes."""
        screen, view = self._sight.known()
        mapped = self._plain_key(key, screen)
        element = self._element(key, mapped, screen, view)
        self._watch.begin(mapped, takes_file=True)
        element.click(no_wait_after=True)
        deadline = time.monotonic() + self._map.deadline_s
        while not self._watch.downloads:
            self._sight.check_watch()
            if time.monotonic() > deadline:
                raise self._no_file(key)
            self._sight.pause()
        file = self._watch.downloads[0]
        if file.failure():
            raise self._no_file(key)
        return Download(Path(file.suggested_filename).name, Path(file.path()).read_bytes())

    def ready(self, key: str) -> None:
        """Make sure that what was typed still stands and that the key can be pressed."""
        screen, view = self._sight.standing()
        mapped = self._key(key, screen)
        self._form.check(screen, view)
        try:
            self._element(key, mapped, screen, view).click(trial=True)
        except TooLate:
            raise self._wrong.drift("KEY_MISSING", screen, key=key) from None

    def send(self, key: str) -> Screen:
        """
        Press the committing key, answer its dialogs, wait for the answer.

        Raises InDoubt ANSWER_NOT_SEEN for whatever is not a mapped answer; Refused for
        one that says no; what an unexpected dialog means when nothing was sent.
        """
        screen, view = self._sight.known()
        mapped = self._key(key, screen)
        element = self._element(key, mapped, screen, view)
        before, files = self._sight.documents(view), self._form.files
        self._form.forget()
        self._watch.begin(mapped)
        try:
            with self._watch.sending_once(files, timeout_s=self._map.deadline_s):
                element.click(no_wait_after=True)
                return self._settle(mapped.next, mapped, view, before)
        except Refused:
            raise  # a mapped answer: the system says that it changed nothing
        except (Failure, Error) as unseen:
            if self._watch.surprise and not self._watch.has_sent:
                raise self._sight.surprised() from None
            facts = {"system": self._map.name, "key": key}
            where = self._wrong.where(screen)
            raise InDoubt("ANSWER_NOT_SEEN", where=where, **facts) from unseen

    def _settle(self, names: tuple[str, ...], key: KeyMap, view: View, before: Documents) -> Screen:
        old = view if key.in_page else None
        return self._sight.settle(names, before=before, window=view.window, old=old)

    def _no_file(self, key: str) -> Failure:
        """Why no file came: what the system says, else that it did not."""
        return self._sight.refusal() or Unavailable(
            "DOWNLOAD_MISSING", system=self._map.name, key=key
        )

    def _plain_key(self, name: str, screen: ScreenMap) -> KeyMap:
        mapped = self._key(name, screen)
        if mapped.commits:
            raise Misconfigured("KEY_COMMITS", key=name, screen=screen.name)
        return mapped

    def _key(self, name: str, screen: ScreenMap) -> KeyMap:
        if name not in screen.keys:
            raise self._sight.refusal() or Misconfigured(
                "KEY_UNKNOWN", key=name, screen=screen.name
            )
        return screen.keys[name]

    def _element(self, key: str, mapped: KeyMap, screen: ScreenMap, view: View) -> ElementHandle:
        element = self._sight.pick(view, mapped)
        if element is None:
            drifted = self._wrong.drifted(screen, view, key, mapped)
            raise drifted or self._wrong.drift("KEY_MISSING", screen, key=key)
        return element
