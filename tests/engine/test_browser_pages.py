"""The browser driver on pages with manners that the practice ledger does not have."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from clerkwork.errors import Drifted, Failure, InDoubt, Misconfigured, Refused, Unavailable
from clerkwork.systems.browser import BrowserSession, open_session
from clerkwork.systems.maps import (
    EnvironmentMap,
    FieldMap,
    KeyMap,
    Mark,
    MessageMap,
    ScreenMap,
    SystemMap,
    TableMap,
)
from clerkwork.systems.port import Picture, SignOn

FORM = """<html><body><h1>Form</h1><form id="f" method="post" action="/post">
<table><tr><td>Amount *:</td><td><input name="amount"></td></tr>
<tr><td>Secret:</td><td><input name="secret" size="60"></td></tr></table>
<input id="go" type="submit" value="Go"></form>{more}</body></html>"""
DONE = "<html><body><h1>Done</h1><table>{rows}</table></body></html>"
ROW = "<tr class='row'><td>1</td><td> a &nbsp;</td></tr>"


class Site:
    """A web server of one page and one answer."""

    def __init__(self) -> None:
        self.more = ""  # what else the form's page has
        self.rows = ROW
        self.posts: list[str] = []
        self.redirects = False
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                page = DONE.format(rows=site.rows) if self.path == "/done" else site.form()
                self._send(200, page)

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                site.posts.append(self.rfile.read(length).decode())
                if site.redirects:
                    self._send(303, "", Location="/done")
                else:
                    self._send(200, DONE.format(rows=site.rows))

            def _send(self, status: int, page: str, **headers: str) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page.encode())))
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, *_: object) -> None:
                """Nothing: the tests look at `posts`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def form(self) -> str:
        """The page with the form."""
        return FORM.replace("{more}", self.more)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def mapped(*, deadline_s: float = 5.0, **form: object) -> SystemMap:
    """The maps of the site; `form` changes the form's screen."""
    screen = {
        "name": "form",
        "title_en": "Form",
        "title_zh": "表单",
        "recognise": (Mark(selector="h1", text="Form"),),
        "fields": {
            "amount": FieldMap(label="Amount", type="amount", length=10),
            "secret": FieldMap(
                label="Secret", selectors=("[name=secret]",), length=60, secret=True
            ),
        },
        "keys": {"go": KeyMap(selector="#go", commits=True, next=("done",))},
    }
    done = ScreenMap(
        name="done",
        title_en="Done",
        title_zh="完成",
        recognise=(Mark(selector="h1", text="Done"),),
        tables={"rows": TableMap(selector="tr.row", cells=("number", "letter"))},
    )
    return SystemMap(
        name="site",
        title_en="Site",
        title_zh="站点",
        driver="browser",
        code_page="utf-8",
        deadline_s=deadline_s,
        environments={"test": EnvironmentMap(address="http://127.0.0.1/")},
        screens={"form": ScreenMap.model_validate(screen | form), "done": done},
    )


@pytest.fixture
def site() -> Iterator[Site]:
    """The site, running."""
    running = Site()
    yield running
    running.close()


@pytest.fixture
def pictures() -> list[Picture]:
    """What the sessions kept."""
    return []


@pytest.fixture
def opened(site: Site, pictures: list[Picture]) -> Iterator[Callable[..., BrowserSession]]:
    """Opens sessions with the site, and closes them when the test ends."""
    sessions: list[BrowserSession] = []

    def open_one(system: SystemMap | None = None) -> BrowserSession:
        sign_on = SignOn("RB01", "")
        keep = pictures.append
        sessions.append(
            open_session(system or mapped(), site.url, sign_on, keep=keep, may_commit=True)
        )
        sessions[-1].expect("form")
        return sessions[-1]

    yield open_one
    for session in sessions:
        session.close()


Opened = Callable[..., BrowserSession]


def yes() -> None:
    """A guard that lets us."""


def test_an_answer_by_redirect_is_followed(site: Site, opened: Opened) -> None:
    """The form goes out once, the page that the answer points to is read."""
    site.redirects = True
    session = opened()
    session.set("amount", "12.50")
    screen = session.commit("go", yes)

    assert (screen.name, len(site.posts)) == ("done", 1)
    assert session.rows("rows") == [{"number": "1", "letter": "a"}]


