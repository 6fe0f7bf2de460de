"""`clerkwork resume`: let workers start again after `stop-all`, or one run's items go on."""

from __future__ import annotations

import typer

from clerkwork.cli.sign_in import signed_in
from clerkwork.cli.speak import say
from clerkwork.run.halting import resume_run
from clerkwork.run.office import open_office
from clerkwork.run.runs import load_run
from clerkwork.run.stopping import resume_workers
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)


@app.command()
def resume(
    why: str = typer.Option(..., help="Why; it stands in the audit log / 原因，记入审计记录"),
    run: str = typer.Option("", help="Only the items of this stopped run / 仅此已停止的运行"),
) -> None:
    """Let workers start again after stop-all, or one run go on / 停止后恢复处理进程或一次运行。"""
    with open_office(load()) as office:
        if run:
            row = load_run(office, run)
            count = resume_run(office, row, signed_in(office, "stop_run", run=row), why)
            say(f"{row.id}: {count} item(s) are queued", f"{row.id}：{count} 件业务已排队")
            return
        resume_workers(office, signed_in(office, "stop_all"), why)
    say("workers may start again", "处理进程可重新启动")
