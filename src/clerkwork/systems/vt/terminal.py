"""
The terminal under a session of a character screen: reads, types, sends keys, waits.

A character screen has no fields and no lock: the host paints what it likes, when it likes.
So a screen is complete when its marks stand, the cursor has come to its place, no
sequence is half in, and only then nothing more has come for a moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import NoReturn

from clerkwork.errors import Drifted, Refused, Unavailable
from clerkwork.systems.grid.buffer import Buffer, Field, recognised
from clerkwork.systems.grid.terminal import Reading
from clerkwork.systems.maps import FieldMap, ScreenMap, SystemMap
from clerkwork.systems.typing import CELLS, too_long
from clerkwork.systems.vt.emulator import Emulator
from clerkwork.systems.vt.keys import bytes_of
from clerkwork.systems.vt.line import Hangup, Line
from clerkwork.systems.vt.stream import readable
from clerkwork.systems.vt.width import cells_of, in_cells

_SLICE_S = 1.0
# In addition to the conditions. The longer one where nothing has changed on the screen: the
# answer may be the first part of one that will.
_QUIET_S, _UNCHANGED_S = 0.05, 0.25
_ECHO_S = 1.0  # a host that shows no more of what was typed for this long will show no more
_BURST = 262_144  # bytes taken at once: a host that never stops must not stop the clock
_KEPT = 16_384  # bytes of what the host sent last, for evidence
_HIDDEN = 0x0C  # the display bits of a 3270 field attribute, as `Field` has them
_STARS = frozenset("*•●")


class VtTerminal:
    """An emulator on a line to one host (`grid.terminal.Terminal`); closes `line` with it."""

    unit = CELLS

    def __init__(self, system: SystemMap, line: Line):
        self._system = system
        self._line = line
        self._screens = tuple(system.screens.values())
        self._emulator = Emulator(
            system.rows,
            system.columns,
            encoding=system.code_page,
            is_chinese_page=system.chinese_cells,
        )
        self._heard = 0
        self._last = b""
        self._is_connected = True
        self._secret: tuple[Field, str, str] | None = None  # place, what it shows, what it is

    def read(self) -> Reading:
        """The screen as it stands."""
        return self._listen(0)

    def has_heard_since(self, reading: Reading) -> bool:
        """Whether the host has sent anything since `reading`, or hung up."""
        now = self._listen(0)
        return now.records != reading.records or not now.is_connected

    def field_at(self, buffer: Buffer, mapped: FieldMap) -> Field | None:
        """The cells of a mapped field; only the cursor can tell whether it takes typing."""
        start = buffer.offset(mapped.row, mapped.column)
        if not (mapped.row and start + mapped.length <= len(buffer.raw)):
            return None
        return Field(start, mapped.length, _HIDDEN if mapped.secret else 0)

    def cells(self, value: str) -> int:
        """How many cells `value` takes on the screen of this host."""
        return cells_of(value, is_chinese_page=self._emulator.is_chinese_page)

    def type_into(self, place: Field, value: str) -> Reading:
        """
        Go to the field, empty it, type `value` and wait until it stands there.

        Raises Refused FIELD_NOT_ENCODABLE, FIELD_TOO_LONG before a key goes out, Drifted
        FIELD_MISSING when the cursor cannot be brought there, Unavailable SYSTEM_HUNG_UP.
        """
        data = self._encoded(place, value)
        self._secret = None
        self._go_to(place)
        self._empty(place)
        self._send(data)

        def is_shown() -> bool:
            shown = self._shown_in(place)
            return shown == value.rstrip() or (place.is_hidden and self._is_stars(shown, value))

        is_seen = self._await(is_shown, _ECHO_S)
        is_unseen = not self._shown_in(place) and self._offset() == place.start
        if place.is_hidden and (is_seen or is_unseen):
            self._secret = (place, self._cells_in(place), value)
        return self._reading()

    def action_of(self, key: str, *, screen: str) -> str:
        """The key itself, if this terminal has it. Raises Misconfigured KEY_UNKNOWN."""
        self._bytes(key, screen=screen)
        return key

    def send(self, action: str, wait_s: float) -> Reading:
        """Press a key; read once the host has answered, or a slice of time later at most."""
        self._secret = None
        self._send(self._bytes(action))
        return self._listen(min(wait_s, _SLICE_S))

    def wait(
        self,
        is_there: Callable[[Reading], bool],
        *,
        first: Reading,
        before: Reading | None,
        deadline: float,
    ) -> Reading:
        """
        Read until `is_there`, complete, and it is not what stood before the key; the last
        reading when the deadline (monotonic) has passed or the host is gone.
        """
        reading = first
        while reading.is_connected:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            wait_s = self._quiet_s(reading, before) if is_there(reading) else _SLICE_S
            later = self._listen(min(left, wait_s))
            if wait_s < _SLICE_S and later.records == reading.records:
                return later
            reading = later
        return reading

    def received(self, secrets: Collection[str]) -> str:
        """The last bytes, sequences in sight."""
        return readable(self._last.decode(self._system.code_page, "replace"), secrets)

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    @staticmethod
    def _quiet_s(reading: Reading, before: Reading | None) -> float:
        """How long nothing more may come before the screen that stands is believed."""
        if not reading.is_unlocked:
            return _SLICE_S
        if before is None or reading.buffer != before.buffer:
            return _QUIET_S
        return _UNCHANGED_S if reading.records != before.records else _SLICE_S

    def _encoded(self, place: Field, value: str) -> bytes:
        """The bytes of `value`; what could act as a key is never sent, whoever asks."""
        where, name = self._system.name, self._name(place)
        if self.cells(value) > place.length:
            given = self.cells(value)
            raise too_long(name, place.length, given=given, unit=self.unit, where=where)
        for character in value:
            if not (character.isprintable() and self._is_encodable(character)):
                shown = "***" if place.is_hidden else f"U+{ord(character):04X}"
                page = self._system.code_page
                raise Refused(
                    "FIELD_NOT_ENCODABLE", where=where, field=name, character=shown, code_page=page
                )
        return value.encode(self._system.code_page)

    def _is_encodable(self, character: str) -> bool:
        try:
            character.encode(self._system.code_page)
        except UnicodeEncodeError:
            return False
        return True

    def _go_to(self, place: Field) -> None:
        """Bring the cursor into the field by the key that leads from field to field."""
        visited: set[tuple[int, int]] = set()
        while not place.start <= self._offset() <= place.start + place.length:
            at = self._emulator.cursor
            if at in visited:
                self._missing(place)
            visited.add(at)
            self._send(self._bytes(self._system.next_field))
            self._await(lambda at=at: self._emulator.cursor != at, self._system.deadline_s)  # type: ignore[misc]
            self._await(lambda: False, _QUIET_S)

    def _empty(self, place: Field) -> None:
        """Clear the field, until it is blank and the cursor stands at its beginning."""

        def is_empty() -> bool:
            return not self._shown_in(place) and self._offset() == place.start

        if is_empty():
            return
        key = self._system.clear_field
        for each in [key] if key else ["Backspace"] * place.length:
            self._send(self._bytes(each))
        if not self._await(is_empty, _ECHO_S):
            self._missing(place)

    def _missing(self, place: Field) -> NoReturn:
        if not self._is_connected:
            raise Unavailable("SYSTEM_HUNG_UP", where=self._system.name, system=self._system.name)
        screen = self._screen()
        facts = {"field": self._name(place), "screen": screen.name if screen else "?"}
        raise Drifted("FIELD_MISSING", where=self._system.name, **facts)

    def _name(self, place: Field) -> str:
        """The field's name in the map, else its row and column."""
        row, column = divmod(place.start, self._emulator.columns)
        screen = self._screen()
        for name, mapped in screen.fields.items() if screen else ():
            if (mapped.row, mapped.column) == (row + 1, column + 1):
                return name
        return f"{row + 1}:{column + 1}"

    @staticmethod
    def _is_stars(shown: str, value: str) -> bool:
        """Whether there is a star for each character typed."""
        return bool(shown) and len(shown) == len(value) and set(shown) <= _STARS

    def _offset(self) -> int:
        row, column = self._emulator.cursor
        return row * self._emulator.columns + column

    def _cells_in(self, place: Field) -> str:
        return self._emulator.raw[place.start : place.start + place.length]

    def _shown_in(self, place: Field) -> str:
        return Buffer(self._emulator.raw, (), self._emulator.columns).value(place)

    def _screen(self) -> ScreenMap | None:
        buffer = Buffer(self._emulator.raw, (), self._emulator.columns)
        return next(iter(recognised(buffer, self._screens)), None)

    def _is_complete(self) -> bool:
        """Whether the cursor is where the finished screen has it, and no sequence half in."""
        screen = self._screen()
        return not self._emulator.is_midway and (
            screen is None or _is_at_rest(screen, self._emulator.cursor)
        )

    def _reading(self) -> Reading:
        """What stands now; a secret that the host shows as stars stands in their place."""
        emulator = self._emulator
        if emulator.unknown:
            facts = {"system": self._system.name, "sequence": emulator.unknown}
            raise Drifted("TERMINAL_SEQUENCE_UNKNOWN", where=self._system.name, **facts)
        raw, fields = emulator.raw, tuple[Field, ...]()
        if self._secret and self._cells_in(self._secret[0]) == self._secret[1]:
            place, _, value = self._secret
            typed = in_cells(value, is_chinese_page=emulator.is_chinese_page).ljust(place.length)
            raw = raw[: place.start] + typed + raw[place.start + place.length :]
            fields = (place,)
        buffer = Buffer(raw, fields, emulator.columns)
        return Reading(buffer, str(self._heard), self._is_complete(), self._is_connected)

    def _bytes(self, key: str, *, screen: str = "") -> bytes:
        is_application = self._emulator.is_application_cursor
        return bytes_of(key, term=self._system.term, is_application=is_application, screen=screen)

    def _send(self, data: bytes) -> None:
        try:
            if self._is_connected:
                self._line.send(data)
        except Hangup:
            self._is_connected = False

    def _hear(self, wait_s: float) -> bool:
        """Take what the host sends within `wait_s`, and all that is there then; whether any."""
        began = self._heard
        while self._is_connected and self._heard < began + _BURST:
            try:
                data = self._line.receive(wait_s)
            except Hangup:
                self._is_connected = False
                break
            if not data:
                break
            self._heard += len(data)
            self._last = (self._last + data)[-_KEPT:]
            self._emulator.feed(data)
            if self._emulator.answers:
                answers, self._emulator.answers = self._emulator.answers, b""
                self._send(answers)
            wait_s = 0
        return self._heard != began

    def _listen(self, wait_s: float) -> Reading:
        self._hear(wait_s)
        return self._reading()

    def _await(self, is_so: Callable[[], bool], quiet_s: float) -> bool:
        """Hear until `is_so`, or the host has been silent for `quiet_s`; whether it is so."""
        deadline = time.monotonic() + self._system.deadline_s
        while not is_so():
            left = min(quiet_s, deadline - time.monotonic())
            if left <= 0 or not self._hear(left):
                return is_so()
        return True


def _is_at_rest(screen: ScreenMap, cursor: tuple[int, int]) -> bool:
    """
    Whether the cursor (from 0) is at the mapped place of `screen`, or else in a field that
    takes typing; anywhere on a screen that has neither.
    """
    row, column = cursor[0] + 1, cursor[1] + 1
    if screen.cursor:
        return (row, column) == screen.cursor
    open_fields = [field for field in screen.fields.values() if not field.readonly]
    return not open_fields or any(
        row == field.row and field.column <= column <= field.column + field.length
        for field in open_fields
    )
