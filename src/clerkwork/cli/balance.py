"""`clerkwork balance`: day-end balancing of a desk's accounting day, and its signatures."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import typer

from clerkwork.cli.show_tables import local, print_table
from clerkwork.cli.speak import say, text
from clerkwork.facts import grouped
from clerkwork.people import Authoriser, Person, current_person
from clerkwork.run.balancing import Day, Line, Sum, balance_day, days_of
from clerkwork.run.day_signing import day_signatures, sign_day
from clerkwork.run.office import Office, open_office
from clerkwork.run.signing import CHECKER, MAKER, Signature, digest_of
from clerkwork.workspace import desk_of, load

app = typer.Typer(add_completion=False)
_PARTS = ("instructed", "confirmed", "shown", "ended", "open")


@app.command()
def balance(
    day: str = typer.Argument("", metavar="[DAY]", help="Accounting date; last if none / 会计日期"),
    desk: str = typer.Option("", help="Owner of the bots; needed where several are / 部门"),
    env: str = typer.Option("", "--env", help="practice, test or production / 环境"),
    sign: bool = typer.Option(False, "--sign", help="Sign as maker / 经办签名"),
    countersign: bool = typer.Option(False, "--countersign", help="Sign as checker / 复核签名"),
    as_json: bool = typer.Option(False, "--json", help="For programs / 供程序使用"),
) -> int:
    """
    What was keyed of an accounting day, by operator and system, and whether it balances.

    Ends with 3 where it does not. / 轧账：按操作员和系统列出笔数及借贷金额，是否轧平，签名。
    """
    with open_office(load()) as office:
        environment = env or office.workspace.environment
        person = current_person(office.store, office.workspace.home)
        on, whose = _which(office, person, day, desk, environment=environment)
        action = "sign" if sign else "countersign" if countersign else "see"
        Authoriser(office.store).may(person, action, desk=whose)
        found = balance_day(office, on, whose, environment=environment)
        if sign or countersign:
            part = MAKER if sign else CHECKER
            sign_day(office, found, person, part=part, seen=digest_of(found.signed_lines()))
        signed = day_signatures(office, found)
        if as_json:
            typer.echo(json.dumps(as_json_of(found, signed), ensure_ascii=False))
        else:
            _show(office, found, signed)
    return 0 if found.is_balanced else 3


def _which(
    office: Office, person: Person, day: str, desk: str, *, environment: str
) -> tuple[date, str]:
    owners = {desk_of(office.workspace, bot) for bot in office.workspace.bots} - {""}
    desks = sorted(one for one in owners if person.works_at(one))
    if desk and desk not in owners:
        raise typer.BadParameter(
            text("no bot belongs to it", "没有机器人属于该部门"), param_hint="--desk"
        )
    if not desk and len(desks) != 1:
        known = ", ".join(desks)
        raise typer.BadParameter(text(f"one of: {known}", f"可选：{known}"), param_hint="--desk")
    whose = desk or desks[0]
    if day:
        try:
            return date.fromisoformat(day), whose
        except ValueError:
            wrong = text("not a date, e.g. 2026-06-11", "不是日期，例如 2026-06-11")
            raise typer.BadParameter(wrong, param_hint="DAY") from None
    known_days = days_of(office, [whose], environment=environment)
    return (known_days[0][0] if known_days else office.clock().date()), whose


def as_json_of(day: Day, signed: list[Signature]) -> dict[str, Any]:
    """A day for programs; amounts as strings."""
    return {
        "day": day.on.isoformat(),
        "desk": day.desk,
        "environment": day.environment,
        "balanced": day.is_balanced,
        "lines": [_line(line) for line in day.lines],
        "totals": [_line(line) for line in day.totals],
        "open": [{"item": row.id, "state": row.state} for row in day.open],
        "differing": [row.id for row in day.differing],
        "signatures": [
            {
                "part": one.part,
                "by": one.by,
                "at": one.at.isoformat(),
                "void": one.is_void,
                "changed": [[each.line, each.before, each.now] for each in one.changes],
            }
            for one in signed
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    sums = {part: getattr(line, part) for part in (*_PARTS, "difference")}
    return {
        "operator": line.operator,
        "system": line.system,
        "sign_on": line.sign_on,
        "currency": line.currency,
        "balanced": line.is_balanced,
        **{
            part: {"count": one.count, "debit": str(one.debit), "credit": str(one.credit)}
            for part, one in sums.items()
        },
    }


def _show(office: Office, day: Day, signed: list[Signature]) -> None:
    heads = (
        ("Operator", "操作员"), ("System", "业务系统"), ("Currency", "币种"),
        ("Instructed", "应录入"), ("Confirmed", "已记账"), ("Shown", "系统显示"),
        ("Open", "未结"), ("", ""),
    )  # fmt: skip
    rows = [_cells(line, line.operator) for line in day.lines]
    rows += [_cells(line, text("total", "合计")) for line in day.totals]
    say(f"{day.on} {day.desk} ({day.environment})", f"{day.on} {day.desk}（{day.environment}）")
    say(
        "count / debit / credit; “shown” is what the system showed when read back",
        "笔数／借方／贷方；“系统显示”为回读核对所见",
    )
    print_table([text(*head) for head in heads], rows, right=(3, 4, 5, 6))
    for row in (*day.open, *day.differing):
        say(f"  {row.id} {row.state}", f"  {row.id} {row.state}")
    if day.is_balanced:
        say("balanced", "已轧平")
    else:
        say("not balanced", "未轧平")
    for one in signed:
        at = local(one.at, office.workspace.zone)
        void = text(" VOID: changed since", "（已作废：签名后有变化）") if one.is_void else ""
        say(f"{one.part}: {one.by} {at}{void}", f"{one.part}：{one.by} {at}{void}")
        for each in one.changes[:5]:
            say(*[f"  {each.line}: {each.before or '-'} -> {each.now or '-'}"] * 2)


def _cells(line: Line, operator: str) -> tuple[str, ...]:
    state = text("balanced", "已轧平") if line.is_balanced else text("not balanced", "未轧平")
    sums = (line.instructed, line.confirmed, line.shown, line.open)
    shown = (_said(one, line.currency) for one in sums)
    return (operator, line.system, line.currency, *shown, state)


def _said(one: Sum, currency: str) -> str:
    return f"{one.count} / {grouped(one.debit, currency)} / {grouped(one.credit, currency)}"
