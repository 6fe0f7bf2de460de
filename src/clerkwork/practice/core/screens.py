"""The screens of the practice core, 24 by 80, capitals only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from clerkwork.practice.core.stream import COLUMNS, Input, Page, Text
from clerkwork.practice.world import Balance, JournalLine

LINES_A_PAGE = 16
SLIP_KEYS = ("PF4", "PF6", "PF9")  # slip, search, list

_HEADINGS = "SER   TIME   ACCOUNT    CCY S          AMOUNT REFERENCE        NARRATIVE"


def framed(
    title: str, terminal: str, message: str, keys: str, *texts: Text, inputs: Sequence[Input] = ()
) -> Page:
    """A page with its title, the terminal's name, the message and the keys."""
    frame = (
        Text(1, 2, title, bright=True),
        Text(1, 30, "PRACTICE BANK CORE SYSTEM"),
        Text(1, 75, terminal),
    )
    foot = (Text(23, 2, message, bright=True), Text(24, 2, keys))
    return Page((*frame, *texts, *foot), tuple(inputs))


def sign_on(terminal: str, message: str, operator: str = "") -> Page:
    """Operator and password; the password is not displayed and never sent back."""
    return framed(
        "CB01 SIGN-ON",
        terminal,
        message,
        "ENTER=SIGN ON  PF5=TAKE OVER",
        Text(10, 20, "OPERATOR . . . ."),
        Text(12, 20, "PASSWORD . . . ."),
        inputs=(
            Input("operator", 10, 40, 8, operator),
            Input("password", 12, 40, 8, hidden=True),
        ),
    )


def menu(
    terminal: str,
    message: str,
    *,
    today: date,
    before: date,
    is_day_done: bool,
    operator: str,
    slip_keys: Sequence[str] = SLIP_KEYS,
) -> Page:
    """Accounting date, state of the previous day's end of day, and what there is to choose."""
    choices = ("PAYMENT SLIP", "SLIP SEARCH", "SLIP LIST")
    slips = [
        Text(row, 20, f"{key}  {choice}")
        for row, key, choice in zip(range(16, 19), slip_keys, choices, strict=True)
    ]
    return framed(
        "CB10 MENU",
        terminal,
        message,
        "ENTER=SELECT  PF12=SIGN OFF",
        Text(3, 20, "OPERATOR . . . ."),
        Text(3, 40, operator),
        Text(5, 20, "ACCOUNTING DATE ."),
        Text(5, 40, today.isoformat(), bright=True),
        Text(6, 20, "PREVIOUS DAY . ."),
        Text(6, 40, before.isoformat()),
        Text(7, 20, "ITS END OF DAY ."),
        Text(7, 40, "DONE" if is_day_done else "RUNNING"),
        Text(10, 20, "1  JOURNAL INQUIRY"),
        Text(11, 20, "2  BALANCE INQUIRY"),
        Text(14, 20, "SELECTION  . . ."),
        *slips,
        inputs=(Input("selection", 14, 40, 1, numeric=True),),
    )


def journal_inquiry(terminal: str, message: str, fields: Mapping[str, str]) -> Page:
    """Which day and branch."""
    return framed(
        "CB20 JOURNAL INQUIRY",
        terminal,
        message,
        "ENTER=SHOW  PF3=BACK  PF12=SIGN OFF",
        Text(8, 20, "ACCOUNTING DATE ."),
        Text(8, 50, "YYYYMMDD"),
        Text(10, 20, "BRANCH . . . . ."),
        inputs=(
            Input("date", 8, 40, 8, fields.get("date", ""), numeric=True),
            Input("branch", 10, 40, 4, fields.get("branch", ""), numeric=True),
        ),
    )


def journal_page(
    terminal: str, message: str, on: date, branch: str, lines: Sequence[JournalLine], number: int
) -> Page:
    """Page `number`, from 1, of the journal."""
    pages = max(1, -(-len(lines) // LINES_A_PAGE))
    first = (number - 1) * LINES_A_PAGE
    body = "".join(_line(line) for line in lines[first : first + LINES_A_PAGE])
    facts = f"DATE {on}  BRANCH {branch}  PAGE {number:04} OF {pages:04}  LINES {len(lines):05}"
    return framed(
        "CB21 JOURNAL",
        terminal,
        message,
        "PF7=BACKWARD  PF8=FORWARD  PF3=BACK  PF12=SIGN OFF",
        Text(2, 2, facts),
        Text(4, 1, _HEADINGS),
        Text(5, 1, body.ljust(LINES_A_PAGE * COLUMNS)),
        Text(21, 70, "MORE..." if number < pages else "END"),
    )


def balance_inquiry(
    terminal: str, message: str, fields: Mapping[str, str], balance: Balance | None
) -> Page:
    """Which account and day; once asked, opening and closing balance."""
    asked: tuple[Text, ...] = ()
    if balance is not None:
        asked = (
            Text(13, 20, "OPENING  . . . ."),
            Text(13, 40, _amount(balance.opening, 21)),
            Text(14, 20, "CLOSING  . . . ."),
            Text(14, 40, _amount(balance.closing, 21)),
        )
    return framed(
        "CB30 BALANCE INQUIRY",
        terminal,
        message,
        "ENTER=SHOW  PF3=BACK  PF12=SIGN OFF",
        Text(8, 20, "ACCOUNT  . . . ."),
        Text(10, 20, "DATE . . . . . ."),
        Text(10, 50, "YYYYMMDD"),
        *asked,
        inputs=(
            Input("account", 8, 40, 10, fields.get("account", ""), numeric=True),
            Input("date", 10, 40, 8, fields.get("date", ""), numeric=True),
        ),
    )


def locked(terminal: str, message: str, operator: str) -> Page:
    """Locked after idle time: only the operator's password opens it again."""
    return framed(
        "CB90 LOCKED",
        terminal,
        message,
        "ENTER=UNLOCK  PF12=SIGN OFF",
        Text(10, 20, "OPERATOR . . . ."),
        Text(10, 40, operator),
        Text(12, 20, "PASSWORD . . . ."),
        inputs=(Input("password", 12, 40, 8, hidden=True),),
    )


def _line(line: JournalLine) -> str:
    """Serial 1-5, time 7-12, account 14-23, currency 25-27, side 29, amount 31-45, ..."""
    text = (
        f"{line.serial:05} {line.at:%H%M%S} {line.account:10} {line.currency:3} {line.side} "
        f"{_amount(line.amount, 15)} {line.reference[:16]:16} {line.narrative[:16]:16}"
    )
    return text.upper().ljust(COLUMNS)


def _amount(amount: Decimal, width: int) -> str:
    """Right aligned with its sign behind it, as a COBOL picture Z,ZZ9.99- prints it."""
    return f"{abs(amount):,}{'-' if amount < 0 else ' '}".rjust(width)
