"""`clerkwork show RUN`: one run, its totals, items, files and what was kept of failures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import typer

from clerkwork.cli import items as items_command
from clerkwork.cli import runs as runs_command
from clerkwork.cli.show_comparison import print_comparison
from clerkwork.cli.show_tables import local, print_table
from clerkwork.cli.speak import language, say, text
from clerkwork.run.closing import exit_code, items_of, load_plan
from clerkwork.run.comparing import compare
from clerkwork.run.evidence import failures_kept
from clerkwork.run.items import item_as_json
from clerkwork.run.office import open_office
from clerkwork.run.runs import ENDED, load_run, run_as_json
from clerkwork.run.tables import said
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)
_STOPPED = ("stopped by {by}: {why}", "由 {by} 停止：{why}")
_FORMS = {
    "txt": ("text", "文字"),
    "png": ("picture", "图像"),
    "dom.txt": ("DOM", "网页文档"),
    "datastream.txt": ("datastream", "数据流"),
    "tree.txt": ("elements", "窗口元素"),
}


@app.command()
def show(
    run: str = typer.Argument("last", help="A run's id or its first characters / 运行编号"),
    as_json: bool = typer.Option(False, "--json", help="For programs / 供程序使用"),
    beside: bool = typer.Option(False, "--compare", help="Beside the previous / 与上次比较"),
) -> int:
    """Show one run: totals, items, reports, evidence of failures / 查看一次运行及失败留痕。"""
    workspace = load()
    with open_office(workspace) as office:
        row = load_run(office, run)
        if beside:
            print_comparison(compare(office, row))
            return 0
        rows = items_of(office, row, load_plan(office, row)) if row.state == "done" else []
        failures = failures_kept(office, row.id)
    if as_json:
        whole = run_as_json(row) | {"items": [item_as_json(i) for i in rows]}
        whole |= {"failure_evidence": failures}
        typer.echo(json.dumps(whole, ensure_ascii=False))
        return 0
    say(
        f"run {row.id}: {runs_command.state_of(row)}",
        f"运行 {row.id}：{runs_command.state_of(row)}",
    )
    started, ended = (local(at, workspace.zone) for at in (row.started_at, row.ended_at))
    say(
        f"started by {row.started_by}, {started} to {ended}",
        f"发起人 {row.started_by}，{started} 至 {ended}",
    )
    if row.retries:
        say(f"it does {row.retries} again", f"重做自 {row.retries}")
    if row.stop:
        say(*(word.format(**row.stop) for word in _STOPPED))
    if row.failure:
        say(row.failure["en"], row.failure["zh"])
    if row.state == "done":
        print_sources(row)
        if rows:
            items_command.print_items(rows)
        print_files(row)
    print_failures(failures)
    return exit_code(row) if row.state in ENDED else 0


def print_sources(row: object) -> None:
    """The control totals of a done run, a line a source."""
    columns = [
        text(*names)
        for names in (
            ("Source", "来源"),
            ("Entries", "明细"),
            ("Matched", "已勾对"),
            ("Suggested", "待确认"),
            ("Breaks", "不符项"),
            ("Refused", "拒收"),
        )
    ]
    parts = ("entries", "matched", "suggested", "breaks", "refused")
    rows = [
        (f"{said(t['source'], language())} {t['currency']}", *(str(t[part][0]) for part in parts))
        for t in row.totals["sources"]  # type: ignore[attr-defined]
    ]
    print_table(columns, rows, right=(1, 2, 3, 4, 5))


def print_files(row: object) -> None:
    """Where the reports of a done run lie, in the user's language."""
    for name, path in row.report.items():  # type: ignore[attr-defined]
        if name.startswith(language()):
            say(f"report: {path}", f"报告：{path}")


def print_failures(failures: Mapping[str, Sequence[str]]) -> None:
    """What was kept of each screen at its failure."""
    for where, forms in failures.items():
        en = ", ".join(_FORMS[form][0] for form in forms)
        zh = "、".join(_FORMS[form][1] for form in forms)
        say(
            f"evidence of the failure at {where}, encrypted: {en}",
            f"{where} 失败时的留痕资料（加密）：{zh}",
        )
