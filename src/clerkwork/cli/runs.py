"""`clerkwork runs`: list runs, newest first."""

from __future__ import annotations

import json
from typing import Any

import typer

from clerkwork.cli.show_tables import local, print_table
from clerkwork.cli.speak import say, text
from clerkwork.run.office import open_office
from clerkwork.run.runs import STATES, list_runs, run_as_json
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)


@app.command()
def runs(
    as_json_list: bool = typer.Option(False, "--json", help="For programs / 供程序使用"),
) -> None:
    """List runs, newest first / 列出运行，最新在前。"""
    workspace = load()
    with open_office(workspace) as office:
        found = list_runs(office)
    if as_json_list:
        typer.echo(json.dumps([run_as_json(run) for run in found], ensure_ascii=False))
        return
    if not found:
        say("no runs yet; start one: clerkwork run BOT", "尚无运行；请执行：clerkwork run BOT")
        return
    columns = [
        text(*names)
        for names in (
            ("Run", "运行"),
            ("State", "状态"),
            ("Accounting date", "会计日期"),
            ("Started by", "发起人"),
            ("Started", "开始时间"),
            ("Items", "业务件"),
        )
    ]
    rows = [
        (
            run.id,
            state_of(run),
            str(run.business_date or ""),
            run.started_by,
            local(run.created_at, workspace.zone),
            items_of(run),
        )
        for run in found
    ]
    print_table(columns, rows, wraps=(1, 5))


def state_of(run: Any) -> str:
    """The run's state in the user's language; a rehearsal says so."""
    state = text(*STATES[run.state])
    return f"{state} ({text('rehearsal', '试运行')})" if run.rehearse else state


def items_of(run: Any) -> str:
    """How many items are in which state, for a line."""
    from clerkwork.run.tables import STATES as ITEM_STATES

    counts = (run.totals or {}).get("items", {})
    return ", ".join(f"{count} {text(*ITEM_STATES[state])}" for state, count in counts.items())
