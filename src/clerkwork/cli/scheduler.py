"""`clerkwork scheduler`: start what is due."""

from __future__ import annotations

from contextlib import ExitStack

import typer

from clerkwork.cli.speak import note, say
from clerkwork.run.office import open_office
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)


@app.command()
def scheduler(
    calls: str = typer.Option(
        "",
        metavar="[HOST:]PORT",
        help="also take signed calls of other programs there / 同时在此端口接收外部签名调用",
    ),
) -> int:
    """Start what is due, until stopped by Ctrl-C or SIGTERM / 按调度计划启动机器人，直至停止。"""
    from clerkwork.run.supervise import with_its_parent
    from clerkwork.run.worker import signals
    from clerkwork.schedule import keeping

    host, _, port = calls.rpartition(":")
    if calls and not port.isdecimal():
        raise typer.BadParameter("[HOST:]PORT", param_hint="--calls")

    with open_office(load(), progress=note) as office, keeping(office) as keeper:
        if keeper is None:
            say("a scheduler is at work already", "已有调度器在运行")
            return 1
        with (
            signals(keeper.stopping),
            with_its_parent(keeper.stopping),
            ExitStack() as stack,
        ):
            if calls:
                from clerkwork.schedule.calls import taking_calls

                at = host.strip("[]") or "127.0.0.1"
                stack.enter_context(taking_calls(office, keeper.book, host=at, port=int(port)))
            note("at work; Ctrl-C stops safely", "调度中；按 Ctrl-C 安全停止")
            keeper.keep()
        note("stopped; what comes due is caught up later", "已停止；期间到期的计划将按规则补跑")
        return 0
