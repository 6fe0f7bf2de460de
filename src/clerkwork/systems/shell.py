"""The screen port around somebody who works on the windows of one system."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Generic, ParamSpec, Protocol, Self, TypeVar

from clerkwork.errors import Drifted, Failure, Misconfigured, Unavailable
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.paging import rows_over_pages
from clerkwork.systems.port import Keep, Picture, Screen, SignOn


class Hands(Protocol):
    """What looks, types and presses: `port.Session`, but for who may commit and what is kept."""

    def now(self) -> Screen:
        """See `port.Session.now`."""
        ...

    def expect(self, *names: str) -> Screen:
        """See `port.Session.expect`."""
        ...

    def set(self, field: str, value: str) -> None:
        """See `port.Session.set`."""
        ...

    def press(self, key: str, *expect: str) -> Screen:
        """See `port.Session.press`."""
        ...

    def ready(self, key: str) -> None:
        """Make sure that what was typed still stands and that the key can be pressed."""
        ...

    def send(self, key: str) -> Screen:
        """
        Press the committing key, wait for the answer. Raises InDoubt ANSWER_NOT_SEEN for
        whatever is not a mapped answer.
        """
        ...

    def rows(self, table: str) -> tuple[Sequence[Mapping[str, str]], Picture | None]:
        """The rows, and the picture of them unless the last one shows them already."""
        ...

    def differences(self) -> Sequence[Drifted]:
        """See `port.Session.differences`."""
        ...

    def pictures(self, moment: str) -> Sequence[Picture]:
        """What stands now, masked."""
        ...


H = TypeVar("H", bound=Hands)
P = ParamSpec("P")
T = TypeVar("T")


class Shell(ABC, Generic[H]):
    """A session (`clerkwork.systems.port.Session`) over somebody's hands; a context manager."""

    def __init__(self, system: SystemMap, sign_on: SignOn, *, keep: Keep, may_commit: bool):
        self.system = system.name
        self.credential = sign_on
        self._map = system
        self._keep = keep
        self._may_commit = may_commit
        self._hands: H | None = None  # None before it is opened, and once it is closed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def now(self) -> Screen:
        """See `port.Session.now`."""
        return self._do(self._open().now)

    def expect(self, *names: str) -> Screen:
        """See `port.Session.expect`."""
        return self._do(self._open().expect, *names)

    def set(self, field: str, value: str) -> None:
        """See `port.Session.set`."""
        self._do(self._open().set, field, value)

    def press(self, key: str, *expect: str) -> Screen:
        """See `port.Session.press`."""
        return self._do(self._open().press, key, *expect)

    def commit(self, key: str, guard: Callable[[], None]) -> Screen:
        """See `port.Session.commit`; all that was typed is read back once more before it."""
        if not self._may_commit:
            raise Misconfigured("DESK_MAY_NOT_COMMIT", system=self.system, key=key)
        hands = self._open()
        self._do(hands.ready, key)
        self._take_pictures("before-commit")
        guard()
        screen = self._do(hands.send, key)
        self._take_pictures("after-commit")
        return screen

    def rows(self, table: str) -> Sequence[Mapping[str, str]]:
        """See `port.Session.rows`; keeps a picture of what was read."""
        rows, picture = self._do(self._open().rows, table)
        if picture:
            self._keep(picture)
        return rows

    def all_rows(self, table: str) -> Iterator[Mapping[str, str]]:
        """See `port.Session.all_rows`."""
        screen = self.now().name
        return rows_over_pages(self._map, table, screen=screen, rows=self.rows, press=self.press)

    def differences(self) -> Sequence[Drifted]:
        """See `port.Session.differences`."""
        return self._do(self._open().differences)

    @abstractmethod
    def close(self) -> None:
        """See `port.Session.close`: presses the screen's mapped key `sign_off`, if it has one."""

    def _open(self) -> H:
        if self._hands is None:
            raise Unavailable("SESSION_CLOSED", system=self.system)
        return self._hands

    def _do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `work`; a failure leaves a picture."""
        try:
            return self._call(work, *args, **kwargs)
        except Failure:
            self._take_pictures("failure")
            raise

    def _call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `work` where it must be done."""
        return work(*args, **kwargs)

    def _take_pictures(self, moment: str) -> None:
        for picture in self._call(self._open().pictures, moment):
            self._keep(picture)
