"""The screen port on a desktop program (`clerkwork.systems.port.Session`)."""

from __future__ import annotations

import sys

from clerkwork.errors import Misconfigured
from clerkwork.systems.desktop.clerk import Clerk
from clerkwork.systems.desktop.surface import Surface
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.port import Keep, SignOn
from clerkwork.systems.shell import Shell


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


class DesktopSession(Shell[Clerk]):
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
        super().__init__(system, sign_on, keep=keep, may_commit=may_commit)
        self._hands = Clerk(surface, system, secret=sign_on.password)

    def close(self) -> None:
        """See `port.Session.close`: presses the screen's mapped key `sign_off`, if it has one."""
        hands, self._hands = self._hands, None
        if hands is not None:
            hands.stop()
