"""Plain lists of entries (CSV, XLSX): one header row, one entry a row, no balances needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from clerkwork.errors import Refused
from clerkwork.facts import Entry, Origin, identified
from clerkwork.read.document import read_grids
from clerkwork.read.values import parse_amount, parse_date, parse_time

# column -> heads, lower case
HEADS = {
    "id": ("id", "编号", "明细号"),
    "account": ("account", "account number", "账号", "账户"),
    "date": (
        "date", "accounting_date", "accounting date", "booking date",
        "日期", "会计日期", "记账日期",
    ),
    "value_date": ("value_date", "value date", "起息日"),
    "time": ("time", "时间"),
    "currency": ("currency", "ccy", "币种"),
    "amount": ("amount", "金额", "发生额"),
    "in": ("in", "credit", "credit amount", "money in", "贷方", "贷方金额", "收入"),
    "out": ("out", "debit", "debit amount", "money out", "借方", "借方金额", "支出"),
    "reference": ("reference", "ref", "参考号", "凭证号", "流水号", "业务编号"),
    "text": ("text", "description", "narrative", "details", "摘要", "用途", "备注"),
    "counterparty": ("counterparty", "name", "对方户名"),
}  # fmt: skip
_ROLE = {head: role for role, heads in HEADS.items() for head in heads}
NO_CURRENCY = "XXX"  # ISO 4217: no currency involved


def read_entries(path: Path) -> list[Entry]:
    """
    The entries of the first sheet of `path`, in order; a column `id` is kept as their id.

    A signed column "amount", or the two columns "in" and "out". Raises Refused
    LIST_WITHOUT_HEADER, AMOUNT_UNREADABLE, DATE_UNREADABLE, LIST_ID_TWICE and what
    `read_grids` refuses a file for, naming row and column.
    """
    rows = read_grids(path)[0].rows
    start, roles = _header(path, rows)
    entries = []
    for number, row in enumerate(rows[start + 1 :], start=start + 2):
        cells = {role: row[at].strip() for at, role in roles.items() if at < len(row)}
        if any(cells.values()):
            entries.append(_entry(cells, f"{path.name} row {number}", number))
    with_ids = [
        replace(entry, id=given.id or entry.id)
        for entry, given in zip(identified(entries), entries, strict=True)
    ]
    _check_ids(path, with_ids)
    return with_ids


def _header(path: Path, rows: tuple[tuple[str, ...], ...]) -> tuple[int, dict[int, str]]:
    """Where the header row is, and the role of each of its columns."""
    for number, row in enumerate(rows[:20]):
        roles = {
            at: _ROLE[c.strip().lower()] for at, c in enumerate(row) if c.strip().lower() in _ROLE
        }
        found = set(roles.values())
        if "date" in found and ("amount" in found or {"in", "out"} <= found):
            return number, roles
    raise Refused("LIST_WITHOUT_HEADER", where=path.name)


def _entry(cells: Mapping[str, str], where: str, row: int) -> Entry:
    currency = cells.get("currency") or NO_CURRENCY
    return Entry(
        id=cells.get("id", ""),
        account=cells.get("account", ""),
        accounting_date=parse_date(cells["date"], where=where),
        currency=currency,
        amount=_amount(cells, currency, where),
        reference=cells.get("reference", ""),
        text=cells.get("text", ""),
        counterparty=cells.get("counterparty", ""),
        value_date=parse_date(cells["value_date"], where=where)
        if cells.get("value_date")
        else None,
        time=parse_time(cells["time"], where=where) if cells.get("time") else None,
        origin=Origin(row=row),
    )


def _amount(cells: Mapping[str, str], currency: str, where: str) -> Decimal:
    """The signed amount: as it stands, or in minus out, one of which is empty."""
    if "amount" in cells:
        return parse_amount(cells["amount"], currency=currency, where=where)
    came, went = cells["in"], cells["out"]
    if bool(came) == bool(went):
        raise Refused("AMOUNT_TWO_SIGNS", text=f"{came} {went}".strip(), where=where)
    if came:
        return parse_amount(came, currency=currency, where=where)
    return -parse_amount(went, currency=currency, where=where)


def _check_ids(path: Path, entries: list[Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            raise Refused("LIST_ID_TWICE", where=f"{path.name} row {entry.origin.row}", id=entry.id)
        seen.add(entry.id)
