"""A correspondent's statement (同业对账单), in whatever layout it comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from clerkwork.errors import Refused
from clerkwork.facts import Entry, Statement, identified
from clerkwork.read import read_document


class DayStatement(NamedTuple):
    """
    One accounting day of a correspondent's statement, and what it has already booked
    with a later date. Entries have our account number; `statement.closing` is the
    balance at the end of the day.
    """

    statement: Statement
    later: tuple[Entry, ...]


def read_statement(path: Path, *, account: str, theirs: str, business_date: date) -> DayStatement:
    """
    The statement of our `account` on `business_date`, whose number with the correspondent
    is `theirs`. Its proof is that of the whole document; grade "none" is not refused here.

    Raises Refused STATEMENT_OF_ANOTHER_ACCOUNT, STATEMENT_OF_ANOTHER_DAY,
    STATEMENT_WITHOUT_BALANCE, and what `clerkwork.read` refuses the file for.
    """
    document = read_document(path)
    if document.refused:
        raise document.refused
    printed = _of_account(document.statements, theirs, path)
    _check_period(printed, business_date, path)
    entries = [replace(entry, account=account) for entry in _oldest_first(printed.entries)]
    before, day, later = (
        [entry for entry in identified(entries) if _order(entry, business_date) == order]
        for order in (-1, 0, 1)
    )
    opening = _balance_after(printed, before, path)
    statement = replace(
        printed,
        account=account,
        entries=tuple(day),
        opening=opening,
        closing=_balance_after(printed, [*before, *day], path),
        period=(business_date, business_date),
    )
    return DayStatement(statement, tuple(later))


def _of_account(statements: Sequence[Statement], theirs: str, path: Path) -> Statement:
    """The one statement of the account that they call `theirs`."""
    found = [statement for statement in statements if statement.account == theirs]
    if len(found) == 1:
        return found[0]
    raise Refused(
        "STATEMENT_OF_ANOTHER_ACCOUNT",
        where=path.name,
        en="the statement is of account {printed}, expected is {expected} once; ask for that one",
        zh="对账单账号为 {printed}，应为 {expected} 且仅一份；请索取正确的对账单",
        printed=", ".join(statement.account or "-" for statement in statements),
        expected=theirs,
    )


def _check_period(statement: Statement, on: date, path: Path) -> None:
    period = statement.period
    if period is None or not period[0] <= on <= period[1]:
        raise Refused(
            "STATEMENT_OF_ANOTHER_DAY",
            where=path.name,
            en="the statement is for {period}, expected is {on}; ask for that day's",
            zh="对账单期间为 {period}，应包含 {on}；请索取该日对账单",
            period=f"{period[0]} - {period[1]}" if period else "-",
            on=on,
        )


def _oldest_first(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries in the order of time, also where the document prints the newest first."""
    is_newest_first = entries and entries[0].accounting_date > entries[-1].accounting_date
    return entries[::-1] if is_newest_first else entries


def _order(entry: Entry, on: date) -> int:
    """-1 before the day, 0 on it, 1 after it."""
    return (entry.accounting_date > on) - (entry.accounting_date < on)


def _balance_after(printed: Statement, entries: Sequence[Entry], path: Path) -> Decimal:
    """The running balance after `entries`: printed on the last of them, else added up."""
    if entries and entries[-1].balance is not None:
        return entries[-1].balance
    if printed.opening is None:
        raise Refused(
            "STATEMENT_WITHOUT_BALANCE",
            where=path.name,
            en="the statement prints neither opening nor running balance; ask for one that does",
            zh="对账单既无期初余额也无逐笔余额；请索取带余额的对账单",
        )
    return printed.opening + sum((entry.amount for entry in entries), Decimal(0))
