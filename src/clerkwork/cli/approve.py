"""`clerkwork approve ITEM`: agree to a work item, as the signed-in person, and key it."""

from __future__ import annotations

import typer

from clerkwork.cli.items import print_items
from clerkwork.cli.practice import ensure_running
from clerkwork.cli.sign_in import signed_in
from clerkwork.cli.speak import note, say
from clerkwork.run.deciding import decide_item, try_again
from clerkwork.run.halting import is_stopped
from clerkwork.run.items import instruction_of, load_item
from clerkwork.run.office import Office, open_office
from clerkwork.run.runs import load_run
from clerkwork.run.worker import at_work, moving, wait_until
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)
LONGEST_S = 900.0


@app.command()
def approve(
    items: list[str] = typer.Argument(help="Items, by id or its first characters / 业务件"),
    why: str = typer.Option("", help="A remark for the record / 意见"),
) -> int:
    """
    Agree to work items; what is fully agreed is keyed. An excepted one is tried again.

    同意业务件，审批齐全即录入；异常件将重试。
    """
    with open_office(load(), progress=note) as office:
        approved = []
        for name in items:
            row = load_item(office, name)
            person = signed_in(office, "approve", run=load_run(office, row.run_id), item=row)
            if row.state == "excepted":
                try_again(office, row, person, why or "try again")
                approved.append(row.id)
                continue
            state = decide_item(office, row, person, "agree", why)
            if state == "approved":
                approved.append(row.id)
            else:
                say(
                    f"{row.id}: agreed; another person must agree too",
                    f"{row.id}：已同意；仍需他人审批",
                )
        return key_now(office, approved) if approved else 0


def key_now(office: Office, approved: list[str], *, quiet: bool = False) -> int:
    """See the approved items through, here or by the live worker; 3 when one did not rest well."""
    rows = [load_item(office, name) for name in approved]
    if any(row.environment == "practice" for row in rows):
        ensure_running(office.workspace.home)

    def is_done() -> bool:
        return not moving(office, [load_item(office, name) for name in approved])

    with at_work(office) as me:
        if me is None:
            note("a worker is at work; watching", "处理进程已接手；正在等待")
        wait_until(is_done, me, wait_s=LONGEST_S)
    ended = [load_item(office, name) for name in approved]
    if not quiet:
        print_items(ended)
    for row in ended:
        if row.state == "approved" and not quiet and is_stopped(office, row.run_id):
            say(
                f"{row.id}: kept back; next: clerkwork resume --run {row.run_id} --why ...",
                f"{row.id}：暂缓录入；恢复：clerkwork resume --run {row.run_id} --why ...",
            )
        elif row.state == "approved" and not quiet:
            first = ", ".join(instruction_of(row).after) or "-"
            say(f"{row.id}: keyed once {first} is confirmed", f"{row.id}：待 {first} 记账后录入")
    return 3 if any(row.state in ("excepted", "in_doubt") for row in ended) else 0
