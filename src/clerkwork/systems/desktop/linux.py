"""A program on Linux: seen and pressed through AT-SPI, typed into with xdotool."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from clerkwork.errors import Unavailable
from clerkwork.systems.desktop.atspi import do_action, extents, grab_focus, read_tree, set_text
from clerkwork.systems.desktop.bus import Bus
from clerkwork.systems.desktop.cover import Box, Layer, Place, blacken
from clerkwork.systems.desktop.stage import Stage
from clerkwork.systems.desktop.surface import Node, Silent, Tree

_KEY_MS = "2"  # between two keys
_CHILD_S = 30.0
_MARGIN, _TITLE_BAR = 6, 28  # around a window's own pixels


class LinuxSurface:
    """
    One program, started for this. Raises Misconfigured COMMAND_WRONG,
    DESKTOP_PROGRAM_MISSING, PROGRAM_NOT_STARTED, Unavailable SYSTEM_NOT_REACHED.
    """

    def __init__(self, system: str, address: str, *, wait_s: float):
        self._wait_s = wait_s
        self._stage = Stage(system, address)
        environment = self._stage.environment
        try:
            self._bus = Bus(environment["DBUS_SESSION_BUS_ADDRESS"], wait_s=wait_s)
        except Silent as silent:
            self._stage.close()
            facts = {"address": address, "detail": str(silent)}
            raise Unavailable("SYSTEM_NOT_REACHED", system=system, **facts) from None

    def look(self, *, wait_s: float) -> Tree:
        """See `Surface.look`."""
        return read_tree(self._bus, deadline=time.monotonic() + wait_s)

    def focus(self, node: Node) -> None:
        """See `Surface.focus`."""
        grab_focus(self._bus, node, deadline=self._deadline())

    def type(self, node: Node, text: str) -> None:
        """
        See `Surface.type`. The text goes through a pipe: no command line shows it.

        What the keyboard does not have comes as from an input method, all at once:
        xdotool would put it on a spare key, one character after the other, faster
        than a program learns of it (measured: one of twenty was lost).
        """
        if text.isascii() or not set_text(self._bus, node, text, deadline=self._deadline()):
            before = ["key", "ctrl+a", "Delete"] if node.shown else []
            typed = ["type", "--delay", _KEY_MS, "--file", "-"] if text else []
            self._xdotool([*before, *typed], text)
        if "single line" in node.states:
            self._xdotool(["key", "Tab"], "")

    def act(self, node: Node) -> None:
        """See `Surface.act`."""
        do_action(self._bus, node)

    def ended(self) -> str:
        """See `Surface.ended`."""
        return self._stage.ended()

    def pixels(self, tree: Tree, covered: Sequence[Node]) -> bytes | None:
        """See `Surface.pixels`: none when what is covered, or a window, moved meanwhile."""
        windows = [tree.nodes[at] for at in tree.windows()]
        front = [] if (at := tree.front()) is None else [tree.nodes[at]]
        if not self._stage.is_own:  # other programs' windows are nobody's evidence
            windows = front
        if not windows:
            return None
        owners = [tree.window_of(node) for node in covered]
        asked = [*windows, *covered, *owners]
        is_behind = any(owner not in front for owner in owners)
        before = self._places(asked), self._layers(is_behind)
        region = _around(before[0][: len(windows)])
        if self._stage.is_own:
            picture = self._stage.pixels()
        else:
            picture = _screenshot(region, self._stage.environment)
        if before != (self._places(asked), self._layers(is_behind)):
            return None
        places, layers = before
        if len(places) != len(asked):
            return None
        elements = places[len(windows) :]
        of = zip(elements[: len(covered)], elements[len(covered) :], strict=True)
        blacken(picture, [Box(*each) for each in of], layers)
        png = io.BytesIO()
        picture.crop(region).save(png, "PNG")
        return png.getvalue()

    def _places(self, nodes: Sequence[Node]) -> list[Place]:
        return extents(self._bus, nodes, deadline=self._deadline())

    def _layers(self, is_asked: bool) -> list[Layer]:
        """
        The windows of the own screen, the lowest first; none where it cannot be told, so
        that nothing counts as hidden. On a person's screen windows may be translucent.
        """
        if not (is_asked and self._stage.is_own):
            return []
        script = Path(__file__).with_name("stacking.py")
        try:
            told = _run([sys.executable, "-W", "ignore", str(script)], "", self._stage.environment)
        except Silent:
            return []
        return [Layer(tuple(each["client"]), tuple(each["frame"])) for each in json.loads(told)]

    def close(self) -> None:
        """See `Surface.close`."""
        with suppress(OSError):
            self._bus.close()
        self._stage.close()

    def _deadline(self) -> float:
        return time.monotonic() + self._wait_s

    def _xdotool(self, command: Sequence[str], text: str) -> None:
        if command:  # it reads texts by the locale
            environment = {**self._stage.environment, "LC_ALL": "C.UTF-8"}
            _run(["xdotool", *command], text, environment)


def _around(places: Sequence[Place]) -> tuple[int, int, int, int]:
    """The part of the screen with all these windows and their title bars."""
    left = min(place[0] for place in places) - _MARGIN
    top = min(place[1] for place in places) - _TITLE_BAR
    right = max(place[0] + place[2] for place in places) + _MARGIN
    bottom = max(place[1] + place[3] for place in places) + _MARGIN
    return max(left, 0), max(top, 0), right, bottom


def _screenshot(region: tuple[int, int, int, int], environment: Mapping[str, str]) -> Any:
    """The screen of DISPLAY, black but for `region`. Raises Silent."""
    from PIL import Image

    script = Path(__file__).with_name("screenshot.py")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "screen.png"
        _run([sys.executable, "-W", "ignore", str(script), str(path)], "", environment)
        with Image.open(path) as taken:
            taken.load()
            whole = Image.new("RGB", taken.size)
            whole.paste(taken.crop(region), region[:2])
    return whole


def _run(command: Sequence[str], text: str, environment: Mapping[str, str]) -> bytes:
    """What a program that reads `text` writes. Raises Silent when it fails."""
    try:
        return subprocess.run(
            command,
            input=text.encode(),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_CHILD_S,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError) as failed:
        raise Silent(f"{Path(command[0]).name}: {type(failed).__name__}") from None
