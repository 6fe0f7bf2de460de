"""What the windows do by themselves after a key: what they send, what fails, what they ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from playwright.sync_api import (
    BrowserContext,
    Dialog,
    Download,
    Error,
    Frame,
    Page,
    Request,
    Response,
    Route,
)

from clerkwork.systems.browser.upload import with_files
from clerkwork.systems.maps import KeyMap

_SERVER_ERROR = 500
_NO_KEY = KeyMap()


class Watch:
    """
    Watches all windows of a session from key to key.

    trouble: why the server did not serve, "" while it does; has_sent: whether anything
    left that may change something over there; said: the dialogs that were expected;
    surprise: the text of one that was not, and was dismissed; navigations: how many
    documents have come so far; answers: how often a page that asked its server for data
    got an answer, or none; downloads: the files that came. `why_not` says why an address
    could not be reached, "" when it could.
    """

    def __init__(self, context: BrowserContext, *, why_not: Callable[[str], str]):
        self._context = context
        self._why_not = why_not
        self.navigations = 0
        self.answers = 0
        self.begin()
        context.on("dialog", self._answer)
        context.on("request", self._note_request)
        context.on("response", self._note_response)
        context.on("requestfinished", self._note_end)
        context.on("requestfailed", self._note_failure)
        context.on("page", self._follow)

    def begin(self, key: KeyMap = _NO_KEY, *, takes_file: bool = False) -> None:
        """A key is about to be pressed; its dialogs, and a file, are expected."""
        self.trouble = ""
        self.has_sent = False
        self.surprise = ""
        self.said: list[str] = []
        self.downloads: list[Download] = []
        self._expected = [(kind, text, given) for kind, text, given in _dialogs_of(key) if text]
        self._takes_file = takes_file
        self._asking: set[Request] = set()

    @property
    def is_asking(self) -> bool:
        """Whether a page waits for data from its server."""
        return bool(self._asking)

    @contextmanager
    def sending_once(self, files: Mapping[str, bytes], *, timeout_s: float) -> Iterator[None]:
        """
        Everything that is sent meanwhile goes out once.

        Chrome itself sends a request again, a POST too, when a connection that it had
        opened before breaks without an answer (measured: one click, three vouchers).
        So Playwright's own client sends it, which never does. It keeps the browser's
        cookies; it does not have the browser's Kerberos sign-on, and a private
        certificate authority must be named in NODE_EXTRA_CA_CERTS. It does not see the
        contents of `files` that are uploaded, so they are put where they belong.

        What is under way when the block ends comes to its own end, and so long the next
        requests go the same way: Playwright lets Chrome send a request whose handler is
        taken away, also when the handler has sent it already.
        """
        under_way: set[Route] = set()
        is_over = has_ended = False

        def send(route: Route) -> None:
            request = route.request
            is_plain = request.method in ("GET", "HEAD") and not request.is_navigation_request()
            if is_plain or has_ended:
                with suppress(Error):  # after the end it goes by itself
                    route.continue_()
                return
            under_way.add(route)
            try:
                body = with_files(request.post_data_buffer or b"", request.headers, files)
                answer = route.fetch(
                    max_redirects=0, max_retries=0, timeout=timeout_s * 1000, post_data=body or None
                )
                route.fulfill(response=answer)
            except Error as lost:
                self.trouble = self._why_not(request.url) or first_line(lost)
                with suppress(Error):  # its window may be closed
                    route.abort("connectionreset")
            finally:
                under_way.discard(route)
                end()

        def end() -> None:
            nonlocal has_ended
            if is_over and not under_way and not has_ended:
                has_ended = True
                with suppress(Error):  # the browser may be closed
                    self._context.unroute("**/*", send)

        self._context.route("**/*", send)
        try:
            yield
        finally:
            is_over = True
            end()

    def _follow(self, window: Page) -> None:
        window.on("framenavigated", self._note_navigation)
        window.on("download", self._note_download)

    def _answer(self, dialog: Dialog) -> None:
        """Say what the map says to a dialog of the key, once; no to every other one."""
        for expected in self._expected:
            kind, text, given = expected
            if dialog.type == kind and text in dialog.message:
                self._expected.remove(expected)
                self.said.append(dialog.message)
                dialog.accept(given)
                return
        self.surprise = dialog.message or f"({dialog.type})"
        dialog.dismiss()

    def _note_navigation(self, _frame: Frame) -> None:
        self.navigations += 1

    def _note_download(self, download: Download) -> None:
        if self._takes_file:
            self.downloads.append(download)
        else:
            download.cancel()

    def _note_request(self, request: Request) -> None:
        if _is_question(request):
            self._asking.add(request)
        if request.is_navigation_request() or request.method not in ("GET", "HEAD"):
            self.has_sent = True

    def _note_response(self, response: Response) -> None:
        if response.status >= _SERVER_ERROR and response.request.is_navigation_request():
            self.trouble = f"HTTP {response.status}"

    def _note_end(self, request: Request) -> None:
        self.answers += _is_question(request)
        self._asking.discard(request)

    def _note_failure(self, request: Request) -> None:
        self._note_end(request)
        # a navigation that another one replaces is reported as aborted: nothing is wrong
        if request.is_navigation_request() and request.failure != "net::ERR_ABORTED":
            why = self._why_not(request.url) or str(request.failure)
            self.trouble = self.trouble or why


def _dialogs_of(key: KeyMap) -> Iterator[tuple[str, str, str | None]]:
    """Kind, text and answer of each dialog that may follow a key."""
    yield "confirm", key.confirms, None
    yield "alert", key.alerts, None
    for text, given in key.answers.items():
        yield "prompt", text, given


def _is_question(request: Request) -> bool:
    return request.resource_type in ("xhr", "fetch")


def first_line(error: Error) -> str:
    """What went wrong; the lines after it are a log that holds cookies and values."""
    return error.message.split("\n", 1)[0]
