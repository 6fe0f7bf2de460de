"""The screen port on a web page (`clerkwork.systems.port.Session`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from clerkwork.errors import Drifted, Failure, Misconfigured, Unavailable
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.paging import rows_over_pages
from clerkwork.systems.port import Keep, Screen, SignOn

if TYPE_CHECKING:
    from clerkwork.systems.browser.tab import Tab

T = TypeVar("T")
_HARD_FACTOR = 3  # a page that hangs the browser is killed after this many deadlines
_START_S = 60.0


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


class BrowserSession:
    """
    One browser with one system in it; a context manager.

    The browser belongs to a thread of the session's own, so the session may be used
    from any thread, one at a time, and that thread is free for other engines that look
    for a running event loop. `keep` and `guard` are called in the caller's thread.
    """

    def __init__(self, system: SystemMap, sign_on: SignOn, *, keep: Keep, may_commit: bool):
        self.system = system.name
        self.credential = sign_on
        self._map = system
        self._keep = keep
        self._may_commit = may_commit
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"browser-{system.name}")
        self._tab: Tab | None = None

    def __enter__(self) -> BrowserSession:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self, address: str, *, headless: bool) -> None:
        """Start the browser and open `address`; `open_session` does it."""

        def begin() -> Tab:
            from clerkwork.systems.browser.tab import Tab

            return Tab(self._map, secret=self.credential.password, headless=headless)

        self._tab = self._thread.submit(begin).result()
        self._do(self._tab.connect, address)

    def now(self) -> Screen:
        """See `port.Session.now`."""
        return self._do(self._open().now)

    def expect(self, *names: str) -> Screen:
        """See `port.Session.expect`."""
        return self._do(self._open().expect, *names)

    def set(self, field: str, value: str) -> None:
        """
        See `port.Session.set`; a select box takes an option's value or text, a field of
        type "file" the full path of the file that is sent. A field that `resolves` into
        another one is set when that one shows something.
        """
        self._do(self._open().set, field, value)

    def press(self, key: str, *expect: str) -> Screen:
        """See `port.Session.press`."""
        return self._do(self._open().press, key, *expect)

    def download(self, key: str) -> Download:
        """
        Press a mapped key that commits nothing, and take the file that it gives; to keep
        it is the caller's. Raises Unavailable DOWNLOAD_MISSING.
        """
        return self._do(self._open().download, key)

    def commit(self, key: str, guard: Callable[[], None]) -> Screen:
        """See `port.Session.commit`; all that was typed is read back once more before it."""
        if not self._may_commit:
            raise Misconfigured("DESK_MAY_NOT_COMMIT", system=self.system, key=key)
        tab = self._open()
        self._do(tab.ready, key)
        self._take_picture("before-commit")
        guard()
        screen = self._do(tab.send, key)
        self._take_picture("after-commit")
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

    def close(self) -> None:
        """See `port.Session.close`: presses the screen's mapped key `sign_off`, if it has one."""
        tab, self._tab = self._tab, None
        if tab is not None:
            self._within(self._thread.submit(tab.stop), tab)
        self._thread.shutdown()

    def _open(self) -> Tab:
        if self._tab is None:
            raise Unavailable("SESSION_CLOSED", system=self.system)
        return self._tab

    def _do(self, work: Callable[..., T], *arguments: Any) -> T:
        """Do `work` in the browser's thread; a failure leaves a picture."""
        from playwright.sync_api import Error

        try:
            return self._within(self._thread.submit(work, *arguments), self._open())
        except Failure:
            self._take_picture("failure")
            raise
        except Error as broken:
            self._take_picture("failure")
            detail = broken.message.split("\n", 1)[0]
            raise Unavailable("BROWSER_BROKE", system=self.system, detail=detail) from None

    def _take_picture(self, moment: str) -> None:
        tab = self._open()
        for picture in self._within(self._thread.submit(tab.pictures, moment), tab):
            self._keep(picture)

    def _within(self, future: Future[T], tab: Tab) -> T:
        """What `future` gives; a browser that hangs is killed, which ends the waiting."""
        with suppress(TimeoutError):
            return future.result(_HARD_FACTOR * self._map.deadline_s)
        tab.kill()
        return future.result()
