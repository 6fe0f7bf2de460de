"""Keying, finding and listing slips at one terminal, on good days and on bad ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from clerkwork.practice import manners
from clerkwork.practice.core.server import Terminal
from clerkwork.practice.core.slip_screens import SlipScreens
from clerkwork.practice.core.stream import Inbound, Page
from clerkwork.practice.core.telnet import Hangup
from clerkwork.practice.slips import LENGTHS, Rejected, Slip, SlipBook, page_of

State = Callable[[], "State"]  # a state gives the next one


class Desk(Protocol):
    """What the slips need of the conversation that they are part of."""

    terminal: Terminal
    operator: str

    def ask(self, page: Page, *, unlock: bool = True) -> Inbound:
        """Show a page and hear the next key."""
        ...

    def is_due(self, manner: str) -> bool:
        """Whether a bad manner is to be shown now."""
        ...

    def menu(self, message: str) -> State:
        """The menu."""
        ...

    def lose_session(self, message: str) -> State:
        """Sign-on, with nobody signed on."""
        ...


class SlipDesk:
    """The slip screens as states of a conversation; `may_post`: the operator may key."""

    def __init__(self, desk: Desk, book: SlipBook, screens: SlipScreens, *, may_post: bool):
        self._desk = desk
        self._book = book
        self._screens = screens
        self._may_post = may_post
        self._stays_locked = False

    def open(self, key: str) -> State:
        """Where PF4, PF6 or PF9 of the menu leads."""
        ways: dict[str, State] = {
            "PF4": partial(self._slip, "", {}),
            "PF6": partial(self._search, "", {}),
            "PF9": partial(self._list, 1, ""),
        }
        disturbed = self._disturbed()
        if disturbed:
            return disturbed
        if self._desk.is_due(manners.WRONG_SCREEN):
            return ways["PF6" if key == "PF4" else "PF4"]
        return ways[key]

    def _disturbed(self) -> State | None:
        """What comes instead of the answer on a bad day; nothing is stored then."""
        due = self._desk.is_due
        if due(manners.HOST_RESTARTED):
            self._hang_up()
        if due(manners.SESSION_LOST):
            return self._desk.lose_session(self._screens.message("4104"))
        if due(manners.ERROR_PAGE):
            return self._abend
        self._stays_locked = due(manners.LOCKED_KEYBOARD)
        return None

    def _hang_up(self) -> None:
        self._desk.terminal.hang_up()
        raise Hangup("a bad day")

    def _ask(self, page: Page) -> Inbound:
        unlock, self._stays_locked = not self._stays_locked, False
        return self._desk.ask(page, unlock=unlock)

    def _slip(self, message: str, typed: Mapping[str, str]) -> State:
        is_truncated = self._desk.is_due(manners.FIELD_TRUNCATED)
        heard = self._ask(self._screens.slip(message, typed, is_truncated=is_truncated))
        form = {name: heard.fields.get(name, "") for name in LENGTHS}
        if heard.key == "PF3":
            return self._desk.menu("")
        if heard.key != "ENTER":
            return partial(self._slip, self._screens.message("4900"), form)
        self._book.note_submit(form)
        disturbed = self._disturbed()
        if disturbed:
            return disturbed
        try:
            slip = self._booked(form)
        except Rejected as rejected:
            return partial(self._slip, self._screens.message(rejected.code), form)
        return self._answer(slip)

    def _booked(self, form: Mapping[str, str]) -> Slip:
        """The slip in the books; on a bad day only in a copy that is thrown away."""
        if not self._may_post:
            raise Rejected("4105")
        if not self._desk.is_due(manners.LOST_SAVE):
            return self._book.book(form, keyed_by=self._desk.operator)
        with TemporaryDirectory() as scratch:
            lost = SlipBook(Path(scratch) / "lost.db")
            return lost.book(form, keyed_by=self._desk.operator)

    def _answer(self, slip: Slip) -> State:
        """What comes after booking."""
        due, terminal = self._desk.is_due, self._desk.terminal
        if due(manners.DROP_ANSWER):
            self._hang_up()
        if due(manners.ANSWER_LATE):
            terminal.pause(manners.LATE_S)
        if due(manners.WRONG_SCREEN):
            return self._desk.menu("")
        if due(manners.ANSWER_TWICE):
            terminal.show(self._screens.posted(self._screens.message("4001"), slip))
            time.sleep(manners.PAINT_S)  # a key pressed meanwhile is heard afterwards
        return partial(self._posted, "4001", slip)

    def _posted(self, message: str, slip: Slip) -> State:
        heard = self._ask(self._screens.posted(self._screens.message(message), slip))
        return self._desk.menu("") if heard.key == "PF3" else partial(self._posted, "4900", slip)

    def _search(self, message: str, typed: Mapping[str, str]) -> State:
        heard = self._ask(self._screens.search(message, typed))
        if heard.key == "PF3":
            return self._desk.menu("")
        reference = heard.fields.get("reference", "")
        if heard.key != "ENTER" or not reference:
            number = "4201" if heard.key == "ENTER" else "4900"
            return partial(self._search, self._screens.message(number), heard.fields)
        disturbed = self._disturbed()
        if disturbed:
            return disturbed
        if self._desk.is_due(manners.WRONG_SCREEN):
            return partial(self._list, 1, "")
        return partial(self._found, "", reference)

    def _found(self, message: str, asked: str) -> State:
        slips = self._book.find(asked)
        message = message or self._screens.message("4002" if slips else "4003")
        heard = self._ask(self._screens.found(message, asked, slips))
        if heard.key == "PF3":
            return self._desk.menu("")
        return partial(self._found, self._screens.message("4900"), asked)

    def _list(self, number: int, message: str) -> State:
        slips = self._book.all()
        _, last = page_of(slips, number)
        heard = self._ask(self._screens.listing(message, slips, number))
        if heard.key == "PF3":
            return self._desk.menu("")
        if heard.key not in ("PF7", "PF8"):
            return partial(self._list, number, self._screens.message("4900"))
        disturbed = self._disturbed()
        if disturbed:
            return disturbed
        wanted = number + (1 if heard.key == "PF8" else -1)
        if 1 <= wanted <= last:
            return partial(self._list, wanted, "")
        end = self._screens.message("4005" if wanted < 1 else "4004")
        return partial(self._list, number, end)

    def _abend(self) -> State:
        heard = self._ask(self._screens.abend(self._screens.message("4901")))
        return self._desk.menu("") if heard.key == "PF3" else self._abend
