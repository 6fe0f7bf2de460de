"""`clerkwork retry RUN --why ...`: do a run again, as a new one."""

from __future__ import annotations

import typer

from clerkwork.cli.reason import WHY
from clerkwork.cli.run import see_through
from clerkwork.cli.sign_in import signed_in
from clerkwork.cli.speak import note
from clerkwork.run.office import open_office
from clerkwork.run.retrying import retry_run
from clerkwork.run.runs import load_run
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)


@app.command()
def retry(
    run: str = typer.Argument("last", help="A run's id or its first characters / 运行编号"),
    why: str = WHY,
) -> int:
    """
    Do a run again with the same parameters; what was keyed is not keyed again.

    以相同参数重做一次运行；已录入的不会重复录入。
    """
    with open_office(load(), progress=note) as office:
        row = load_run(office, run)
        action = "rehearse" if row.rehearse else "start_run"
        run_id = retry_run(office, row, signed_in(office, action, run=row), why)
        note(f"run {run_id} does {row.id} again", f"运行 {run_id} 重做 {row.id}")
        return see_through(office, run_id)
