"""One browser with an empty profile, started and stopped in the thread that uses it."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, sync_playwright

from clerkwork.errors import Misconfigured
from clerkwork.systems.browser.find import find_browser
from clerkwork.systems.browser.outlet import Outlet
from clerkwork.systems.browser.watch import first_line

_HEARERS = Path(__file__).parent / "hearers.js"
_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


class Chrome:
    """
    A started browser without a window, which reaches its systems through `outlet` alone.
    Raises Misconfigured BROWSER_NOT_STARTED.
    """

    def __init__(self, *, headless: bool, timeout_s: float):
        program = find_browser()
        self.outlet = Outlet(connect_s=timeout_s / 2)  # a name may have a second address
        self._playwright = sync_playwright().start()
        try:
            self._browser = self._playwright.chromium.launch(
                executable_path=program,
                args=_flags(),
                headless=headless,
                proxy={"server": self.outlet.url},
            )
            inside = self._browser.new_browser_cdp_session()
            processes = inside.send("SystemInfo.getProcessInfo")["processInfo"]
            self._process = next(int(p["id"]) for p in processes if p["type"] == "browser")
            self.context: BrowserContext = (
                self._browser.new_context(  # the same page on every machine
                    viewport={"width": 1280, "height": 800},
                    locale="en-US",
                    accept_downloads=True,  # `Watch` cancels those that nobody asked for
                    service_workers="block",
                )
            )
            self.context.set_default_timeout(timeout_s * 1000)
            self.context.add_init_script(path=_HEARERS)
        except Error as failed:
            self._playwright.stop()
            self.outlet.close()
            facts = {"program": str(program), "detail": first_line(failed)}
            raise Misconfigured("BROWSER_NOT_STARTED", **facts) from None

    def stop(self) -> None:
        """Close the browser and free everything; the thread may then start another one."""
        with suppress(Error):  # it may have been killed: it is gone then
            self._browser.close()
        self._playwright.stop()
        self.outlet.close()

    def kill(self) -> None:
        """End the browser at once; the one call that may come from another thread."""
        with suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)


def _flags() -> list[str]:
    is_root = sys.platform == "linux" and os.geteuid() == 0
    # as root Chrome refuses to start with its sandbox
    return [*_QUIET, *(["--no-sandbox"] if is_root else [])]
