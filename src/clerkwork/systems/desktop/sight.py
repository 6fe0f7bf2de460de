"""Looking at a program: what stands there, waiting for what is to come, and its picture."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from clerkwork.errors import Drifted, Failure, Unavailable
from clerkwork.systems.desktop.outline import outline
from clerkwork.systems.desktop.surface import PASSWORD, Node, Silent, Surface, Tree
from clerkwork.systems.desktop.view import View, recognised, screen_of
from clerkwork.systems.maps import ScreenMap, SystemMap
from clerkwork.systems.masking import SHORTEST, has_personal_number, masked, split_over
from clerkwork.systems.meaning import failure_of, not_seen
from clerkwork.systems.port import Picture, Screen, Source

_PAUSE_S, _LONGEST_PAUSE_S = 0.01, 0.2  # between two looks, growing
_PICTURE_S = 2.0


@dataclass(frozen=True)
class Before:
    """What stood there before a key, so that it is not taken for the answer."""

    signature: tuple[object, ...] = ()
    window: object = None
    message: str = ""


class Sight:
    """The mapped screens of one system, seen in its windows; secrets are known and covered."""

    def __init__(self, surface: Surface, system: SystemMap):
        self._surface = surface
        self._map = system
        self._secrets: set[str] = set()
        self._pictured: object = None

    def hide(self, secret: str) -> None:
        """Cover `secret` in every text, and take no picture in which it could be read."""
        if len(secret) >= SHORTEST:
            self._secrets.add(secret)

    def standing(self) -> tuple[ScreenMap, View]:
        """
        The mapped screen in front, once all its marks stand.

        Raises Drifted SCREEN_UNKNOWN, Unavailable SCREEN_LATE, PROGRAM_ENDED.
        """
        deadline = time.monotonic() + self._map.deadline_s
        seen = False
        pause_s = _PAUSE_S
        while True:
            view = self.look(deadline)
            seen = seen or view is not None
            screen = recognised(view, self._map) if view else None
            if screen and view:
                return screen, view
            if time.monotonic() > deadline:
                raise not_seen(tuple(self._map.screens), "" if seen else None, self._map)
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)

    def whole(self) -> tuple[ScreenMap, View]:
        """`standing`, seen twice alike. Raises Unavailable SCREEN_LATE when it never rests."""
        deadline = time.monotonic() + self._map.deadline_s
        while time.monotonic() < deadline:
            screen, view = self.standing()
            if self.stands(view, deadline):
                return screen, view
        raise not_seen(tuple(self._map.screens), None, self._map)

    def glance(self) -> tuple[ScreenMap, View] | None:
        """The mapped screen in front, if one stands there now."""
        view = self.look(time.monotonic() + _PICTURE_S)
        screen = recognised(view, self._map) if view else None
        return (screen, view) if screen and view else None

    def wait_for_another(self, view: View, *, wait_s: float) -> None:
        """Until something else than `view` stands, `wait_s` at most."""
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline and self.stands(view, deadline):
            time.sleep(_PAUSE_S)

    def before(self) -> tuple[ScreenMap, View, Before]:
        """What stands, to be told from what comes."""
        screen, view = self.standing()
        message = self.shown(screen, view).message
        return screen, view, Before(view.signature, view.window.handle, message)

    def stands(self, view: View, deadline: float) -> bool:
        """Whether a second look shows the same: one look takes many questions."""
        again = self.look(deadline)
        return again is not None and again.signature == view.signature

    def refusal(self) -> Failure | None:
        """What the message on the screen that stands means, when it does not let us go on."""
        return failure_of(self.shown(*self.standing()), self._map)

    def shown(self, screen: ScreenMap, view: View) -> Screen:
        """A recognised screen as the port hands it over."""
        return screen_of(view, screen, self._map, self._secrets)

    def settle(self, names: tuple[str, ...], *, before: Before) -> Screen:
        """
        Wait for one of `names` that is not what stood there before, or for any screen
        with a new message that says why it does not come.
        """
        deadline = time.monotonic() + self._map.deadline_s
        pause_s = _PAUSE_S
        shown: str | None = None  # the name of another screen that came, "" when unknown
        lacks: Drifted | None = None
        while time.monotonic() < deadline:
            view = self.look(deadline)
            if view and view.signature != before.signature:
                screen = recognised(view, self._map)
                shown, lacks = screen.name if screen else "", None
                try:
                    answer = self._answer(screen, view, before) if screen else None
                except Drifted as missing:
                    if missing.code != "FIELD_MISSING":
                        raise
                    lacks, answer = missing, None  # it may be painted yet
                if answer and answer.name in names and self.stands(view, deadline):
                    return answer
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)
        raise lacks or not_seen(names, shown, self._map)

    def dialog(self, text: str, accept: str, *, before: Before) -> Node:
        """
        Wait for a window that asks `text`; gives its button `accept`, once it can be pressed.

        Raises Drifted DIALOG_UNEXPECTED.
        """
        deadline = time.monotonic() + self._map.deadline_s
        asked = ""
        while time.monotonic() < deadline:
            view = self.look(deadline)
            if view and view.window.handle != before.window:
                asked = view.window.name
                button = view.pick("", (accept,), system=self._map.name)
                is_asking = any(text in node.shown for node in view.nodes)
                if is_asking and button and "sensitive" in button.states:
                    return button
            time.sleep(_PAUSE_S)
        raise Drifted("DIALOG_UNEXPECTED", system=self._map.name, text=asked)

    def look(self, deadline: float) -> View | None:
        """The window in front, None while there is none. Raises Unavailable PROGRAM_ENDED."""
        tree = self._tree(deadline)
        front = tree.front()
        return None if front is None else View(tree, front)

    def _tree(self, deadline: float) -> Tree:
        """All windows, none where the program is silent. Raises Unavailable PROGRAM_ENDED."""
        try:
            tree = self._surface.look(wait_s=max(0.1, deadline - time.monotonic()))
        except Silent:
            tree = Tree(())
        if not tree.nodes and (why := self._surface.ended()):
            raise Unavailable("PROGRAM_ENDED", system=self._map.name, detail=why)
        return tree

    def picture(self, moment: str) -> Picture:
        """
        The windows now, masked; without pixels where a secret would show, or none came; of a
        failure with all their elements.
        """
        screen, text, image, source = "", "", None, None
        try:
            tree = self._tree(time.monotonic() + _PICTURE_S)
            if moment == "failure":
                source = Source("tree", outline(tree, self._secret_fields(tree), self._secrets))
            front = tree.front()
            if front is not None:
                view = View(tree, front)
                text = view.text(self._secrets)
                self._pictured = view.signature
                found = recognised(view, self._map)
                screen = found.name if found else ""
                if not view.exposes(self._secrets):
                    image = self._surface.pixels(tree, self._covered(tree))
        except (Failure, Silent) as failed:
            why = failed.message() if isinstance(failed, Failure) else str(failed)
            text += f"\n(the picture is not whole: {why})"
        text = masked(text, self._secrets)
        return Picture(self._map.name, screen, moment, text, image, datetime.now(UTC), source)

    def is_pictured(self, view: View) -> bool:
        """Whether the last picture shows `view` already."""
        return self._pictured == view.signature

    def _covered(self, tree: Tree) -> list[Node]:
        """Every element that a picture must not show."""
        seen = [node for node in tree.nodes if "showing" in node.states]
        split = split_over([node.shown for node in seen])
        covered = [
            node
            for at, node in enumerate(seen)
            if at in split or node.role == PASSWORD or has_personal_number(node.shown)
        ]
        return covered + [node for node in self._secret_fields(tree) if node not in covered]

    def _secret_fields(self, tree: Tree) -> list[Node]:
        """What stands, in any window, where the map of any screen has a secret."""
        return [
            found
            for window in tree.windows()
            for screen in self._map.screens.values()
            for name, mapped in screen.fields.items()
            if mapped.secret
            and (found := View(tree, window).field(screen, name, system=self._map.name))
        ]

    def _answer(self, screen: ScreenMap, view: View, before: Before) -> Screen:
        """The screen; raises what its message means, unless it stood there before."""
        answer = self.shown(screen, view)
        is_old = (view.window.handle, answer.message) == (before.window, before.message)
        failure = None if is_old else failure_of(answer, self._map)
        if failure:
            raise failure
        return answer
