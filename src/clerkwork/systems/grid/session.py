"""The screen port on a screen of characters (`clerkwork.systems.port.Session`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial, wraps
from types import TracebackType
from typing import Concatenate, NoReturn, ParamSpec, TypeVar

from clerkwork.errors import (
    Drifted,
    Failure,
    InDoubt,
    Misconfigured,
    Refused,
    Unavailable,
)
from clerkwork.systems.grid.buffer import Field, recognised
from clerkwork.systems.grid.compare import differences_of
from clerkwork.systems.grid.terminal import Reading, Terminal
from clerkwork.systems.grid.view import fields_of, rows_of, screen_of, text_of
from clerkwork.systems.maps import FieldMap, KeyMap, ScreenMap, SystemMap
from clerkwork.systems.meaning import failure_of
from clerkwork.systems.paging import rows_over_pages
from clerkwork.systems.port import Keep, Picture, Screen, SignOn, Source
from clerkwork.systems.typing import check_typed, is_wide

P = ParamSpec("P")
T = TypeVar("T")
_LEAVE_S = 2.0


def _leaves_evidence(
    work: Callable[Concatenate[GridSession, P], T],
) -> Callable[Concatenate[GridSession, P], T]:
    """`work`, whose failures leave a picture and what the screen was made of."""

    @wraps(work)
    def done(session: GridSession, /, *given: P.args, **named: P.kwargs) -> T:
        try:
            return work(session, *given, **named)
        except Failure:
            session._keep_failure()
            raise

    return done


class GridSession:
    """
    One conversation with one host over one terminal; a context manager. Use it from one
    thread.

    `keep` is given a picture of each screen that is read, before and after each
    committing key, and at each failure.
    """

    def __init__(
        self,
        system: SystemMap,
        terminal: Terminal,
        sign_on: SignOn,
        *,
        keep: Keep,
        may_commit: bool,
    ):
        self.system = system.name
        self.credential = sign_on
        self._map = system
        self._terminal = terminal
        self._keep = keep
        self._may_commit = may_commit
        self._secrets = {sign_on.password}
        self._screen: ScreenMap | None = None
        self._reading: Reading | None = None
        self._looked_at: tuple[Reading | None, ScreenMap | None] = None, None
        self._shown: Screen | None = None  # the reading as the port hands it over
        self._last_read = ""
        self._typed: dict[str, str] = {}  # by field, since the last key; no secrets

    def __enter__(self) -> GridSession:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @_leaves_evidence
    def now(self) -> Screen:
        """See `port.Session.now`."""
        if not self._is_current(whole=True):
            self._take(self._terminal.read())
        screen = self._standing(tuple(self._map.screens))
        self._picture("read")
        return screen

    @_leaves_evidence
    def expect(self, *names: str) -> Screen:
        """See `port.Session.expect`."""
        deadline = time.monotonic() + self._map.deadline_s
        self._settle(names, first=self._terminal.read(), before=None, deadline=deadline)
        return self._accepted(names)

    @_leaves_evidence
    def set(self, field: str, value: str) -> None:
        """See `port.Session.set`."""
        self._set(field, value)

    def _set(self, field: str, value: str) -> None:
        screen = self._unchanged()
        mapped, place = self._field(field, screen)
        if mapped.secret:
            self._secrets.add(value)
        self._check(field, value, mapped, place)
        self._take(self._terminal.type_into(place, value))
        self._check_standing((screen.name,))
        if not mapped.secret:
            self._typed[field] = value
        self._compare(field, value, mapped, place)

    def _compare(self, field: str, value: str, mapped: FieldMap, place: Field) -> None:
        """Raises Refused FIELD_NOT_READ_BACK when the field shows something else."""
        shown = self._now().buffer.value(place)
        if shown != value.rstrip():
            self._take(self._terminal.read())  # where else it went, for the picture
            facts = {"shown": shown, "value": value}
            if mapped.secret:
                facts = dict.fromkeys(facts, "***")
            self._fail(Refused, "FIELD_NOT_READ_BACK", field=field, **facts)

    def _check(self, name: str, value: str, mapped: FieldMap, place: Field) -> None:
        """
        Say no before a key goes out: terminals spill what is too long into the next field,
        take letters into numeric ones and drop what the code page lacks.
        """
        screen = f"{self.system} {self._screen.name}" if self._screen else self.system
        check_typed(
            name,
            value,
            mapped,
            length=min(mapped.length, place.length),
            kinds=(mapped.type, "number") if place.is_numeric else (mapped.type,),
            code_page=self._map.code_page,
            where=screen,
            cells=self._terminal.cells,
            unit=self._terminal.unit,
        )
        if not place.takes_wide and any(map(is_wide, value)):
            raise Refused("FIELD_NOT_WIDE", where=screen, field=name)

    @_leaves_evidence
    def press(self, key: str, *expect: str) -> Screen:
        """See `port.Session.press`."""
        screen = self._unchanged()
        mapped = self._key(key, screen)
        if mapped.commits:
            raise Misconfigured("KEY_COMMITS", key=key, screen=screen.name)
        names = expect or mapped.next
        for field, value in mapped.enters.items():
            self._set(field, value)
        action = self._terminal.action_of(mapped.send, screen=screen.name)
        return self._accepted(names, has_answered=self._send(action, names))

    def commit(self, key: str, guard: Callable[[], None]) -> Screen:
        """See `port.Session.commit`."""
        if not self._may_commit:
            raise Misconfigured("DESK_MAY_NOT_COMMIT", system=self.system, key=key)
        mapped, action = self._ready(key)
        self._picture("before-commit")
        guard()
        return self._committed(key, mapped, action)

    @_leaves_evidence
    def _ready(self, key: str) -> tuple[KeyMap, str]:
        """The mapped key of the screen that stands, and how the terminal sends it."""
        form = self._unchanged(whole=True)  # the picture shows what stands, not what should
        mapped = self._key(key, form)
        for name, value in self._typed.items():  # a host may paint its form anew meanwhile
            self._compare(name, value, *self._field(name, form))
        return mapped, self._terminal.action_of(mapped.send, screen=form.name)

    @_leaves_evidence
    def _committed(self, key: str, mapped: KeyMap, action: str) -> Screen:
        """Press the committing key once, and take the picture after."""
        try:
            has_answered = self._send(action, mapped.next)
            screen = self._standing(mapped.next, has_answered=has_answered)
        except Refused:
            raise  # a mapped answer: the system says that it changed nothing
        except Failure as lost:
            raise InDoubt("ANSWER_NOT_SEEN", system=self.system, key=key) from lost
        self._picture("after-commit")
        try:
            self._heed(screen)
        except Drifted as unclear:
            raise InDoubt("ANSWER_NOT_SEEN", system=self.system, key=key) from unclear
        return screen

    @_leaves_evidence
    def rows(self, table: str) -> Sequence[Mapping[str, str]]:
        """See `port.Session.rows`; rows that are blank in every column are left out."""
        screen = self._screen or self._unchanged()
        mapped = screen.tables.get(table)
        if mapped is None:
            self._fail(Drifted, "FIELD_MISSING", field=table, screen=screen.name)
        return rows_of(self._now().buffer, mapped)

    @_leaves_evidence
    def all_rows(self, table: str) -> Iterator[Mapping[str, str]]:
        """See `port.Session.all_rows`."""
        screen = self._unchanged().name
        return rows_over_pages(self._map, table, screen=screen, rows=self.rows, press=self.press)

    @_leaves_evidence
    def differences(self) -> Sequence[Drifted]:
        """See `port.Session.differences`."""
        screen, buffer = self._unchanged(), self._now().buffer
        where = f"{self.system} {screen.name}"
        return differences_of(screen, partial(self._terminal.field_at, buffer), where=where)

    def close(self) -> None:
        """See `port.Session.close`: presses the screen's mapped key `sign_off`, if it has one."""
        try:
            screen = self._unchanged()
            leave = screen.keys.get("sign_off")
            if leave and not leave.commits:
                action = self._terminal.action_of(leave.send, screen=screen.name)
                self._terminal.send(action, _LEAVE_S)
        except Failure:
            pass  # leaving politely is a courtesy: hanging up ends it in any case
        self._terminal.close()

    def _send(self, action: str, names: tuple[str, ...]) -> bool:
        """Send a key and wait for one of `names`; whether the host has answered at all."""
        before = self._now()
        self._typed = {}
        wait_s = self._map.deadline_s
        deadline = time.monotonic() + wait_s
        first = self._terminal.send(action, wait_s)
        self._settle(names, first=first, before=before, deadline=deadline)
        return self._now().records != before.records

    def _settle(
        self, names: tuple[str, ...], *, first: Reading, before: Reading | None, deadline: float
    ) -> None:
        """Wait for one of `names`, or for any screen that says why it is not one of them."""

        def is_there(reading: Reading) -> bool:
            screen = self._recognise(reading)
            if screen is None or screen.name in names:
                return screen is not None
            shown = screen_of(reading.buffer, screen, self._map, self._secrets)
            said = self._map.messages.get(shown.message_code)
            return said is not None and said.kind != "Info"

        self._take(self._terminal.wait(is_there, first=first, before=before, deadline=deadline))

    def _unchanged(self, *, whole: bool = False) -> ScreenMap:
        """The screen last recognised, making sure that it still stands."""
        known = self._screen
        if known and self._is_current(whole=whole):
            return known
        self._take(self._terminal.read())
        return self._check_standing((known.name,) if known else tuple(self._map.screens))

    def _is_current(self, *, whole: bool) -> bool:
        """Whether the last reading (of the whole buffer) is what stands now."""
        reading = self._reading
        return bool(
            reading
            and (reading.is_whole or not whole)
            and not self._terminal.has_heard_since(reading)
        )

    def _accepted(self, names: tuple[str, ...], *, has_answered: bool = True) -> Screen:
        """The screen, if it is one of `names` and its message lets us go on."""
        screen = self._standing(names, has_answered=has_answered)
        self._heed(screen)
        self._picture("read")
        return screen

    def _standing(self, names: tuple[str, ...], *, has_answered: bool = True) -> Screen:
        """The screen, if it is one of `names`, complete; otherwise raises why it is not."""
        return self._show(self._check_standing(names, has_answered=has_answered))

    def _show(self, screen: ScreenMap) -> Screen:
        """What stands, recognised as `screen`, as the port hands it over."""
        if self._shown is None:
            self._shown = screen_of(self._now().buffer, screen, self._map, self._secrets)
        return self._shown

    def _check_standing(self, names: tuple[str, ...], *, has_answered: bool = True) -> ScreenMap:
        """The map of the screen that stands, as `_standing`."""
        reading = self._now()
        expected = ", ".join(names)
        if not reading.is_connected:
            self._fail(Unavailable, "SYSTEM_HUNG_UP", system=self.system)
        if not (reading.is_unlocked and has_answered):
            facts = {"expected": expected, "wait_s": f"{self._map.deadline_s:g}"}
            self._fail(Unavailable, "SCREEN_LATE", system=self.system, **facts)
        if self._screen is None:
            self._fail(Drifted, "SCREEN_UNKNOWN", system=self.system)
        if self._screen.name not in names:
            self._heed(self._show(self._screen))
            facts = {"shown": self._screen.name, "expected": expected}
            self._fail(Drifted, "SCREEN_UNEXPECTED", system=self.system, **facts)
        return self._screen

    def _heed(self, screen: Screen) -> None:
        """Raise what the system's message means, if it does not let us go on."""
        failure = failure_of(screen, self._map)
        if failure:
            raise failure

    def _field(self, name: str, screen: ScreenMap) -> tuple[FieldMap, Field]:
        """The mapped field and where it stands in the buffer, taking typing."""
        mapped = screen.fields.get(name)
        place = self._terminal.field_at(self._now().buffer, mapped) if mapped else None
        if (mapped and mapped.readonly) or (place and place.is_protected):
            self._fail(Drifted, "FIELD_PROTECTED", field=name, screen=screen.name)
        if mapped is None or place is None:
            self._fail(Drifted, "FIELD_MISSING", field=name, screen=screen.name)
        return mapped, place

    def _key(self, name: str, screen: ScreenMap) -> KeyMap:
        if name not in screen.keys:
            raise Misconfigured("KEY_UNKNOWN", key=name, screen=screen.name)
        return screen.keys[name]

    def _take(self, reading: Reading) -> None:
        if reading.is_whole:  # else nothing has come since the last one but what was typed
            self._screen = self._recognise(reading)
        self._reading, self._shown = reading, None

    def _recognise(self, reading: Reading) -> ScreenMap | None:
        if reading is self._looked_at[0]:  # while waiting for it
            return self._looked_at[1]
        found = recognised(reading.buffer, tuple(self._map.screens.values()))
        if len(found) > 1:
            names = ", ".join(screen.name for screen in found)
            raise Misconfigured("SCREEN_AMBIGUOUS", system=self.system, screens=names)
        self._looked_at = reading, found[0] if found else None
        return self._looked_at[1]

    def _now(self) -> Reading:
        if self._reading is None:
            self._take(self._terminal.read())
        assert self._reading is not None
        return self._reading

    def _picture(self, moment: str) -> None:
        """Keep the screen that stands as text; once when it is only looked at again."""
        text = self._text()
        if moment == "read" and text == self._last_read:
            return
        if moment == "read":
            self._last_read = text
        self._keep_text(moment, text)

    def _keep_failure(self) -> None:
        """Keep the last that could be read, its fields, and what the host sent since."""
        if self._reading and not self._reading.is_whole:
            with suppress(Failure):  # the host may be gone
                self._take(self._terminal.read())
        text, parts = "", []
        if reading := self._reading:
            text = self._text()
            state = f"connected: {reading.is_connected}, keyboard free: {reading.is_unlocked}"
            parts.append(f"{state}, received: {reading.records}")
            parts.append(fields_of(reading.buffer, self._screen, self._secrets))
        parts.append(self._terminal.received(self._secrets))
        source = Source("datastream", "\n".join(part for part in parts if part))
        self._keep_text("failure", text, source)

    def _text(self) -> str:
        if self._shown:
            return self._shown.text
        return text_of(self._now().buffer, self._screen, self._secrets)

    def _keep_text(self, moment: str, text: str, source: Source | None = None) -> None:
        name = self._screen.name if self._screen else ""
        self._keep(Picture(self.system, name, moment, text, None, datetime.now(UTC), source))

    def _fail(self, kind: type[Failure], code: str, **facts: str) -> NoReturn:
        """Raise a failure of the screen that stands."""
        where = f"{self.system} {self._screen.name}" if self._screen else self.system
        raise kind(code, where=where, **facts)
