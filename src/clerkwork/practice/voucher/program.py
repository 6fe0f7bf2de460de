"""The voucher program: which window follows which action, and its bad manners."""

from __future__ import annotations

import hmac
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from clerkwork.practice import manners
from clerkwork.practice.credentials import credentials
from clerkwork.practice.slips import Rejected, Slip, SlipBook, page_of
from clerkwork.practice.voucher import SYSTEM, forms, open_book
from clerkwork.practice.voucher.forms import Form, say
from clerkwork.practice.voucher.windows import Window, main_loop

_KEYS, _LOOKS = "voucher-keyboard", "voucher-desk"


class Program:
    """One clerk's program: a main window, at most one other over it, and dialogs over that."""

    def __init__(self, home: Path):
        self._folder = home / "practice"
        self._book = open_book(home)
        self._credentials = credentials(home)
        self._operator = ""
        self._page = 1
        self._main: Window | None = None
        self._form: Window | None = None

    def run(self) -> None:
        """Show the sign-on window and serve the clerk until the process ends."""
        self._sign_on("")
        main_loop()

    def _act(self, action: str, typed: dict[str, str]) -> None:
        """What a button or a menu asks for."""
        if action in ("slip", "search", "list", "find", "forward") and self._misbehaves():
            return
        match action:
            case "enter":
                self._enter(typed)
            case "sign_off":
                self._sign_on(say("4000"))
            case "back" if self._operator:
                self._menu("")
            case "back":
                self._sign_on("")
            case "slip":
                self._slip()
            case "search":
                self._show(forms.search())
            case "list":
                self._list(1)
            case "forward":
                self._list(self._page + 1)
            case "find":
                asked = typed["reference"].strip()
                self._show(forms.found(asked, self._book.find(asked)))
            case "post":
                self._confirm(typed)

    def _misbehaves(self) -> bool:
        """Whether a bad manner took the place of an answer; nothing was asked to be booked."""
        if self._is_due(manners.HOST_RESTARTED):
            os._exit(1)
        if self._is_due(manners.SESSION_LOST):
            self._sign_on(say("4104"))
        elif self._is_due(manners.ERROR_PAGE):
            self._error()
        elif self._is_due(manners.WRONG_SCREEN):
            self._list(1) if self._form is None else self._menu("")
        else:
            return False
        return True

    def _enter(self, typed: dict[str, str]) -> None:
        operator, password = typed["operator"].strip(), typed["password"]
        if not self._knows(operator, password):
            self._sign_on(say("4101"))
        elif self._is_due(manners.SIGNED_ON_ELSEWHERE):
            self._sign_on(say("4102"))
        elif self._is_due(manners.PASSWORD_EXPIRED):
            self._replace_main(forms.password_expired(operator))
        else:
            self._operator = operator
            is_moved = self._is_due(manners.MENU_MOVED)
            self._replace_main(forms.menu(operator, "", is_moved=is_moved))

    def _sign_on(self, message: str) -> None:
        self._operator = ""
        self._replace_main(forms.sign_on(message))

    def _menu(self, message: str) -> None:
        if self._form is not None:
            self._form.close()
            self._form = None
        if self._main is not None:
            self._main.say(message)
            self._main.window.present()

    def _slip(self) -> None:
        if self._operator != self._credentials[_KEYS]["operator"]:
            self._menu(say("4105"))
            return
        is_truncated = self._is_due(manners.FIELD_TRUNCATED)
        self._show(forms.slip({}, "", is_truncated=is_truncated))

    def _list(self, page: int) -> None:
        slips = self._book.all()
        _, pages = page_of(slips, 1)
        message = say("4004") if page > pages else ""
        self._page = min(page, pages)
        self._show(forms.listing(slips, self._page, message))

    def _confirm(self, typed: dict[str, str]) -> None:
        def answer(action: str, _: dict[str, str]) -> None:
            question.close()
            if action == "yes":
                self._submit(typed)

        question = Window(forms.confirm(), answer, over=self._form)

    def _submit(self, typed: dict[str, str]) -> None:
        self._book.note_submit(typed)
        if self._is_due(manners.HOST_RESTARTED):
            os._exit(1)
        if self._is_due(manners.SESSION_LOST):
            self._sign_on(say("4104"))
            return
        if self._is_due(manners.ERROR_PAGE):
            self._error()
            return
        try:
            booked = self._booked(typed)
        except Rejected as no:
            self._show(forms.slip(typed, say(no.code, no.field), is_truncated=False))
            return
        if self._is_due(manners.DROP_ANSWER):
            os._exit(1)
        if self._is_due(manners.ANSWER_LATE):
            time.sleep(manners.LATE_S)  # and the windows hang, as they do
        if self._is_due(manners.WRONG_SCREEN):
            self._menu("")
            return
        for _ in range(2 if self._is_due(manners.ANSWER_TWICE) else 1):
            Window(forms.posted(booked), self._act, over=self._form, late=self._late())

    def _booked(self, typed: dict[str, str]) -> Slip:
        """The slip as booked. Raises Rejected."""
        if not self._is_due(manners.LOST_SAVE):
            return self._book.book(typed, keyed_by=self._operator)
        with TemporaryDirectory() as nowhere:
            return SlipBook(Path(nowhere) / "lost.db").book(typed, keyed_by=self._operator)

    def _error(self) -> None:
        Window(forms.error(), self._act, over=self._form or self._main)

    def _show(self, form: Form) -> None:
        """Show `form` over the main window, in place of the one that stands there."""
        before, self._form = self._form, None
        self._form = Window(form, self._act, over=self._main, late=self._late())
        if before is not None:
            before.close()

    def _replace_main(self, form: Form) -> None:
        before, self._main, self._form = self._main, None, None
        self._main = Window(form, self._act, late=self._late())
        if before is not None:
            before.close()

    def _knows(self, operator: str, password: str) -> bool:
        return any(
            known["operator"] == operator
            and hmac.compare_digest(known["password"].encode(), password.encode())
            for known in (self._credentials[_KEYS], self._credentials[_LOOKS])
        )

    def _late(self) -> bool:
        return self._is_due(manners.LATE_PAINT)

    def _is_due(self, manner: str) -> bool:
        return manners.is_due(self._folder, SYSTEM, manner)
