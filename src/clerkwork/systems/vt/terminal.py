"""
The terminal under a session of a character screen: reads, types, sends keys, waits.

A character screen has no fields and no lock: the host paints what it likes, when it likes.
So a screen is complete when its marks stand, the cursor has come to its place, no
sequence is half in, and only then nothing more has come for a moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NoReturn

from clerkwork.errors import Drifted, Refused
from clerkwork.systems.maps import FieldMap, SystemMap
from clerkwork.systems.tn3270.buffer import Buffer, Field
from clerkwork.systems.tn3270.terminal import Reading
from clerkwork.systems.vt.emulator import Emulator
from clerkwork.systems.vt.keys import bytes_of
from clerkwork.systems.vt.line import Hangup, Line
from clerkwork.systems.vt.places import is_at_rest, screen_at, text_at
from clerkwork.systems.vt.page import TAIL
from clerkwork.systems.vt.width import cells_of, width_of

_SLICE_S = 1.0
# In addition to the conditions. The longer one where nothing has changed on the screen: the
# answer may be the first part of one that will.
_QUIET_S, _UNCHANGED_S = 0.05, 0.25
_ECHO_S = 1.0  # a host that shows no more of what was typed for this long will show no more
_HIDDEN = 0x0C
_STARS = frozenset("*•●")


class Terminal:
    """An emulator on a line to one host. `line` is closed with it."""

    def __init__(self, system: SystemMap, line: Line):
        self._system = system
        self._line = line
        self._screens = tuple(system.screens.values())
        self._emulator = Emulator(
            system.rows, system.columns,
            encoding=system.code_page, is_chinese_page=system.chinese_cells,
        )  # fmt: skip
        self._heard = 0
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
        if not mapped.row:
            return None
        start = buffer.offset(mapped.row, mapped.column)
        return Field(start, mapped.length, _HIDDEN if mapped.secret else 0)

    def type_at(self, place: Field, mapped: FieldMap, value: str) -> Reading:
        """
        Go to the field, empty it, type `value` and wait until it stands there.

        Raises Refused FIELD_NOT_ENCODABLE, FIELD_TOO_LONG before a key goes out, Drifted
        FIELD_MISSING when the cursor cannot be brought there.
        """
        data = self._encoded(value, mapped)
        self._secret = None
        self._go_to(place)
        self._empty(place)
        self._send(data)
        size = cells_of(value, is_chinese_page=self._emulator.is_chinese_page)

        def is_shown() -> bool:
            return self._text(place) == value.rstrip() or (
                mapped.secret and self._has_stars(place, size)
            )

        is_seen = self._await(is_shown, _ECHO_S)
        is_unseen = not self._text(place) and self._offset() == place.start  # shows no secrets
        if mapped.secret and (is_seen or is_unseen):
            self._secret = (place, self._cells(place), value)
        return self._reading()

    def send_key(self, key: str, wait_s: float, *, screen: str) -> Reading:
        """Send a key as maps write it; read what has come a slice of time later at most."""
        data = self._bytes(key, screen)
        self._secret = None
        self._send(data)
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
            quiet_s = _SLICE_S
            is_complete = reading.is_unlocked and is_there(reading)
            if is_complete and (before is None or reading.buffer != before.buffer):
                quiet_s = _QUIET_S
            elif is_complete and before is not None and reading.records != before.records:
                quiet_s = _UNCHANGED_S
            later = self._listen(min(left, quiet_s))
            if quiet_s < _SLICE_S and later.records == reading.records:
                return later
            reading = later
        return reading

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    # --- typing -----------------------------------------------------------------------------

    def _encoded(self, value: str, mapped: FieldMap) -> bytes:
        """The bytes of `value`; what could act as a key is never sent."""
        where = self._system.name
        size = cells_of(value, is_chinese_page=self._emulator.is_chinese_page)
        if size > mapped.length:
            raise Refused(
                "FIELD_TOO_LONG", where=where, field=mapped.label, length=mapped.length, given=size
            )
        for character in value:
            if not (character.isprintable() and self._is_encodable(character)):
                shown = "***" if mapped.secret else f"U+{ord(character):04X}"
                facts = {"character": shown, "code_page": self._system.code_page}
                raise Refused("FIELD_NOT_ENCODABLE", where=where, field=mapped.label, **facts)
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
        while not self._is_in(place):
            at = self._emulator.cursor
            if at in visited:
                self._missing(place)
            visited.add(at)
            self._send(self._bytes(self._system.next_field, ""))
            if not self._await(lambda at=at: self._emulator.cursor != at, self._system.deadline_s):
                self._missing(place)
            self._settle()

    def _empty(self, place: Field) -> None:
        """Clear the field, until it is blank and the cursor stands at its beginning."""
        if self._text(place) or self._offset() != place.start:
            keys = [self._system.clear_field] if self._system.clear_field else []
            for key in keys or ["Backspace"] * place.length:
                self._send(self._bytes(key, ""))
            is_empty = self._await(
                lambda: not self._text(place) and self._offset() == place.start, _ECHO_S
            )
            if not is_empty:
                self._missing(place)

    def _missing(self, place: Field) -> NoReturn:
        row, column = divmod(place.start, self._emulator.columns)
        screen = screen_at(self._emulator.raw, self._emulator.columns, self._screens)
        names = [
            name
            for name, mapped in (screen.fields.items() if screen else ())
            if (mapped.row, mapped.column) == (row + 1, column + 1)
        ]
        facts = {"field": ", ".join(names) or f"{row + 1}:{column + 1}"}
        facts["screen"] = screen.name if screen else ""
        raise Drifted("FIELD_MISSING", where=self._system.name, **facts)

    def _is_in(self, place: Field) -> bool:
        """Whether the cursor is in the field, or just behind its last cell."""
        return place.start <= self._offset() <= place.start + place.length

    def _offset(self) -> int:
        row, column = self._emulator.cursor
        return row * self._emulator.columns + column

    def _cells(self, place: Field) -> str:
        return self._emulator.raw[place.start : place.start + place.length]

    def _in_cells(self, value: str, length: int) -> str:
        """`value` as it would stand in `length` cells."""
        is_chinese_page = self._emulator.is_chinese_page
        widths = [(c, width_of(c, is_chinese_page=is_chinese_page)) for c in value]
        cells = "".join(character + TAIL * (width - 1) for character, width in widths if width)
        return cells[:length].ljust(length)

    def _text(self, place: Field) -> str:
        return text_at(self._emulator.raw, place.start, place.length).rstrip()

    def _has_stars(self, place: Field, size: int) -> bool:
        """Whether the host shows a star for each character typed."""
        shown = self._text(place)
        return bool(shown) and len(shown) == size and set(shown) <= _STARS

    # --- the line ---------------------------------------------------------------------------

    def _bytes(self, key: str, screen: str) -> bytes:
        is_application = self._emulator.is_application_cursor
        term = self._system.term
        return bytes_of(key, term=term, is_application=is_application, screen=screen)

    def _send(self, data: bytes) -> None:
        try:
            if self._is_connected:
                self._line.send(data)
        except Hangup:
            self._is_connected = False

    def _hear(self, wait_s: float) -> bool:
        """Take what the host sends within `wait_s`, and all that is there then."""
        began = self._heard
        while self._is_connected:
            try:
                data = self._line.receive(wait_s)
            except Hangup:
                self._is_connected = False
                break
            if not data:
                break
            self._heard += len(data)
            self._emulator.feed(data)
            if self._emulator.answers:
                answers, self._emulator.answers = self._emulator.answers, b""
                self._send(answers)
            wait_s = 0
        return self._heard != began

    def _listen(self, wait_s: float) -> Reading:
        self._hear(wait_s)
        return self._reading()

    def _settle(self) -> None:
        while self._hear(_QUIET_S):
            pass

    def _await(self, is_so: Callable[[], bool], quiet_s: float) -> bool:
        """Hear until `is_so`, or the host has been silent for `quiet_s`; which of the two."""
        deadline = time.monotonic() + self._system.deadline_s
        while not is_so():
            left = min(quiet_s, deadline - time.monotonic())
            if left <= 0 or not self._hear(left):
                return is_so()
        return True

    def _reading(self) -> Reading:
        """What stands now; a secret that the host shows as stars stands in their place."""
        emulator = self._emulator
        if emulator.unknown:
            facts = {"system": self._system.name, "sequence": emulator.unknown}
            raise Drifted("TERMINAL_SEQUENCE_UNKNOWN", where=self._system.name, **facts)
        raw, fields = emulator.raw, ()
        screen = screen_at(raw, emulator.columns, self._screens)
        is_complete = not emulator.is_midway and (
            screen is None or is_at_rest(screen, emulator.cursor)
        )
        if self._secret:
            place, shown, value = self._secret
            if self._cells(place) == shown:
                end = place.start + place.length
                raw = raw[: place.start] + self._in_cells(value, place.length) + raw[end:]
                fields = (place,)
        buffer = Buffer(raw, fields, emulator.columns)
        return Reading(buffer, str(self._heard), is_complete, self._is_connected)
