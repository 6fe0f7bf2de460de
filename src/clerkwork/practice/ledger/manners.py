"""
Bad manners: what a real system does on a bad day, switched on by a file.

A file with the name of the manner in the ledger's folder switches it on, from any
process. Empty, it stands until it is removed; a number in it is how many submits
it spoils.
"""

from __future__ import annotations

from pathlib import Path

DROP_ANSWER = "ledger.drop-answer"  # the voucher is booked, the connection cut unanswered
FAIL_BEFORE_BOOKING = "ledger.fail-before-booking"  # HTTP 503, nothing stored
ALL = (DROP_ANSWER, FAIL_BEFORE_BOOKING)


def switch_on(folder: Path, manner: str, *, times: int | None = None) -> None:
    """Spoil the next `times` submits, every one when None."""
    (folder / manner).write_text("" if times is None else str(times), encoding="ascii")


def switch_off(folder: Path) -> None:
    """Be polite again."""
    for manner in ALL:
        (folder / manner).unlink(missing_ok=True)


def is_due(folder: Path, manner: str) -> bool:
    """Whether this submit is to be spoilt; counts it."""
    try:
        text = (folder / manner).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return False
    if text:
        left = int(text) - 1
        if left > 0:
            switch_on(folder, manner, times=left)
        else:
            (folder / manner).unlink()
    return True
