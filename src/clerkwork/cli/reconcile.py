"""`clerkwork reconcile LEFT RIGHT`: match two lists of entries."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import typer

from clerkwork.cli.named_files import check_inputs, check_outputs, replacing
from clerkwork.cli.show_tables import print_table
from clerkwork.cli.speak import say, text
from clerkwork.run.lists import Lists, reconcile_lists

app = typer.Typer(add_completion=False)
_RULES = typer.Option(None, help="Matching rules (TOML) / 勾对规则文件")
_XLSX = typer.Option(None, "--xlsx", help="Write matches and breaks to this workbook / 写入 XLSX")


@app.command()
def reconcile(
    left: Path = typer.Argument(help="Ours: CSV or XLSX with a header row / 我方清单"),
    right: Path = typer.Argument(help="Theirs / 对方清单"),
    rules: Path | None = _RULES,
    as_json: bool = typer.Option(False, "--json", help="For programs / 供程序使用"),
    xlsx: Path | None = _XLSX,
    explain: str = typer.Option("", help="Why this entry is matched, or not / 说明某笔明细"),
) -> int:
    """Match two lists of entries; columns by their names in either language / 勾对两份清单。"""
    inputs = [path for path in (left, right, rules) if path]
    check_inputs(inputs, kind="csv")
    check_outputs({"--xlsx": xlsx}, inputs)
    lists = reconcile_lists(left, right, rules)
    if xlsx:
        _write(lists, xlsx)
    if explain:
        typer.echo(lists.explain(explain))
    elif as_json:
        typer.echo(json.dumps(lists.as_json(), ensure_ascii=False))
    else:
        _show(lists)
    return 0 if lists.is_equal() else 3


def _show(lists: Lists) -> None:
    """Totals, then the breaks, for a person."""
    said = lists.as_json()
    parts = ("entries", "matched", "suggested", "breaks")
    names = (
        ("", ""),
        ("Entries", "明细"),
        ("Matched", "已勾对"),
        ("Suggested", "待确认"),
        ("Breaks", "不符项"),
    )
    sides = {"left": text("left", "左方"), "right": text("right", "右方")}
    print_table(
        [text(*name) for name in names],
        [
            (f"{sides[t['source']]} {t['currency']}", *(str(t[part]["count"]) for part in parts))
            for t in said["totals"]
        ],
        right=(1, 2, 3, 4),
    )
    if not lists.outcome.breaks:
        say("nothing is left over", "没有不符项")
        return
    columns = [
        text(*name)
        for name in (
            ("Side", "方"),
            ("Entry", "明细"),
            ("Date", "日期"),
            ("Amount", "金额"),
            ("Reason", "原因"),
            ("Because", "依据"),
        )
    ]
    rows = [
        (
            sides[item.side],
            item.entry.id[:16],
            item.entry.accounting_date.isoformat(),
            f"{item.entry.amount} {item.entry.currency}",
            item.reason,
            item.because,
        )
        for item in lists.outcome.breaks
    ]
    print_table(columns, rows, right=(3,), wraps=(5,))


def _write(lists: Lists, path: Path) -> None:
    """Matches and breaks as the tables of a workbook."""
    from clerkwork.cli.speak import language
    from clerkwork.facts import Plan, Report
    from clerkwork.report import write_xlsx
    from clerkwork.run.tables import tables

    plan = Plan(
        business_date=lists.day,
        left=tuple(lists.left),
        right=tuple(lists.right),
        matches=lists.outcome.matches,
        breaks=lists.outcome.breaks,
        totals=lists.outcome.totals,
    )
    report = Report(
        en="Reconciliation of two lists",
        zh="两份清单勾对",
        run=path.stem,
        business_date=lists.day,
        balance_statements=(),
        cash=(),
        tables=tables(plan, (), language()),
    )
    with replacing(path) as beside, TemporaryDirectory() as folder:
        # whole before it is written: a ZipFile that fails complains once more when it is dropped
        made = Path(folder) / "made.xlsx"
        write_xlsx(report, made, "zh" if language() == "zh" else "en")
        copyfile(made, beside)
