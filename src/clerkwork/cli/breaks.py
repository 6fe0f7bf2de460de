"""`clerkwork breaks`: what stands open, matched by hand, written off, sent back."""

from __future__ import annotations

import json
from typing import Any

import typer

from clerkwork.cli.reason import WHY
from clerkwork.cli.show_tables import print_table
from clerkwork.cli.sign_in import signed_in
from clerkwork.cli.speak import say, text
from clerkwork.errors import Refused
from clerkwork.facts import from_minor, grouped
from clerkwork.run.breaks import break_of, find_break_by_start
from clerkwork.run.hand_matches import find_match, proposed_matches
from clerkwork.run.hand_matching import agree_to_match, propose_match, send_match_back, weigh
from clerkwork.run.office import Office, open_office
from clerkwork.run.remarks import about_break, came_from, send_back
from clerkwork.run.runs import find_run
from clerkwork.run.tables import said
from clerkwork.run.worklist import standing_breaks
from clerkwork.run.writing_off import write_off, write_off_of
from clerkwork.workspace import desk_of, load

app = typer.Typer(no_args_is_help=True, add_completion=False)

_BREAKS: Any = typer.Argument(help="Breaks, by the first characters of their id / 不符项")
_MATCH: Any = typer.Argument(help="The number of the match / 勾对编号")
_DRY: Any = typer.Option(False, "--dry-run", help="Only say what would be done / 仅列出")


@app.command("list")
def list_all(
    as_json: bool = typer.Option(False, "--json", help="For programs / 供程序使用"),
) -> None:
    """List breaks that stand open, oldest first / 列出未清不符项。"""
    with open_office(load()) as office:
        found = standing_breaks(office, bots=None)
    if as_json:
        typer.echo(json.dumps([_as_json(row) for row in found], ensure_ascii=False))
    elif not found:
        say("no break stands open", "没有未清不符项")
    else:
        heads = (
            ("Break", "不符项"),
            ("Since", "起始日"),
            ("Account", "账号"),
            ("Books", "账方"),
            ("Difference", "差额"),
            ("Reason; reference", "原因；参考号"),
        )
        rows = [_row(row) for row in found]
        print_table([text(*head) for head in heads], rows, right=(4,), wraps=(5,))


def _as_json(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "account": row.account,
        "currency": row.currency,
        "since": row.since.isoformat(),
        "side": row.side,
        "books": row.books,
        "difference": str(from_minor(row.difference_minor, row.currency)),
        "reason": row.reason,
        "references": row.references,
        "run": row.run_id,
    }


def _row(row: Any) -> tuple[str, ...]:
    entry = break_of(row).entry
    amount = grouped(from_minor(row.difference_minor, row.currency), row.currency)
    language = text("en", "zh")
    return (
        row.id.split(":")[1][:10],
        str(row.since),
        row.account,
        said(row.books, language),
        f"{amount} {row.currency}",
        f"{said(row.reason, language)} {entry.reference}",
    )


def _chosen(office: Office, names: list[str], action: str) -> tuple[list[Any], Any]:
    """The rows of the breaks, and the signed-in person, who may do that with each."""
    rows = [find_break_by_start(office, name) for name in names]
    for row in rows:
        person = signed_in(office, action, run=find_run(office, row.run_id))
    return rows, person


@app.command()
def match(breaks: list[str] = _BREAKS, why: str = WHY, dry_run: bool = _DRY) -> None:
    """Propose that lines of both sides belong together / 提出手工勾对。"""
    with open_office(load()) as office:
        rows, person = _chosen(office, breaks, "correct")
        weighed = weigh(office, rows)
        sides = f"{weighed.theirs} / {weighed.ours}"
        if dry_run:
            say(
                f"one match of {len(rows)} breaks: {sides}, left {weighed.rest}; nothing is done",
                f"一组勾对，{len(rows)} 项不符项：{sides}，差额 {weighed.rest}；未作任何处理",
            )
            return
        made = propose_match(office, rows, person, why)
    if made.state == "agreed":
        say(f"match {made.id}: it counts", f"手工勾对 {made.id}：已生效")
    else:
        say(
            f"match {made.id}: proposed; next, another person: clerkwork breaks agree {made.id}",
            f"手工勾对 {made.id}：已提出；下一步由他人执行：clerkwork breaks agree {made.id}",
        )


@app.command()
def matches() -> None:
    """List matches by hand that wait for a second person / 列出待审批的手工勾对。"""
    with open_office(load()) as office:
        found = proposed_matches(office, bots=None)
    for row in found:
        amount = grouped(from_minor(row.amount_minor, row.currency), row.currency)
        say(*[f"{row.id}  {row.account}  {amount} {row.currency}  {row.by}: {row.why}"] * 2)
    if not found:
        say("none waits", "没有待审批的手工勾对")


@app.command()
def agree(match: str = _MATCH, why: str = typer.Option("", help="Why / 原因")) -> None:
    """Agree to a match that somebody else proposed / 同意他人提出的手工勾对。"""
    with open_office(load()) as office:
        row = find_match(office, match)
        person = signed_in(office, "agree_match", run=find_run(office, row.run_id))
        agree_to_match(office, row, person, why)
    say(f"match {row.id}: it counts", f"手工勾对 {row.id}：已生效")


@app.command("refuse-match")
def refuse_match(match: str = _MATCH, why: str = WHY) -> None:
    """Send a proposed match back / 退回手工勾对。"""
    with open_office(load()) as office:
        row = find_match(office, match)
        person = signed_in(office, "agree_match", run=find_run(office, row.run_id))
        send_match_back(office, row, person, why)
    say(f"match {row.id}: sent back", f"手工勾对 {row.id}：已退回")


@app.command("write-off")
def write_off_all(breaks: list[str] = _BREAKS, why: str = WHY, dry_run: bool = _DRY) -> None:
    """Ask for vouchers that write breaks off by rule / 按规则申请转销差额。"""
    with open_office(load()) as office:
        rows, person = _chosen(office, breaks, "correct")
        count = 0
        for row in rows:
            try:
                rule, made = write_off_of(office, row)
            except Refused as why_not:
                if not dry_run:
                    raise
                say(*(f"{row.id}: {why_not.message(language)}" for language in ("en", "zh")))
                continue
            count += 1
            fields = made.fields
            told = f"{fields['debit_account']} / {fields['credit_account']} {fields['amount']}"
            name = row.id if dry_run else write_off(office, row, person, why)
            say(f"{name}: {rule.en}: {told}", f"{name}：{rule.zh}：{told}")
    if dry_run:
        say(f"{count} would be keyed; nothing is done", f"将录入 {count} 件；未作任何处理")


@app.command("send-back")
def send_all_back(breaks: list[str] = _BREAKS, why: str = WHY, dry_run: bool = _DRY) -> None:
    """Give breaks back to whom they came from / 将不符项退回来源人员。"""
    with open_office(load()) as office:
        rows, person = _chosen(office, breaks, "settle")
        for row in rows:
            desk = desk_of(office.workspace, find_run(office, row.run_id).bot)
            about = about_break(row)
            if dry_run:
                to = came_from(office, about, person, desk=desk)
            else:
                to = send_back(office, about, person, why, desk=desk)
            say(f"{row.id}: to {to}", f"{row.id}：退回 {to}")
