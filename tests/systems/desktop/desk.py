"""A practice voucher program for tests: its book, sessions with it, what is keyed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from clerkwork.errors import Failure
from clerkwork.practice import manners, voucher
from clerkwork.practice.credentials import credentials
from clerkwork.systems.desktop import DesktopSession, open_session
from clerkwork.systems.maps import SystemMap, load_system
from clerkwork.systems.port import Picture, SignOn

VOUCHER = load_system(Path(__file__).parents[3] / "resources/systems/voucher")
SLIP = {
    "account": "6200000001",
    "payee": "深圳市龙岗五金厂",
    "amount": "1234.50",
    "purpose": "货款 INVOICE",
    "reference": "CW3NTESTTEST0001",
}
Opened = Callable[..., DesktopSession]


class Desk:
    """One practice bank's book for all tests of this file, and a keyboard that stays signed on."""

    def __init__(self, home: Path):
        self.home = home
        self.folder = home / "practice"
        self.folder.mkdir()
        self.credentials = credentials(home)
        self.book = voucher.open_book(home)
        self.pictures: list[Picture] = []
        self._keyboard: DesktopSession | None = None
        self._slips = 0

    def open(
        self, *, who: str = "voucher-keyboard", system: SystemMap = VOUCHER, address: str = ""
    ) -> DesktopSession:
        """A fresh session, not signed on."""
        return open_session(
            system,
            address or voucher.address(self.home),
            SignOn(**self.credentials[who]),
            keep=self.pictures.append,
            may_commit=who == "voucher-keyboard",
        )

    def form(self) -> DesktopSession:
        """The keyboard's session before an empty slip; signed on anew if it was left."""
        if self._keyboard:
            try:
                if self._keyboard.now().name != "menu":
                    self._keyboard.press("back")
                self._keyboard.press("slip")
                return self._keyboard
            except Failure:
                self._keyboard.close()
        self._keyboard = self.open()
        sign_on(self._keyboard)
        self._keyboard.press("slip")
        return self._keyboard

    def be_rude(self, manner: str) -> None:
        """Show a bad manner once."""
        manners.switch_on(self.folder, voucher.SYSTEM, manner, times=1)

    def reference(self) -> str:
        """A reference that no slip has yet."""
        self._slips += 1
        return f"CW3NTESTTEST{self._slips:04}"

    def close(self) -> None:
        """Leave the session."""
        if self._keyboard:
            self._keyboard.close()


def sign_on(session: DesktopSession) -> None:
    """Sign on with the session's credential."""
    session.expect("sign_on")
    session.set("operator", session.credential.operator)
    session.set("password", session.credential.password)
    session.press("enter")


def fill(session: DesktopSession, **changed: str) -> None:
    """Fill the slip that stands."""
    for field, value in (SLIP | changed).items():
        session.set(field, value)


def yes() -> None:
    """A guard that lets us."""


def changed_key(screen: str, key: str, **update: object) -> SystemMap:
    """The maps with one key of one screen changed."""
    mapped = VOUCHER.screens[screen]
    other = mapped.keys | {key: mapped.keys[key].model_copy(update=update)}
    screens = VOUCHER.screens | {screen: mapped.model_copy(update={"keys": other})}
    return VOUCHER.model_copy(update={"screens": screens})
