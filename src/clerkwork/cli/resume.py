"""`clerkwork resume`: let workers start again after `stop-all`."""

from __future__ import annotations

import typer

from clerkwork.cli.sign_in import signed_in
from clerkwork.cli.speak import say
from clerkwork.run.office import open_office
from clerkwork.run.stopping import resume_workers
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)


@app.command()
def resume(
    why: str = typer.Option(..., help="Why; it stands in the audit log / 原因，记入审计记录"),
) -> None:
    """Let workers start again after stop-all / 停止后恢复处理进程。"""
    with open_office(load()) as office:
        resume_workers(office, signed_in(office, "stop_all"), why)
    say("workers may start again", "处理进程可重新启动")
