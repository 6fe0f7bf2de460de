"""`clerkwork stop RUN --why ...`: stop one run safely."""

from __future__ import annotations

import typer

from clerkwork.cli.reason import WHY
from clerkwork.cli.sign_in import signed_in
from clerkwork.cli.speak import say
from clerkwork.run.halting import stop_run
from clerkwork.run.office import open_office
from clerkwork.run.runs import load_run
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)


@app.command()
def stop(
    run: str = typer.Argument(help="A run's id or its first characters / 运行编号"),
    why: str = WHY,
) -> None:
    """
    Stop one run at its next safe point: what is in hand ends, and is read back.

    安全停止一次运行：正在录入的业务件做完并回读核对。
    """
    with open_office(load()) as office:
        row = load_run(office, run)
        state = stop_run(office, row, signed_in(office, "stop_run", run=row), why)
    if state == "stopped":
        say(f"{row.id}: stopped; it had not begun", f"{row.id}：已停止；尚未开始")
    elif state == "running":
        say(f"{row.id}: stops before its next step", f"{row.id}：将在下一步骤前停止")
    else:
        say(
            f"{row.id}: its items are kept back; next: clerkwork resume --run {row.id} --why ...",
            f"{row.id}：其业务件暂缓录入；恢复：clerkwork resume --run {row.id} --why ...",
        )
