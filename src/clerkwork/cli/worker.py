"""`clerkwork worker`: work on what is queued."""

from __future__ import annotations

import time

import typer

from clerkwork.cli.speak import note, say
from clerkwork.run.engine import open_work
from clerkwork.run.items import list_items
from clerkwork.run.office import open_office
from clerkwork.run.supervise import with_its_parent
from clerkwork.run.worker import HELD_POLL_S, at_work, wait_until
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)


@app.command()
def worker(
    drain: bool = typer.Option(
        False, help="Stop when nothing is queued any more / 队列处理完即退出"
    ),
) -> int:
    """Work on what is queued, until stopped by Ctrl-C, SIGTERM or `clerkwork stop-all`."""
    from clerkwork.schedule.guard import guarding

    with open_office(load(), progress=note) as office, at_work(office, names_runs=True) as me:
        if me is None:
            say("a worker is at work already", "已有处理进程在运行")
            return 1
        note("worker at work; Ctrl-C stops safely", "处理中；按 Ctrl-C 安全停止")

        def is_done() -> bool:
            return drain and not open_work(office.client)

        with guarding(office), with_its_parent(me.stopping):
            while not me.stopping.is_set() and not is_done():
                polled = time.monotonic()
                me.leave_paused()
                me.poll_held()
                wait_until(is_done, me, wait_s=max(0.0, polled + HELD_POLL_S - time.monotonic()))
        note("worker stopped; what is queued stays queued", "处理进程已停止；队列内容保留")
        return 3 if list_items(office, state="in_doubt") else 0
