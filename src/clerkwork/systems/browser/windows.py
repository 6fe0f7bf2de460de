"""The windows of one session: the one it began with, and the pop-ups that came since."""

from __future__ import annotations

from collections.abc import Mapping

from playwright.sync_api import BrowserContext, Frame, Page


class Windows:
    """
    Which windows are open, and which one is in front: the one where work goes on.

    A window that opens comes to the front; when the front one closes, the newest that
    is left does.
    """

    def __init__(self, context: BrowserContext, first: Page):
        self.first = first
        self._open: list[Page] = []
        self._front: Page | None = None
        self._add(first)
        context.on("page", self._add)

    @property
    def front(self) -> Page | None:
        """The window in front, None when all are closed."""
        self._forget()
        return self._front

    def bring_to_front(self, window: Page) -> None:
        """Go on in `window`."""
        self._front = window

    def newest_first(self) -> list[Page]:
        """Every open window."""
        self._forget()
        return self._open[::-1]

    def is_open(self, window: Page) -> bool:
        """Whether `window` is still there."""
        return window in self.newest_first()

    def _add(self, window: Page) -> None:
        if window not in self._open:
            self._open.append(window)
            self._front = window

    def _forget(self) -> None:
        self._open = [window for window in self._open if not window.is_closed()]
        if self._front not in self._open:
            self._front = self._open[-1] if self._open else None


def frames_of(window: Page, named: Mapping[str, object]) -> dict[str, Frame]:
    """
    The page of a window ("") and those of its frames that are in `named`, by that name.

    A frame is named by its own name, wherever it is nested, or by its path from the page:
    the names joined by "/", "#2" for the second frame of a page when it has no name. A
    name that two frames have is nobody's.
    """
    found: dict[str, list[Frame]] = {}
    for path, frame in _paths(window.main_frame, ""):
        for name in {path, frame.name}:
            if name in named and name:
                found.setdefault(name, []).append(frame)
    frames = {name: frames[0] for name, frames in found.items() if len(frames) == 1}
    return {"": window.main_frame} | frames


def names_to(frame: Frame) -> list[str] | None:
    """The names that lead from the page to `frame`; None where one of them has no name."""
    names: list[str] = []
    while outer := frame.parent_frame:
        names.insert(0, frame.name)
        frame = outer
    return names if all(names) else None


def _paths(frame: Frame, stem: str) -> list[tuple[str, Frame]]:
    """Every frame below `frame` with its path."""
    found = []
    for number, child in enumerate(frame.child_frames, start=1):
        path = f"{stem}{child.name or f'#{number}'}"
        found += [(path, child), *_paths(child, f"{path}/")]
    return found
