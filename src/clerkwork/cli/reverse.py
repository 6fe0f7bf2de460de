"""`clerkwork reverse ITEM --why ...`: take back what was booked wrongly."""

from __future__ import annotations

import typer

from clerkwork.cli.edit import changes_in
from clerkwork.cli.reason import WHY
from clerkwork.cli.sign_in import signed_in
from clerkwork.cli.speak import say, text
from clerkwork.run.items import load_item
from clerkwork.run.office import open_office
from clerkwork.run.reversing import reversal_of, reverse_item
from clerkwork.run.runs import load_run
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)


@app.command()
def reverse(
    items: list[str] = typer.Argument(help="Items, by id or first characters / 业务件"),
    why: str = WHY,
    set_: list[str] = typer.Option(
        [], "--set", help="field=value as it should have been, of one item / 正确内容：字段=值"
    ),
    dry_run: bool = typer.Option(False, help="Only say what would be keyed / 仅列出将录入的内容"),
) -> None:
    """
    Ask for the reversal of confirmed items, and for what is right; others agree first.

    申请冲正已记账业务件，并可更正；经他人审批后录入。
    """
    right = changes_in(set_)
    if right and len(items) > 1:
        raise typer.BadParameter(
            text("--set is for one item", "--set 仅用于单个业务件"), param_hint="--set"
        )
    with open_office(load()) as office:
        for name in items:
            row = load_item(office, name)
            person = signed_in(office, "correct", run=load_run(office, row.run_id), item=row)
            fields = reversal_of(office, row).fields
            told = ", ".join(f"{field}={value}" for field, value in fields.items() if value)
            if dry_run:
                say(f"{row.id}: {told}", f"{row.id}：{told}")
                continue
            made = reverse_item(office, row, person, why, right=right)
            say(
                f"{row.id}: {made} takes it back and waits for approval: {told}",
                f"{row.id}：冲正业务件 {made} 待审批：{told}",
            )
        if dry_run:
            count = len(items)
            say(f"{count} would be keyed; nothing is done", f"将录入 {count} 件；未作任何处理")
