"""The command line's voice: the user's language, one line per failure."""

from __future__ import annotations

import os
import sys

from clerkwork.errors import Failure


def language() -> str:
    """
    "zh" or "en": CLERKWORK_LANG, else [tool.clerkwork] language, else the locale.

    The workspace sets CLERKWORK_LANG from its manifest when the user has not.
    """
    chosen = os.environ.get("CLERKWORK_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG")
    return "zh" if (chosen or "").lower().startswith("zh") else "en"


def text(en: str, zh: str) -> str:
    """The one of the two texts that the user reads."""
    return zh if language() == "zh" else en


def say(en: str, zh: str) -> None:
    """Print a line for the user."""
    sys.stdout.write(text(en, zh) + "\n")


def note(en: str, zh: str) -> None:
    """Print progress or a warning, apart from the output (standard error)."""
    sys.stderr.write(text(en, zh) + "\n")
    sys.stderr.flush()


def complain(failure: Failure) -> None:
    """One line for a failure: its code, and what to do."""
    sys.stderr.write(f"{failure.code}: {failure.message(language())}\n")
