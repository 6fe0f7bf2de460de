"""`clerkwork stop-all`: stop every worker safely."""

from __future__ import annotations

import os
import signal
import time

import typer

from clerkwork.cli.reason import WHY
from clerkwork.cli.sign_in import signed_in
from clerkwork.cli.speak import say
from clerkwork.run.office import open_office
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
        person = signed_in(office, "stop_all")
        office.audit.record("worker.stop_asked", by=person.name, why=why)
        pid = live_worker(workspace.home)
        if pid is None:
            say("no worker is at work", "没有处理进程在运行")
            return 0
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_WAIT_S + 10
        while live_worker(workspace.home) is not None:
            if time.monotonic() > deadline:
                say(f"worker {pid} is still ending an item", f"处理进程 {pid} 仍在完成当前业务件")
                return 1
            time.sleep(0.2)
    say(f"stopped worker {pid}", f"已停止处理进程 {pid}")
    return 0
