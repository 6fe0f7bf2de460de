"""
The browser's only way out: a SOCKS proxy (RFC 1928) inside the worker.

A browser may outlive its worker by a moment, and a request that the worker held back is
given back to it then and goes out, after the same request was sent (measured: two drafts
205 ms apart). Through the outlet nothing leaves any more once the worker is dead.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

_VERSION, _CONNECT = 5, 1
_NO_SIGN_ON = 0
_NAME = 3
_SIZES = {1: 4, 4: 16}  # IPv4, IPv6
_DONE, _FAILED = 0, 1
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_AT_ONCE = 1 << 16  # bytes


class Outlet:
    """
    Listens on loopback until `close`, a thread for each connection and way.

    url: for the browser. A connection that is not made within `connect_s` is none.
    """

    def __init__(self, *, connect_s: float) -> None:
        self._connect_s = connect_s
        self._failures: dict[tuple[str, int], str] = {}  # by place, until one is made there
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"socks5://127.0.0.1:{self._listener.getsockname()[1]}"
        _start(self._listen)

    def close(self) -> None:
        """Listen no more; what is open ends with the browser."""
        _end(self._listener)
        self._listener.close()

    def failure(self, url: str) -> str:
        """Why the last connection for `url` was not made; "" when it was."""
        asked = urlsplit(url)
        place = asked.hostname or "", asked.port or _PORTS.get(asked.scheme, 0)
        why = self._failures.get(place, "")
        return why and f"{place[0]}:{place[1]}: {why}"

    def _listen(self) -> None:
        with suppress(OSError):  # closed
            while True:
                _start(self._serve, self._listener.accept()[0])

    def _serve(self, browser: socket.socket) -> None:
        with browser, suppress(OSError):
            wanted = _wanted(browser)
            try:
                system = socket.create_connection(wanted, self._connect_s)
            except (OSError, UnicodeError) as failed:  # the latter for a name that is none
                self._failures[wanted] = getattr(failed, "strerror", None) or str(failed)
                browser.sendall(_answer(_FAILED))
                return
            self._failures.pop(wanted, None)
            with system:
                system.settimeout(None)
                browser.sendall(_answer(_DONE))
                back = _start(_hand_on, system, browser)
                _hand_on(browser, system)
                back.join()


def _wanted(browser: socket.socket) -> tuple[str, int]:
    """Host and port that the browser asks for. Raises ConnectionError for another question."""
    version, count = _exactly(browser, 2)
    _exactly(browser, count)
    browser.sendall(bytes((_VERSION, _NO_SIGN_ON)))
    _, command, _, kind = _exactly(browser, 4)
    if (version, command) != (_VERSION, _CONNECT):
        raise ConnectionError
    if kind == _NAME:
        host = _exactly(browser, _exactly(browser, 1)[0]).decode("ascii")
    else:
        host = str(ip_address(_exactly(browser, _SIZES[kind])))
    return host, int.from_bytes(_exactly(browser, 2), "big")


def _exactly(stream: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        data = stream.recv(count - len(found))
        if not data:
            raise ConnectionError
        found += data
    return found


def _answer(code: int) -> bytes:
    """How it went; the address in it is of no use to a browser."""
    return bytes((_VERSION, code, 0, 1)) + bytes(6)


def _hand_on(source: socket.socket, target: socket.socket) -> None:
    """Hand on what comes until one side ends; then both do."""
    for end in (source, target):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with suppress(OSError):
        while data := source.recv(_AT_ONCE):
            target.sendall(data)
    for end in (source, target):
        _end(end)


def _end(stream: socket.socket) -> None:
    with suppress(OSError):  # it has ended already
        stream.shutdown(socket.SHUT_RDWR)


def _start(work: Callable[..., None], *given: socket.socket) -> threading.Thread:
    thread = threading.Thread(target=work, args=given, name="browser-outlet", daemon=True)
    thread.start()
    return thread
