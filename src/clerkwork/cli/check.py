"""`clerkwork check`: find what is wrong before any run."""

from __future__ import annotations

import json

import typer

from clerkwork.cli.speak import language, say, text
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)


@app.command()
def check(
    as_json: bool = typer.Option(False, "--json", help="For programs / 供程序使用"),
) -> int:
    """Check systems, rules, bots and schedules / 检查界面、规则、机器人与调度计划。"""
    from clerkwork.run.check import check as check_content
    from clerkwork.run.office import utc_now
    from clerkwork.schedule import check_schedules

    workspace = load()
    found = [*check_content(workspace), *check_schedules(workspace, now=utc_now())]
    wrong = [(what, failure) for what, failure in found if failure]
    if as_json:
        said = [
            {
                "checked": what,
                "code": failure.code if failure else None,
                "message": failure.message(language()) if failure else None,
            }
            for what, failure in found
        ]
        typer.echo(json.dumps(said, ensure_ascii=False))
    else:
        for what, failure in found:
            mark = (
                f"{failure.code}: {failure.message(language())}" if failure else text("ok", "正常")
            )
            typer.echo(f"{what}: {mark}")
        say(
            f"{len(found)} checked, {len(wrong)} wrong",
            f"检查 {len(found)} 项，有误 {len(wrong)} 项",
        )
    return 1 if wrong else 0
