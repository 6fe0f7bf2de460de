"""The browser driver on dialogs, frames in frames, several windows, files, and drift."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from clerkwork.errors import Drifted, InDoubt, Misconfigured, Refused, Unavailable
from clerkwork.systems.browser import BrowserSession, open_session
from clerkwork.systems.maps import SystemMap, load_system
from clerkwork.systems.port import Picture, SignOn

BODY = "<html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"
SYSTEM = """
name = "site"
title_en = "Site"
title_zh = "站点"
driver = "browser"
code_page = "utf-8"
deadline_s = 3.0
message_code = "^(ST[0-9]{4}) "
environments.test.address = "http://127.0.0.1/"
"""
MESSAGES = """
ST4001 = { kind = "Info", en = "stored", zh = "已存" }
ST4201 = { kind = "Refused", en = "say it: {message}", zh = "请填写：{message}" }
"""
DONE = """name = "done"\ntitle_en = "D"\ntitle_zh = "D"
recognise = [{selector = "h1", text = "Done"}]
"""
FORM = 'name = "form"\ntitle_en = "F"\ntitle_zh = "F"\n'
IS_FORM = 'recognise = [{selector = "h1", text = "Form"}]\n'


class Site:
    """A web server whose pages each test writes."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {"/done": self.page("Done", "")}
        self.files: dict[str, bytes] = {}
        self.posts: list[bytes] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                if path in site.files:
                    self._send(
                        site.files[path], **{"Content-Disposition": "attachment; filename=a.bin"}
                    )
                else:
                    self._send(site.pages.get(path, "").encode())

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                head = f"Content-Type: {self.headers['Content-Type']}\n\n".encode()
                site.posts.append(head + self.rfile.read(length))
                self._send(site.pages["/done"].encode())

            def _send(self, content: bytes, **headers: str) -> None:
                self.send_response(200)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @staticmethod
    def page(title: str, body: str) -> str:
        """A page with a heading."""
        return BODY.format(title=title, body=body)

    def show(self, body: str, path: str = "/", title: str = "Form") -> None:
        """Let the page at `path` have `body`."""
        self.pages[path] = self.page(title, body)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


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
def maps(tmp_path: Path) -> Callable[..., SystemMap]:
    """Loads maps of screens as they stand in their files."""

    def load(*screens: str) -> SystemMap:
        folder = tmp_path / "site"
        (folder / "screens").mkdir(parents=True, exist_ok=True)
        (folder / "system.toml").write_text(SYSTEM, encoding="utf-8")
        (folder / "messages.toml").write_text(MESSAGES, encoding="utf-8")
        for number, text in enumerate((DONE, *screens)):
            (folder / "screens" / f"{number}.toml").write_text(text, encoding="utf-8")
        return load_system(folder)

    return load


@pytest.fixture
def opened(
    site: Site, maps: Callable[..., SystemMap], pictures: list[Picture]
) -> Iterator[Callable[..., BrowserSession]]:
    """Opens a session with the site before its form; closed when the test ends."""
    sessions: list[BrowserSession] = []

    def open_one(*screens: str) -> BrowserSession:
        who, keep = SignOn("RB01", ""), pictures.append
        sessions.append(open_session(maps(*screens), site.url, who, keep=keep, may_commit=True))
        sessions[-1].expect("form")
        return sessions[-1]

    yield open_one
    for session in sessions:
        session.close()


Opened = Callable[..., BrowserSession]
Maps = Callable[..., SystemMap]


def yes() -> None:
    """A guard that lets us."""


def test_the_dialogs_of_a_key_are_answered_as_mapped(
    site: Site, opened: Opened, pictures: list[Picture]
) -> None:
    """Confirm, alert and prompt, each by its words; the evidence has what they said."""
    site.show("""<form method="post"><input type="hidden" name="why"><input type="submit"
      value="Go" onclick="if (!confirm('Sure?')) return false; alert('Now it goes');
      this.form.why.value = prompt('Reason, please'); return true"></form>""")
    key = 'keys.go = {label = "Go", commits = true, next = ["done"], confirms = "Sure", '
    key += 'alerts = "Now", answers = {"Reason" = "correction 更正"}}'
    opened(FORM + IS_FORM + key).commit("go", yes)

    assert len(site.posts) == 1
    assert b"why=correction+%E6%9B%B4%E6%AD%A3" in site.posts[0]
    assert ["! Sure?", "! Now it goes", "! Reason, please"] == pictures[-1].text.splitlines()[-3:]


