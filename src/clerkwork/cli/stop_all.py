"""`clerkwork stop-all`: stop every worker safely."""

from __future__ import annotations

import time
from pathlib import Path

import typer

from clerkwork.cli.reason import WHY
from clerkwork.cli.sign_in import signed_in
from clerkwork.cli.speak import say
from clerkwork.run.office import open_office
from clerkwork.run.stopping import stop_workers
from clerkwork.run.worker import STOP_WAIT_S, live_worker
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)


@app.command()
def stop_all(
    why: str = WHY,
) -> int:
    """Stop every worker: what is in hand ends, what is queued stays / 安全停止全部处理进程。"""
    workspace = load()
    with open_office(workspace) as office:
        pid = stop_workers(office, signed_in(office, "stop_all"), why)
        if pid is not None and not _ends(workspace.home):
            say(f"worker {pid} is still ending an item", f"处理进程 {pid} 仍在完成当前业务件")
            return 1
    if pid is None:
        say("no worker was at work", "没有处理进程在运行")
    else:
        say(f"stopped worker {pid}", f"已停止处理进程 {pid}")
    say(
        "none starts until: clerkwork resume --why ...",
        "恢复前不再启动：clerkwork resume --why ...",
    )
    return 0


def _ends(home: Path) -> bool:
    """Whether the worker ends what it has in hand in time."""
    deadline = time.monotonic() + STOP_WAIT_S + 10
    while live_worker(home) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
