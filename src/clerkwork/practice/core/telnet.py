"""
Telnet as a 3270 host speaks it: RFC 854, 856 (binary), 885 (end of record), 1091, 1576,
and 2355 (TN3270E) with clients that agree to it.
"""

from __future__ import annotations

import re
import socket
import time

from clerkwork.practice.core import tn3270e
from clerkwork.practice.core.tn3270e import TN3270E, Units

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
    """
    One telnet connection: records out, records in. `terminal_type` is what the client said,
    `unit` the logical unit it got. TN3270E is offered where there are `units`.
    """

    def __init__(self, sock: socket.socket, units: Units | None = None):
        self._sock = sock
        self._units = units
        self._is_extended: bool | None = None  # not known before the client has said
        self._functions: frozenset[int] = frozenset()
        self._asked: list[bytes] = []  # subnegotiations of TN3270E not yet answered
        self._sent = 0
        self.unit = ""
        self._records: list[bytes] = []
        self._record = bytearray()
        self._raw = bytearray()
        self._agreed: set[tuple[int, int]] = set()
        self.terminal_type = ""

    def negotiate(self) -> None:
        """Agree on terminal type, binary and end of record. Raises Hangup if it does not."""
        deadline = time.monotonic() + _NEGOTIATION_S
        if self._units and self._agrees_to_tn3270e(deadline):
            self._negotiate_device(self._units, deadline)
            self._negotiate_functions(deadline)
            return
        self._send(bytes([IAC, DO, TERMINAL_TYPE]))
        self._await({(WILL, TERMINAL_TYPE)}, deadline)
        self._send(bytes([IAC, SB, TERMINAL_TYPE, SEND, IAC, SE]))
        while not self.terminal_type:
            self._fill_or_hang_up(deadline)
        if not _TERMINAL.fullmatch(self.terminal_type):
            raise Hangup(f"terminal type {self.terminal_type}")
        both = [BINARY, END_OF_RECORD]
        self._send(b"".join(bytes([IAC, DO, o, IAC, WILL, o]) for o in both))
        self._await({(answer, option) for answer in (WILL, DO) for option in both}, deadline)

    def _agrees_to_tn3270e(self, deadline: float) -> bool:
        self._send(bytes([IAC, DO, TN3270E]))
        while self._is_extended is None:
            self._fill_or_hang_up(deadline)
        return self._is_extended

    def _negotiate_device(self, units: Units, deadline: float) -> None:
        """Give the client its logical unit; one that asks for what is not gets one more try."""
        self._subnegotiate(bytes([tn3270e.SEND, tn3270e.DEVICE_TYPE]))
        while not self.unit:
            device = tn3270e.asked_device(self._next_asked(deadline))
            if device is None:
                continue
            reason = device.wrong
            unit = None if reason else units.take(device.unit)
            if unit is None:
                self._subnegotiate(tn3270e.no_device(reason or tn3270e.DEVICE_IN_USE))
                continue
            self.unit, self.terminal_type = unit, device.terminal_type
            self._subnegotiate(tn3270e.is_device(device, unit))

    def _negotiate_functions(self, deadline: float) -> None:
        """Of what the client can do, agree on what this host can."""
        while True:
            asked = tn3270e.asked_functions(self._next_asked(deadline))
            if asked is None:
                continue
            is_agreed, wanted = asked
            ours = wanted & {tn3270e.RESPONSES}
            if not is_agreed:
                self._subnegotiate(tn3270e.functions(is_agreed=ours == wanted, functions=ours))
            if ours == wanted:
                self._functions = ours
                return

    def _next_asked(self, deadline: float) -> bytes:
        while not self._asked:
            self._fill_or_hang_up(deadline)
        return self._asked.pop(0)

    def _subnegotiate(self, body: bytes) -> None:
        self._send(bytes([IAC, SB, TN3270E]) + body + bytes([IAC, SE]))

    def send(self, record: bytes) -> None:
        """Send one record."""
        if self._is_extended:
            wants = tn3270e.RESPONSES in self._functions
            record = tn3270e.header(self._sent, wants_response=wants) + record
            self._sent = (self._sent + 1) % 0x8000
        self._send(record.replace(b"\xff", b"\xff\xff") + bytes([IAC, EOR_MARK]))

    def receive(self, wait_s: float | None) -> bytes | None:
        """The next record; None when none came within `wait_s`. Raises Hangup."""
        deadline = None if wait_s is None else time.monotonic() + wait_s
        try:
            while True:
                while not self._records:
                    self._fill(deadline)
                record = self._records.pop(0)
                if not self._is_extended:
                    return record
                if len(record) < tn3270e.HEADER_LENGTH or tn3270e.is_negative(record):
                    raise Hangup("the client could not show a record")
                if record[0] == tn3270e.DATA:
                    return record[tn3270e.HEADER_LENGTH :]
        except TimeoutError:
            return None

    def _await(self, wanted: set[tuple[int, int]], deadline: float) -> None:
        while not wanted <= self._agreed:
            self._fill_or_hang_up(deadline)

    def _fill_or_hang_up(self, deadline: float) -> None:
        try:
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
        elif body[:1] == bytes([TN3270E]):
            self._asked.append(body[1:])
        return True

    def _answer(self, command: int, option: int) -> None:
        if option == TN3270E and self._units and command in (WILL, WONT):
            self._is_extended = command == WILL
            return
        if command in (WONT, DONT) and option in (BINARY, TERMINAL_TYPE, END_OF_RECORD):
            raise Hangup(f"the client refuses telnet option {option}")
        if option in (BINARY, TERMINAL_TYPE, END_OF_RECORD):
            self._agreed.add((command, option))
        elif command == WILL:
            self._send(bytes([IAC, DONT, option]))
        elif command == DO:
            self._send(bytes([IAC, WONT, option]))
