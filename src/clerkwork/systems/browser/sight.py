"""Looking at the windows: what stands there, and waiting for what is to come."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from playwright.sync_api import ElementHandle, Error, Frame, Page

from clerkwork.errors import Drifted, Failure, Misconfigured, Unavailable
from clerkwork.systems.browser.view import (
    SCRIPT,
    WINDOW_SCRIPT,
    View,
    marked_frames,
    recognised,
    screen_of,
    target_of,
    tasks_of,
)
from clerkwork.systems.browser.watch import Watch, first_line
from clerkwork.systems.browser.windows import Windows, frames_of, names_to
from clerkwork.systems.maps import FieldMap, KeyMap, ScreenMap, SystemMap
from clerkwork.systems.masking import SHORTEST, masked
from clerkwork.systems.meaning import code_in, failure_of, meaning_of, not_seen
from clerkwork.systems.port import Screen

_DISMISSED_MS = 500.0  # after a dismissed dialog: does the page send something all the same?
_PAUSE_MS, _LONGEST_PAUSE_MS, _GROWTH = 10.0, 200.0, 1.2  # between two looks, growing
_CALM_S = 0.3  # pages that change in place draw again after an answer
# what Playwright says of a frame whose document is just being replaced
_MOVING = ("context was destroyed", "Frame was detached", "Cannot find context")
_CLOSED = "has been closed"
Documents = Mapping[Page, Mapping[str, float]]  # what stood in each window


class Sight:
    """The mapped screens of one system, seen in its windows; secrets are known and covered."""

    def __init__(self, windows: Windows, watch: Watch, system: SystemMap):
        self._windows = windows
        self._watch = watch
        self._map = system
        self._tasks = tasks_of(system)
        self.secrets: set[str] = set()
        self._known: tuple[ScreenMap, View, int] | None = None
        self._calm = "", 0.0  # what a page that changes in place shows, and since when
        self._left_over = True  # whether the refusal before the key has stood there ever since
        self._patience = 0.0  # until when two screens at once are taken for a change in place
        self.changes_in_page = any(
            key.in_page for screen in system.screens.values() for key in screen.keys.values()
        )

    def hide(self, secret: str) -> None:
        """Cover `secret` in every text, and take no picture in which it could be read."""
        if len(secret) >= SHORTEST:
            self.secrets.add(secret)

    def standing(self) -> tuple[ScreenMap, View]:
        """
        The mapped screen in the window in front, once its documents are complete.

        Raises Drifted SCREEN_UNKNOWN, DIALOG_UNEXPECTED, Unavailable SCREEN_LATE,
        SESSION_CLOSED, and what an alert with a mapped message means.
        """
        deadline = time.monotonic() + self._map.deadline_s
        view = self.look()
        while not (view and view.is_complete):
            if self._windows.front is None:
                raise Unavailable("SESSION_CLOSED", system=self._map.name)
            if time.monotonic() > deadline:
                raise not_seen(tuple(self._map.screens), None, self._map)
            self.pause()
            view = self.look()
        self.check_watch()
        screen = recognised(view, self._map)
        if screen is None:
            raise Drifted("SCREEN_UNKNOWN", system=self._map.name)
        self._known = (screen, view, self._watch.navigations)
        return screen, view

    def known(self) -> tuple[ScreenMap, View]:
        """The screen last seen standing, as long as no other can have come since."""
        if self.changes_in_page:
            return self.standing()
        if self._known and self._known[2] == self._watch.navigations and not self._watch.surprise:
            screen, view, _ = self._known
            if view.window is self._windows.front:
                return screen, view
        return self.standing()

    def calm_down(self) -> None:
        """
        Wait until a page that changes in place is calm: what it does after one field may
        fill the next one. Gives up after the deadline; what is typed is read back anyway.
        """
        deadline = time.monotonic() + self._map.deadline_s
        while self.changes_in_page and time.monotonic() < deadline:
            view = self.look()
            if view and self._is_calm(view):
                return
            self.pause()

    def field(
        self, screen: ScreenMap, view: View, name: str, *, focus: bool = False
    ) -> Mapping[str, Any] | None:
        """
        One field as it is now, in the document of `view`; None where it is not. With
        `focus` the cursor is put into it, when it takes typing.
        """
        mapped = screen.fields[name]
        key = f"{screen.name}.{name}"
        task = {"marks": [], "fields": {key: self._tasks[mapped.frame]["fields"][key]}}
        task |= {"tables": [], "focus": key if focus and not mapped.readonly else ""}
        shown = self._read(view.window, mapped.frame, task)
        if shown is None or shown["origin"] != view.documents.get(mapped.frame):
            return None
        found: Mapping[str, Any] | None = shown["fields"].get(key)
        return found

    def is_replaced(self, view: View) -> bool:
        """Whether other documents stand now than in `view`, or come just now."""
        now = self.look(view.window) if self._windows.is_open(view.window) else None
        return now is None or now.documents != view.documents

    def refusal(self) -> Failure | None:
        """What the message on the screen that stands means, when it does not let us go on."""
        screen, view = self.standing()
        return failure_of(self.shown(screen, view), self._map)

    def shown(self, screen: ScreenMap, view: View) -> Screen:
        """A recognised screen as the port hands it over."""
        return screen_of(view, screen, self._map, self.secrets)

    def documents(self, view: View) -> Documents:
        """What stands in every window, for `settle` to tell the new from the old."""
        documents: dict[Page, Mapping[str, float]] = {view.window: view.documents}
        for window in self._windows.newest_first():
            if window is not view.window:
                seen = self.look(window)
                documents[window] = seen.documents if seen else {}
        return documents

    def settle(
        self,
        names: tuple[str, ...],
        *,
        before: Documents,
        window: Page | None = None,
        old: View | None = None,
    ) -> Screen:
        """
        Wait for one of `names`, in another document than stood there `before`, or for
        any screen with a message that says why it does not come.

        When `window`, where the key was pressed, closes, what it covered will do. With
        `old`, what stood there, the answer may come in the same document: anything that
        reads differently, once the page asks its server for nothing more; but no refusal
        that stood there already.
        """
        deadline = time.monotonic() + self._map.deadline_s
        self._patience = deadline - self._map.deadline_s / 2
        self._left_over = True
        pause_ms = _PAUSE_MS
        shown: str | None = None  # the name of another screen that came, "" when unknown
        while time.monotonic() < deadline:
            self.check_watch()
            for screen, view, is_new in self._changed(before, window, old):
                answer = self._answer(screen, view) if screen and is_new else None
                if screen and answer and answer.name in names:
                    self._windows.bring_to_front(view.window)
                    self._known = (screen, view, self._watch.navigations)
                    return answer
                shown = screen.name if screen else ""
            self.pause(pause_ms)
            pause_ms = min(pause_ms * _GROWTH, _LONGEST_PAUSE_MS)
        raise not_seen(names, shown, self._map)

    def _changed(
        self, before: Documents, pressed: Page | None, old: View | None
    ) -> Iterator[tuple[ScreenMap | None, View, bool]]:
        """
        What stands complete in each window, the newest first, where it is not as before;
        and whether the screen is new, or only another frame beside it.
        """
        for window in self._windows.newest_first():
            view = self.look(window)
            if not (view and view.is_complete):
                continue
            try:
                screen = recognised(view, self._map)
            except Misconfigured:
                if not old or time.monotonic() > self._patience:
                    raise
                continue  # a page that changes in place may show two screens for a moment
            if pressed and not self._windows.is_open(pressed):
                yield screen, view, True
            elif view.documents != before.get(window):
                yield screen, view, _is_new(screen, view, before)
            elif old and view.window is old.window:
                is_old = view.text(()) == old.text(()) or self._is_left_over(screen, view, old)
                if self._is_calm(view) and not is_old:
                    yield screen, view, True

    def _is_left_over(self, screen: ScreenMap | None, view: View, old: View) -> bool:
        """Whether the screen still says what it refused before the key: that is no answer."""
        if screen is None or screen.message is None:
            return False
        if view.text_at(screen.message) != old.text_at(screen.message):
            self._left_over = False  # when it comes again it is one
        refusal = failure_of(self.shown(screen, view), self._map)
        return self._left_over and refusal is not None

    def _is_calm(self, view: View) -> bool:
        """Whether the page asks for nothing and has not changed for a while."""
        text = view.text(())
        if self._watch.is_asking or text != self._calm[0]:
            self._calm = text, time.monotonic()
        return time.monotonic() - self._calm[1] > _CALM_S

    def _answer(self, screen: ScreenMap, view: View) -> Screen:
        """The screen as the port hands it over; raises what its message means."""
        answer = self.shown(screen, view)
        failure = failure_of(answer, self._map)
        if failure:
            raise failure
        return answer

    def pick(self, view: View, mapped: FieldMap | KeyMap) -> ElementHandle | None:
        """The element that the first selector means, None where there is none, or two."""
        frames = frames_of(view.window, self._tasks)
        if mapped.frame not in frames:
            return None
        task = {"pick": target_of(mapped) | {"heals": False}}
        return frames[mapped.frame].evaluate_handle(SCRIPT, task).as_element()

    def select(self, view: View, mapped: FieldMap, value: str) -> None:
        """Choose the option that has this value; where the list is gone, nothing is chosen."""
        self._read(view.window, mapped.frame, {"select": target_of(mapped), "value": value})

    def heal(self, view: View, mapped: FieldMap | KeyMap) -> Mapping[str, Any] | None:
        """By which later selector an element can be found: its "rank", and its "label" now."""
        return self._read(view.window, mapped.frame, {"heal": target_of(mapped)})

    def offered(self, view: View, frame: str, typed: str) -> ElementHandle | None:
        """The one choice of an open list that begins with what was typed, and a space."""
        frames = frames_of(view.window, self._tasks)
        return frames[frame].evaluate_handle(SCRIPT, {"offer": typed}).as_element()

    def pause(self, wait_ms: float = _PAUSE_MS) -> None:
        """Let the pages work."""
        window = self._windows.front
        if window is None:
            time.sleep(wait_ms / 1000)
            return
        try:
            window.wait_for_timeout(wait_ms)
        except Error as failed:
            if _CLOSED not in first_line(failed):
                raise

    def look(self, window: Page | None = None) -> View | None:
        """What a window (the front one) shows now; None while a document is being replaced."""
        window = window or self._windows.front
        if window is None:
            return None
        frames = frames_of(window, self._tasks)
        paths = {name: names_to(frame) for name, frame in frames.items()}
        asked = {
            name: {"path": path, "task": self._tasks[name]}
            for name, path in paths.items()
            if path is not None
        }
        together = self._evaluate(window, frames[""], WINDOW_SCRIPT, asked)
        if together is None:
            return None
        shown = {}
        for name in frames:
            seen = together.get(name) or self._read(window, name, self._tasks[name])
            if seen is None:
                return None
            shown[name] = seen
        return View(window, shown, is_first=window is self._windows.first)

    def _read(self, window: Page, name: str, task: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """What frame.js reads in one frame; None while its document is being replaced."""
        frame = frames_of(window, self._tasks).get(name)
        return self._evaluate(window, frame, SCRIPT, task) if frame else None

    def _evaluate(
        self, window: Page, frame: Frame, script: str, task: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """What `script` gives in a frame; None while its document is being replaced."""
        try:
            shown: Mapping[str, Any] = frame.evaluate(script, task)
        except Error as failed:
            detail = first_line(failed)
            if "is not a valid selector" in detail:
                facts = {"system": self._map.name, "detail": detail}
                raise Misconfigured("SELECTOR_WRONG", **facts) from None
            if is_moving(failed):
                return None
            if _CLOSED in detail and not self._windows.is_open(window):
                return None
            raise
        return shown

    def check_watch(self) -> None:
        """Raises what a dialog that was not expected means, or why the server does not serve."""
        if self._watch.surprise:
            self.pause(_DISMISSED_MS)
            raise self.surprised()
        if self._watch.trouble:
            window = self._windows.front
            # without what the page was asked with: a form sent by GET has its values there
            address = masked(window.url.partition("?")[0], self.secrets) if window else ""
            facts = {"address": address, "detail": masked(self._watch.trouble, self.secrets)}
            raise Unavailable("SYSTEM_NOT_REACHED", system=self._map.name, **facts)

    def surprised(self) -> Failure:
        """What an unexpected dialog means: its message when that is mapped, else drift."""
        text = masked(" ".join(self._watch.surprise.split()), self.secrets)
        said = meaning_of(code_in(text, self._map), text, self._map, where=self._map.name)
        return said or Drifted("DIALOG_UNEXPECTED", system=self._map.name, text=text)


def is_moving(failed: Error) -> bool:
    """Whether the document was just being replaced."""
    return any(words in first_line(failed) for words in _MOVING)


def _is_new(screen: ScreenMap | None, view: View, before: Documents) -> bool:
    """Whether a frame of `screen` was loaded anew, and not only another one beside it."""
    old = before.get(view.window)
    if screen is None or old is None:
        return True
    return any(view.documents.get(name) != old.get(name) for name in marked_frames(screen))
