"""What `clerkwork read` shows on a terminal: one card per statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from clerkwork.cli.speak import language, text
from clerkwork.errors import Refused
from clerkwork.facts import Entry, Statement, grouped
from clerkwork.read import Document
from clerkwork.read.electronic import KINDS
from clerkwork.read.rows import place

Justify = Literal["left", "right"]
_MOST_PROBLEMS = 8
_WIDEST = 22  # characters of a cell that is not broken over lines
_GRADES = {
    "chain_with_ends": (
        "proven: every balance follows, both ends agree", "已校验：逐笔余额相符，首尾一致", "green",
    ),
    "chain": (
        "proven: every balance follows; an end is not printed", "已校验：逐笔余额相符，首尾未全印",
        "green",
    ),
    "totals": (
        "proven by its ends or totals; no running balance", "已校验：首尾或合计相符，无逐笔余额",
        "green",
    ),
    "none": ("not proven", "未校验", "red"),
}  # fmt: skip


def show(document: Document, *, with_entries: bool) -> None:
    """One file: why it is refused, or its statements."""
    console = Console(highlight=False)
    if document.refused:
        refused = document.refused
        console.print(Text(document.file, style="bold"))
        line = f"  {text('refused', '已拒绝')}  {refused.code}: {refused.message(language())}"
        console.print(Text(line, style="red"))
        console.print()
    for number, statement in enumerate(document.statements, start=1):
        many = len(document.statements) > 1
        title = f"{document.file} ({number})" if many else document.file
        console.print(_card(title, statement))
        if with_entries and statement.entries:
            console.print(_entries(statement, document.kind))
        console.print()


def _card(title: str, statement: Statement) -> Table:
    card = Table(
        title=Text(title, style="bold"), title_justify="left", show_header=False,
        box=box.ROUNDED, min_width=60,
    )  # fmt: skip
    card.add_column(style="dim", no_wrap=True)
    card.add_column(overflow="fold")
    for label, value in _lines(statement):
        card.add_row(label, value)
    return card


def _lines(statement: Statement) -> Iterator[tuple[str, Text]]:
    """The lines of a card: label and value."""
    unknown = text("not printed", "未印")
    yield text("account", "账号"), Text(statement.account or unknown)
    yield text("currency", "币种"), Text(statement.currency or unknown)
    period = statement.period
    yield (
        text("period", "期间"),
        Text(f"{period[0]} – {period[1]}" if period else unknown),
    )
    yield text("opening", "期初余额"), _opening(statement)
    yield text("entries", "明细"), Text(_sums(statement))
    closing = statement.closing
    yield (
        text("closing", "期末余额"),
        Text(unknown if closing is None else _figure(statement, closing)),
    )
    yield text("proof", "校验等级"), _grade(statement)
    problems = statement.proof.problems
    for problem in problems[:_MOST_PROBLEMS]:
        yield "", Text(f"! {problem}", style="yellow")
    if len(problems) > _MOST_PROBLEMS:
        more = len(problems) - _MOST_PROBLEMS
        yield "", Text(text(f"… {more} more: --json", f"……另有 {more} 项：--json"))


def _opening(statement: Statement) -> Text:
    if statement.opening is None:
        return Text(text("not printed", "未印"))
    implied = text(" (implied)", "（推算）") if statement.opening_basis == "implied" else ""
    return Text(_figure(statement, statement.opening) + implied)


def _figure(statement: Statement, amount: Decimal) -> str:
    owed = text(" owed", "（欠款）") if statement.balance_side == "debt" else ""
    return grouped(amount, statement.currency) + owed


def _sums(statement: Statement) -> str:
    """How many entries there are, and what they come to."""
    amounts = [entry.amount for entry in statement.entries]
    into = sum((amount for amount in amounts if amount > 0), Decimal(0))
    out = sum((amount for amount in amounts if amount < 0), Decimal(0))
    shown = (grouped(into, statement.currency), grouped(out, statement.currency))
    return text(
        f"{len(amounts)}  in {shown[0]}  out {shown[1]}",
        f"{len(amounts)} 笔  收 {shown[0]}  付 {shown[1]}",
    )


def _grade(statement: Statement) -> Text:
    proof = statement.proof
    en, zh, colour = _GRADES[proof.grade]
    confirmed, total = proof.links
    links = text(f"{confirmed} of {total} links", f"余额勾稽 {confirmed}/{total}") if total else ""
    return Text(f"{proof.grade}: {text(en, zh)}  {links}".rstrip(), style=colour)


# head in both languages, what an entry has under it, how the column is set
Column = tuple[str, str, Callable[[Entry], str], Justify]
_COLUMNS: tuple[Column, ...] = (
    ("Date", "日期", lambda entry: entry.accounting_date.isoformat(), "left"),
    ("Time", "时间", lambda entry: entry.time.isoformat() if entry.time else "", "left"),
    ("Description", "摘要", lambda entry: f"{entry.text} {entry.counterparty}".strip(), "left"),
    ("Reference", "流水号", lambda entry: entry.reference, "left"),
    ("Amount", "金额", lambda entry: grouped(entry.amount, entry.currency) + _red(entry), "right"),
    ("Balance", "余额", lambda entry: _balance(entry), "right"),
    ("Proof", "校验", lambda entry: entry.proof, "left"),
)


def _entries(statement: Statement, kind: str) -> Table:
    """The entries of a document of `kind`, in the columns that hold anything."""
    place: Column = ("Place", "位置", lambda entry: _place(entry, kind), "left")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    columns = []
    for en, zh, cell, justify in (*_COLUMNS[:-1], place, _COLUMNS[-1]):
        cells = [cell(entry) for entry in statement.entries]
        if any(cells):
            columns.append(cells)
            is_text = en == "Description" or max(map(len, cells)) > _WIDEST
            table.add_column(text(en, zh), justify=justify, overflow="fold", no_wrap=not is_text)
    for row in zip(*columns, strict=True):
        table.add_row(*map(Text, row))
    return table


def _place(entry: Entry, kind: str) -> str:
    """Where an entry stands, in the words in which the problems name it."""
    page, row = entry.origin.page, entry.origin.row
    where = place(page, row)
    if kind in KINDS:
        from clerkwork.read.electronic.message import at_place

        counted = "entry" if kind == "camt" else "line"
        # any problem there would do: it is the place that is wanted
        return at_place(Refused("NOT_COVERED", where=where), language(), counted).where
    return text(where, f"第{page}页第{row}行")


def _balance(entry: Entry) -> str:
    return "" if entry.balance is None else grouped(entry.balance, entry.currency)


def _red(entry: Entry) -> str:
    return text(" red", " 红字") if entry.red else ""


def show_summary(documents: Sequence[Document]) -> None:
    """One line over all files."""
    refused = sum(document.refused is not None for document in documents)
    proven = sum(document.is_proven for document in documents)
    rest = len(documents) - refused - proven
    Console(highlight=False).print(
        text(
            f"{len(documents)} files: {proven} proven, {rest} not in full, {refused} refused",
            f"{len(documents)} 个文件：{proven} 个已校验，{rest} 个未全部校验，{refused} 个已拒绝",
        )
    )
