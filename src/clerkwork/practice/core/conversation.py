"""One operator at one terminal: from sign-on through menu and inquiries to sign-off."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Protocol

from clerkwork.practice import manners
from clerkwork.practice.core import screens
from clerkwork.practice.core.code_pages import CodePage
from clerkwork.practice.core.journal import Journal
from clerkwork.practice.core.operators import Operators
from clerkwork.practice.core.server import Terminal
from clerkwork.practice.core.slip_desk import SlipDesk, State
from clerkwork.practice.core.slip_screens import SlipScreens
from clerkwork.practice.core.stream import Inbound, Page
from clerkwork.practice.slips import SlipBook
from clerkwork.practice.world import BRANCH, JournalLine

_MOVED = ("PF9", "PF4", "PF6")  # the keys of slip, search and list on a day the menu has moved

KEY_NOT_ACTIVE = "CB0001 KEY NOT ACTIVE ON THIS SCREEN"
SELECTION_WRONG = "CB0002 NO SUCH SELECTION"
SIGN_ON_WRONG = "CB1001 OPERATOR OR PASSWORD WRONG"
SIGNED_ON_ELSEWHERE = "CB1002 ALREADY SIGNED ON AT {} - PF5 TO TAKE OVER"
SIGN_ON_EMPTY = "CB1003 ENTER OPERATOR AND PASSWORD"
SIGNED_OFF = "CB1004 SIGNED OFF"
DATE_WRONG = "CB2001 DATE NOT VALID, ENTER YYYYMMDD"
BRANCH_UNKNOWN = "CB2002 NO SUCH BRANCH"
DAY_OPEN = "CB2003 THIS DAY IS NOT CLOSED YET"
DAY_UNKNOWN = "CB2004 NO BOOKS FOR THIS DAY"
NO_MORE_PAGES = "CB2005 NO MORE PAGES"
FIRST_PAGE = "CB2006 THIS IS THE FIRST PAGE"
ACCOUNT_UNKNOWN = "CB3001 NO SUCH ACCOUNT"
LOCKED = "CB9001 LOCKED AFTER IDLE TIME, ENTER PASSWORD"
STILL_LOCKED = "CB9002 PASSWORD WRONG, STILL LOCKED"


class Bank(Protocol):
    """What a conversation knows of the host."""

    journal: Journal
    operators: Operators
    accounting_date: date
    idle_lock_s: float
    slips: SlipBook
    page: CodePage

    @property
    def is_day_done(self) -> bool:
        """Whether the end of day of the day before is through."""
        ...

    def is_due(self, manner: str) -> bool:
        """Whether a bad manner is to be shown now."""
        ...


class _Complaint(Exception):
    """What was entered cannot be answered; the text is the message."""


class _Idle(Exception):
    """Nobody touched the terminal for too long."""


class _SignOff(Exception):
    """PF12."""


class Conversation:
    """The conversation of one terminal; `run` ends when either side hangs up."""

    def __init__(self, bank: Bank, terminal: Terminal):
        self._bank = bank
        self.terminal = terminal
        self.operator = ""
        self._slip_screens = SlipScreens(terminal.name, bank.page)

    def run(self) -> None:
        """Talk until Hangup."""
        state: State = partial(self._sign_on, "")
        try:
            while True:
                state = self._next(state)
        finally:
            self._bank.operators.leave(self.operator, self.terminal)

    def _next(self, state: State) -> State:
        try:
            return state()
        except _Idle:
            return partial(self._locked, LOCKED)
        except _SignOff:
            return self.lose_session(SIGNED_OFF)

    def is_due(self, manner: str) -> bool:
        """Whether a bad manner is to be shown now."""
        return self._bank.is_due(manner)

    def menu(self, message: str) -> State:
        """The menu, as a state."""
        return partial(self._menu, message)

    def lose_session(self, message: str) -> State:
        """Sign-on, with nobody signed on."""
        self._bank.operators.leave(self.operator, self.terminal)
        self.operator = ""
        return partial(self._sign_on, message)

    def ask(self, page: Page, *, unlock: bool = True) -> Inbound:
        """Show a page and hear the next key. Raises Hangup, _Idle, _SignOff."""
        if unlock and self.is_due(manners.LATE_PAINT):
            self.terminal.show_in_parts(page, manners.PAINT_S)
        else:
            self.terminal.show(page, unlock=unlock)
        heard = self.terminal.hear(self._bank.idle_lock_s if self.operator else None)
        if heard is None:
            raise _Idle
        if heard.key == "PF12" and self.operator:
            raise _SignOff
        return heard

    def _sign_on(self, message: str) -> State:
        heard = self.ask(screens.sign_on(self.terminal.name, message))
        operators = self._bank.operators
        while True:
            operator, password = heard.fields.get("operator", ""), heard.fields.get("password", "")
            if heard.key not in ("ENTER", "PF5"):
                message = KEY_NOT_ACTIVE
            elif not (operator and password):
                message = SIGN_ON_EMPTY
            elif not operators.knows(operator, password):
                message = SIGN_ON_WRONG
            elif self.is_due(manners.PASSWORD_EXPIRED):
                return self._password_expired
            elif self.is_due(manners.SIGNED_ON_ELSEWHERE):
                message = self._slip_screens.message("4102")
            else:
                at = operators.enter(operator, self.terminal, take_over=heard.key == "PF5")
                if at is None:
                    self.operator = operator
                    return partial(self._menu, "")
                message = SIGNED_ON_ELSEWHERE.format(at)
            heard = self.ask(screens.sign_on(self.terminal.name, message, operator))

    def _menu(self, message: str) -> State:
        bank = self._bank
        keys = _MOVED if self.is_due(manners.MENU_MOVED) else screens.SLIP_KEYS
        page = screens.menu(
            self.terminal.name,
            message,
            today=bank.accounting_date,
            before=bank.accounting_date - timedelta(days=1),
            is_day_done=bank.is_day_done,
            operator=self.operator,
            slip_keys=keys,
        )
        heard = self.ask(page)
        if heard.key in keys:
            return self._slip_desk().open(screens.SLIP_KEYS[keys.index(heard.key)])
        if heard.key != "ENTER":
            return partial(self._menu, KEY_NOT_ACTIVE)
        choices: dict[str, State] = {
            "1": partial(self._journal_inquiry, "", {}),
            "2": partial(self._balance_inquiry, "", {}),
        }
        return choices.get(heard.fields.get("selection", ""), partial(self._menu, SELECTION_WRONG))

    def _password_expired(self) -> State:
        heard = self.ask(self._slip_screens.password_expired(self._slip_screens.message("4103")))
        return partial(self._sign_on, "") if heard.key == "PF3" else self._password_expired

    def _slip_desk(self) -> SlipDesk:
        may_post = self._bank.operators.may_post(self.operator)
        return SlipDesk(self, self._bank.slips, self._slip_screens, may_post=may_post)

    def _journal_inquiry(self, message: str, fields: Mapping[str, str]) -> State:
        heard = self.ask(screens.journal_inquiry(self.terminal.name, message, fields))
        if heard.key == "PF3":
            return partial(self._menu, "")
        if heard.key != "ENTER":
            return partial(self._journal_inquiry, KEY_NOT_ACTIVE, heard.fields)
        try:
            on = self._closed_day(heard.fields.get("date", ""))
            branch = heard.fields.get("branch", "")
            if branch != BRANCH:
                raise _Complaint(BRANCH_UNKNOWN)
            lines = self._bank.journal.lines(on)
        except ValueError:
            return partial(self._journal_inquiry, DAY_UNKNOWN, heard.fields)
        except _Complaint as complaint:
            return partial(self._journal_inquiry, str(complaint), heard.fields)
        return partial(self._journal_pages, on, branch, lines)

    def _journal_pages(self, on: date, branch: str, lines: Sequence[JournalLine]) -> State:
        number, message = 1, ""
        last = max(1, -(-len(lines) // screens.LINES_A_PAGE))
        while True:
            name = self.terminal.name
            heard = self.ask(screens.journal_page(name, message, on, branch, lines, number))
            message = ""
            if heard.key == "PF3":
                return partial(self._journal_inquiry, "", {})
            if heard.key == "PF8":
                number, message = (number + 1, "") if number < last else (last, NO_MORE_PAGES)
            elif heard.key == "PF7":
                number, message = (number - 1, "") if number > 1 else (1, FIRST_PAGE)
            else:
                message = KEY_NOT_ACTIVE

    def _balance_inquiry(self, message: str, fields: Mapping[str, str]) -> State:
        balance = None
        while True:
            name = self.terminal.name
            heard = self.ask(screens.balance_inquiry(name, message, fields, balance))
            fields, balance, message = heard.fields, None, ""
            if heard.key == "PF3":
                return partial(self._menu, "")
            if heard.key != "ENTER":
                message = KEY_NOT_ACTIVE
                continue
            try:
                on = self._closed_day(fields.get("date", ""))
                balance = self._bank.journal.balance(fields.get("account", ""), on)
                message = "" if balance else ACCOUNT_UNKNOWN
            except ValueError:
                message = DAY_UNKNOWN
            except _Complaint as complaint:
                message = str(complaint)

    def _closed_day(self, text: str) -> date:
        """The day typed, if its books are closed. Raises _Complaint."""
        if not re.fullmatch("[0-9]{8}", text):
            raise _Complaint(DATE_WRONG)
        try:
            on = date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            raise _Complaint(DATE_WRONG) from None
        previous = self._bank.accounting_date - timedelta(days=1)
        if on > previous or (on == previous and not self._bank.is_day_done):
            raise _Complaint(DAY_OPEN)
        return on

    def _locked(self, message: str) -> State:
        self.terminal.show(screens.locked(self.terminal.name, message, self.operator))
        heard = self.terminal.hear(None)
        assert heard is not None
        if heard.key == "PF12":
            raise _SignOff
        if self._bank.operators.knows(self.operator, heard.fields.get("password", "")):
            return partial(self._menu, "")
        return partial(self._locked, STILL_LOCKED)
