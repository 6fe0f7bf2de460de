"""What a layout prints of a truth: its cells as text, and what a reader must find there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from . import heads
from .layout import Layout
from .model import EXPONENTS, Account, Row, Truth

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DATES = {
    "iso": "{y}-{m:02}-{d:02}", "slash": "{y}/{m:02}/{d:02}", "dots": "{y}.{m:02}.{d:02}",
    "compact": "{y}{m:02}{d:02}", "zh": "{y}年{m}月{d}日", "zh0": "{y}年{m:02}月{d:02}日",
    "dmy/": "{d:02}/{m:02}/{y}", "dmy-": "{d:02}-{m:02}-{y}", "dmy.": "{d:02}.{m:02}.{y}",
    "dmy/yy": "{d:02}/{m:02}/{yy:02}", "mdy/": "{m:02}/{d:02}/{y}",
    "mdy/yy": "{m:02}/{d:02}/{yy:02}",
    "d Mon y": "{d:02} {mon} {y}", "d-Mon-y": "{d:02}-{mon}-{y}", "dMony": "{d:02}{MON}{y}",
    "d Mon yy": "{d} {mon} {yy:02}", "Mon d, y": "{mon} {d}, {y}",
    "d Mon": "{d:02} {mon}", "Mon d": "{mon} {d:02}", "mdy": "{m:02}/{d:02}",
    "dmy": "{d:02}/{m:02}",
    "zh md": "{m}月{d}日", "m-d": "{m:02}-{d:02}",
}  # fmt: skip
_WITH_YEAR = {
    "d Mon": "d Mon y", "Mon d": "Mon d, y", "mdy": "mdy/", "dmy": "dmy/", "zh md": "zh",
    "m-d": "iso",
}  # fmt: skip


@dataclass(frozen=True)
class Expected:
    """One row as a reader must give it; `text` without spaces."""

    on: date
    amount: Decimal
    balance: Decimal | None
    page: int
    reference: str
    text: str
    value_date: date | None
    red: bool


def print_date(day: date, layout: Layout, *, full: bool = False) -> str:
    """The day as rows have it; `full` with its year, as the lines above the table have it."""
    style = _WITH_YEAR.get(layout.dates, layout.dates) if full else layout.dates
    month = _MONTHS[day.month - 1]
    return _DATES[style].format(
        y=day.year, yy=day.year % 100, m=day.month, d=day.day, mon=month, MON=month.upper()
    )


def print_figure(amount: Decimal, layout: Layout, currency: str, *, bare: bool = False) -> str:
    """A figure with its sign; `bare` without a currency symbol and a plus."""
    plain = _grouped(f"{abs(amount):.{EXPONENTS.get(currency, 2)}f}", layout.number)
    plain = ("" if bare else layout.symbol) + plain
    if amount >= 0:
        return plain if bare or not amount else layout.plus + plain
    match layout.negative:
        case "trail":
            return f"{plain}-"
        case "paren":
            return f"({plain})"
        case "dr":
            return f"{plain} {'CR' if layout.is_card else 'DR'}"
    return f"-{plain}"


def _grouped(digits: str, style: str) -> str:
    whole, _, decimals = digits.partition(".")
    groups: list[str] = []
    while whole:
        size = 2 if style == "lakh" and groups else 3
        groups.insert(0, whole[-size:])
        whole = whole[:-size]
    between, point = {
        "plain": ("", "."), "european": (".", ","), "spaces": (" ", ","), "swiss": ("'", "."),
    }.get(style, (",", "."))  # fmt: skip
    return between.join(groups) + (point + decimals if decimals else "")


def is_debit(row: Row) -> bool:
    """Whether the row stands in the debit column."""
    return (row.amount < 0) != row.red


def cells_of(
    row: Row, layout: Layout, account: Account, number: int, balance: bool
) -> dict[str, str]:
    """Role -> text of one row; `number` counts rows, `balance` says whether its one is printed."""
    figure = lambda amount: print_figure(amount, layout, account.currency)  # noqa: E731
    cells = {
        "serial": str(number),
        "date": print_date(row.on, layout),
        "time": f"{row.at:%H:%M:%S}",
        "value_date": print_date(row.value_date, layout),
        "text": row.text,
        "reference": row.reference,
        "counterparty": row.counterparty,
        "currency": account.currency,
        "branch": "0755",
    }
    if layout.sign == "columns":
        own, other = ("debit", "credit") if is_debit(row) else ("credit", "debit")
        empty = figure(Decimal(0)) if layout.empty == "zero" else layout.empty
        cells |= {own: figure(-abs(row.amount) if row.red else abs(row.amount)), other: empty}
    elif layout.sign == "signed":
        cells["amount"] = figure(-row.amount if layout.is_card else row.amount)
    else:
        cells["amount"] = figure(abs(row.amount)).removeprefix("+")
        word = layout.words[row.amount >= 0]
        if layout.sign == "suffix":
            cells["amount"] += f" {word}"
        cells[layout.sign] = word
    if balance:
        cells["balance"] = figure(-row.balance if layout.is_card else row.balance)
        cells["balance"] = cells["balance"].removeprefix("+")
    return {role: cells.get(role, "") for role in layout.roles}


def sections_of(account: Account, layout: Layout) -> list[tuple[str, list[Row]]]:
    """(title, rows) in the order of the document."""
    rows = list(account.rows)
    if layout.sign == "sections":
        titles = heads.SECTIONS[layout.tongue][layout.seed % len(heads.SECTIONS[layout.tongue])]
        came = [row for row in rows if row.amount > 0]
        return [(titles[0], came), (titles[1], [row for row in rows if row.amount < 0])]
    return [("", rows[::-1] if layout.is_newest_first else rows)]


def has_balance(rows: list[Row], at: int, layout: Layout) -> bool:
    """Whether the balance of row `at` is printed."""
    if layout.balances == "day":
        return at + 1 == len(rows) or rows[at + 1].on != rows[at].on
    return layout.balances == "row"


def expected_rows(account: Account, layout: Layout, pages: Iterator[int]) -> list[Expected]:
    """What a reader must give; `pages` says where each row stands."""
    found = []
    for _, rows in sections_of(account, layout):
        for at, row in enumerate(rows):
            owed = -row.balance if layout.is_card else row.balance
            is_printed = has_balance(rows, at, layout)
            text = (layout.words[row.amount >= 0] if "type" in layout.roles else "") + row.text
            found.append(
                Expected(
                    row.on, row.amount, owed if is_printed else None, next(pages),
                    row.reference if "reference" in layout.roles else "",
                    "".join((row.text if layout.sign == "type" else text).split()),
                    row.value_date if "value_date" in layout.roles else None, row.red,
                )
            )  # fmt: skip
    return found


def provable(account: Account, layout: Layout) -> str:
    """The best grade that the printed figures of an account allow."""
    opening, closing = layout.ends != "none", layout.ends not in ("none", "first")
    if not account.rows or (layout.is_card and not owes_surely(account, layout)):
        return "none"
    if layout.balances == "never":
        return "totals" if (opening and closing) or layout.totals else "none"
    if opening and closing:
        return "chain_with_ends"
    return "chain" if opening or len(account.rows) > 1 else "none"


def owes_surely(account: Account, layout: Layout) -> bool:
    """Whether a card's statement shows which of its signs is debt: no arithmetic tells."""
    paid = sum(row.amount > 0 for row in account.rows)
    if layout.negative == "dr" and paid:
        return True
    ends = {"none": (), "first": (account.opening,)}.get(
        layout.ends, (account.opening, account.closing)
    )
    owed = sum((end < 0) - (end > 0) for end in ends)
    return len(account.rows) - paid > paid and owed >= 0


