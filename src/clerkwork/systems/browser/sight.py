"""Looking at a page: what stands there, waiting for what is to come, and its picture."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import ElementHandle, Error, Frame, Page

from clerkwork.errors import Drifted, Failure, Misconfigured, Unavailable
from clerkwork.systems.browser.view import (
    SCRIPT,
    View,
    frames_of,
    masked,
    masks_of,
    recognised,
    screen_of,
    tasks_of,
)
from clerkwork.systems.browser.watch import Watch, first_line
from clerkwork.systems.maps import ScreenMap, SystemMap
from clerkwork.systems.meaning import failure_of
from clerkwork.systems.port import Picture, Screen

_SHORTEST_MASKED = 4  # a shorter secret would cover half the page; its field is masked anyway
_DISMISSED_MS = 500.0  # after a dismissed dialog: does the page send something all the same?
_PICTURE_MS = 10_000.0
_PAUSE_MS, _LONGEST_PAUSE_MS = 10.0, 200.0  # between two looks, growing
# what Playwright says of a frame whose document is just being replaced
_MOVING = ("context was destroyed", "Frame was detached", "Cannot find context")


class Sight:
    """The mapped screens of one system, seen on one page; secrets are known and covered."""

    def __init__(self, page: Page, watch: Watch, system: SystemMap):
        self._page = page
        self._watch = watch
        self._map = system
        self._tasks = tasks_of(system)
        self._masks = masks_of(system)
        self._secrets: set[str] = set()
        self._known: tuple[ScreenMap, View, int] | None = None
        self._pictured: object = None

    def hide(self, secret: str) -> None:
        """Cover `secret` in every text, and take no picture in which it could be read."""
        if len(secret) >= _SHORTEST_MASKED:
            self._secrets.add(secret)

    def standing(self) -> tuple[ScreenMap, View]:
        """
        The mapped screen as it stands, once its documents are complete.

        Raises Drifted SCREEN_UNKNOWN, DIALOG_UNEXPECTED, Unavailable SCREEN_LATE.
        """
        deadline = time.monotonic() + self._map.deadline_s
        view = self._look()
        while not (view and view.is_complete):
            if time.monotonic() > deadline:
                raise self._late(tuple(self._map.screens), None)
            self._page.wait_for_timeout(_PAUSE_MS)
            view = self._look()
        self._check_watch()
        screen = recognised(view, self._map)
        if screen is None:
            raise Drifted("SCREEN_UNKNOWN", system=self._map.name)
        self._known = (screen, view, self._watch.navigations)
        return screen, view

    def known(self) -> tuple[ScreenMap, View]:
        """The screen last seen standing, as long as no document has come since."""
        if self._known and self._known[2] == self._watch.navigations and not self._watch.surprise:
            return self._known[:2]
        return self.standing()

    def field(self, screen: ScreenMap, view: View, name: str) -> Mapping[str, Any] | None:
        """One field as it is now, in the document of `view`; None where it is not."""
        mapped = screen.fields[name]
        frame = self._frames().get(mapped.frame)
        key = f"{screen.name}.{name}"
        task = {"marks": [], "fields": {key: self._tasks[mapped.frame]["fields"][key]}}
        shown = self._read(frame, task | {"tables": []}) if frame else None
        if shown is None or shown["origin"] != view.documents[mapped.frame]:
            return None
        found: Mapping[str, Any] | None = shown["fields"].get(key)
        return found

    def refusal(self) -> Failure | None:
        """What the message on the screen that stands means, when it does not let us go on."""
        screen, view = self.standing()
        return failure_of(self.shown(screen, view), self._map)

    def shown(self, screen: ScreenMap, view: View) -> Screen:
        """A recognised screen as the port hands it over."""
        return screen_of(view, screen, self._map, self._secrets)

    def settle(self, names: tuple[str, ...], *, before: Mapping[str, float]) -> Screen:
        """
        Wait for one of `names`, in another document than stood there `before`, or for
        any screen with a message that says why it does not come.
        """
        deadline = time.monotonic() + self._map.deadline_s
        pause_ms = _PAUSE_MS
        shown: str | None = None  # the name of another screen that came, "" when unknown
        while time.monotonic() < deadline:
            view = self._look()
            self._check_watch()
            if view and view.is_complete and view.documents != before:
                screen = recognised(view, self._map)
                answer = self._answer(screen, view, before) if screen else None
                if screen and answer and answer.name in names:
                    self._known = (screen, view, self._watch.navigations)
                    return answer
                shown = screen.name if screen else ""
            self._page.wait_for_timeout(pause_ms)
            pause_ms = min(pause_ms * 1.5, _LONGEST_PAUSE_MS)
        raise self._late(names, shown)

    def _answer(self, screen: ScreenMap, view: View, before: Mapping[str, float]) -> Screen | None:
        """The screen, when it is new; raises what its message means."""
        if all(view.documents[name] == before.get(name) for name in frames_of(screen)):
            return None  # another frame was loaded anew, this one is still the old one
        answer = self.shown(screen, view)
        failure = failure_of(answer, self._map)
        if failure:
            raise failure
        return answer

    def pick(
        self, frame: str, label: str, selectors: tuple[str, ...], *, focus: bool = False
    ) -> ElementHandle | None:
        """The one element that is meant, None where there is none, or more than one."""
        frames = self._frames()
        if frame not in frames:
            return None
        task = {"pick": {"label": label, "selectors": selectors}, "focus": focus}
        return frames[frame].evaluate_handle(SCRIPT, task).as_element()

    def pause(self) -> None:
        """Let the page work."""
        self._page.wait_for_timeout(_PAUSE_MS)

    def picture(self, moment: str) -> Picture:
        """The page now, masked; without pixels where a secret would show, or none came."""
        screen, text, image = "", "", None
        try:
            view = self._look() or View({})
            text = view.text(self._secrets)
            self._pictured = (view.documents, text)
            if not view.exposes(self._secrets):
                image = self._pixels()
            found = recognised(view, self._map)
            screen = found.name if found else ""
        except (Failure, Error) as failed:
            why = first_line(failed) if isinstance(failed, Error) else failed.message()
            text += f"\n(the picture is not whole: {why})"
        for said in (self._watch.confirmed, self._watch.surprise, self._watch.trouble):
            text += f"\n! {said}" if said else ""
        text = masked(text, self._secrets)
        return Picture(self._map.name, screen, moment, text, image, datetime.now(UTC))

    def is_pictured(self, view: View) -> bool:
        """Whether the last picture shows `view` already."""
        return self._pictured == (view.documents, view.text(self._secrets))

    def surprised(self) -> Drifted:
        """The failure that an unexpected dialog is, as long as nothing was sent."""
        text = masked(" ".join(self._watch.surprise.split()), self._secrets)
        return Drifted("DIALOG_UNEXPECTED", system=self._map.name, text=text)

    def _pixels(self) -> bytes:
        return self._page.screenshot(
            mask=[frame.locator(self._masks[name]) for name, frame in self._frames().items()],
            mask_color="#000000",
            caret="initial",
            timeout=_PICTURE_MS,
        )

    def _frames(self) -> dict[str, Frame]:
        """The page itself ("") and those of its frames that the maps name."""
        named = {f.name: f for f in self._page.frames if f.name and f.name in self._tasks}
        return {"": self._page.main_frame} | named

    def _look(self) -> View | None:
        """What the page shows now; None while a document is being replaced."""
        shown = {}
        for name, frame in self._frames().items():
            seen = self._read(frame, self._tasks[name])
            if seen is None:
                return None
            shown[name] = seen
        return View(shown)

    def _read(self, frame: Frame, task: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """What frame.js reads in one frame; None while its document is being replaced."""
        try:
            shown: Mapping[str, Any] = frame.evaluate(SCRIPT, task)
        except Error as failed:
            detail = first_line(failed)
            if "is not a valid selector" in detail:
                facts = {"system": self._map.name, "detail": detail}
                raise Misconfigured("SELECTOR_WRONG", **facts) from None
            if any(words in detail for words in _MOVING):
                return None
            raise
        return shown

    def _check_watch(self) -> None:
        if self._watch.surprise:
            self._page.wait_for_timeout(_DISMISSED_MS)
            raise self.surprised()
        if self._watch.trouble:
            facts = {"address": self._page.url, "detail": self._watch.trouble}
            raise Unavailable("SYSTEM_NOT_REACHED", system=self._map.name, **facts)

    def _late(self, names: tuple[str, ...], shown: str | None) -> Failure:
        facts = {"system": self._map.name, "expected": ", ".join(names)}
        if shown is None:
            return Unavailable("SCREEN_LATE", **facts, wait_s=f"{self._map.deadline_s:g}")
        if not shown:
            return Drifted("SCREEN_UNKNOWN", system=self._map.name)
        return Drifted("SCREEN_UNEXPECTED", **facts, shown=shown)
