"""Telnet as a 3270 host speaks it: RFC 854, 856 (binary), 885 (end of record), 1091, 1576."""

from __future__ import annotations

import re
import socket
import time

IAC, DONT, DO, WONT, WILL, SB, SE = 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0xFA, 0xF0
EOR_MARK = 0xEF
BINARY, TERMINAL_TYPE, END_OF_RECORD = 0x00, 0x18, 0x19
SEND, IS = 0x01, 0x00

_TERMINAL = re.compile(r"IBM-(327[89]-[2-5](-E)?|DYNAMIC)")
_NEGOTIATION_S = 10.0
_RECORD_LIMIT = 65_536


class Hangup(Exception):
    """The other end is gone, or does not speak TN3270."""


class Line:
    """One telnet connection: records out, records in. `terminal_type` is what the client said."""

    def __init__(self, sock: socket.socket):
        self._sock = sock
        self._records: list[bytes] = []
        self._record = bytearray()
        self._raw = bytearray()
        self._agreed: set[tuple[int, int]] = set()
        self.terminal_type = ""

    def negotiate(self) -> None:
        """Agree on terminal type, binary and end of record. Raises Hangup if it does not."""
        deadline = time.monotonic() + _NEGOTIATION_S
        self._send(bytes([IAC, DO, TERMINAL_TYPE]))
        self._await({(WILL, TERMINAL_TYPE)}, deadline)
        self._send(bytes([IAC, SB, TERMINAL_TYPE, SEND, IAC, SE]))
        while not self.terminal_type:
            self._fill(deadline)
        if not _TERMINAL.fullmatch(self.terminal_type):
            raise Hangup(f"terminal type {self.terminal_type}")
        both = [BINARY, END_OF_RECORD]
        self._send(b"".join(bytes([IAC, DO, o, IAC, WILL, o]) for o in both))
        self._await({(answer, option) for answer in (WILL, DO) for option in both}, deadline)

    def send(self, record: bytes) -> None:
        """Send one record."""
        self._send(record.replace(b"\xff", b"\xff\xff") + bytes([IAC, EOR_MARK]))

    def receive(self, wait_s: float | None) -> bytes | None:
        """The next record; None when none came within `wait_s`. Raises Hangup."""
        deadline = None if wait_s is None else time.monotonic() + wait_s
        try:
            while not self._records:
                self._fill(deadline)
        except TimeoutError:
            return None
        return self._records.pop(0)

    def _await(self, wanted: set[tuple[int, int]], deadline: float) -> None:
        try:
            while not wanted <= self._agreed:
                self._fill(deadline)
        except TimeoutError:
            raise Hangup("negotiation took too long") from None

    def _send(self, data: bytes) -> None:
        try:
            self._sock.settimeout(_NEGOTIATION_S)
            self._sock.sendall(data)
        except OSError as gone:
            raise Hangup(str(gone)) from gone

    def _fill(self, deadline: float | None) -> None:
        """Take in what the client sent. Raises TimeoutError at the deadline, Hangup at the end."""
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        try:
            data = self._sock.recv(8192)
        except TimeoutError:
            raise
        except OSError as gone:
            raise Hangup(str(gone)) from gone
        if not data:
            raise Hangup("closed by the client")
        self._raw += data
        while self._raw and self._take():
            pass

    def _take(self) -> bool:
        """Digest one byte or one telnet command; False when the command is not complete yet."""
        raw = self._raw
        if raw[0] != IAC:
            end = raw.find(IAC)
            end = len(raw) if end < 0 else end
            self._record += raw[:end]
            del raw[:end]
            if len(self._record) > _RECORD_LIMIT:
                raise Hangup("record too long")
            return True
        if len(raw) < 2:
            return False
        command = raw[1]
        if command == SB:
            return self._subnegotiation()
        if command in (DO, DONT, WILL, WONT):
            if len(raw) < 3:
                return False
            option = raw[2]
            del raw[:3]
            self._answer(command, option)
            return True
        del raw[:2]
        if command == IAC:
            self._record.append(IAC)
        elif command == EOR_MARK:
            self._records.append(bytes(self._record))
            self._record.clear()
        return True

    def _subnegotiation(self) -> bool:
        end = self._raw.find(bytes([IAC, SE]))
        if end < 0:
            return False
        body = bytes(self._raw[2:end])
        del self._raw[: end + 2]
        if body[:2] == bytes([TERMINAL_TYPE, IS]):
            self.terminal_type = body[2:].decode("ascii", "replace").upper()
        return True

    def _answer(self, command: int, option: int) -> None:
        if command in (WONT, DONT) and option in (BINARY, TERMINAL_TYPE, END_OF_RECORD):
            raise Hangup(f"the client refuses telnet option {option}")
        if option in (BINARY, TERMINAL_TYPE, END_OF_RECORD):
            self._agreed.add((command, option))
        elif command == WILL:
            self._send(bytes([IAC, DONT, option]))
        elif command == DO:
            self._send(bytes([IAC, WONT, option]))
