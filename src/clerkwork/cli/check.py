"""`clerkwork check`: find what is wrong before any run."""

from __future__ import annotations

import json
import os
from pathlib import Path

import typer

from clerkwork.cli.speak import language, say, text
from clerkwork.errors import Failure
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
        for_programs = [
            {
                "checked": what,
                "code": failure.code if failure else None,
                "message": failure.message(language()) if failure else None,
            }
            for what, failure in found
        ]
        typer.echo(json.dumps(for_programs, ensure_ascii=False))
    else:
        told_of: dict[str, str] = {}  # where each failure was told first
        for what, failure in found:
            said = _said(what, failure, workspace.root) if failure else text("ok", "正常")
            first = told_of.setdefault(failure.message("en"), what) if failure else what
            typer.echo(f"{what}: {said if first == what else _wrong_as(first)}")
        say(
            f"{len(found)} checked, {len(wrong)} wrong",
            f"检查 {len(found)} 项，有误 {len(wrong)} 项",
        )
    return 1 if wrong else 0


def _said(what: str, failure: Failure, root: Path) -> str:
    """What is wrong with `what`; files as the workspace names them, `what` itself not again."""
    message = failure.message(language()).replace(f"{root}{os.sep}", "")
    return f"{failure.code}: {message.removeprefix(f'{what}: ')}"


def _wrong_as(first: str) -> str:
    return text(f"wrong as {first} is, see there", f"同 {first} 的错误")
