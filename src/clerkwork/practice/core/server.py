"""A TN3270 host on loopback: one thread per terminal, each running one conversation."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from clerkwork.practice.core.stream import BadStream, Inbound, Page, inbound, outbound
from clerkwork.practice.core.telnet import Hangup, Line

_STOP_POLL_S = 0.05


class Terminal:
    """One connected terminal: shows pages, hears keys. `name` is its number on this host."""

    def __init__(self, sock: socket.socket, name: str):
        self._sock = sock
        self._line = Line(sock)
        self._page = Page(())
        self.name = name

    def negotiate(self) -> None:
        """Agree on TN3270. Raises Hangup."""
        self._line.negotiate()

    def show(self, page: Page) -> None:
        """Paint `page` over everything and unlock the keyboard. Raises Hangup."""
        self._page = page
        self._line.send(outbound(page))

    def send(self, record: bytes) -> None:
        """Send a raw 3270 record. Raises Hangup."""
        self._line.send(record)

    def hear(self, wait_s: float | None = None) -> Inbound | None:
        """The next key with its fields; None when none came in time. Raises Hangup, BadStream."""
        record = self._line.receive(wait_s)
        return None if record is None else inbound(record, self._page)

    def hang_up(self) -> None:
        """Close the connection; the conversation ends with Hangup."""
        with suppress(OSError):  # the client may have been faster
            self._sock.shutdown(socket.SHUT_RDWR)


Talk = Callable[[Terminal], None]


class Server(socketserver.ThreadingTCPServer):
    """Listens on a free port and runs `talk` for each terminal until either side hangs up."""

    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, talk: Talk, *, host: str = "127.0.0.1", port: int = 0):
        super().__init__((host, port), _Connection)
        self.talk = talk
        self.port: int = self.server_address[1]
        self._lock = threading.Lock()
        self._terminals: dict[int, Terminal] = {}
        self._count = 0
        self._running: list[threading.Thread] = []
        self._start(self.serve_forever, _STOP_POLL_S)

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
            terminal = Terminal(sock, f"T{self._count:04}")
            self._terminals[self._count] = terminal
            return terminal

    def dismiss(self, terminal: Terminal) -> None:
        """Forget `terminal`."""
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
