"""A secret text that does not print, and is not written anywhere by accident."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """A secret; only `reveal` gives it, to the driver that types it."""

    __slots__ = ("_text",)

    def __init__(self, text: str):
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")
