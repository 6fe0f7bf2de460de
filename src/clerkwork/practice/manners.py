"""
Bad manners: what a real system does on a bad day, switched on by a file.

A file `<system>.<manner>` in the practice bank's folder switches it on, from any process.
Empty, it stands until it is removed; a number in it is how many times it is still due.
"""

from __future__ import annotations

from pathlib import Path

DROP_ANSWER = "drop-answer"  # booked, then the connection is cut unanswered
ANSWER_LATE = "answer-late"  # booked, the answer comes after LATE_S
ANSWER_TWICE = "answer-twice"  # booked once, the answer is painted twice
WRONG_SCREEN = "wrong-screen"  # another screen of the system comes than the one asked for
ERROR_PAGE = "error-page"  # an error screen or page instead of the answer; nothing is stored
LOST_SAVE = "lost-save"  # says that it booked, and did not
FIELD_TRUNCATED = "field-truncated"  # a field takes fewer characters than it should, silently
MENU_MOVED = "menu-moved"  # the menu's choices stand elsewhere
LATE_PAINT = "late-paint"  # a screen is painted in three parts, with pauses
LOCKED_KEYBOARD = "locked-keyboard"  # the keyboard stays locked
SESSION_LOST = "session-lost"  # the session has expired; nothing is stored
HOST_RESTARTED = "host-restarted"  # the connection is cut before anything is stored
PASSWORD_EXPIRED = "password-expired"  # sign-on wants a new password first
SIGNED_ON_ELSEWHERE = "signed-on-elsewhere"  # sign-on says that the operator is signed on
CERTIFICATE_WRONG = "certificate-wrong"  # the host proves to be somebody else

DAY_RUNNING = "day-running"  # no bad manner: the core's end of day is not through yet

ALL = (
    DROP_ANSWER,
    ANSWER_LATE,
    ANSWER_TWICE,
    WRONG_SCREEN,
    ERROR_PAGE,
    LOST_SAVE,
    FIELD_TRUNCATED,
    MENU_MOVED,
    LATE_PAINT,
    LOCKED_KEYBOARD,
    SESSION_LOST,
    HOST_RESTARTED,
    PASSWORD_EXPIRED,
    SIGNED_ON_ELSEWHERE,
    CERTIFICATE_WRONG,
)

LATE_S = 6.0  # how long a late answer takes; practice maps with bad manners wait less
PAINT_S = 0.15  # the pause between two parts of a screen


def switch_on(folder: Path, system: str, manner: str, *, times: int | None = None) -> None:
    """Be rude the next `times` times it could be, always when None."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{system}.{manner}").write_text(
        "" if times is None else str(times), encoding="ascii"
    )


def switch_off(folder: Path, system: str) -> None:
    """Be polite again."""
    for manner in (*ALL, DAY_RUNNING):
        (folder / f"{system}.{manner}").unlink(missing_ok=True)


def is_due(folder: Path, system: str, manner: str) -> bool:
    """Whether `manner` is to be shown now; counts it."""
    path = folder / f"{system}.{manner}"
    try:
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return False
    if text:
        left = int(text) - 1
        if left > 0:
            switch_on(folder, system, manner, times=left)
        else:
            path.unlink(missing_ok=True)
    return True
