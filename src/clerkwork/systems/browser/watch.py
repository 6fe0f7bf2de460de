"""What a page does by itself after a key: what it sends, what fails, what it asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Dialog, Error, Frame, Page, Request, Response, Route

_SERVER_ERROR = 500


class Watch:
    """
    Watches one page from key to key.

    trouble: why the server did not serve, "" while it does; has_sent: whether anything
    left that may change something over there; surprise: the text of a dialog that was
    not expected, and dismissed; navigations: how many documents have come so far.
    """

    def __init__(self, page: Page):
        self._page = page
        self.navigations = 0
        self.begin()
        page.on("dialog", self._answer)
        page.on("request", self._note_request)
        page.on("response", self._note_response)
        page.on("requestfailed", self._note_failure)
        page.on("framenavigated", self._note_navigation)

    def begin(self, *, confirms: str = "") -> None:
        """A key is about to be pressed; a confirm dialog with `confirms` is to be accepted."""
        self.trouble = ""
        self.has_sent = False
        self.surprise = ""
        self.confirmed = ""
        self._confirms = confirms

    @contextmanager
    def sending_once(self, *, timeout_s: float) -> Iterator[None]:
        """
        Everything that is sent meanwhile goes out once.

        Chrome itself sends a request again, a POST too, when a connection that it had
        opened before breaks without an answer (measured: one click, three vouchers).
        So Playwright's own client sends it, which never does. It keeps the browser's
        cookies; it does not have the browser's Kerberos sign-on or proxy, and a private
        certificate authority must be named in NODE_EXTRA_CA_CERTS.
        """

        def send(route: Route) -> None:
            request = route.request
            if request.method in ("GET", "HEAD") and not request.is_navigation_request():
                route.continue_()
                return
            try:
                answer = route.fetch(max_redirects=0, max_retries=0, timeout=timeout_s * 1000)
                route.fulfill(response=answer)
            except Error as lost:
                self.trouble = first_line(lost)
                route.abort("connectionreset")

        self._page.route("**/*", send)
        try:
            yield
        finally:
            self._page.unroute("**/*", send)

    def _answer(self, dialog: Dialog) -> None:
        is_expected = dialog.type == "confirm" and self._confirms in dialog.message
        if self._confirms and is_expected and not self.confirmed:
            self.confirmed = dialog.message
            dialog.accept()
        else:
            self.surprise = dialog.message
            dialog.dismiss()

    def _note_navigation(self, _frame: Frame) -> None:
        self.navigations += 1

    def _note_request(self, request: Request) -> None:
        if request.is_navigation_request() or request.method not in ("GET", "HEAD"):
            self.has_sent = True

    def _note_response(self, response: Response) -> None:
        if response.status >= _SERVER_ERROR and response.request.is_navigation_request():
            self.trouble = f"HTTP {response.status}"

    def _note_failure(self, request: Request) -> None:
        # a navigation that another one replaces is reported as aborted: nothing is wrong
        if request.is_navigation_request() and request.failure != "net::ERR_ABORTED":
            self.trouble = self.trouble or str(request.failure)


def first_line(error: Error) -> str:
    """What went wrong; the lines after it are a log that holds cookies and values."""
    return error.message.split("\n", 1)[0]
