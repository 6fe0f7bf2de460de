"""`clerkwork serve`: keep scheduler and worker at work."""

from __future__ import annotations

import threading

import typer

from clerkwork.cli.scheduler import CALLS, place_of_calls
from clerkwork.cli.speak import note, say
from clerkwork.run.office import open_office
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)


@app.command()
def serve(calls: str = CALLS) -> int:
    """Keep a scheduler and a worker at work, each a process / 值守调度器与处理进程，退出即重启。"""
    from clerkwork.run.supervise import Child, serving, supervise
    from clerkwork.run.worker import signals

    place_of_calls(calls)
    stopping = threading.Event()
    with open_office(load(), progress=note) as office, serving(office) as is_ours:
        if not is_ours:
            say("served already", "已有值守进程")
            return 1
        children = [Child("scheduler", ("--calls", calls) if calls else ()), Child("worker")]
        with signals(stopping):
            note("serving; Ctrl-C stops safely", "值守中；按 Ctrl-C 安全停止")
            supervise(office, children, stopping)
        note("stopped", "已停止")
    return 0
