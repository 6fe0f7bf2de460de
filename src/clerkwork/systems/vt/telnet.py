"""Telnet as a character terminal speaks it: RFC 854, 856, 857, 858, 1073 (size), 1091 (type)."""

from __future__ import annotations

import socket
from contextlib import suppress

from clerkwork.systems.vt.line import Hangup

IAC, DONT, DO, WONT, WILL, SB, SE = 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0xFA, 0xF0
BINARY, ECHO, GO_AHEAD, TERMINAL_TYPE, SIZE = 0x00, 0x01, 0x03, 0x18, 0x1F
_IS, _SEND = 0x00, 0x01
_OURS = frozenset({BINARY, GO_AHEAD, TERMINAL_TYPE, SIZE})  # what we do when asked to
_THEIRS = frozenset({BINARY, ECHO, GO_AHEAD})  # what the host may do
_SEND_S = 10.0
_LONGEST = 4096  # bytes of one subnegotiation


class TelnetLine:
    """A telnet line to (host, port). Raises OSError when nobody listens."""

    def __init__(
        self, host: str, port: int, *, term: str, rows: int, columns: int, connect_s: float
    ):
        self._sock = socket.create_connection((host, port), connect_s)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._term = term.encode("ascii")
        self._size = rows, columns
        self._raw = bytearray()
        self._agreed: set[tuple[int, int]] = set()
        self._has_returned = False  # the last byte was CR: a NUL after it is nothing (RFC 854)

    def receive(self, wait_s: float) -> bytes:
        """See `Line.receive`; negotiation is answered and left out."""
        self._sock.settimeout(max(wait_s, 0.0001))
        try:
            data = self._sock.recv(65_536)
        except TimeoutError:
            return b""
        except OSError as gone:
            raise Hangup(str(gone)) from gone
        if not data:
            raise Hangup("closed by the host")
        self._raw += data
        return self._digest()

    def send(self, data: bytes) -> None:
        """See `Line.send`; a carriage return is CR NUL unless binary is agreed (RFC 854)."""
        data = data.replace(b"\xff", b"\xff\xff")
        if (DO, BINARY) not in self._agreed:
            data = data.replace(b"\r", b"\r\0")
        self._send(data)

    def close(self) -> None:
        """See `Line.close`."""
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def _send(self, data: bytes) -> None:
        try:
            self._sock.settimeout(_SEND_S)
            self._sock.sendall(data)
        except OSError as gone:
            raise Hangup(str(gone)) from gone

    def _digest(self) -> bytes:
        """The text in what has come; a command cut off stays until its rest is there."""
        text, raw = bytearray(), self._raw
        while raw:
            if raw[0] != IAC:
                end = raw.find(IAC)
                end = len(raw) if end < 0 else end
                text += raw[:end]
                del raw[:end]
            elif len(raw) < 2 or not self._command(text):
                break
        if self._has_returned and text[:1] == b"\0":
            del text[0]
        self._has_returned = text[-1:] == b"\r" if text else self._has_returned
        return bytes(text).replace(b"\r\0", b"\r")

    def _command(self, text: bytearray) -> bool:
        """Answer the command that begins; False when it is not complete."""
        raw, command = self._raw, self._raw[1]
        if command == SB:
            end = raw.find(bytes([IAC, SE]))
            if end < 0:
                if len(raw) > _LONGEST:
                    raise Hangup("subnegotiation too long")
                return False
            asked = bytes(raw[2:end])
            del raw[: end + 2]
            if asked == bytes([TERMINAL_TYPE, _SEND]):
                self._send(bytes([IAC, SB, TERMINAL_TYPE, _IS]) + self._term + bytes([IAC, SE]))
        elif command in (DO, DONT, WILL, WONT):
            if len(raw) < 3:
                return False
            option = raw[2]
            del raw[:3]
            self._answer(command, option)
        else:
            del raw[:2]
            if command == IAC:
                text.append(IAC)
        return True

    def _answer(self, command: int, option: int) -> None:
        """Agree to what we know, once; refuse the rest (RFC 1143: never answer an answer)."""
        if command in (DONT, WONT):
            asked = (DO if command == DONT else WILL, option)
            if asked in self._agreed:
                self._agreed.discard(asked)
                self._send(bytes([IAC, WONT if command == DONT else DONT, option]))
            return
        known, yes, no = (_OURS, WILL, WONT) if command == DO else (_THEIRS, DO, DONT)
        if option not in known:
            self._send(bytes([IAC, no, option]))
        elif (command, option) not in self._agreed:
            self._agreed.add((command, option))
            self._send(bytes([IAC, yes, option]))
            if option == SIZE:
                rows, columns = self._size
                size = columns.to_bytes(2) + rows.to_bytes(2)
                escaped = size.replace(b"\xff", b"\xff\xff")
                self._send(bytes([IAC, SB, SIZE]) + escaped + bytes([IAC, SE]))
