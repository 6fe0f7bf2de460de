"""`clerkwork scheduler`: start what is due."""

from __future__ import annotations

from contextlib import ExitStack

import typer

from clerkwork.cli.speak import note, say
from clerkwork.run.office import open_office
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)
CALLS = typer.Option(
    "",
    "--calls",
    metavar="[HOST:]PORT",
    help="also take signed calls of other programs there / 同时在此端口接收外部签名调用",
)


@app.command()
def scheduler(
    calls: str = CALLS,
) -> int:
    """Start what is due, until stopped by Ctrl-C or SIGTERM / 按调度计划启动机器人，直至停止。"""
    from clerkwork.run.supervise import with_its_parent
    from clerkwork.run.worker import signals
    from clerkwork.schedule import keeping

    host, port = place_of_calls(calls)
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

                stack.enter_context(taking_calls(office, keeper.book, host=host, port=port))
            note("at work; Ctrl-C stops safely", "调度中；按 Ctrl-C 安全停止")
            keeper.keep()
        note("stopped; what comes due is caught up later", "已停止；期间到期的计划将按规则补跑")
        return 0


def place_of_calls(text: str) -> tuple[str, int]:
    """Host and port of `[HOST:]PORT`, on loopback unless it says a host; ("", 0) for none."""
    if not text:
        return "", 0
    host, _, port = text.rpartition(":")
    if not port.isdecimal():
        raise typer.BadParameter("[HOST:]PORT", param_hint="--calls")
    return host.strip("[]") or "127.0.0.1", int(port)
