"""A curses screen of the branch: texts, fields that are filled cell by cell, and keys."""

from __future__ import annotations

import curses
import time
from collections.abc import Mapping
from dataclasses import dataclass

from clerkwork.practice.branch.child import ROWS
from clerkwork.practice.slips import cells

MESSAGE_ROW = 23
_CLEAR, _TAB, _BACK_TAB = "\x15", "\t", curses.KEY_BTAB
_BACKSPACE = ("\x7f", "\b", curses.KEY_BACKSPACE)
_ESCAPE_MS = 50  # how long an ESC waits for the rest of a function key


@dataclass(frozen=True)
class Text:
    """A text; rows and columns count from 1."""

    row: int
    column: int
    text: str


@dataclass
class Entry:
    """A field to be filled: `room` cells, of which it takes `takes`."""

    name: str
    row: int
    column: int
    room: int
    value: str = ""
    is_hidden: bool = False
    takes: int = 0

    @property
    def shown(self) -> str:
        """The value, or a star for each character of it."""
        return "*" * len(self.value) if self.is_hidden else self.value

    def take(self, character: str) -> bool:
        """Append `character` when it fits."""
        fits = cells(self.value + character) <= (self.takes or self.room)
        if fits and character.isprintable():
            self.value += character
        return fits


@dataclass
class Form:
    """One screen. `rest` is where the cursor waits when there is nothing to fill."""

    code: str
    title: str
    keys: str
    texts: tuple[Text, ...] = ()
    entries: tuple[Entry, ...] = ()
    message: str = ""
    rest: tuple[int, int] = (22, 2)

    def lines(self) -> Mapping[int, list[Text]]:
        """Everything to be painted, by row."""
        frame = (
            Text(1, 2, f"{self.code} {self.title}"),
            Text(1, 50, "练习银行网点柜面系统"),
            Text(MESSAGE_ROW, 2, self.message),
            Text(ROWS, 2, self.keys),
            Text(ROWS, 74, self.code),
        )
        rows: dict[int, list[Text]] = {row: [] for row in range(1, ROWS + 1)}
        for text in (*frame, *self.texts):
            rows[text.row].append(text)
        return rows


class Board:
    """The terminal of the program."""

    def __init__(self, window: curses.window):
        self.window = window
        curses.raw()
        curses.noecho()
        curses.set_escdelay(_ESCAPE_MS)
        self.window.keypad(True)

    def show(self, form: Form, *, pause_s: float = 0.0, again: bool = False) -> None:
        """
        Paint `form`; with `pause_s` in three parts, `again` from an empty screen. The
        cursor goes to its place last.
        """
        if again:
            self.window.redrawwin()
        for row, texts in form.lines().items():
            self.window.move(row - 1, 0)
            self.window.clrtoeol()
            for text in sorted(texts, key=lambda text: text.column):
                self.window.addstr(row - 1, text.column - 1, text.text)
            for entry in form.entries:
                if entry.row == row:
                    self._entry(entry)
            if pause_s and row in (8, 16):
                self.window.refresh()
                time.sleep(pause_s)
        self._place(form, 0)

    def ask(self, form: Form) -> str:
        """Let the operator fill `form` until a function key or Enter, and give its name."""
        at = 0
        while True:
            key = self._key()
            if isinstance(key, int) and curses.KEY_F0 < key <= curses.KEY_F0 + 24:
                return f"F{key - curses.KEY_F0}"
            if key in ("\r", "\n", curses.KEY_ENTER):
                return "Enter"
            if form.entries:
                at = self._edit(form, at, key)
            self._place(form, at)

    def _key(self) -> str | int:
        try:
            return self.window.get_wch()
        except curses.error:  # the terminal is gone
            raise EOFError from None

    def _edit(self, form: Form, at: int, key: str | int) -> int:
        """Do what the key does to the field `at`; the field that the cursor is in then."""
        entry = form.entries[at]
        if key == _TAB:
            return (at + 1) % len(form.entries)
        if key == _BACK_TAB:
            return (at - 1) % len(form.entries)
        if key == _CLEAR:
            entry.value = ""
        elif key in _BACKSPACE:
            entry.value = entry.value[:-1]
        elif not (isinstance(key, str) and entry.take(key)):
            curses.beep()
        self._entry(entry)
        return at

    def _entry(self, entry: Entry) -> None:
        blank = " " * (entry.room - cells(entry.shown))
        self.window.addstr(entry.row - 1, entry.column - 1, entry.shown + blank, curses.A_UNDERLINE)

    def _place(self, form: Form, at: int) -> None:
        row, column = form.rest
        if form.entries:
            entry = form.entries[at]
            row, column = entry.row, entry.column + cells(entry.shown)
        self.window.move(row - 1, column - 1)
        self.window.refresh()