def test_a_table_with_another_column_is_drift(site: Site, opened: Opened) -> None:
    """Cells are named by their order, so their number must be the map's."""
    site.rows = ROW.replace("</tr>", "<td>new</td></tr>")
    session = opened()
    session.commit("go", yes)
    with pytest.raises(Drifted, match="TABLE_CHANGED"):
        session.rows("rows")


def test_a_field_that_another_one_wipes_is_seen_before_the_key(site: Site, opened: Opened) -> None:
    """Everything typed is read back once more before the committing key."""
    site.more = """<script>document.querySelector("[name=secret]").onblur = () => {
      document.querySelector("[name=amount]").value = "" }</script>"""
    session = opened()
    session.set("amount", "12.50")
    session.set("secret", "abcd")
    with pytest.raises(Refused, match="FIELD_NOT_READ_BACK.*amount"):
        session.commit("go", yes)

    assert site.posts == []


def test_a_field_that_keeps_something_else_is_refused(site: Site, opened: Opened) -> None:
    """A page that cuts what was typed is found by reading back; a secret is not named."""
    site.more = """<script>for (const e of document.querySelectorAll("[name]"))
      e.onblur = () => { e.value = e.value.slice(0, 3) }</script>"""
    session = opened()
    with pytest.raises(Refused, match="FIELD_NOT_READ_BACK.*“12.” after “12.50”"):
        session.set("amount", "12.50")
    with pytest.raises(Refused, match=r"FIELD_NOT_READ_BACK.*“\*\*\*” after “\*\*\*”"):
        session.set("secret", "abcdef")


def test_a_field_that_resolves_late_is_waited_for(site: Site, opened: Opened) -> None:
    """A page may need a moment until its field shows the final value."""
    site.more = """<script>const e = document.querySelector("[name=amount]");
      e.onblur = () => { const v = e.value; e.value = ""; setTimeout(() => { e.value = v }, 300) }
      </script>"""
    session = opened()
    session.set("amount", "12.50")

    assert session.now().fields["amount"] == "12.50"


def test_a_value_that_the_page_proposes_late_is_typed_over(site: Site, opened: Opened) -> None:
    """A page that changes in place is left to finish with one field before the next is typed."""
    site.more = """<script>document.querySelector("[name=secret]").onblur = () =>
      fetch("/").then(() => setTimeout(() => {
        document.querySelector("[name=amount]").value = "99.00" }, 150)) </script>"""
    go = KeyMap(selector="#go", commits=True, next=("done",), in_page=True)
    session = opened(mapped(keys={"go": go}))
    session.set("secret", "abcd")
    session.set("amount", "12.50")
    session.commit("go", yes)

    assert site.posts == ["amount=12.50&secret=abcd"]


def test_a_value_that_the_page_proposes_between_two_keys_is_typed_over(
    site: Site, opened: Opened
) -> None:
    """What was typed behind the proposal does not stay there: the field is typed once more."""
    site.more = """<script>{ const amount = document.querySelector("[name=amount]");
      amount.oninput = () => { amount.oninput = null; amount.value = "99.00" } }</script>"""
    go = KeyMap(selector="#go", commits=True, next=("done",), in_page=True)
    session = opened(mapped(keys={"go": go}))
    session.set("secret", "abcd")
    session.set("amount", "12.50")
    session.commit("go", yes)

    assert site.posts == ["amount=12.50&secret=abcd"]


BUSY = """<p class="error"></p><p id="state"></p><script>
  const says = (selector, text) => { document.querySelector(selector).textContent = text };
  document.querySelector("[name=amount]").onblur = () => says(".error", "E001 amount too high");
  document.querySelector("#f").onsubmit = () => {
    says("#state", "working");
    setTimeout(() => fetch("/").then(() => { ANSWER }), 800);
    return false }</script>"""


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("document.body.innerHTML = '<h1>Done</h1>'", "done"),
        ("says('.error', 'E002 account closed')", "E002"),
        (
            "says('.error', ''); setTimeout(() => says('.error', 'E001 amount too high'), 500)",
            "E001",
        ),
        (
            "const b = document.body; const was = b.innerHTML; b.innerHTML = 'wait';"
            " setTimeout(() => { b.innerHTML = was }, 1500)",
            "E001",
        ),
        ("says('#state', 'nothing came')", "ANSWER_NOT_SEEN"),
    ],
)
def test_a_refusal_that_stood_there_before_the_key_is_no_answer_to_it(
    site: Site, opened: Opened, answer: str, outcome: str
) -> None:
    """Taken for one, what is on its way would be keyed again; once gone it may come anew."""
    site.more = BUSY.replace("ANSWER", answer)
    go = KeyMap(selector="#go", commits=True, next=("done",), in_page=True)
    meanings = {code: MessageMap(kind="Refused", en=code, zh=code) for code in ("E001", "E002")}
    codes = {"message_code": "(E[0-9]+)", "messages": meanings}
    deadline_s = 4.0 if outcome == "ANSWER_NOT_SEEN" else 20.0
    system = mapped(deadline_s=deadline_s, keys={"go": go}, message=Mark(selector=".error"))
    session = opened(system.model_copy(update=codes))
    session.set("amount", "12.50")

    try:
        shown = session.commit("go", yes).name
    except Failure as failure:
        shown = failure.code

    assert outcome == shown


