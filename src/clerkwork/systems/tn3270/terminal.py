"""The terminal under a session: reads the buffer, types, sends keys, waits by condition."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from itertools import groupby
from string import digits
from typing import NoReturn
from unicodedata import east_asian_width

from clerkwork.errors import Misconfigured, Unavailable
from clerkwork.systems.grid.buffer import Buffer, Field
from clerkwork.systems.grid.terminal import Reading
from clerkwork.systems.keys import TN3270
from clerkwork.systems.maps import FieldMap, SystemMap
from clerkwork.systems.tn3270.keystrokes import quoted
from clerkwork.systems.tn3270.parse import parse_buffer, with_field
from clerkwork.systems.tn3270.pipe import Pipe, PipeStopped, Reply
from clerkwork.systems.tn3270.waiting import answer_of
from clerkwork.systems.typing import SHIFTED_CELLS, is_wide

# Counted first: what comes in between is then news, never taken for read. (Actions in one
# line cost one answer; after one that fails the rest is not done.)
_READ = "Query(StatsRx) ReadBuffer(Ascii)"
_ADDRESS = re.compile(r"[A-Za-z0-9_.-]+:[0-9]+")
# s3270 waits in slices: one that is left alone (its parent killed) looks up, sees the end of
# its input and leaves, and with it the sign-on, instead of holding it for a whole deadline.
_SLICE_S = 1.0


class S3270Terminal:
    """
    One s3270 connected to one host (`grid.terminal.Terminal`).

    Raises Unavailable SYSTEM_NOT_REACHED, DRIVER_STOPPED, Misconfigured ADDRESS_WRONG,
    CODE_PAGE_UNKNOWN.
    """

    unit = SHIFTED_CELLS

    def __init__(self, system: SystemMap, address: str, *, tls: bool):
        if not _ADDRESS.fullmatch(address):
            raise Misconfigured("ADDRESS_WRONG", system=system.name, address=address)
        self._system = system
        self._last: Reading
        self._after_typing = "", ""  # what the host had sent, and the way back
        self._pipe = Pipe(
            code_page=system.code_page, model=system.model, connect_s=system.deadline_s
        )
        self._is_double_byte = self._has_double_bytes()
        prefix = "L:" if tls else ""
        try:
            reply = self._run(f'Connect("{prefix}{address}")', wait_s=0.0)[0]
        except Unavailable as stopped:
            self._not_reached(address, str(stopped.facts["detail"]))
        if not (reply.ok and reply.is_connected):
            # After the colon s3270 4.1 prints memory that it has already freed.
            detail = " ".join(reply.lines).partition(":")[0] or "no 3270 mode"
            self._not_reached(address, f"{detail} (TLS)" if tls else detail)

    def _has_double_bytes(self) -> bool:
        """
        Whether the code page has double bytes; s3270 itself takes another page for one that
        it does not know. Raises Misconfigured CODE_PAGE_UNKNOWN.
        """
        asked = self._system.code_page
        used, listed = self._run("Query(CodePage)", "Query(CodePages)", wait_s=0.0)
        if not any(asked in line.split() for line in listed.lines):
            self._pipe.close()
            raise Misconfigured("CODE_PAGE_UNKNOWN", system=self._system.name, code_page=asked)
        return "dbcs" in used.lines[0].split()

    def _not_reached(self, address: str, detail: str) -> NoReturn:
        self._pipe.close()
        name = self._system.name
        raise Unavailable("SYSTEM_NOT_REACHED", system=name, address=address, detail=detail)

    def read(self) -> Reading:
        """The buffer as it stands."""
        return self._reading(self._run(_READ, wait_s=0.0)[0])

    def has_heard_since(self, reading: Reading) -> bool:
        """Whether the host has sent anything since `reading`, or hung up."""
        reply = self._run("Query(StatsRx)", wait_s=0.0)[0]
        return reply.lines[0] != reading.records or not reply.is_connected

    def field_at(self, buffer: Buffer, mapped: FieldMap) -> Field | None:
        """The field that begins exactly where the map says."""
        return buffer.field_at(mapped.row, mapped.column)

    def cells(self, value: str) -> int:
        """A run of wide characters stands between SO and SI, a cell each."""
        wide = sum(map(self._is_wide, value))
        runs = sum(is_run for is_run, _ in groupby(value, self._is_wide)) if wide else 0
        return len(value) + wide + 2 * runs

    def _is_wide(self, character: str) -> bool:
        """A double-byte page has the letters and signs of ambiguous width as wide ones: “ α é."""
        return is_wide(character) or (self._is_double_byte and east_asian_width(character) == "A")

    def type_into(self, place: Field, value: str) -> Reading:
        """
        Empty the field, type `value`, and read: the field alone while the host has sent
        nothing since the last reading, else the whole buffer.
        """
        last = self._last
        typed = f"String({quoted(value)})" if value else ""
        row, column = divmod(place.start, last.buffer.columns)
        move = f"MoveCursor({row},{column})"
        read_it = f"Query(StatsRx) {move} ReadBuffer(Ascii,Field)"
        done, field = self._run(f"{move} EraseEOF() {typed}", read_it, wait_s=0.0)
        records, *lines = field.lines
        self._after_typing = records, f"MoveCursor({done.cursor}) "
        is_same = records == last.records and field.is_unlocked and field.is_connected
        buffer = with_field(last.buffer, lines) if done.ok and field.ok and is_same else None
        if done.is_operator_error:  # it does not fit after all: the read-back says so
            self._run("Reset()", wait_s=0.0)
        if buffer is None:
            return self.read()
        self._last = Reading(buffer, last.records, True, True, is_whole=False)
        return self._last

    def send(self, action: str, wait_s: float) -> Reading:
        """Press a key; read once the keyboard is unlocked or a slice of time later."""
        wait_s = min(wait_s, _SLICE_S)
        unlock = f"Wait({wait_s:.3f},Unlock)"
        records, move = self._after_typing  # a host may ask where the cursor was, as typing left it
        pressed = move + action if records == self._last.records else action
        return self._read_after(f"{pressed} {unlock}", wait_s)

    def action_of(self, key: str, *, screen: str) -> str:
        """Enter, Clear, PF1 to PF24 and PA1 to PA3. Raises Misconfigured KEY_UNKNOWN."""
        if not TN3270.fullmatch(key):
            raise Misconfigured("KEY_UNKNOWN", key=key, screen=screen)
        name = key.rstrip(digits)
        return f"{name}({key.removeprefix(name)})"

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

        def hear(reading: Reading, wait_s: float) -> Reading:
            return self._wait("Output" if reading.is_unlocked else "Unlock", wait_s)

        return answer_of(hear, is_there, first=first, before=before, deadline=deadline)

    def received(self, secrets: Collection[str]) -> str:
        """Nothing: the fields are what the host sent."""
        return ""

    def close(self) -> None:
        """Hang up and free the child."""
        self._pipe.close()

    def _wait(self, condition: str, wait_s: float) -> Reading:
        wait_s = min(wait_s, _SLICE_S)
        return self._read_after(f"Wait({wait_s:.3f},{condition})", wait_s)

    def _read_after(self, actions: str, wait_s: float) -> Reading:
        """The buffer after `actions`, done or not."""
        reply = self._run(f"{actions} {_READ}", wait_s=wait_s)[0]
        return self._reading(reply) if reply.ok else self.read()

    def _reading(self, reply: Reply) -> Reading:
        records, *lines = reply.lines
        self._last = Reading(parse_buffer(lines), records, reply.is_unlocked, reply.is_connected)
        return self._last

    def _run(self, *actions: str, wait_s: float) -> list[Reply]:
        """The replies; s3270 may be silent for `wait_s`, which it was told to, and the deadline."""
        try:
            return self._pipe.run(*actions, wait_s=wait_s + self._system.deadline_s)
        except PipeStopped as stopped:
            raise Unavailable(
                "DRIVER_STOPPED", system=self._system.name, detail=str(stopped)
            ) from stopped
