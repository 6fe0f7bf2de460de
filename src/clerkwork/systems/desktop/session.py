"""The screen port on a desktop program (`clerkwork.systems.port.Session`)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import TypeVar

from clerkwork.errors import Drifted, Failure, Misconfigured, Unavailable
from clerkwork.systems.desktop.clerk import Clerk
from clerkwork.systems.desktop.surface import Surface
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.paging import rows_over_pages
from clerkwork.systems.port import Keep, Screen, SignOn

T = TypeVar("T")


def open_session(
    system: SystemMap, address: str, sign_on: SignOn, *, keep: Keep, may_commit: bool = False
) -> DesktopSession:
    """
    A session with a desktop program that is started for it, not signed on.

    `address`: "command:PROGRAM ARGUMENT..." gives it a screen of its own (Linux), so that
    no other session and no person types into it; "here:PROGRAM ..." takes the screen we
    are on. Raises Misconfigured COMMAND_WRONG, DESKTOP_PROGRAM_MISSING,
    PROGRAM_NOT_STARTED, DESKTOP_NOT_HERE, Unavailable NO_DISPLAY, SYSTEM_NOT_REACHED.
    """
    surface = _surface(system, address)
    return DesktopSession(system, surface, sign_on, keep=keep, may_commit=may_commit)


def _surface(system: SystemMap, address: str) -> Surface:
    if sys.platform == "win32":
        from clerkwork.systems.desktop.windows import WindowsSurface

        return WindowsSurface(system.name, address)
    if sys.platform == "linux":
        from clerkwork.systems.desktop.linux import LinuxSurface

        return LinuxSurface(system.name, address, wait_s=system.deadline_s)
    raise Misconfigured("DESKTOP_NOT_HERE", system=system.name, platform=sys.platform)


class DesktopSession:
    """One program with one system in it; a context manager. Any thread, one at a time."""

    def __init__(
        self,
        system: SystemMap,
        surface: Surface,
        sign_on: SignOn,
        *,
        keep: Keep,
        may_commit: bool,
    ):
        self.system = system.name
        self.credential = sign_on
        self._map = system
        self._keep = keep
        self._may_commit = may_commit
        self._clerk: Clerk | None = Clerk(surface, system, secret=sign_on.password)

    def __enter__(self) -> DesktopSession:
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
        return self._do(lambda: self._open().expect(*names))

    def set(self, field: str, value: str) -> None:
        """See `port.Session.set`."""
        self._do(lambda: self._open().set(field, value))

    def press(self, key: str, *expect: str) -> Screen:
        """See `port.Session.press`."""
        return self._do(lambda: self._open().press(key, *expect))

    def commit(self, key: str, guard: Callable[[], None]) -> Screen:
        """See `port.Session.commit`; all that was typed is read back once more before it."""
        if not self._may_commit:
            raise Misconfigured("DESK_MAY_NOT_COMMIT", system=self.system, key=key)
        clerk = self._open()
        self._do(lambda: clerk.ready(key))
        self._keep(clerk.picture("before-commit"))
        guard()
        screen = self._do(lambda: clerk.send(key))
        self._keep(clerk.picture("after-commit"))
        return screen

    def rows(self, table: str) -> Sequence[Mapping[str, str]]:
        """See `port.Session.rows`; keeps a picture of what was read."""
        rows, picture = self._do(lambda: self._open().rows(table))
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

    def close(self) -> None:
        """See `port.Session.close`: presses the screen's mapped key `sign_off`, if it has one."""
        clerk, self._clerk = self._clerk, None
        if clerk is not None:
            clerk.stop()

    def _open(self) -> Clerk:
        if self._clerk is None:
            raise Unavailable("SESSION_CLOSED", system=self.system)
        return self._clerk

    def _do(self, work: Callable[[], T]) -> T:
        """Do `work`; a failure leaves a picture."""
        try:
            return work()
        except Failure:
            if self._clerk is not None:
                self._keep(self._clerk.picture("failure"))
            raise
