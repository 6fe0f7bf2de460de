"""The core banking host: sign-on, accounting day, journal (流水) and balances. Looks only."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import NoReturn

from clerkwork.errors import Drifted, Refused
from clerkwork.facts import Entry, Origin, exact, identified
from clerkwork.systems.port import Screen, Session
from tasks import form

_NO_MORE_PAGES = "CB2005"
_ENDS = ("opening", "closing")
_AMOUNT = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{2})(-?)")


@dataclass(frozen=True)
class AccountingDay:
    """What the menu says: the core's day, the day before it, and whether that day is closed."""

    accounting_date: date
    previous_date: date
    end_of_day_done: bool


def sign_on(session: Session) -> None:
    """Sign on with the session's credential. Raises Refused CB1001, Unavailable CB1002."""
    form.sign_on(session, "enter")


def accounting_day(session: Session) -> AccountingDay:
    """The accounting day as the menu shows it."""
    fields = _to_menu(session).fields
    states = {"DONE": True, "RUNNING": False}
    if fields["end_of_day"] not in states:
        _unreadable(f"end of day {fields['end_of_day']!r}", "menu")
    return AccountingDay(
        accounting_date=_date(fields["accounting_date"], "menu"),
        previous_date=_date(fields["previous_date"], "menu"),
        end_of_day_done=states[fields["end_of_day"]],
    )


def previous_accounting_day(session: Session) -> date:
    """The accounting day before the one that stands: what a night works on."""
    return accounting_day(session).previous_date


def end_of_day_is_done(session: Session) -> bool:
    """Whether the end of day of the previous accounting day is through."""
    return accounting_day(session).end_of_day_done


def debit_is_in(account: str) -> bool:
    """
    Whether debit (借) is money into `account`, by its class in the chart of accounts.

    True for assets (1), False for liabilities (2). Raises Refused ACCOUNT_SIDE_UNKNOWN
    for the other classes: a bot that reads those gives `read_journal` its own table.
    """
    sides = {"1": True, "2": False}
    if account[:1] in sides:
        return sides[account[:1]]
    raise Refused(
        "ACCOUNT_SIDE_UNKNOWN",
        en="the balance side of account {account} is not known; give it in resources/codes",
        zh="账号 {account} 的余额方向未知；请在 resources/codes 登记",
        account=account,
    )


def read_journal(
    session: Session,
    *,
    business_date: date,
    branch: str,
    debit_is_in: Callable[[str], bool] = debit_is_in,
) -> list[Entry]:
    """
    All lines of the journal of one day and branch, in order, with ids.

    Pages until the host says that there are no more; the serials must run from 1 without
    gap or repeat up to the count that each page prints. `amount` is signed as money into
    the account, `red` where the host prints a negative figure; origin: the page, the serial
    as its row, and the digest of that page. Nothing here proves a balance.

    Raises Drifted JOURNAL_NOT_CONTINUOUS, JOURNAL_OF_ANOTHER_DAY, SCREEN_UNREADABLE,
    Refused CB2001, CB2002, CB2004, Unavailable CB2003.
    """
    _to_menu(session)
    session.press("journal")
    session.set("date", f"{business_date:%Y%m%d}")
    session.set("branch", branch)
    screen = session.press("enter")
    entries: list[Entry] = []
    page = 0
    while screen.message_code != _NO_MORE_PAGES:
        page += 1
        _check_page(screen, business_date, branch, page)
        source = hashlib.sha256(screen.text.encode()).hexdigest()
        for line in session.rows("lines"):
            serial = len(entries) + 1
            if line["serial"] != f"{serial:05}":
                _not_continuous(f"page {page}", serial, line["serial"])
            origin = Origin(source, page, serial)
            entries.append(_entry(line, business_date, origin, debit_is_in))
        screen = session.press("forward")
    total = screen.fields["lines"]
    if total != f"{len(entries):05}" or screen.fields["pages"] != f"{page:04}":
        _not_continuous(f"page {page}", len(entries), total)
    return identified(entries)


def read_balance(session: Session, account: str, on: date) -> tuple[Decimal, Decimal]:
    """Opening and closing balance of `account` on `on`. Raises Refused CB3001, CB2004."""
    screen = _to_menu(session, stay_on="balance_inquiry")
    if screen.name == "menu":
        session.press("balance")
    session.set("account", account)
    session.set("date", f"{on:%Y%m%d}")
    fields = session.press("enter").fields
    if (fields["account"], fields["date"]) != (account, f"{on:%Y%m%d}"):
        _unreadable(f"{fields['account']} {fields['date']}", f"balance of {account}")
    opening, closing = (_amount(fields[name], f"balance of {account}") for name in _ENDS)
    return opening, closing


def _to_menu(session: Session, *, stay_on: str = "") -> Screen:
    """The menu, reached backwards from any inquiry; or the screen `stay_on` if it stands."""
    screen = session.now()
    while screen.name not in ("menu", stay_on):
        screen = session.press("back")
    return screen


def _check_page(screen: Screen, on: date, branch: str, page: int) -> None:
    """That the host shows the day, the branch and the page that it was asked for."""
    asked = (on.isoformat(), branch, f"{page:04}")
    shown = tuple(screen.fields[name] for name in ("date", "branch", "page"))
    if shown != asked:
        raise Drifted(
            "JOURNAL_OF_ANOTHER_DAY",
            en="the journal shows {shown} where {asked} was asked; run again, and report it",
            zh="流水界面显示 {shown}，查询的是 {asked}；请重新运行并报告",
            shown=" ".join(shown),
            asked=" ".join(asked),
        )


def _entry(
    line: Mapping[str, str], on: date, origin: Origin, debit_is_in: Callable[[str], bool]
) -> Entry:
    where = f"journal p{origin.page} r{origin.row}"
    if line["side"] not in ("D", "C"):
        _unreadable(f"side {line['side']!r}", where)
    amount = _amount(line["amount"], where)
    is_in = (line["side"] == "D") == debit_is_in(line["account"])
    return Entry(
        account=line["account"],
        accounting_date=on,
        currency=line["currency"],
        amount=amount if is_in else -amount,
        reference=line["reference"],
        text=line["narrative"],
        time=_time(line["time"], where),
        red=amount < 0,
        origin=origin,
    )


def _amount(text: str, where: str) -> Decimal:
    """An amount with grouping and its minus behind it: "1,234.50-"."""
    match = _AMOUNT.fullmatch(text)
    if not match:
        _unreadable(f"amount {text!r}", where)
    return exact(match[2] + match[1].replace(",", ""), where=where)


def _date(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        _unreadable(f"date {text!r}", where)


def _time(text: str, where: str) -> time:
    if not re.fullmatch("[0-9]{6}", text):
        _unreadable(f"time {text!r}", where)
    try:
        return time(int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        _unreadable(f"time {text!r}", where)


def _not_continuous(where: str, wanted: int, shown: str) -> NoReturn:
    raise Drifted(
        "JOURNAL_NOT_CONTINUOUS",
        where=where,
        en="the journal shows {shown} where number {wanted} was due; run again, and report it",
        zh="流水序号为 {shown}，应为 {wanted}；请重新运行并报告",
        wanted=wanted,
        shown=shown or "-",
    )


def _unreadable(what: str, where: str) -> NoReturn:
    raise Drifted(
        "SCREEN_UNREADABLE",
        where=where,
        en="{what} is not what the map says; correct the map in resources/systems/core",
        zh="{what} 与界面登记不符；请更正 resources/systems/core",
        what=what,
    )