def test_an_alert_with_a_mapped_message_is_what_it_means(site: Site, opened: Opened) -> None:
    """A page that says no by an alert says no: Refused, with the text of messages.toml."""
    site.show("""<form method="post"><input type="submit" value="Go"
      onclick="alert('ST4201 nothing filled'); return false"></form>""")
    session = opened(FORM + IS_FORM + 'keys.go = {label = "Go", commits = true, next = ["done"]}')
    with pytest.raises(Refused, match="ST4201.*say it: ST4201 nothing filled"):
        session.commit("go", yes)

    assert site.posts == []


def test_an_alert_that_was_not_expected_twice_is_no_answer(site: Site, opened: Opened) -> None:
    """A mapped dialog is answered once; the second one is a surprise."""
    site.show("""<form method="post"><input type="submit" value="Go"
      onclick="return confirm('Sure?') && confirm('Sure? Really?')"></form>""")
    key = 'keys.go = {label = "Go", commits = true, next = ["done"], confirms = "Sure"}'
    with pytest.raises(Drifted, match="DIALOG_UNEXPECTED.*Really"):
        opened(FORM + IS_FORM + key).commit("go", yes)

    assert site.posts == []


def test_frames_in_frames_are_found_by_name_or_path(site: Site, opened: Opened) -> None:
    """A nested frame by its name, a nameless one by its path."""
    site.pages["/"] = '<frameset cols="50%,50%"><frame name="left" src="/a"><frame src="/b">'
    site.show('<iframe name="inner" src="/in"></iframe>', "/a", "Left")
    site.show('<iframe src="/in"></iframe>', "/b", "Right")
    site.show('<table><tr><td>Note</td><td><input name="note"></td></tr></table>', "/in", "In")
    screen = """recognise = [{frame = "left", selector = "h1", text = "Left"}]
[fields]
first = {frame = "inner", label = "Note", length = 9}
second = {frame = "#2/#1", label = "Note", length = 9}
"""
    session = opened(FORM + screen)
    session.set("first", "one")
    session.set("second", "two")

    assert session.now().fields == {"first": "one", "second": "two"}


POPUPS = """<script>function look(name) { window.open("/" + name, name) }</script>
<input name="account"><button onclick="look('help')">Help</button>
<button onclick="look('book')">Book</button>"""
IN_FRONT = (
    FORM
    + IS_FORM
    + """
fields.account = {selectors = ["[name=account]"], length = 9}
keys.help = {label = "Help", next = ["help"]}
keys.book = {label = "Book", next = ["book"]}
"""
)
HELP = """name = "help"\ntitle_en = "H"\ntitle_zh = "H"\nwindow = "help"
recognise = [{selector = "h1", text = "Help"}]
keys.take = {label = "Take", next = ["form"]}
keys.book = {label = "Book", next = ["book"]}
"""
BOOK = """name = "book"\ntitle_en = "B"\ntitle_zh = "B"\nwindow = "The book"
recognise = [{selector = "h1", text = "The book"}]
keys.back = {label = "Back", next = ["help"]}
"""  # fmt: skip


def test_a_pop_up_gives_its_choice_and_goes(site: Site, opened: Opened) -> None:
    """What the pop-up covered stands in front again, with what it filled in."""
    take = "opener.document.querySelector('input').value = '4711'; window.close()"
    site.show(POPUPS)
    site.show(f'<button onclick="{take}">Take</button>', "/help", "Help")
    session = opened(IN_FRONT, HELP, BOOK)
    session.press("help")
    screen = session.press("take")

    assert (screen.name, screen.fields["account"]) == ("form", "4711")


