"""The desk of the desktop driver's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clerkwork.practice import manners, voucher
from clerkwork.systems.desktop import DesktopSession
from clerkwork.systems.maps import SystemMap

from .desk import VOUCHER, Desk, Opened


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """What all tests share."""
    desk = Desk(tmp_path_factory.mktemp("home"))
    yield desk
    desk.close()


@pytest.fixture
def desk(lasting: Desk) -> Desk:
    """Good manners, no picture."""
    manners.switch_off(lasting.folder, voucher.SYSTEM)
    lasting.pictures.clear()
    return lasting


@pytest.fixture
def form(desk: Desk) -> DesktopSession:
    """A session of the keyboard that stands before an empty slip."""
    session = desk.form()
    desk.pictures.clear()
    return session


@pytest.fixture
def opened(desk: Desk) -> Iterator[Opened]:
    """Opens sessions, and closes them when the test ends."""
    sessions: list[DesktopSession] = []

    def open_one(
        *, who: str = "voucher-keyboard", system: SystemMap = VOUCHER, deadline_s: float = 20.0
    ) -> DesktopSession:
        limited = system.model_copy(update={"deadline_s": deadline_s})
        sessions.append(desk.open(who=who, system=limited))
        return sessions[-1]

    yield open_one
    for session in sessions:
        session.close()
