"""The branch over telnet: the host echoes and takes character by character (RFC 857, 858)."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable

from clerkwork.practice.branch.child import Child

IAC, DO, WILL, SB, SE = 0xFF, 0xFD, 0xFB, 0xFA, 0xF0
ECHO, GO_AHEAD, TERMINAL_TYPE, SIZE = 0x01, 0x03, 0x18, 0x1F
_OFFER = bytes([IAC, WILL, ECHO, IAC, WILL, GO_AHEAD, IAC, DO, TERMINAL_TYPE, IAC, DO, SIZE])
_COMMAND = re.compile(rb"\xff(\xfa.*?\xff\xf0|[\xfb-\xfe].|[^\xfa-\xff])", re.DOTALL)
_ESCAPED = b"\xff\xff"
_POLL_S = 0.05


def talk(connected: socket.socket, child: Child, stopped: threading.Event) -> None:
    """Serve one connection until the program, the client or the host ends it."""
    connected.sendall(_OFFER)
    ended = threading.Event()

    def paint() -> None:
        child.pump(lambda data: connected.sendall(data.replace(b"\xff", _ESCAPED)))
        ended.set()

    painter = threading.Thread(target=paint, name="branch-telnet", daemon=True)
    painter.start()
    try:
        _listen(connected, child, lambda: ended.is_set() or stopped.is_set())
    finally:
        child.close()
        painter.join()


def _listen(connected: socket.socket, child: Child, is_over: Callable[[], bool]) -> None:
    unread = b""
    while not is_over():
        connected.settimeout(_POLL_S)
        try:
            data = connected.recv(4096)
        except TimeoutError:
            continue
        if not data:
            return
        text, unread = _text_of(unread + data)
        child.key(text)


def _text_of(raw: bytes) -> tuple[bytes, bytes]:
    """What was typed, without telnet's commands; and the beginning of a command cut off."""
    parts = raw.split(_ESCAPED)
    parts = [_COMMAND.sub(b"", part) for part in parts]
    whole = b"\xff".join(parts[:-1] + [b""]) if len(parts) > 1 else b""
    last, begun, rest = parts[-1].partition(b"\xff")
    return (whole + last).replace(b"\r\0", b"\r"), begun + rest
