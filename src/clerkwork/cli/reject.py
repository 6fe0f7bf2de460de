"""`clerkwork reject ITEM --why ...`: refuse a work item, or send it back."""

from __future__ import annotations

import typer

from clerkwork.cli.reason import WHY
from clerkwork.cli.sign_in import signed_in
from clerkwork.cli.speak import say
from clerkwork.run.deciding import abandon, decide_item
from clerkwork.run.items import load_item
from clerkwork.run.office import open_office
from clerkwork.run.runs import load_run
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)


@app.command()
def reject(
    item: str = typer.Argument(help="The item, by id or its first characters / 业务件"),
    why: str = WHY,
    send_back: bool = typer.Option(False, help="Send it back to be edited / 退回修改"),
) -> None:
    """
    Refuse a waiting item, or send it back; abandon an excepted or approved one.

    拒绝或退回待审批业务件；作废异常或已审批业务件。
    """
    with open_office(load()) as office:
        row = load_item(office, item)
        person = signed_in(office, "reject", run=load_run(office, row.run_id), item=row)
        gives_up = row.state in ("excepted", "approved") and not send_back
        if gives_up:
            abandon(office, row, person, why)
        else:
            decide_item(office, row, person, "send_back" if send_back else "refuse", why)
    if send_back:
        say(
            f"{row.id}: sent back; next: clerkwork edit {row.id} --set field=value",
            f"{row.id}：已退回；下一步：clerkwork edit {row.id} --set 字段=值",
        )
    elif gives_up:
        say(f"{row.id}: abandoned; it will not be keyed", f"{row.id}：已作废；不会录入")
    else:
        say(f"{row.id}: refused; nothing will be keyed", f"{row.id}：已拒绝；不会录入")
