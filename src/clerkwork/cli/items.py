"""`clerkwork items`: list work items and their state."""

from __future__ import annotations

import json
from typing import Any

import typer

from clerkwork.cli.show_tables import print_table
from clerkwork.cli.speak import language, say, text
from clerkwork.facts import Receipt, from_minor, grouped
from clerkwork.facts.codec import from_json
from clerkwork.run.items import instruction_of, item_as_json, list_items
from clerkwork.run.office import open_office
from clerkwork.run.tables import STATES, said
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)


@app.command()
def items(
    state: str = typer.Option("", help="Only this state, e.g. waiting / 仅此状态"),
    run: str = typer.Option("", help="Only items filed by this run / 仅此运行"),
    as_json_list: bool = typer.Option(False, "--json", help="For programs / 供程序使用"),
) -> None:
    """List work items and their state / 列出业务件及状态。"""
    if state and state not in STATES:
        known = ", ".join(STATES)
        said = text(f"“{state}” is not one of: {known}", f"没有“{state}”；可用：{known}")
        raise typer.BadParameter(said, param_hint="--state")
    with open_office(load()) as office:
        found = list_items(office, state=state, run_id=run)
    if as_json_list:
        typer.echo(json.dumps([item_as_json(row) for row in found], ensure_ascii=False))
    elif not found:
        say("no work items", "没有业务件")
    else:
        print_items(found)


def print_items(rows: list[Any]) -> None:
    """The items as a table for a person."""
    columns = [
        text(*names)
        for names in (
            ("Item", "业务件"),
            ("State", "状态"),
            ("Amount", "金额"),
            ("Debit", "借方"),
            ("Credit", "贷方"),
            ("Kind; voucher, needs or failure", "种类；凭证号、待审批或异常"),
        )
    ]
    print_table(columns, [_row(row) for row in rows], right=(2,), wraps=(5,))


def _row(row: Any) -> tuple[str, ...]:
    fields = instruction_of(row).fields
    amount = grouped(from_minor(row.amount_minor, row.currency), row.currency)
    if row.receipt:
        ending = from_json(Receipt, row.receipt).number
    elif row.failure:
        ending = str(row.failure[language()])
    else:
        ending = ", ".join(row.needs) if row.state == "waiting" else ""
    return (
        row.id,
        text(*STATES[row.state]),
        f"{amount} {row.currency}",
        fields.get("debit_account", ""),
        fields.get("credit_account", ""),
        f"{said(row.kind, language())} {ending}".strip(),
    )
