"""A TN3270 host on loopback: one thread per terminal, each running one conversation."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from clerkwork.practice.core.code_pages import code_page
from clerkwork.practice.core.stream import (
    BadStream,
    Display,
    Inbound,
    Page,
    inbound,
    outbound,
    parts,
)
from clerkwork.practice.core.telnet import Hangup, Line
from clerkwork.practice.core.tls import Tls
from clerkwork.practice.core.tn3270e import Units

_STOP_POLL_S = 0.05
_SIZES = {"2": (24, 80), "3": (32, 80), "4": (43, 80), "5": (27, 132)}


@dataclass(frozen=True)
class Speech:
    """How a host speaks: its code page, whether it uses a large screen, TN3270E, TLS."""

    code_page: str = "cp037"
    alternate: bool = False
    tn3270e: bool = False
    tls: Tls | None = None


class Terminal:
    """
    One connected terminal: shows pages, hears keys. `name` is its number on this host, or
    the logical unit that it asked for.
    """

    def __init__(self, sock: socket.socket, name: str, speech: Speech, units: Units | None = None):
        self._sock = sock
        self._line = Line(sock, units)
        self._page = Page(())
        self._speech = speech
        self._display = Display(page=code_page(speech.code_page))
        self._units = units
        self.name = name

    def negotiate(self) -> None:
        """Agree on TN3270. Raises Hangup."""
        self._line.negotiate()
        self.name = self._line.unit or self.name
        model = self._line.terminal_type.removesuffix("-E")[-1:]
        if self._speech.alternate and model in _SIZES:
            rows, columns = _SIZES[model]
            self._display = Display(rows, columns, self._display.page, is_alternate=True)

    def show(self, page: Page, *, unlock: bool = True) -> None:
        """Paint `page` over everything and unlock the keyboard. Raises Hangup."""
        self._page = page
        self._line.send(outbound(page, self._display, unlock=unlock))

    def show_in_parts(self, page: Page, pause_s: float) -> None:
        """Paint `page` by three records, each of which unlocks the keyboard. Raises Hangup."""
        self._page = page
        first, *later = parts(page, self._display)
        self._line.send(first)
        for part in later:
            time.sleep(pause_s)
            self._line.send(part)

    def pause(self, wait_s: float) -> None:
        """Let time pass; what is typed meanwhile is lost. Raises Hangup."""
        deadline = time.monotonic() + wait_s
        while (left := deadline - time.monotonic()) > 0:
            self._line.receive(left)

    def send(self, record: bytes) -> None:
        """Send a raw 3270 record. Raises Hangup."""
        self._line.send(record)

    def hear(self, wait_s: float | None = None) -> Inbound | None:
        """The next key with its fields; None when none came in time. Raises Hangup, BadStream."""
        record = self._line.receive(wait_s)
        return None if record is None else inbound(record, self._page, self._display)

    def hang_up(self) -> None:
        """Close the connection; the conversation ends with Hangup."""
        with suppress(OSError):  # the client may have been faster
            self._sock.shutdown(socket.SHUT_RDWR)

    def leave(self) -> None:
        """Give the logical unit back."""
        if self._units:
            self._units.free(self._line.unit)


Talk = Callable[[Terminal], None]


class Server(socketserver.ThreadingTCPServer):
    """Listens on a free port and runs `talk` for each terminal until either side hangs up."""

    allow_reuse_address = True
    request_queue_size = 64

    def __init__(
        self,
        talk: Talk,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        speech: Speech | None = None,
    ):
        self.speech = speech or Speech()
        code_page(self.speech.code_page)  # raises before anybody can connect
        super().__init__((host, port), _Connection)
        self.talk = talk
        self._units = Units() if self.speech.tn3270e else None
        self.port: int = self.server_address[1]
        self._lock = threading.Lock()
        self._terminals: dict[int, Terminal] = {}
        self._count = 0
        self._running: list[threading.Thread] = []
        self._start(self.serve_forever, _STOP_POLL_S)

    def get_request(self) -> tuple[socket.socket, Any]:
        """A connection, encrypted where the host has TLS; nothing is read from it yet."""
        sock, address = super().get_request()
        return (self.speech.tls.wrap(sock) if self.speech.tls else sock), address

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve one terminal on a thread of its own."""
        self._running = [thread for thread in self._running if thread.is_alive()]
        self._start(self.process_request_thread, request, client_address)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        # A daemon, so that a program that dies without close() does not stay for ever.
        thread = threading.Thread(target=target, args=args, name="tn3270-host", daemon=True)
        self._running.append(thread)
        thread.start()

    def admit(self, sock: socket.socket) -> Terminal:
        """A new terminal on `sock`."""
        with self._lock:
            self._count += 1
            terminal = Terminal(sock, f"T{self._count:04}", self.speech, self._units)
            self._terminals[self._count] = terminal
            return terminal

    def dismiss(self, terminal: Terminal) -> None:
        """Forget `terminal`."""
        terminal.leave()
        with self._lock:
            self._terminals = {n: t for n, t in self._terminals.items() if t is not terminal}

    def close(self) -> None:
        """Stop listening, hang up every terminal, wait for all threads."""
        self.shutdown()
        self._running[0].join()  # the listener: from here on nobody new is admitted
        self.server_close()
        with self._lock:
            open_now = list(self._terminals.values())
        for terminal in open_now:
            terminal.hang_up()
        for thread in self._running:
            thread.join()


class _Connection(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        sock: socket.socket = self.request
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        terminal = server.admit(sock)
        try:
            terminal.negotiate()
            server.talk(terminal)
        except (Hangup, BadStream):
            pass  # the conversation is over; the socket is closed by the server
        finally:
            server.dismiss(terminal)
