"""The five kinds of failure, named by what happens next."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

MESSAGES = Path(__file__).parent / "messages"


class Failure(Exception):
    """
    A failure that somebody can act on: a code, where it is, and a line for a clerk.

    The text of a code stands in `messages/<room>.toml` in both languages, with
    `{names}` filled from `facts`; content (tasks, screen messages) that has codes
    of its own gives `en` and `zh` with the failure instead.
    """

    kind = "Failure"

    def __init__(self, code: str, *, where: str = "", en: str = "", zh: str = "", **facts: object):
        self.code = code
        self.where = where
        self.facts = facts
        self._texts = {"en": en, "zh": zh or en}
        super().__init__(code)

    def message(self, language: str = "en") -> str:
        """One line for a clerk in `language` ("en" or "zh"), with the remedy."""
        text = self._texts[language] or catalogue()[self.code][language]
        line = text.format(**self.facts) if self.facts else text
        return f"{self.where}: {line}" if self.where else line

    def __str__(self) -> str:
        return f"{self.code} {self.message('en')}"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (type(self), self.code, self.where, self._texts, self.facts)


def _rebuilt(
    kind: type[Failure], code: str, where: str, texts: dict[str, str], facts: dict[str, object]
) -> Failure:
    return kind(code, where=where, en=texts["en"], zh=texts["zh"], **facts)


class Refused(Failure):
    """The data or a rule of the bank says no: a person decides, it is never retried."""

    kind = "Refused"


class Unavailable(Failure):
    """The other side did not serve and nothing was changed: retried with a fresh sign-on."""

    kind = "Unavailable"


class Drifted(Failure):
    """A screen, message or document is not as mapped: the bot stops before it types."""

    kind = "Drifted"


class InDoubt(Failure):
    """Sent, and the answer was not seen: looked up, never sent again unread."""

    kind = "InDoubt"


class Misconfigured(Failure):
    """A manifest, schedule, map or credential is wrong: found by `clerkwork check`."""

    kind = "Misconfigured"


KINDS: dict[str, type[Failure]] = {
    kind.kind: kind for kind in (Refused, Unavailable, Drifted, InDoubt, Misconfigured)
}


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Every code of the engine with its text in "en" and "zh", from `messages/*.toml`."""
    entries: dict[str, dict[str, str]] = {}
    for path in sorted(MESSAGES.glob("*.toml")):
        entries |= tomllib.loads(path.read_text(encoding="utf-8"))
    return entries