def test_work_goes_on_in_the_window_that_shows_the_screen(site: Site, opened: Opened) -> None:
    """Three windows: a screen by its window's name or title; another one closes by itself."""
    site.show(POPUPS)
    site.show("<button onclick=\"window.open('/book', 'x')\">Book</button>", "/help", "Help")
    site.show('<button onclick="window.close()">Back</button>', "/book", "The book")
    session = opened(IN_FRONT, HELP, BOOK)
    names = [session.press("help").name, session.press("book").name, session.press("back").name]

    assert names == ["help", "book", "help"]


def test_a_screen_in_a_window_that_is_not_its_own_is_unknown(site: Site, opened: Opened) -> None:
    """A pop-up that looks like a screen of the first window is not taken for it."""
    site.show(POPUPS)
    site.show("", "/help", "Form")
    session = opened(IN_FRONT, HELP, BOOK)
    with pytest.raises(Drifted, match="SCREEN_UNKNOWN"):
        session.press("help")
    with pytest.raises(Drifted, match="SCREEN_UNKNOWN"):
        session.set("account", "1")


def test_a_file_is_uploaded(site: Site, opened: Opened, tmp_path: Path) -> None:
    """By its path; the field shows its name, the server gets its bytes."""
    site.show("""<form method="post" enctype="multipart/form-data"><label>File
      <input type="file" name="file"></label><input type="submit" value="Send"></form>""")
    path = tmp_path / "工资.csv"
    path.write_bytes("张三,100.00\n".encode())
    session = opened(
        FORM + IS_FORM + 'fields.file = {label = "File", type = "file", length = 40}\n'
        'keys.send = {label = "Send", commits = true, next = ["done"]}'
    )
    with pytest.raises(Refused, match="FIELD_FILE_MISSING"):
        session.set("file", "工资.csv")
    session.set("file", str(path))
    shown = session.now().fields["file"]
    session.commit("send", yes)
    (part,) = _parts(site.posts[0])

    assert shown == "工资.csv"
    assert part == path.read_bytes()


def _parts(post: bytes) -> list[bytes]:
    """The contents of a multipart form."""
    message = message_from_bytes(post)
    parts = [part for part in message.walk() if not part.is_multipart()]
    return [bytes(part.get_payload(decode=True)) for part in parts]


def test_a_file_that_is_asked_for_comes(site: Site, opened: Opened) -> None:
    """One that nobody asked for is let go; one that does not come is Unavailable."""
    site.files["/file"] = b"\x00\xff" * 1000
    site.show("""<a href="/file">File</a><a href="javascript:void(0)">None</a>
      <a href="/file" onclick="setTimeout(() => { location = '/done' }, 500)">Both</a>""")
    session = opened(
        FORM
        + IS_FORM
        + """
keys.file = {label = "File"}
keys.none = {label = "None"}
keys.both = {label = "Both", next = ["done"]}
"""
    )
    file = session.download("file")
    with pytest.raises(Unavailable, match="DOWNLOAD_MISSING"):
        session.download("none")

    assert (file.name, file.content) == ("a.bin", site.files["/file"])
    assert session.press("both").name == "done"


COMPLETED = """<input name="account" maxlength="9"><input name="holder" readonly>
<script>
const [account, holder] = document.querySelectorAll("input");
account.onkeyup = () => { holder.value = "";
  ANSWER };
</script><button onclick="if (holder.value) location = '/done'">Save</button>"""
RESOLVES = FORM + IS_FORM + """
fields.account = {selectors = ["[name=account]"], length = 9, resolves = "holder"}
fields.holder = {selectors = ["[name=holder]"], length = 9, readonly = true}
keys.save = {label = "Save", commits = true, next = ["done"]}
"""  # fmt: skip


def test_a_field_counts_as_set_when_it_shows_its_resolved_value(site: Site, opened: Opened) -> None:
    """Typed key by key, awaited; so the save that is lost before it is not lost."""
    late = "clearTimeout(window.t); window.t = setTimeout(() => { holder.value = 'Li' }, 400)"
    site.show(COMPLETED.replace("ANSWER", late))
    session = opened(RESOLVES)
    session.set("account", "123")

    assert session.now().fields["holder"] == "Li"
    assert session.commit("save", yes).name == "done"


