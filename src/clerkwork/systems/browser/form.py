"""Filling the form that stands: type as a person does, wait, read back."""

from __future__ import annotations

import mimetypes
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import ElementHandle, FilePayload

from clerkwork.errors import Failure, Refused, Unavailable
from clerkwork.systems.browser.sight import Sight
from clerkwork.systems.browser.values import check_value, is_completed, is_same
from clerkwork.systems.browser.view import View
from clerkwork.systems.browser.watch import Watch
from clerkwork.systems.browser.wrong import Wrong
from clerkwork.systems.maps import FieldMap, ScreenMap, SystemMap
from clerkwork.systems.typing import hidden

_RESOLVES_S = 2.0  # how long a field may take to show what was typed
_CHOICES_S = 4.0  # how long a page may take to offer choices, while it asks for nothing
_CALM_LOOKS = 10  # a page works on a choice before and after it asks its server


class Form:
    """What was typed since the last key, and that it still stands."""

    def __init__(self, system: SystemMap, sight: Sight, watch: Watch, wrong: Wrong):
        self._map = system
        self._sight = sight
        self._watch = watch
        self._wrong = wrong
        self._typed: dict[str, str] = {}  # by field
        self.files: dict[str, bytes] = {}  # what is uploaded, by name

    def forget(self) -> None:
        """A key is pressed: the form is gone."""
        self._typed = {}
        self.files = {}

    def set(self, field: str, value: str) -> None:
        """See `port.Session.set`; the map and the checks are asked before a key goes out."""
        self._sight.calm_down()
        screen, view, mapped, found = self._found(field)
        if mapped.secret:
            self._sight.hide(value)
        chosen = self._checked(screen, field, found, value)
        value = chosen[0]
        resolved = self._value(screen, view, mapped.resolves) if mapped.resolves else ""
        answers = self._watch.answers
        completes = mapped.resolves == field and bool(value)
        is_typed = not (found["isSelect"] or found["isPicker"] or mapped.type == "file")
        shown = self._give(screen, view, field, found, chosen)
        if completes:
            self._choose(screen, view, field, value, after=answers)
        if mapped.type != "file":
            view.window.keyboard.press("Tab")  # leaving the field lets the page resolve it
        if not completes:
            again = is_typed and self._sight.changes_in_page
            self._take_back(screen, view, field, shown, again=again)
        if mapped.resolves and value:
            after = answers if resolved else -1
            self._await_resolved(screen, view, field, value, after=after)
        self._typed[field] = self._value(screen, view, field) if completes else shown

    def check(self, screen: ScreenMap, view: View) -> None:
        """Raises when something that was typed does not stand any more."""
        for field, value in self._typed.items():
            found = view.field(screen, field) if field in screen.fields else None
            if found is None:
                raise self._wrong.drift("FIELD_MISSING", screen, field=field)
            mapped = screen.fields[field]
            if not is_same(found["value"], value, mapped):
                raise self._differs(screen, field, shown=found["value"], value=value)
            if mapped.resolves and value and not self._value(screen, view, mapped.resolves):
                raise self._unresolved(screen, field, value)

    def _found(self, field: str) -> tuple[ScreenMap, View, FieldMap, Mapping[str, Any]]:
        """
        The field, where its first selector says and ready to be typed into; a page that is
        just painted anew is looked at again.
        """
        deadline = time.monotonic() + self._map.deadline_s
        while True:
            screen, view = self._sight.known()
            mapped = screen.fields.get(field)
            found = self._sight.field(screen, view, field, focus=True) if mapped else None
            if mapped and found:
                break
            if not self._sight.is_replaced(view) or time.monotonic() > deadline:
                missing = self._wrong.drift("FIELD_MISSING", screen, field=field)
                raise self._sight.refusal() or missing
            self._sight.pause()
        if found["rank"]:
            raise self._wrong.drifted(screen, view, field, mapped) or self._wrong.drift(
                "FIELD_MISSING", screen, field=field
            )
        if mapped.readonly or not found["takesTyping"]:
            raise self._wrong.drift("FIELD_PROTECTED", screen, field=field)
        return screen, view, mapped, found

    def _element(self, screen: ScreenMap, view: View, field: str) -> ElementHandle:
        element = self._sight.pick(view, screen.fields[field])
        if element is None:
            raise self._wrong.drift("FIELD_MISSING", screen, field=field)
        return element

    def _checked(
        self, screen: ScreenMap, field: str, found: Mapping[str, Any], value: str
    ) -> Sequence[str]:
        """`value` as it goes in; of a list, with the text of its option. Raises Refused."""
        mapped, where = screen.fields[field], self._wrong.where(screen)
        if found["isSelect"]:
            return _choice(field, value, found["choices"], where=where)
        if mapped.type == "file":
            _check_file(field, value, where=where)
        else:
            check_value(field, value, mapped, code_page=self._map.code_page, where=where)
        return (value,)

    def _give(
        self,
        screen: ScreenMap,
        view: View,
        field: str,
        found: Mapping[str, Any],
        chosen: Sequence[str],
    ) -> str:
        """Put into the field what was checked; gives what it is to show."""
        mapped, value = screen.fields[field], chosen[0]
        if mapped.type == "file":
            return self._send_file(self._element(screen, view, field), value)
        if found["isSelect"]:
            self._sight.select(view, mapped, chosen)
        elif found["isPicker"]:
            self._element(screen, view, field).fill(value)
        else:
            self._type(view, found, value)
        return value

    def _send_file(self, element: ElementHandle, value: str) -> str:
        """Give the file at the path `value`; gives what the field is to show."""
        name = Path(value).name
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        self.files[name] = Path(value).read_bytes()
        element.set_input_files(FilePayload(name=name, mimeType=kind, buffer=self.files[name]))
        return name

    def _type(self, view: View, found: Mapping[str, Any], value: str) -> None:
        """Put `value` where the cursor is, key by key when somebody listens to keys there."""
        keys = view.window.keyboard
        # over whatever stands there, or is proposed while the cursor comes in
        if found["value"] or self._sight.changes_in_page:
            keys.press("ControlOrMeta+a")
            keys.press("Delete")
        if found["isHeard"]:
            keys.type(value)
        else:
            keys.insert_text(value)

    def _choose(self, screen: ScreenMap, view: View, field: str, typed: str, *, after: int) -> None:
        """Take the one choice of the page's list that completes what was typed, if there is."""
        began = time.monotonic()
        is_chosen = False
        calm = 0  # looks at which it stood and the page asked for nothing more
        while calm < _CALM_LOOKS:
            waited_s = time.monotonic() - began
            if waited_s > (self._map.deadline_s if self._watch.is_asking else _CHOICES_S):
                return
            is_busy = self._watch.is_asking or self._watch.answers <= after
            has_it = is_completed(self._value(screen, view, field), typed)
            calm = calm + 1 if has_it and not is_busy else 0
            if not (is_chosen or is_busy or has_it):
                offered = self._sight.offered(view, screen.fields[field].frame, typed)
                if offered:
                    offered.click()
                    is_chosen = True
            self._sight.pause()

    def _take_back(
        self, screen: ScreenMap, view: View, field: str, value: str, *, again: bool
    ) -> None:
        """
        Read back what was given; with `again`, type it once more where it reads otherwise:
        a page may put its own proposal in between two keys, and has done so by then.
        """
        try:
            self._read_back(screen, view, field, value)
        except Refused:
            if not again:
                raise
            *_, found = self._found(field)
            self._type(view, found, value)
            view.window.keyboard.press("Tab")
            self._read_back(screen, view, field, value)

    def _read_back(self, screen: ScreenMap, view: View, field: str, value: str) -> None:
        """Wait until the field shows `value`: a page may resolve or group what was typed."""
        deadline = time.monotonic() + _RESOLVES_S
        while True:
            found = self._sight.field(screen, view, field)
            if found and is_same(found["value"], value, screen.fields[field]):
                return
            if time.monotonic() > deadline:
                shown = found["value"] if found else ""
                raise self._differs(screen, field, shown=shown, value=value)
            self._sight.pause()

    def _await_resolved(
        self, screen: ScreenMap, view: View, field: str, typed: str, *, after: int
    ) -> None:
        """
        Wait until the page has filled the field that `field` resolves into, from more
        answers of its server than `after`; and until it asks no more. A field that
        resolves into itself must show more than was typed.
        """
        resolves = screen.fields[field].resolves
        began = time.monotonic()
        while True:
            is_late = time.monotonic() > began + _RESOLVES_S
            has_answer = self._watch.answers > after and not self._watch.is_asking
            shown = self._value(screen, view, resolves)
            is_there = is_completed(shown, typed) if resolves == field else bool(shown)
            if has_answer and is_there:
                return
            if is_late and not self._watch.is_asking:
                raise self._sight.refusal() or self._unresolved(screen, field, typed)
            if time.monotonic() > began + self._map.deadline_s:
                facts = {"expected": resolves, "wait_s": f"{self._map.deadline_s:g}"}
                raise Unavailable("SCREEN_LATE", system=self._map.name, **facts)
            self._sight.pause()

    def _value(self, screen: ScreenMap, view: View, field: str) -> str:
        found = self._sight.field(screen, view, field)
        return str(found["value"]).strip() if found else ""

    def _differs(self, screen: ScreenMap, field: str, *, shown: str, value: str) -> Failure:
        mapped = screen.fields[field]
        facts = {"shown": hidden(shown, mapped), "value": hidden(value, mapped)}
        where = self._wrong.where(screen)
        return Refused("FIELD_NOT_READ_BACK", where=where, field=field, **facts)

    def _unresolved(self, screen: ScreenMap, field: str, value: str) -> Failure:
        mapped = screen.fields[field]
        facts = {"resolves": mapped.resolves, "value": hidden(value, mapped)}
        where = self._wrong.where(screen)
        return Refused("FIELD_NOT_RESOLVED", where=where, field=field, **facts)


def _choice(
    field: str, value: str, choices: Sequence[Sequence[str]], *, where: str
) -> Sequence[str]:
    """Value and text of the enabled option one of which is `value`. Raises Refused."""
    for choice in choices:
        if value in choice:
            return choice
    shown = ", ".join(option for option, _ in choices if option)
    raise Refused("FIELD_NOT_A_CHOICE", where=where, field=field, value=value, choices=shown)


def _check_file(field: str, value: str, *, where: str) -> None:
    path = Path(value)
    if not (path.is_absolute() and path.is_file()):
        raise Refused("FIELD_FILE_MISSING", where=where, field=field, value=value)
