"""The keys that maps may name, by driver."""

from __future__ import annotations

import re
from dataclasses import dataclass

TN3270 = re.compile(r"Enter|Clear|PF([1-9]|1[0-9]|2[0-4])|PA[1-3]")
_VT = re.compile(
    r"Enter|Tab|BackTab|Esc|Backspace|Insert|Delete|PageUp|PageDown|Up|Down|Right|Left|Home|End"
    r"|Ctrl-[A-Z@\[\\\]^_]|F([1-9]|1[0-9]|2[0-4])"
)
_ONLY_XTERM = re.compile(r"F2[1-4]")


@dataclass(frozen=True)
class Known:
    """What can be written, as people read it."""

    en: str
    zh: str


KNOWN = {
    "tn3270": Known(
        "Enter, Clear, PF1 to PF24, PA1 to PA3", "Enter、Clear、PF1 至 PF24、PA1 至 PA3"
    ),
    "vt": Known(
        "Enter, Tab, Esc, arrows (Up, ...), F1 to F20 (xterm: F24), Ctrl-U and the like",
        "Enter、Tab、Esc、方向键（Up 等）、F1 至 F20（xterm 至 F24）、Ctrl-U 等",
    ),
    "browser": Known("a label or a selector, no send", "label 或 selector，不用 send"),
    "desktop": Known("a selector, no send", "selector，不用 send"),
}


def is_key(name: str, driver: str, *, term: str) -> bool:
    """
    Whether the terminals of `driver` have this key.

    >>> is_key("PF24", "tn3270", term=""), is_key("PF25", "tn3270", term="")
    (True, False)
    >>> is_key("F21", "vt", term="xterm-256color"), is_key("F21", "vt", term="vt220")
    (True, False)
    """
    if driver == "tn3270":
        return bool(TN3270.fullmatch(name))
    if _ONLY_XTERM.fullmatch(name) and not term.startswith("xterm"):
        return False
    return bool(_VT.fullmatch(name))


def wrong_key(
    driver: str, *, term: str, send: str, label: str, selector: str
) -> tuple[str, str] | None:
    """What in a key's map no `driver` can press, and how it is written; None when it can."""
    if driver in ("tn3270", "vt"):
        return None if is_key(send, driver, term=term) else ("send", send)
    if driver in ("browser", "desktop"):
        if send:
            return "send", send
        if not (selector or (label and driver == "browser")):
            return "selector", selector
    return None
