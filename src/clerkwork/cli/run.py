"""`clerkwork run BOT`: start a bot, and see it through."""

from __future__ import annotations

import typer

from clerkwork.cli.show import print_files, print_sources
from clerkwork.cli.sign_in import signed_in
from clerkwork.cli.speak import note, say, text
from clerkwork.run.closing import exit_code
from clerkwork.run.items import list_items
from clerkwork.run.office import Office, open_office
from clerkwork.run.pausing import is_held
from clerkwork.run.runs import ENDED, load_run, start_run
from clerkwork.run.worker import at_work, moving, wait_until
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)
LONGEST_S = 24 * 3600.0


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run(
    context: typer.Context,
    bot: str = typer.Argument(help="The bot, a folder of bots/ / 机器人名称"),
    rehearse: bool = typer.Option(
        False, help="Everything up to, and without, the committing key / 试运行，不提交"
    ),
    env: str = typer.Option("", help="practice, test or production / 环境"),
) -> int:
    """
    Start a bot; its parameters are options, e.g. --business-date 2026-06-11.

    Without a live worker the run is worked on here. / 启动机器人；参数作为选项给出。
    """
    workspace = load()
    given = options_of(context.args)
    with open_office(workspace, progress=note) as office:
        action = "rehearse" if rehearse else "start_run"
        person = signed_in(office, action, bot=bot)
        run_id = start_run(
            office,
            bot,
            given,
            environment=env or workspace.environment,
            started_by=person.name,
            rehearse=rehearse,
        )
        note(f"run {run_id}", f"运行 {run_id}")
        return see_through(office, run_id)


def options_of(arguments: list[str]) -> dict[str, str]:
    """`--name value` and `--name=value` pairs as parameters; anything else is a wrong call."""
    given: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        if not argument.startswith("--"):
            raise typer.BadParameter(text(f"{argument}: not an option", f"{argument}：不是选项"))
        name, has_value, value = argument[2:].partition("=")
        if not has_value:
            value = next(rest, "")
            if not value:
                raise typer.BadParameter(text(f"--{name} has no value", f"--{name} 没有值"))
        given[name.replace("-", "_")] = value
    return given


def see_through(office: Office, run_id: str, *, quiet: bool = False) -> int:
    """Work on the run here, or watch the live worker; then say how it ended, unless `quiet`."""

    def is_done() -> bool:
        row = load_run(office, run_id)
        ended = row.state in ENDED or is_held(row)
        return ended and not moving(office, list_items(office, run_id=run_id))

    with at_work(office) as me:
        if me is None:
            note("a worker is at work on it; watching", "处理进程已接手；正在等待")
        if not wait_until(is_done, me, wait_s=LONGEST_S):
            note("stopped; the run stays queued", "已停止；运行保留在队列中")
            return 1
    row = load_run(office, run_id)
    if is_held(row):
        note(*(f"{row.failure['code']}: {row.failure[lang]}" for lang in ("en", "zh")))
        return 1
    if row.state == "failed":
        note(*(f"{row.failure['code']}: {row.failure[lang]}" for lang in ("en", "zh")))
        return exit_code(row)
    if row.state == "stopped":
        note(f"{row.id} was stopped: {row.stop['why']}", f"{row.id} 已停止：{row.stop['why']}")
        return exit_code(row)
    if not quiet:
        print_sources(row)
        print_outcome(row)
        print_files(row)
    return exit_code(row)


def print_outcome(row: object) -> None:
    """What became of the plan, and the command for what waits."""
    from clerkwork.cli.runs import items_of

    totals = row.totals  # type: ignore[attr-defined]
    if "rehearsal" in totals:
        counts = totals["rehearsal"]
        say(
            f"rehearsal: {counts['rehearsed']} filled and not committed, "
            f"{counts['known']} in the target already, {counts['refused']} refused",
            f"试运行：已填写未提交 {counts['rehearsed']} 件，目标系统已有 {counts['known']} 件，"
            f"被拒 {counts['refused']} 件",
        )
        for failure in counts["failures"]:
            say(*(f"  {failure['reference']}: {failure[lang]}" for lang in ("en", "zh")))
        return
    say(
        f"planned {totals['planned']}: {items_of(row) or '-'}",
        f"录入指令 {totals['planned']} 条：{items_of(row) or '-'}",
    )
    if totals["items"].get("waiting"):
        say("next: clerkwork items --state waiting", "下一步：clerkwork items --state waiting")
