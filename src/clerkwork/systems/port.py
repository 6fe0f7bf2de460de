"""The one port that every screen driver stands behind, and the desk that a bot looks with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from clerkwork.errors import Drifted
from clerkwork.facts import Break, HandMatch, ItemException
from clerkwork.systems.files import Document


@dataclass(frozen=True)
class Screen:
    """
    A recognised screen, as it stands now.

    `fields` are all mapped fields by name as shown (trimmed; a secret field is "");
    `message` and `message_code` what the system says to the user, "" when nothing.
    """

    name: str
    fields: Mapping[str, str]
    text: str
    message: str = ""
    message_code: str = ""


@dataclass(frozen=True)
class Source:
    """
    What a screen was made of, already masked: the HTML of every frame ("dom"), the fields
    of a 3270 screen or the last that a terminal was sent ("datastream"), the elements of
    the windows ("tree").
    """

    kind: str
    text: str


@dataclass(frozen=True)
class Picture:
    """
    Evidence of one moment of one screen, already masked.

    moment: "before-commit", "after-commit", "read" or "failure"; text: the screen as
    text, one line per row; image: PNG bytes where the system has pixels, else None;
    source: of a failure, what the screen was made of.
    """

    system: str
    screen: str
    moment: str
    text: str
    image: bytes | None
    taken_at: datetime
    source: Source | None = None


Keep = Callable[[Picture], object]


@dataclass(frozen=True)
class SignOn:
    """A sign-on of a system: operator and secret. The secret does not print."""

    operator: str
    password: str

    def __repr__(self) -> str:
        return f"SignOn({self.operator!r}, ***)"


class Session(Protocol):
    """
    One signed-on conversation with one system.

    Every call has the deadline of the map and ends in one of the five failures:
    Drifted for a screen or message code that is not mapped, Unavailable where nothing
    was changed, Refused where the system or a field check says no, InDoubt after a
    committing key whose answer was not seen.
    """

    system: str
    credential: SignOn

    def now(self) -> Screen:
        """The screen as it stands, recognised. Raises Drifted SCREEN_UNKNOWN."""
        ...

    def expect(self, *names: str) -> Screen:
        """
        Wait until one of the named screens stands complete; its message is checked
        against messages.toml. Raises Drifted SCREEN_UNEXPECTED, Unavailable SCREEN_LATE.
        """
        ...

    def set(self, field: str, value: str) -> None:
        """
        Fill one mapped field and read it back.

        Checks before a key goes out: length, character set, type. Raises Refused
        FIELD_TOO_LONG, FIELD_NOT_NUMERIC, FIELD_NOT_ENCODABLE, FIELD_NOT_READ_BACK,
        Drifted FIELD_MISSING, FIELD_PROTECTED.
        """
        ...

    def press(self, key: str, *expect: str) -> Screen:
        """
        Press a mapped key that commits nothing, and wait for one of `expect` (default:
        the key's `next` in the map). Raises Misconfigured KEY_COMMITS for one that does.
        """
        ...

    def commit(self, key: str, guard: Callable[[], None]) -> Screen:
        """
        Read all that was typed back once more, take the picture before, call `guard` (it
        raises when we may not), press the committing key, wait, take the picture after.
        Whatever goes wrong after the key is InDoubt, but for an answer of the system that
        says it changed nothing.
        Raises Misconfigured DESK_MAY_NOT_COMMIT on a session opened for looking.
        """
        ...

    def rows(self, table: str) -> Sequence[Mapping[str, str]]:
        """The rows of a mapped table on this screen, by column name, trimmed; no paging."""
        ...

    def all_rows(self, table: str) -> Iterator[Mapping[str, str]]:
        """
        The rows of a mapped table over all its pages, from the one that stands.

        Raises Misconfigured TABLE_NOT_PAGED, Drifted TABLE_ENDLESS.
        """
        ...

    def differences(self) -> Sequence[Drifted]:
        """
        How the screen that stands differs from its map: FIELD_MISSING, FIELD_PROTECTED,
        FIELD_SHORTER, KEY_MISSING. Nothing is typed.
        """
        ...

    def close(self) -> None:
        """Leave the system the polite way and free what the driver holds; never raises."""
        ...


class Desk(Protocol):
    """What a bot may look with: read-only sessions, documents, rules, and what the store knows."""

    environment: str
    exceptions: list[ItemException]

    def step(self, name: str) -> AbstractContextManager[None]:
        """A step of the bot's process map, timed. Raises Misconfigured STEP_UNKNOWN."""
        ...

    def item(self, source: str) -> AbstractContextManager[None]:
        """A Refused inside becomes the exception of item `source`; the others go on."""
        ...

    def screens(self, system: str, sign_on: Callable[[Session], object]) -> Session:
        """A session with `system`, signed on by `sign_on`; the run closes it."""
        ...

    def documents(self, system: str, pattern: str) -> Sequence[Document]:
        """The documents in the folder of `system` that match, kept as evidence."""
        ...

    def rules(self, name: str) -> Path:
        """The rule file resources/rules/<name>.toml."""
        ...

    def codes(self, name: str) -> Path:
        """The code file resources/codes/<name>.toml."""
        ...

    def open_breaks(self, *, before: date) -> tuple[Break, ...]:
        """Breaks first seen before that accounting date and not settled before it."""
        ...

    def hand_matches(self, *, on: date) -> tuple[HandMatch, ...]:
        """What people have matched by hand, as far as that accounting date may meet it."""
        ...