def test_an_alert_before_sending_is_drift(
    site: Site, opened: Opened, pictures: list[Picture]
) -> None:
    """A dialog that is not mapped is dismissed; when nothing was sent it is drift."""
    site.more = """<script>document.querySelector("#f").onsubmit = () => {
      alert("Amount missing"); return false }</script>"""
    session = opened()
    with pytest.raises(Drifted, match="DIALOG_UNEXPECTED.*Amount missing"):
        session.commit("go", yes)

    assert site.posts == []
    assert "! Amount missing" in pictures[-1].text


def test_an_alert_while_sending_is_in_doubt(site: Site, opened: Opened) -> None:
    """A dismissed dialog that did not keep the form back leaves the outcome open."""
    site.more = """<script>document.querySelector("#f").onsubmit = () => {
      alert("Thank you") }</script>"""
    session = opened()
    with pytest.raises(InDoubt, match="ANSWER_NOT_SEEN"):
        session.commit("go", yes)

    assert len(site.posts) == 1


def test_a_button_that_cannot_be_pressed_is_drift(site: Site, opened: Opened) -> None:
    """Seen before the guard is asked: nothing can have been sent."""
    site.more = "<script>document.querySelector('#go').disabled = true</script>"
    session = opened(mapped(deadline_s=1.0))
    with pytest.raises(Drifted, match="KEY_MISSING"):
        session.commit("go", yes)


def test_a_page_that_hangs_ends_by_the_deadline(site: Site, opened: Opened) -> None:
    """A page that never gives its turn back is killed; after the key that is InDoubt."""
    site.more = """<script>document.querySelector("#f").onsubmit = () => {
      for (;;) ; }</script>"""
    session = opened(mapped(deadline_s=1.0))
    began = time.monotonic()
    with pytest.raises(InDoubt, match="ANSWER_NOT_SEEN"):
        session.commit("go", yes)
    with pytest.raises(Unavailable):
        session.now()

    assert time.monotonic() - began < 30


def test_two_fields_with_one_label_are_none(site: Site, opened: Opened) -> None:
    """A label that has become ambiguous is drift, whatever the selectors say."""
    session = opened()
    session.set("amount", "1.00")
    site.more = "<table><tr><td>Amount</td><td><input></td></tr></table>"
    with pytest.raises(Drifted, match="FIELD_MISSING"):
        opened()


def test_maps_that_are_wrong(site: Site, opened: Opened) -> None:
    """Two maps for one page, and a selector that is none, are the author's to correct."""
    twin = mapped().screens["form"].model_copy(update={"name": "twin"})
    system = mapped()
    ambiguous = system.model_copy(update={"screens": system.screens | {"twin": twin}})
    with pytest.raises(Misconfigured, match="SCREEN_AMBIGUOUS.*form, twin"):
        opened(ambiguous)
    with pytest.raises(Misconfigured, match="SELECTOR_WRONG"):
        opened(mapped(recognise=(Mark(selector="h1[", text="Form"),)))


def test_a_secret_in_a_plain_box_is_covered(opened: Opened, pictures: list[Picture]) -> None:
    """The mask lies over the whole field: two secrets make the same picture."""
    session = opened()
    for secret in ("first secret", "another one that is longer"):
        session.set("secret", secret)
        with pytest.raises(Refused):
            session.set("amount", "x")

    first, second = pictures
    assert first.image
    assert first.image == second.image
    assert "secret" not in first.text.replace("Secret", "")
    assert "= " not in first.text
