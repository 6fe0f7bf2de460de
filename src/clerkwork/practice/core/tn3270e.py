"""
TN3270E (RFC 2355): who the client is, which logical unit it wants, what both can do.

    host                                    client
    DO TN3270E                              WILL TN3270E
    SB SEND DEVICE-TYPE SE                  SB DEVICE-TYPE REQUEST type [CONNECT lu] SE
    SB DEVICE-TYPE IS type CONNECT lu SE    SB FUNCTIONS REQUEST list SE
    SB FUNCTIONS REQUEST shorter list SE    SB FUNCTIONS IS list SE

or DEVICE-TYPE REJECT REASON why. From then on a record begins with five bytes.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass

TN3270E = 0x28
HEADER_LENGTH = 5
DATA, RESPONSE = 0x00, 0x02  # data types of a header
CONNECT, DEVICE_TYPE, FUNCTIONS, IS = 0x01, 0x02, 0x03, 0x04
REASON, REJECT, REQUEST, SEND = 0x05, 0x06, 0x07, 0x08
DEVICE_IN_USE, INVALID_NAME, INVALID_TYPE = 0x01, 0x03, 0x04
RESPONSES = 0x02  # the one function this host has: the client confirms every record
_ALWAYS_RESPONSE = 0x02
_POSITIVE = 0x00

_TYPE = re.compile(r"IBM-(327[89]-[2-5](-E)?|DYNAMIC)")
_LU = re.compile(r"CWLU[0-9A-Z]{1,4}")


class Units:
    """The logical units of a host: CWLU and one to four letters or digits, each used once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: set[str] = set()

    def take(self, asked: str) -> str | None:
        """The unit asked for, or any when `asked` is empty; None when it is in use."""
        with self._lock:
            names = [asked] if asked else [f"CWLU{n:04}" for n in range(1, 10_000)]
            name = next((each for each in names if each not in self._used), None)
            if name:
                self._used.add(name)
            return name

    def free(self, name: str) -> None:
        """Give a unit back."""
        with self._lock:
            self._used.discard(name)


@dataclass(frozen=True)
class Device:
    """What a client asks to be: terminal type and logical unit ("" = any)."""

    terminal_type: str
    unit: str

    @property
    def wrong(self) -> int | None:
        """The reason why this host does not have such a device; None when it has."""
        if not _TYPE.fullmatch(self.terminal_type):
            return INVALID_TYPE
        return INVALID_NAME if self.unit and not _LU.fullmatch(self.unit) else None


def asked_device(body: bytes) -> Device | None:
    """The device of a DEVICE-TYPE REQUEST, a subnegotiation without its first byte."""
    if body[:2] != bytes([DEVICE_TYPE, REQUEST]):
        return None
    kind, _, unit = body[2:].partition(bytes([CONNECT]))
    return Device(kind.decode("ascii", "replace").upper(), unit.decode("ascii", "replace").upper())


def is_device(device: Device, unit: str) -> bytes:
    """The answer to a device that may be."""
    name = unit.encode("ascii")
    return bytes([DEVICE_TYPE, IS]) + device.terminal_type.encode() + bytes([CONNECT]) + name


def no_device(reason: int) -> bytes:
    """The answer to one that may not."""
    return bytes([DEVICE_TYPE, REJECT, REASON, reason])


def asked_functions(body: bytes) -> tuple[bool, frozenset[int]] | None:
    """Whether the client agrees (IS) or asks (REQUEST), and its list of functions."""
    if body[:1] != bytes([FUNCTIONS]) or body[1:2] not in (bytes([IS]), bytes([REQUEST])):
        return None
    return body[1] == IS, frozenset(body[2:])


def functions(*, is_agreed: bool, functions: frozenset[int]) -> bytes:
    """Our list of functions, agreed or proposed."""
    return bytes([FUNCTIONS, IS if is_agreed else REQUEST, *sorted(functions)])


def header(number: int, *, wants_response: bool) -> bytes:
    """The header of a record of 3270 data."""
    flag = _ALWAYS_RESPONSE if wants_response else 0
    return bytes([DATA, 0, flag, number >> 8 & 0xFF, number & 0xFF])


def is_negative(record: bytes) -> bool:
    """Whether a RESPONSE says that the client could not show a record."""
    return record[0] == RESPONSE and record[2] != _POSITIVE