def front_of(truth: Truth, account: Account, layout: Layout) -> list[str]:
    """The lines above the table: whose it is, in what, for when."""
    lines = [layout.account.format(account.number), layout.currency.format(account.currency)]
    first, last = (print_date(day, layout, full=True) for day in (truth.first, truth.last))
    if layout.period:
        lines.append(layout.period.format(first, last))
    if layout.issued:
        lines.append(layout.issued.format(last))
    if layout.is_card:
        limit, least, due = heads.CARDS
        lines += [limit.format("20,000.00"), least.format("35.00"), due.format(last)]
    return lines


def summary_of(
    account: Account, layout: Layout, *, opening: bool, closing: bool
) -> list[tuple[str, str]]:
    """(label, figure) of the ends, totals and counts that stand outside the table."""
    figure = lambda amount: print_figure(amount, layout, account.currency)  # noqa: E731
    owed = -1 if layout.is_card else 1
    pairs = [(layout.end_words[0], figure(account.opening * owed).removeprefix("+"))] * opening
    debits, credits = sums_of(account.rows)
    names = heads.TOTALS[layout.tongue][layout.seed % len(heads.TOTALS[layout.tongue])]
    if layout.totals in ("lines", "counted"):
        for name, total, is_out in ((names[0], debits, True), (names[1], credits, False)):
            count = sum(is_debit(row) == is_out and row.amount != 0 for row in account.rows)
            words = "{} ({}笔)" if layout.tongue == "zh" else "{} ({} items)"
            label = words.format(name, count) if layout.totals == "counted" else name
            pairs.append((label, figure(total).removeprefix("+")))
    return (
        pairs + [(layout.end_words[1], figure(account.closing * owed).removeprefix("+"))] * closing
    )


def sums_of(rows: tuple[Row, ...] | list[Row]) -> tuple[Decimal, Decimal]:
    """What the debit and the credit column come to, red ones lowering them."""
    debits = -sum((row.amount for row in rows if is_debit(row)), Decimal(0))
    return debits, sum((row.amount for row in rows if not is_debit(row)), Decimal(0))
