"""
The branch program: one operator at one terminal, from sign-on to hanging up.

It is an ordinary curses program for a UTF-8 terminal, run once a terminal:
`python -m clerkwork.practice.branch.program HOME`.
"""

from __future__ import annotations

import curses
import json
import locale
import secrets
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from clerkwork.practice import manners
from clerkwork.practice.branch import screens
from clerkwork.practice.branch.form import Board, Form
from clerkwork.practice.slips import MESSAGES, Rejected, Slip, SlipBook, page_of

State = Callable[[], "State"]  # a state gives the next one
SYSTEM = "branch"
_TRUNCATED = 12


class _Cut(Exception):
    """The host hangs up."""


def said(code: str) -> str:
    """The line that a screen shows for a message of the bank; empty for none."""
    if not code:
        return ""
    english, chinese = MESSAGES[code]
    return f"BR{code} {english} {chinese}"


class Program:
    """The conversation of one terminal."""

    def __init__(self, home: Path, board: Board):
        self._folder = home / "practice"
        self._board = board
        self._book = SlipBook(self._folder / f"{SYSTEM}.db")
        self._operator = ""
        kept = json.loads((self._folder / "credentials.json").read_text(encoding="utf-8"))
        mine = {name: each for name, each in kept.items() if name.startswith(f"{SYSTEM}-")}
        self._passwords = {each["operator"]: each["password"] for each in mine.values()}
        self._keyers = {
            each["operator"] for name, each in mine.items() if name.endswith("keyboard")
        }

    def run(self) -> None:
        """Talk until the terminal is gone or the host cuts."""
        state: State = partial(self._sign_on, "")
        while True:
            state = state()

    def _is(self, manner: str) -> bool:
        return manners.is_due(self._folder, SYSTEM, manner)

    def _ask(self, form: Form) -> str:
        pause_s = manners.PAINT_S if self._is(manners.LATE_PAINT) else 0.0
        self._board.show(form, pause_s=pause_s)
        return self._board.ask(form)

    def _sign_on(self, code: str) -> State:
        form = screens.sign_on(said(code))
        if self._ask(form) != "Enter":
            return partial(self._sign_on, "4900")
        operator, password = (entry.value for entry in form.entries)
        known = self._passwords.get(operator, "")
        if not (known and secrets.compare_digest(known.encode(), password.encode())):
            return partial(self._sign_on, "4101")
        if self._is(manners.SIGNED_ON_ELSEWHERE):
            return partial(self._sign_on, "4102")
        if self._is(manners.PASSWORD_EXPIRED):
            return self._password_expired
        self._operator = operator
        return partial(self._menu, "")

    def _password_expired(self) -> State:
        key = self._ask(screens.password_expired(said("4103")))
        return partial(self._sign_on, "4000") if key == "F12" else self._password_expired

    def _signed_on(self, form: Form) -> tuple[str, State | None]:
        """The key, and where it leads whatever the screen; a bad day may interfere."""
        key = self._ask(form)
        if key == "F5" and form.code == "BR20":  # counted before anything else happens
            self._book.note_submit({entry.name: entry.value for entry in form.entries})
        if self._is(manners.HOST_RESTARTED):
            raise _Cut
        if self._is(manners.SESSION_LOST):
            self._operator = ""
            return key, partial(self._sign_on, "4104")
        if key == "F12":
            self._operator = ""
            return key, partial(self._sign_on, "4000")
        return key, None

    def _menu(self, code: str) -> State:
        is_moved = self._is(manners.MENU_MOVED)
        key, then = self._signed_on(screens.menu(self._operator, said(code), is_moved=is_moved))
        if then:
            return then
        if self._is(manners.ERROR_PAGE):
            return self._error
        choices: dict[str, State] = {
            "F2": partial(self._slip, {}, ""),
            "F4": partial(self._search, ""),
            "F6": partial(self._list, 1, ""),
        }
        names = list(choices)
        if is_moved:
            choices = dict(
                zip(names, [choices[name] for name in names[1:] + names[:1]], strict=True)
            )
        if key in choices and self._is(manners.WRONG_SCREEN):
            key = names[(names.index(key) + 1) % len(names)]
        return choices.get(key, partial(self._menu, "4900"))

    def _slip(self, typed: dict[str, str], code: str) -> State:
        takes = _TRUNCATED if self._is(manners.FIELD_TRUNCATED) else 0
        form = screens.slip(typed, said(code), reference_takes=takes)
        key, then = self._signed_on(form)
        typed = {entry.name: entry.value for entry in form.entries}
        if then:
            return then
        if key == "F3":
            return partial(self._menu, "")
        if key != "F5":
            return partial(self._slip, typed, "4900")
        return self._post(typed)

    def _post(self, typed: dict[str, str]) -> State:
        if self._operator not in self._keyers:
            return partial(self._slip, typed, "4105")
        if self._is(manners.ERROR_PAGE):
            return self._error
        try:
            slip = self._stored(typed)
        except Rejected as rejected:
            return partial(self._slip, typed, rejected.code)
        if self._is(manners.DROP_ANSWER):
            raise _Cut
        if self._is(manners.ANSWER_LATE):
            time.sleep(manners.LATE_S)
        if self._is(manners.WRONG_SCREEN):
            return partial(self._menu, "")
        return partial(self._posted, slip)

    def _stored(self, typed: dict[str, str]) -> Slip:
        """Book it; a save that gets lost is checked and numbered all the same."""
        if not self._is(manners.LOST_SAVE):
            return self._book.book(typed, keyed_by=self._operator)
        pretended = SlipBook(self._folder / f"{SYSTEM}.lost.db")
        return pretended.book(typed, keyed_by=self._operator)

    def _posted(self, slip: Slip) -> State:
        form = screens.posted(slip, said("4001"))
        if self._is(manners.ANSWER_TWICE):
            self._board.show(form)
            self._board.show(form, again=True)
        key, then = self._signed_on(form)
        return then or partial(self._menu, "" if key == "F3" else "4900")

    def _search(self, code: str) -> State:
        form = screens.search(said(code))
        key, then = self._signed_on(form)
        if then:
            return then
        if key == "F3":
            return partial(self._menu, "")
        if key == "Enter":
            return partial(self._found, form.entries[0].value)
        return partial(self._search, "4900")

    def _found(self, asked: str) -> State:
        slips = self._book.find(asked.strip())
        code = "4002" if slips else "4003"
        key, then = self._signed_on(screens.found(asked, slips, said(code)))
        return then or (partial(self._menu, "") if key == "F3" else partial(self._found, asked))

    def _list(self, page: int, code: str) -> State:
        slips, pages = page_of(self._book.all(), page)
        key, then = self._signed_on(screens.listed(slips, page, pages, said(code)))
        if then:
            return then
        if key == "F3":
            return partial(self._menu, "")
        if key == "F8":
            is_last = page >= pages
            return partial(self._list, page if is_last else page + 1, "4004" if is_last else "")
        return partial(self._list, page, "4900")

    def _error(self) -> State:
        key = self._ask(screens.error(said("4901")))
        return partial(self._menu, "") if key == "F3" else self._error


def main() -> None:
    """Serve the terminal that this process stands on."""
    locale.setlocale(locale.LC_ALL, "")
    home = Path(sys.argv[1])

    def talk(window: curses.window) -> None:
        Program(home, Board(window)).run()

    try:
        curses.wrapper(talk)
    except (_Cut, EOFError, KeyboardInterrupt):
        sys.exit(0)


if __name__ == "__main__":
    main()
