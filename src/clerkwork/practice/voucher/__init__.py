"""
The practice voucher program: a desktop program (GTK 3) in which slips are keyed by hand.

It is no server: each clerk starts a program of his own, on one common book. It needs the
Debian packages python3-gi and gir1.2-gtk-3.0, which belong to the system's own Python.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from clerkwork.practice.slips import SlipBook

SYSTEM = "voucher"
_PYTHON = "/usr/bin/python3"  # the one that has GTK

__all__ = ["SYSTEM", "address", "open_book"]


def address(home: Path) -> str:
    """How the program of the practice bank in `home` is started: "command:..."."""
    source = Path(__file__).parents[3]
    command = ["env", f"PYTHONPATH={source}", "PYTHONDONTWRITEBYTECODE=1", _PYTHON]
    command += ["-m", "clerkwork.practice.voucher", str(home.resolve())]
    return f"command:{shlex.join(command)}"


def open_book(home: Path) -> SlipBook:
    """The slips that the program keeps: the witness of what was keyed."""
    return SlipBook(home / "practice" / f"{SYSTEM}.db")
