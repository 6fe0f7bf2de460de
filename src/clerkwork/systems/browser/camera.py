"""
Pictures of the window in front, masked: text always, pixels where no secret would show;
of a failure the documents too.
"""

from __future__ import annotations

from datetime import UTC, datetime

from playwright.sync_api import ElementHandle, Error, Page

from clerkwork.errors import Failure
from clerkwork.systems.browser.cover import covered_picture, personal_boxes
from clerkwork.systems.browser.dom import dom_of
from clerkwork.systems.browser.repair import Repair
from clerkwork.systems.browser.sight import Sight
from clerkwork.systems.browser.view import PASSWORDS, View, masks_of, recognised
from clerkwork.systems.browser.watch import Watch, first_line
from clerkwork.systems.browser.windows import frames_of
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.masking import masked
from clerkwork.systems.port import Picture, Source

_PICTURE_MS = 10_000.0
# what a person can read in a frame, but for passwords, which are masked
_SEEN = """() => [
  document.body?.innerText ?? "",
  ...[...document.querySelectorAll("input:not([type=password]), textarea, select")].map(
    (control) => control.value || control.placeholder || ""),
].join("\\n")"""
_FRAMED = "{selector} {{ outline: 3px solid #d00000 !important }}"


class Camera:
    """Takes the evidence of one session."""

    def __init__(self, sight: Sight, watch: Watch, system: SystemMap):
        self._sight = sight
        self._watch = watch
        self._map = system
        self._masks = masks_of(system)
        self._taken: object = None

    def picture(self, moment: str, repair: Repair | None = None) -> Picture:
        """
        The front window now, masked; without pixels where a secret would show, or none came.

        With `repair` what it would make of the map: the element framed, the diff below.
        """
        screen, text, image, source = "", "", None, None
        secrets = self._sight.secrets
        try:
            view = self._sight.look()
            if view:
                text = view.text(secrets)
                self._taken = (view.documents, text)
                if not (view.exposes(secrets) or self._others_expose(view.window)):
                    image = self._pixels(view.window, repair)
                found = recognised(view, self._map)
                screen = found.name if found else ""
                if moment == "failure":
                    source = Source("dom", self._dom(view))
        except (Failure, Error) as failed:
            why = first_line(failed) if isinstance(failed, Error) else failed.message()
            text += f"\n(the picture is not whole: {why})"
        for said in (*self._watch.said, self._watch.surprise, self._watch.trouble):
            text += f"\n! {said}" if said else ""
        text += f"\n{repair.diff}" if repair else ""
        text = masked(text, secrets)
        return Picture(self._map.name, screen, moment, text, image, datetime.now(UTC), source)

    def has_taken(self, view: View) -> bool:
        """Whether the last picture shows `view` already."""
        return self._taken == (view.documents, view.text(self._sight.secrets))

    def _others_expose(self, window: Page) -> bool:
        """Whether a secret can be read in a frame that no map names."""
        known = frames_of(window, self._masks).values()
        others = [frame.evaluate(_SEEN) for frame in window.frames if frame not in known]
        return any(secret in seen for secret in self._sight.secrets for seen in others)

    def _dom(self, view: View) -> str:
        """The documents of the window, the fields covered that a map says are secret."""
        frames = frames_of(view.window, self._masks)
        hidden: dict[object, list[ElementHandle]] = {}
        for screen in self._map.screens.values():
            for mapped in screen.fields.values():
                element = self._sight.pick(view, mapped) if mapped.secret else None
                if element is not None:
                    hidden.setdefault(frames[mapped.frame], []).append(element)
        return dom_of(view.window, hidden, self._sight.secrets)

    def _pixels(self, window: Page, repair: Repair | None) -> bytes:
        masks = dict.fromkeys(window.frames, PASSWORDS)  # those too that no map names
        masks |= {f: self._masks[name] for name, f in frames_of(window, self._masks).items()}
        png = window.screenshot(
            mask=[frame.locator(selector) for frame, selector in masks.items()],
            mask_color="#000000",
            caret="initial",
            style=_FRAMED.format(selector=repair.selector) if repair else None,
            timeout=_PICTURE_MS,
        )
        boxes = [box for frame in masks for box in personal_boxes(frame)]
        return covered_picture(png, boxes) if boxes else png
