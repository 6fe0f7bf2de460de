"""
Says which windows of the screen of DISPLAY lie over which, on one line: run as a script.

A list, the lowest window first, each `{"client": [left, top, width, height], "frame": ...}`:
what the program draws, and the same with the title bar around it. The list is empty where
something else lies among them, or one does not fill its frame: then what is over what
cannot be told. A process of its own, because Xlib takes the cookie of the screen from the
environment.
"""

from __future__ import annotations

import json
from typing import Any

from Xlib import X, display
from Xlib.ext import shape


def main() -> None:
    """Write the line."""
    screen = display.Display()
    root = screen.screen().root
    listed = root.get_full_property(screen.get_atom("_NET_CLIENT_LIST_STACKING"), X.AnyPropertyType)
    clients = [screen.create_resource_object("window", each) for each in listed.value]
    frames = {_frame(client, root).id: client for client in clients}
    windows = [each for each in root.query_tree().children if _is_seen(each, root)]
    is_told = all(each.id in frames and not _is_shaped(each) for each in windows)
    places = [
        {"client": _place(frames[each.id], root), "frame": _place(each, root)}
        for each in (windows if is_told else ())
    ]
    print(json.dumps(places))


def _frame(window: Any, root: Any) -> Any:
    """The window around it that the window manager gave it, itself where it gave none."""
    while (parent := window.query_tree().parent) != root:
        window = parent
    return window


def _is_seen(window: Any, root: Any) -> bool:
    """Whether it shows anything."""
    told = window.get_attributes()
    if told.map_state != X.IsViewable or told.win_class != X.InputOutput:
        return False
    left, top, width, height = _place(window, root)
    whole = root.get_geometry()
    return left < whole.width and top < whole.height and left + width > 0 and top + height > 0


def _is_shaped(window: Any) -> bool:
    """Whether it has holes."""
    return bool(shape.query_extents(window).bounding_shaped)


def _place(window: Any, root: Any) -> tuple[int, int, int, int]:
    size, corner = window.get_geometry(), root.translate_coords(window, 0, 0)
    return corner.x, corner.y, size.width, size.height


if __name__ == "__main__":
    main()
