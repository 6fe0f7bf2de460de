"""
The terminal by tnz, in Python alone, where s3270 is not installed; single-byte pages only.

What is known of tnz 0.6.8, and minded here: it shows Chinese as other characters without a
word, checks a certificate's name only when the environment says so, takes screen size and
trust from the environment, cannot be called where an event loop runs, writes what hosts
send to a file tnz.log in the working folder, and lets text that is too long run on into
the next field (the session checks before and reads back).
"""

from __future__ import annotations

import asyncio
import codecs
import logging
import re
import ssl
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn, ParamSpec, TypeVar

from tnz.tnz import Tnz, TnzError

from clerkwork.errors import Misconfigured, Unavailable
from clerkwork.systems.grid.buffer import Buffer, Field
from clerkwork.systems.grid.terminal import Reading
from clerkwork.systems.maps import FieldMap, SystemMap
from clerkwork.systems.tn3270.waiting import answer_of
from clerkwork.systems.typing import CHARACTERS

P = ParamSpec("P")
T = TypeVar("T")

_ADDRESS = re.compile(r"[A-Za-z0-9_.-]+:[0-9]+")
_AIDS = {"Enter": 0x7D, "Clear": 0x6D, "PA1": 0x6C, "PA2": 0x6E, "PA3": 0x6B} | {
    f"PF{number}": aid
    for number, aid in enumerate(
        [*range(0xF1, 0xFA), 0x7A, 0x7B, 0x7C, *range(0xC1, 0xCA), 0x4A, 0x4B, 0x4C], start=1
    )
}
_DOUBLE_BYTE = {"930", "933", "935", "937", "939", "1364", "1371", "1388", "1390", "1399"}
_SIZES = {2: (24, 80), 3: (32, 80), 4: (43, 80), 5: (27, 132)}
_BLANKS = bytes.maketrans(bytes(range(0x40)), b"\x40" * 0x40)  # controls show as spaces
_FOREIGN = "\ufffd"  # a character of another set than the code page
_SLICE_S = 1.0


# Taken before tnz sets up its own: that one writes records, and so screens, to tnz.log.
_SILENT = logging.getLogger("tnz")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False
Tnz._Tnz__logger = _SILENT


