"""The vault sheet (现金盘点表): cash boxes as counted, one sheet per box."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from clerkwork.errors import Refused
from clerkwork.facts import Origin
from clerkwork.read import Grid, parse_amount, parse_date, read_grids

_LABELS = {
    "account": re.compile(r"账号|account", re.IGNORECASE),
    "teller": re.compile(r"柜员|teller", re.IGNORECASE),
    "currency": re.compile(r"币种|currency", re.IGNORECASE),
    "date": re.compile(r"日期|date", re.IGNORECASE),
}
_HEADS = {
    "denomination": re.compile(r"面额|denomination", re.IGNORECASE),
    "count": re.compile(r"张数|count", re.IGNORECASE),
    "amount": re.compile(r"金额|amount", re.IGNORECASE),
}
_NAMES = {
    "account": "账号 account",
    "teller": "柜员 teller",
    "currency": "币种 currency",
    "date": "日期 date",
}
_TOTAL = re.compile(r"合计|total", re.IGNORECASE)


@dataclass(frozen=True)
class Box:
    """One cash box as counted."""

    account: str
    teller: str
    currency: str
    total: Decimal
    origin: Origin  # the row of the total


def read_vault(path: Path, *, business_date: date) -> Mapping[str, Box]:
    """
    The boxes counted at the close of `business_date`, by account.

    On every sheet denomination x count must be the amount, and the amounts the total.
    Raises Refused VAULT_DOES_NOT_FOOT, VAULT_NOT_UNDERSTOOD, VAULT_OF_ANOTHER_DAY, all
    with sheet and row, and what `clerkwork.read` refuses the file for.
    """
    boxes: dict[str, Box] = {}
    source = hashlib.sha256(path.read_bytes()).hexdigest()
    for number, grid in enumerate(read_grids(path), start=1):
        box = _read_box(grid, business_date, Origin(source, page=number))
        if box.account in boxes:
            raise _not_understood(grid, 1, f"账号重复 account twice: {box.account}")
        boxes[box.account] = box
    return boxes


def _read_box(grid: Grid, business_date: date, sheet: Origin) -> Box:
    head, columns = _table(grid)
    labels = {name: _labelled(grid, name, head) for name in _LABELS}
    on = parse_date(labels["date"], where=f"{grid.name}", order="")
    if on != business_date:
        raise Refused(
            "VAULT_OF_ANOTHER_DAY",
            where=grid.name,
            en="the count is of {on}, expected is {expected}; ask for that day's sheet",
            zh="盘点日期为 {on}，应为 {expected}；请提供该日盘点表",
            on=on,
            expected=business_date,
        )
    total, row = _counted(grid, head, columns, labels["currency"])
    origin = replace(sheet, row=row)
    return Box(labels["account"], labels["teller"], labels["currency"], total, origin)


def _table(grid: Grid) -> tuple[int, dict[str, int]]:
    """The row of the headings (from 0) and the column of each."""
    for number, row in enumerate(grid.rows):
        columns = {
            name: column
            for name, pattern in _HEADS.items()
            for column, text in enumerate(row)
            if pattern.search(text)
        }
        if len(columns) == len(_HEADS):
            return number, columns
    raise _not_understood(grid, 1, "缺表头 headings missing: 面额, 张数, 金额")


def _labelled(grid: Grid, name: str, head: int) -> str:
    """The value beside a label above the table."""
    for row in grid.rows[:head]:
        for label, value in zip(row, row[1:], strict=False):
            if _LABELS[name].search(label) and value:
                return value
    raise _not_understood(grid, 1, f"缺 missing: {_NAMES[name]}")


def _counted(grid: Grid, head: int, columns: dict[str, int], currency: str) -> tuple[Decimal, int]:
    """The total of a table whose every row and sum hold, and its row (from 1)."""
    summed, pieces = Decimal(0), 0
    for number, row in enumerate(grid.rows[head + 1 :], start=head + 2):
        texts = {name: row[column] for name, column in columns.items()}
        amount = _figure(grid, number, texts["amount"], currency)
        if _TOTAL.search(texts["denomination"]):
            if amount != summed:
                raise _does_not_foot(grid, number, amount, summed)
            if texts["count"] not in ("", str(pieces)):
                raise _does_not_foot(grid, number, texts["count"], pieces)
            return amount, number
        if not re.fullmatch(r"[0-9]+", texts["count"]):
            raise _not_understood(grid, number, f"张数 count: {texts['count']!r}")
        count = int(texts["count"])
        product = _figure(grid, number, texts["denomination"], currency) * count
        if amount != product:
            raise _does_not_foot(grid, number, amount, product)
        summed, pieces = summed + amount, pieces + count
    raise _not_understood(grid, len(grid.rows), "缺 missing: 合计 total")


def _figure(grid: Grid, row: int, text: str, currency: str) -> Decimal:
    """An amount on a sheet; an empty one is a formula that was never calculated, or forgotten."""
    if not text:
        raise _not_understood(grid, row, "金额为空 empty amount")
    return parse_amount(text, currency=currency, where=f"{grid.name} row {row}")


def _does_not_foot(grid: Grid, row: int, written: object, made: object) -> Refused:
    return Refused(
        "VAULT_DOES_NOT_FOOT",
        where=f"{grid.name} row {row}",
        en="the sheet says {written}, its figures make {made}; have the box counted again",
        zh="表内金额为 {written}，按面额和张数计算为 {made}；请重新盘点",
        written=written,
        made=made,
    )


def _not_understood(grid: Grid, row: int, what: str) -> Refused:
    return Refused(
        "VAULT_NOT_UNDERSTOOD",
        where=f"{grid.name} row {row}",
        en="the vault sheet cannot be read: {what}; correct it, recalculate and save it",
        zh="无法读取盘点表：{what}；请更正、重新计算并保存",
        what=what,
    )
