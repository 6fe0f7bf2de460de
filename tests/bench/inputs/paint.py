"""
Run by tests/bench/terminals.py in the peers' environment: paint what it says with one
peer (argument 1: pyte or pyghostty), and print as JSON what stood then and how long it took.

Input on stdin: {"probes": [text, ...], "page": text, "rounds": int}; a screen is 24 by 80.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module


def pyte_screen() -> tuple[Callable[[str], None], Callable[[], list[str]]]:
    """Feed and rows of pyte; the rows are only asked for at the end."""
    pyte = import_module("pyte")
    screen = pyte.Screen(80, 24)
    stream = pyte.Stream(screen)
    return stream.feed, lambda: [row.rstrip() for row in screen.display]


def ghostty_screen() -> tuple[Callable[[str], None], Callable[[], list[str]]]:
    """Feed and rows of libghostty."""
    terminal = import_module("pyghostty").Terminal(80, 24, scrollback=0)
    return terminal.feed, lambda: [row.rstrip() for row in terminal.text().split("\n")]


def seen(new: Callable[..., tuple[Callable[[str], None], Callable[[], list[str]]]], text: str):
    """The first row, or the name of the exception."""
    feed, rows = new()
    try:
        feed(text)
        return rows()[0]
    except IndexError as failed:  # pyte, where a wide character is overwritten
        return type(failed).__name__


def main() -> None:
    """Do what stdin says."""
    asked = json.load(sys.stdin)
    new = {"pyte": pyte_screen, "pyghostty": ghostty_screen}[sys.argv[1]]
    feed, rows = new()
    began = time.perf_counter()
    for _ in range(asked["rounds"]):
        feed(asked["page"])
        rows()
    took_s = time.perf_counter() - began
    json.dump({"seen": [seen(new, text) for text in asked["probes"]], "took_s": took_s}, sys.stdout)


main()
