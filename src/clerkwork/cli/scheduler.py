"""`clerkwork scheduler`: start what is due."""

from __future__ import annotations

import typer

from clerkwork.cli.speak import note, say
from clerkwork.run.office import open_office
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)


@app.command()
def scheduler() -> int:
    """Start what is due, until stopped by Ctrl-C or SIGTERM / 按调度计划启动机器人，直至停止。"""
    from clerkwork.run.supervise import with_its_parent
    from clerkwork.run.worker import signals
    from clerkwork.schedule import keeping

    with open_office(load(), progress=note) as office, keeping(office) as keeper:
        if keeper is None:
            say("a scheduler is at work already", "已有调度器在运行")
            return 1
        with signals(keeper.stopping), with_its_parent(keeper.stopping):
            note("at work; Ctrl-C stops safely", "调度中；按 Ctrl-C 安全停止")
            keeper.keep()
        note("stopped; what comes due is caught up later", "已停止；期间到期的计划将按规则补跑")
        return 0