class _Client(Tnz):  # type: ignore[misc]  # tnz has no types
    """tnz with a loop of its own, and with the certificate and the name always checked."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, code_page: str, model: int):
        super().__init__()
        self._Tnz__loop = loop
        self.use_tn3270e = False
        self.terminal_type = f"IBM-3278-{model}-E"
        self.amaxrow, self.amaxcol = _SIZES[model]
        codec = codecs.lookup(code_page)
        self.codec_info = {0: codec, 0xF1: codec}  # no other set to fall back to when typing
        self.alt = 0

    def _Tnz__create_context(self, verifycert: bool | None = None) -> ssl.SSLContext:
        return ssl.create_default_context()


class TnzTerminal:
    """
    One tnz connected to one host (`grid.terminal.Terminal`), on a thread of its own.

    Raises Unavailable SYSTEM_NOT_REACHED, DRIVER_STOPPED, Misconfigured ADDRESS_WRONG,
    CODE_PAGE_DOUBLE_BYTE, CODE_PAGE_UNKNOWN.
    """

    unit = CHARACTERS

    def __init__(self, system: SystemMap, address: str, *, tls: bool):
        if not _ADDRESS.fullmatch(address):
            raise Misconfigured("ADDRESS_WRONG", system=system.name, address=address)
        _check_code_page(system)
        self._system = system
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tnz")
        self._loop = asyncio.new_event_loop()
        detail = self._on_thread(self._connect, address, tls)
        if detail:
            self.close()
            facts = {"address": address, "detail": f"{detail} (TLS)" if tls else detail}
            raise Unavailable("SYSTEM_NOT_REACHED", system=system.name, **facts)

    def read(self) -> Reading:
        """The buffer as it stands."""
        return self._on_thread(self._reading)

    def has_heard_since(self, reading: Reading) -> bool:
        """Whether the host has sent anything since `reading`, or hung up."""
        now = self.read()
        return now.records != reading.records or not now.is_connected

    def field_at(self, buffer: Buffer, mapped: FieldMap) -> Field | None:
        """The field that begins exactly where the map says."""
        return buffer.field_at(mapped.row, mapped.column)

    def cells(self, value: str) -> int:
        """One cell each."""
        return len(value)

    def type_into(self, place: Field, value: str) -> Reading:
        """Empty the field, type `value`, and read the buffer."""
        return self._on_thread(self._type, place, value)

    def send(self, action: str, wait_s: float) -> Reading:
        """Press a key; read once the keyboard is unlocked or a slice of time later."""
        return self._on_thread(self._send, action, min(wait_s, _SLICE_S))

    def action_of(self, key: str, *, screen: str) -> str:
        """Enter, Clear, PF1 to PF24 and PA1 to PA3. Raises Misconfigured KEY_UNKNOWN."""
        if key not in _AIDS:
            raise Misconfigured("KEY_UNKNOWN", key=key, screen=screen)
        return key

    def wait(
        self,
        is_there: Callable[[Reading], bool],
        *,
        first: Reading,
        before: Reading | None,
        deadline: float,
    ) -> Reading:
        """
        Read until `is_there`, the keyboard is unlocked, and it is not what stood before
        the key; the last reading when the deadline (monotonic) has passed or the host is gone.
        """

        def hear(_: Reading, wait_s: float) -> Reading:
            return self._on_thread(self._heard, min(wait_s, _SLICE_S))

        return answer_of(hear, is_there, first=first, before=before, deadline=deadline)

    def received(self, secrets: Collection[str]) -> str:
        """Nothing: the fields are what the host sent."""
        return ""

    def close(self) -> None:
        """Hang up and free everything."""
        if self._loop.is_closed():
            return
        self._thread.submit(self._hang_up).result()
        self._thread.shutdown()

    def _on_thread(self, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """What `work` gives on tnz's own thread: there no other event loop can run."""
        if self._loop.is_closed():
            self._stopped("closed")
        try:
            return self._thread.submit(work, *given, **named).result()
        except (OSError, TnzError) as gone:
            self._stopped(str(gone) or type(gone).__name__)

    def _stopped(self, detail: str) -> NoReturn:
        raise Unavailable("DRIVER_STOPPED", system=self._system.name, detail=detail)

    # What follows runs on tnz's thread.

    def _connect(self, address: str, tls: bool) -> str:
        """Connect and wait for the first record; "" or why it did not come."""
        host, _, port = address.rpartition(":")
        page, model = self._system.code_page, self._system.model
        asyncio.set_event_loop(self._loop)  # of this thread only
        self._client = _Client(self._loop, code_page=page, model=model)
        self._client.connect(host, int(port), tls, True, event=asyncio.Event())
        deadline = time.monotonic() + self._system.deadline_s
        while not self._client.bytes_received and not self._client.seslost:
            left = deadline - time.monotonic()
            if left <= 0:
                return "no 3270 mode"
            self._client.wait(left)
        lost = self._client.seslost
        if isinstance(lost, tuple):
            return str(lost[1]) or str(lost[0])
        return "hung up" if lost else ""

    def _type(self, place: Field, value: str) -> Reading:
        self._client.set_cursor_address(place.start)
        try:
            self._client.key_eraseeof()
            self._client.key_data(value)
        except (TnzError, UnicodeEncodeError):
            pass  # locked meanwhile, or not in the page: the reading shows it
        return self._reading()

    def _send(self, key: str, wait_s: float) -> Reading:
        if not self._is_unlocked():
            return self._reading()
        self._client.key_aid(_AIDS[key])
        deadline = time.monotonic() + wait_s
        while not (self._is_unlocked() or self._client.seslost):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            self._client.wait(left)
        return self._reading()

    def _heard(self, wait_s: float) -> Reading:
        """Once the host has sent something, or after `wait_s`."""
        self._client.wait(wait_s)
        return self._reading()

    def _reading(self) -> Reading:
        client = self._client
        while not client.seslost and client.wait(0):
            pass  # what has come in the meantime
        raw = client.plane_dc.translate(_BLANKS).decode(self._system.code_page, "replace")
        if any(client.plane_cs):
            pairs = zip(raw, client.plane_cs, strict=True)
            raw = "".join(_FOREIGN if foreign else shown for shown, foreign in pairs)
        starts = [
            (place, attribute) for place, attribute in enumerate(client.plane_fa) if attribute
        ]
        for place, _ in starts:
            raw = f"{raw[:place]} {raw[place + 1 :]}"
        buffer = Buffer(raw, _fields(starts, len(raw)), client.maxcol)
        records = str(client.bytes_received)
        return Reading(buffer, records, self._is_unlocked(), not client.seslost)

    def _is_unlocked(self) -> bool:
        return not (self._client.pwait or self._client.system_lock_wait)

    def _hang_up(self) -> None:
        self._client.shutdown()
        for _ in range(3):  # the transport tells of its end in the next rounds
            self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


def _check_code_page(system: SystemMap) -> None:
    facts = {"system": system.name, "code_page": system.code_page}
    if system.code_page.lower().removeprefix("cp") in _DOUBLE_BYTE:
        raise Misconfigured("CODE_PAGE_DOUBLE_BYTE", **facts)
    try:
        codecs.lookup(system.code_page)
    except LookupError:
        raise Misconfigured("CODE_PAGE_UNKNOWN", **facts) from None


def _fields(starts: list[tuple[int, int]], size: int) -> tuple[Field, ...]:
    ends = [place for place, _ in starts[1:]] + [place + size for place, _ in starts[:1]]
    return tuple(
        Field((place + 1) % size, end - place - 1, attribute, takes_wide=False)
        for (place, attribute), end in zip(starts, ends, strict=True)
    )