def test_a_field_that_does_not_resolve_is_refused(site: Site, opened: Opened) -> None:
    """The value is one that the page does not know."""
    site.show(COMPLETED.replace("ANSWER", ""))
    session = opened(RESOLVES)
    with pytest.raises(Refused, match="FIELD_NOT_RESOLVED.*holder"):
        session.set("account", "123")


def test_a_resolved_value_that_goes_away_is_seen_before_the_key(site: Site, opened: Opened) -> None:
    """What was completed is looked at again before the committing key."""
    wipes = "holder.value = 'Li'; setTimeout(() => { holder.value = '' }, 600)"
    site.show(COMPLETED.replace("ANSWER", wipes))
    session = opened(RESOLVES)
    session.set("account", "1")
    threading.Event().wait(0.8)
    with pytest.raises(Refused, match="FIELD_NOT_RESOLVED"):
        session.commit("save", yes)


def test_a_save_that_nobody_heard_is_in_doubt(site: Site, opened: Opened) -> None:
    """No request, no message: after the key only a look-up can tell."""
    site.show(COMPLETED)
    session = opened(RESOLVES.replace(', resolves = "holder"', ""))
    with pytest.raises(InDoubt, match="ANSWER_NOT_SEEN"):
        session.commit("save", yes)


@pytest.mark.parametrize(
    "selector",
    [
        "#ctl48213_4", "#j_idt45 input", "[id='ext-gen1021']", "#ember12", "#\\\\:r1\\\\:",
        "input#f3a9c2d1", "#isc_4F", "[id^=yui_3]", "#a1b2c3",
    ],
)  # fmt: skip
def test_generated_ids_are_no_selectors(maps: Maps, selector: str) -> None:
    """A map that names an element by an id of one load only is refused when it is loaded."""
    for text in (
        f'fields.note = {{selectors = ["{selector}"], length = 9}}',
        f'keys.go = {{selector = "{selector}"}}',
        f'message = {{selector = "{selector}"}}',
    ):
        with pytest.raises(Misconfigured, match="MANIFEST_WRONG.*looks generated"):
            maps(FORM + IS_FORM + text)


def test_lasting_ids_are_selectors(maps: Maps) -> None:
    """Ids that somebody wrote are as good as names."""
    for selector in ("#message", "#m-search", "form#signon", "#tab2", "#payee_1", "#付款"):
        maps(FORM + IS_FORM + f'keys.go = {{selector = "{selector}"}}')


def test_a_later_selector_that_is_not_the_only_one_heals_nothing(
    site: Site, opened: Opened
) -> None:
    """Two elements are two guesses: the field is missing, for reading too."""
    site.show('<b class="one">1</b><b class="two">2</b>')
    with pytest.raises(Drifted, match="FIELD_MISSING"):
        opened(FORM + IS_FORM + 'fields.n = {selectors = ["i", ".one", ".two"], length = 9}')


def test_a_selector_that_has_drifted_moves_behind(
    site: Site, opened: Opened, pictures: list[Picture]
) -> None:
    """Without a label the selector that still finds the field is proposed as the first."""
    site.show('<input name="remark">')
    screen = 'fields.note = {selectors = ["[name=note]", "[name=remark]"], length = 9}'
    session = opened(FORM + IS_FORM + screen)
    assert session.now().fields["note"] == ""
    with pytest.raises(Drifted, match="SELECTOR_DRIFTED") as drifted:
        session.set("note", "x")

    assert str(drifted.value.facts["diff"]).splitlines() == [
        "--- a/resources/systems/site/screens/form.toml",
        "+++ b/resources/systems/site/screens/form.toml",
        "@@ [fields] @@",
        '-note = { selectors = ["[name=note]", "[name=remark]"], length = 9 }',
        '+note = { selectors = ["[name=remark]"], length = 9 }',
    ]
    assert [picture.moment for picture in pictures] == ["failure", "repair"]
