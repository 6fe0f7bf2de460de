"""The screen port on a web page (`clerkwork.systems.port.Session`)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from clerkwork.errors import Misconfigured, Unavailable
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.port import Keep, SignOn
from clerkwork.systems.shell import Shell

if TYPE_CHECKING:
    from clerkwork.systems.browser.tab import Tab

P = ParamSpec("P")
T = TypeVar("T")
_HARD_FACTOR = 3  # a page that hangs the browser is killed after this many deadlines


@dataclass(frozen=True)
class Download:
    """A file that the system gave: the name it has there (no path), and its bytes."""

    name: str
    content: bytes


def open_session(
    system: SystemMap,
    address: str,
    sign_on: SignOn,
    *,
    keep: Keep,
    may_commit: bool = False,
    headless: bool = True,
    tls: bool = False,
) -> BrowserSession:
    """
    A session with the web system at `address`, its first page open, not signed on.

    `tls` insists on an https address. Raises Unavailable SYSTEM_NOT_REACHED,
    Misconfigured BROWSER_MISSING, BROWSER_NOT_STARTED, ADDRESS_NOT_ENCRYPTED.
    """
    if tls and not address.startswith("https://"):
        raise Misconfigured("ADDRESS_NOT_ENCRYPTED", system=system.name, address=address)
    session = BrowserSession(system, sign_on, keep=keep, may_commit=may_commit)
    try:
        session.start(address, headless=headless)
    except BaseException:
        session.close()
        raise
    return session


class BrowserSession(Shell["Tab"]):
    """
    One browser with one system in it; a context manager.

    The browser belongs to a thread of the session's own, so the session may be used
    from any thread, one at a time, and that thread is free for other engines that look
    for a running event loop. `keep` and `guard` are called in the caller's thread.
    """

    def __init__(self, system: SystemMap, sign_on: SignOn, *, keep: Keep, may_commit: bool):
        super().__init__(system, sign_on, keep=keep, may_commit=may_commit)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"browser-{system.name}")

    def start(self, address: str, *, headless: bool) -> None:
        """Start the browser and open `address`; `open_session` does it."""

        def begin() -> Tab:
            from clerkwork.systems.browser.tab import Tab

            return Tab(self._map, secret=self.credential.password, headless=headless)

        self._hands = self._thread.submit(begin).result()
        self._do(self._hands.connect, address)

    def set(self, field: str, value: str) -> None:
        """
        See `port.Session.set`; a select box takes an option's value or text, a field of
        type "file" the full path of the file that is sent. A field that `resolves` into
        another one is set when that one shows something.
        """
        super().set(field, value)

    def download(self, key: str) -> Download:
        """
        Press a mapped key that commits nothing, and take the file that it gives; to keep
        it is the caller's. Raises Unavailable DOWNLOAD_MISSING.
        """
        return self._do(self._open().download, key)

    def close(self) -> None:
        """See `port.Session.close`: presses the screen's mapped key `sign_off`, if it has one."""
        try:
            if self._hands is not None:
                self._call(self._hands.stop)
        finally:
            self._hands = None
            self._thread.shutdown()

    def _do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `work`; a failure leaves a picture, what the browser itself says too."""
        from playwright.sync_api import Error

        try:
            return super()._do(work, *args, **kwargs)
        except Error as broken:
            self._take_pictures("failure")
            detail = broken.message.split("\n", 1)[0]
            raise Unavailable("BROWSER_BROKE", system=self.system, detail=detail) from None

    def _call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `work` in the browser's thread; a browser that hangs is killed, which ends it."""
        future = self._thread.submit(work, *args, **kwargs)
        with suppress(TimeoutError):
            return future.result(_HARD_FACTOR * self._map.deadline_s)
        self._open().kill()
        return future.result()
