"""The slip screens of the practice core: English, with Chinese where the code page has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clerkwork.practice.core.code_pages import CodePage
from clerkwork.practice.core.screens import framed
from clerkwork.practice.core.stream import Input, Page, Text
from clerkwork.practice.slips import A_PAGE, LENGTHS, MESSAGES, Slip, page_of
from clerkwork.practice.world import BRANCH

_TITLES = {
    "CB02 PASSWORD EXPIRED": "密码已过期",
    "CB40 PAYMENT SLIP": "付款凭条",
    "CB41 SLIP POSTED": "凭条已记账",
    "CB42 SLIP SEARCH": "凭条查询",
    "CB43 SLIPS FOUND": "查询结果",
    "CB44 SLIP LIST": "凭条清单",
    "CB99 ABEND": "系统异常",
}
_LABELS = {
    "branch": ("BRANCH . . . . .", "机构"),
    "number": ("NUMBER . . . . .", "凭条号"),
    "account": ("ACCOUNT  . . . .", "账号"),
    "payee": ("PAYEE  . . . . .", "收款人"),
    "amount": ("AMOUNT . . . . .", "金额"),
    "purpose": ("PURPOSE  . . . .", "用途"),
    "reference": ("REFERENCE  . . .", "业务编号"),
    "asked": ("ASKED FOR  . . .", "查询编号"),
    "count": ("SLIPS  . . . . .", "笔数"),
}
_SHOWN = ("number", "account", "payee", "amount", "purpose", "reference")
_NUMERIC, _CHINESE = ("account", "amount"), ("payee", "purpose")
_LABEL, _FIELD = 20, 40  # the columns
_HEADINGS = "NUMBER   ACCOUNT    PAYEE                              AMOUNT REFERENCE"
_TRUNCATED = 12  # what is left of the reference on a bad day


@dataclass(frozen=True)
class SlipScreens:
    """The screens of one terminal: its name, and the code page it is shown in."""

    terminal: str
    page: CodePage

    def message(self, number: str) -> str:
        """A message of the slips in the terminal's language."""
        english, chinese = MESSAGES[number]
        return f"CB{number} {chinese if self.page.is_double_byte else english}"

    def slip(self, message: str, typed: Mapping[str, str], *, is_truncated: bool = False) -> Page:
        """The form, with what was typed."""
        rows = {name: row for row, name in zip(range(8, 18, 2), LENGTHS, strict=True)}
        lengths = LENGTHS | ({"reference": _TRUNCATED} if is_truncated else {})
        inputs = [
            Input(
                name,
                row,
                _FIELD,
                lengths[name],
                typed.get(name, ""),
                numeric=name in _NUMERIC,
                chinese=self.page.is_double_byte and name in _CHINESE,
            )
            for name, row in rows.items()
        ]
        labels = [self._label(name, row) for name, row in rows.items()]
        branch = (self._label("branch", 5), Text(5, _FIELD, BRANCH))
        keys = "ENTER=POST  PF3=BACK  PF12=SIGN OFF"
        return self._framed("CB40 PAYMENT SLIP", message, keys, *branch, *labels, inputs=inputs)

    def posted(self, message: str, slip: Slip) -> Page:
        """The slip as it was booked."""
        texts = self._values(slip, first_row=6)
        return self._framed("CB41 SLIP POSTED", message, "PF3=BACK  PF12=SIGN OFF", *texts)

    def search(self, message: str, typed: Mapping[str, str]) -> Page:
        """Which reference."""
        asked = Input("reference", 10, _FIELD, LENGTHS["reference"], typed.get("reference", ""))
        keys = "ENTER=FIND  PF3=BACK  PF12=SIGN OFF"
        label = self._label("reference", 10)
        return self._framed("CB42 SLIP SEARCH", message, keys, label, inputs=[asked])

    def found(self, message: str, asked: str, slips: Sequence[Slip]) -> Page:
        """How many slips have the reference, and the first of them."""
        texts = [self._label("asked", 4), Text(4, _FIELD, asked)]
        texts += [self._label("count", 5), Text(5, _FIELD, f"{len(slips):04}")]
        if slips:
            texts += self._values(slips[0], first_row=8)
        return self._framed("CB43 SLIPS FOUND", message, "PF3=BACK  PF12=SIGN OFF", *texts)

    def listing(self, message: str, slips: Sequence[Slip], number: int) -> Page:
        """Page `number`, from 1."""
        shown, pages = page_of(slips, number)
        rows = [self._row(7 + at, slip) for at, slip in enumerate(shown[:A_PAGE])]
        facts = Text(3, 2, f"PAGE {number:04} OF {pages:04}  SLIPS {len(slips):05}")
        keys = "PF7=BACKWARD  PF8=FORWARD  PF3=BACK  PF12=SIGN OFF"
        return self._framed("CB44 SLIP LIST", message, keys, facts, Text(5, 2, _HEADINGS), *rows)

    def password_expired(self, message: str) -> Page:
        """No way on: a new password is a person's to set."""
        said = Text(10, _LABEL, "YOUR PASSWORD HAS EXPIRED. HAVE A NEW ONE SET.")
        return self._framed("CB02 PASSWORD EXPIRED", message, "PF3=BACK", said)

    def abend(self, message: str) -> Page:
        """The transaction broke; nothing of it is left."""
        said = Text(10, _LABEL, "TRANSACTION CBSL ENDED ABNORMALLY, CODE ASRA")
        return self._framed("CB99 ABEND", message, "PF3=BACK  PF12=SIGN OFF", said)

    def _framed(
        self, title: str, message: str, keys: str, *texts: Text, inputs: Sequence[Input] = ()
    ) -> Page:
        chinese = [Text(2, 2, _TITLES[title])] if self.page.is_double_byte else []
        return framed(title, self.terminal, message, keys, *chinese, *texts, inputs=inputs)

    def _label(self, name: str, row: int) -> Text:
        english, chinese = _LABELS[name]
        return Text(row, _LABEL, chinese if self.page.is_double_byte else english)

    def _values(self, slip: Slip, *, first_row: int) -> list[Text]:
        rows = range(first_row, first_row + 2 * len(_SHOWN), 2)
        pairs = [
            (self._label(name, row), Text(row, _FIELD, getattr(slip, name)))
            for row, name in zip(rows, _SHOWN, strict=True)
        ]
        return [text for pair in pairs for text in pair]

    def _row(self, row: int, slip: Slip) -> Text:
        """Number 2-9, account 11-20, payee 22-45, amount 47-62, reference 64-79."""
        amount = slip.amount if len(slip.amount) <= 16 else slip.amount.replace(",", "")
        payee = slip.payee + " " * (24 - len(self.page.encode(slip.payee)))
        return Text(
            row, 2, f"{slip.number:8} {slip.account:10} {payee} {amount:>16} {slip.reference:16}"
        )
