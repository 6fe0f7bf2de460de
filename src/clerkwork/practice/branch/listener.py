"""A TCP listener on loopback with a thread for each connection, and an end to all of them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

_POLL_S = 0.05


class Listener:
    """Listens on a free port; `serve` gets each connection and the event that ends it."""

    def __init__(self, serve: Callable[[socket.socket, threading.Event], None], name: str):
        self._serve = serve
        self._name = name
        self._stopped = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._socket.settimeout(_POLL_S)
        self.port: int = self._socket.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._start(self._listen)

    def close(self) -> None:
        """Stop listening, end every connection, wait for all threads."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        self._socket.close()

    def _listen(self) -> None:
        while not self._stopped.is_set():
            with suppress(TimeoutError):
                connected, _ = self._socket.accept()
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._start(self._one, connected)

    def _one(self, connected: socket.socket) -> None:
        with connected, suppress(OSError, EOFError):  # the client has gone
            self._serve(connected, self._stopped)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        # A daemon, so that a program that dies without close() does not stay for ever.
        thread = threading.Thread(target=target, args=args, name=self._name, daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()
