"""`clerkwork look-up ITEM --why ...`: ask the target about an item; nothing is typed."""

from __future__ import annotations

import typer

from clerkwork.cli.approve import key_now
from clerkwork.cli.sign_in import signed_in
from clerkwork.run.deciding import look_again
from clerkwork.run.items import load_item
from clerkwork.run.office import open_office
from clerkwork.run.runs import load_run
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)


@app.command()
def look_up(
    item: str = typer.Argument(help="The item, by id or its first characters / 业务件"),
    why: str = typer.Option(..., help="Why; it stands in the audit log / 原因，记入审计记录"),
) -> int:
    """
    Ask the target about an excepted item, or one in doubt; nothing is typed.

    查询异常或待核实业务件；人工补录的，回读核对后记账。
    """
    with open_office(load()) as office:
        row = load_item(office, item)
        person = signed_in(office, "settle", run=load_run(office, row.run_id), item=row)
        look_again(office, row, person, why)
        return key_now(office, [row.id])
