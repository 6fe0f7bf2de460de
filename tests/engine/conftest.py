"""Both databases; an outbox of alerts, and a mail server and a webhook where they arrive."""

from __future__ import annotations

import email
import email.policy
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from clerkwork.alert import (
    Alert,
    Post,
    deliver,
    list_alerts,
    load_alerting,
    raise_alert,
    settle_alert,
)
from clerkwork.audit import open_log, verify
from clerkwork.store import Store, open_store
from clerkwork.store.tables import metadata

NIGHT = datetime(2026, 6, 11, 21, 0, tzinfo=UTC)  # 05:00 in Shanghai
ABOUT = {
    "late": {
        "schedule": "close_of_day",
        "due": "2026-06-11T17:30:00+00:00",
        "cut_off": "2026-06-11T21:00:00+00:00",
    },
    "drifted": {
        "bot": "reconcile_teller",
        "run": "reconcile_teller.3f0a91.1",
        "system": "core",
        "code": "SCREEN_UNKNOWN",
    },
}
_TWO = """
time_zone = "Asia/Shanghai"
[people."zhang.wei"]
address = "alerts-zhang-wei"
quiet = "22:00-07:00"
[people."li.na"]
address = "alerts-li-na"
language = "en"
"""
RULES = {
    "nobody": "",
    "one": '[people.duty]\naddress = "alerts-duty"\nlanguage = "en"\n',
    "in order": _TWO + '[[routes]]\nto = ["zhang.wei", "li.na"]\nescalate_after_s = 600\n',
    "at once": _TWO + '[groups]\nboth = ["zhang.wei", "li.na"]\n[[routes]]\nto = ["both"]\n',
}


@pytest.fixture(params=["sqlite", "postgresql"])
def any_store(request, tmp_path) -> Iterator[Store]:
    """The store on SQLite, then on PostgreSQL."""
    place = tmp_path if request.param == "sqlite" else request.getfixturevalue("postgres")
    opened = open_store(place)
    yield opened
    with opened.begin() as conn:
        for table in reversed(metadata.sorted_tables):
            conn.execute(sa.delete(table))
    opened.close()


@dataclass
class Webhook:
    """A webhook on loopback: what it got, and what it answers (200 when `answers` is empty)."""

    port: int = 0
    got: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    on_message: Callable[[], object] = lambda: None  # before it answers

    def url(self, path: str = "x") -> str:
        """Its address, as apprise writes it."""
        return f"json://127.0.0.1:{self.port}/{path}"

    def titles(self, path: str = "x") -> list[str]:
        """The titles that came to `path`, in order."""
        return [each["title"] for each in self.got if each["path"] == f"/{path}"]


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """A webhook that answers until the test ends."""
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            hook.got.append(said | {"path": self.path})
            hook.on_message()
            self.send_response(hook.answers.pop(0) if hook.answers else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield hook
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class MailServer:
    """An SMTP server on loopback: the messages it took, and what it answers to data."""

    port: int
    messages: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    def url(self, to: str = "duty@bank.example") -> str:
        """The address of one receiver, as apprise writes it."""
        return f"mailto://127.0.0.1:{self.port}?from=clerkwork@bank.example&to={to}"

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        """Take a message, or refuse it as `answers` says."""
        if self.answers:
            return self.answers.pop(0)
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        self.messages.append(parsed)
        return "250 taken"


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server that answers until the test ends."""
    server = MailServer(free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    controller.stop()


class House:
    """An outbox with its audit log and a clock that tests move."""

    def __init__(self, store: Store, home: Path, log: Any, monkeypatch: pytest.MonkeyPatch):
        self.store = store
        self.home = home
        self.now = NIGHT
        self._log = log
        self._monkeypatch = monkeypatch

    def post(self, rules: str) -> Post:
        """The post by the rules of that name."""
        path = self.home / "alerts.toml"
        path.write_text(RULES[rules], encoding="utf-8")
        return Post(
            store=self.store,
            alerting=load_alerting(path),
            home=self.home,
            environment="practice",
            record=self._log.record,
            clock=lambda: self.now,
        )

    def keep(self, name: str, address: str) -> None:
        """Keep an address as a secret."""
        self._monkeypatch.setenv(f"CLERKWORK_SECRET_{name.upper().replace('-', '_')}", address)

    def raise_(self, kind: str = "late", key: str = "late:1", **changed: str) -> bool:
        """Raise an alert now."""
        alert = Alert(kind, key, ABOUT[kind] | changed, "operations")
        with self.store.begin() as conn:
            return raise_alert(conn, alert, at=self.now)

    def settle(self, key: str = "late:1") -> None:
        """What it said is over now."""
        with self.store.begin() as conn:
            settle_alert(conn, key, at=self.now)

    def later(self, by: timedelta, post: Post) -> int:
        """Let time pass, then deliver."""
        self.now += by
        return deliver(post)

    @property
    def states(self) -> list[str]:
        """States of the alerts, oldest first."""
        return [row.state for row, _ in reversed(list_alerts(self.store))]

    def told(self, number: int = 0) -> dict[str, tuple[str, int]]:
        """State and attempts of each delivery of the alert, by person."""
        _, deliveries = list_alerts(self.store)[::-1][number]
        return {each.person: (each.state, each.attempts) for each in deliveries}

    @property
    def events(self) -> list[str]:
        """What the audit log has, without "alert."."""
        return [event.name.removeprefix("alert.") for _, event in self._log.read()]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A new house; no keyring, whatever this machine has."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    home = tmp_path / "home"
    store = open_store(home)
    with closing(open_log(home)) as log:
        yield House(store, home, log, monkeypatch)
    assert verify(home).holds
    store.close()
