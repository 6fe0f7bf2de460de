"""`clerkwork edit ITEM --set field=value`: change a work item before it is keyed."""

from __future__ import annotations

import typer

from clerkwork.cli.reason import WHY
from clerkwork.cli.sign_in import signed_in
from clerkwork.cli.speak import say, text
from clerkwork.run.deciding import edit_item
from clerkwork.run.items import load_item
from clerkwork.run.office import open_office
from clerkwork.run.runs import load_run
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)


@app.command()
def edit(
    item: str = typer.Argument(help="The item, by id or its first characters / 业务件"),
    set_: list[str] = typer.Option(..., "--set", help="field=value; may be repeated / 字段=值"),
    why: str = WHY,
) -> None:
    """Change fields of an item that is not keyed yet; its approvals are void / 修改业务件字段。"""
    changes = changes_in(set_)
    with open_office(load()) as office:
        row = load_item(office, item)
        person = signed_in(office, "edit_item", run=load_run(office, row.run_id), item=row)
        edit_item(office, row, person, changes, why)
    say(
        f"{row.id}: changed by {person.name}; it waits for approval again",
        f"{row.id}：已由 {person.name} 修改；重新等待审批",
    )


def changes_in(pairs: list[str]) -> dict[str, str]:
    """What --set says, by field. Raises typer.BadParameter where it is not field=value."""
    changes = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise typer.BadParameter(
                text(f"{pair}: write field=value", f"{pair}：请写作 字段=值"), param_hint="--set"
            )
        changes[name] = value
    return changes
