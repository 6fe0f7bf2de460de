"""A web site for tests of the browser driver."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

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
deadline_s = {deadline_s}
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
    """
    A web server whose pages each test writes, and sessions with it.

    `posts` are the requests that sent something, `pictures` what the sessions kept;
    they are answered while `answers` is set. `deadline_s` is the maps'.
    """

    def __init__(self, folder: Path) -> None:
        self.pages: dict[str, str] = {"/done": self.page("Done", "")}
        self.files: dict[str, bytes] = {}
        self.posts: list[bytes] = []
        self.pictures: list[Picture] = []
        self.deadline_s = 3.0
        self.answers = threading.Event()
        self.answers.set()
        self.folder = folder / "site"
        self._sessions: list[BrowserSession] = []
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
                site.answers.wait(20)
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

    def maps(self, *screens: str) -> SystemMap:
        """Maps of `screens`, and of "done", loaded as they stand in their files."""
        (self.folder / "screens").mkdir(parents=True, exist_ok=True)
        (self.folder / "system.toml").write_text(
            SYSTEM.replace("{deadline_s}", str(self.deadline_s)), encoding="utf-8"
        )
        (self.folder / "messages.toml").write_text(MESSAGES, encoding="utf-8")
        for number, text in enumerate((DONE, *screens)):
            path = self.folder / "screens" / f"{number}.toml"
            path.write_text(text, encoding="utf-8")
        return load_system(self.folder)

    def open(self, *screens: str) -> BrowserSession:
        """A session before the form."""
        who, keep = SignOn("RB01", ""), self.pictures.append
        system = self.maps(*screens)
        self._sessions.append(open_session(system, self.url, who, keep=keep, may_commit=True))
        self._sessions[-1].expect("form")
        return self._sessions[-1]

    def close(self) -> None:
        """Close the sessions, stop serving."""
        for session in self._sessions:
            session.close()
        self.answers.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def yes() -> None:
    """A guard that lets us."""
