"""`clerkwork alerts`: what people are told, who has it in hand, and whether it reaches them."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import typer

from clerkwork.alert import STATES, Post, acknowledge, deliver, list_alerts, load_alerting
from clerkwork.alert.channel import SEND_LIMIT_S
from clerkwork.alert.kinds import KINDS, title
from clerkwork.alert.message import SEVERITIES
from clerkwork.alert.outbox import raise_test
from clerkwork.cli.reason import given_reason
from clerkwork.cli.show_tables import local, print_table
from clerkwork.cli.sign_in import signed_in
from clerkwork.cli.speak import language, say, text
from clerkwork.errors import Misconfigured
from clerkwork.run.office import Office, open_office
from clerkwork.workspace import load

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("list")
def list_all(
    state: str = typer.Option("", help="Only this state, e.g. sent / 仅此状态"),
    as_json: bool = typer.Option(False, "--json", help="For programs / 供程序使用"),
) -> None:
    """List alerts, newest first / 列出告警，最新在前。"""
    if state and state not in STATES:
        raise typer.BadParameter(f"{state}: {', '.join(STATES)}", param_hint="--state")
    workspace = load()
    with open_office(workspace) as office:
        found = list_alerts(office.store, state=state)
    if as_json:
        said = [_as_json(row, told, workspace.zone) for row, told in found]
        typer.echo(json.dumps(said, ensure_ascii=False))
    elif not found:
        say("no alerts", "没有告警")
    else:
        columns = [
            text(*names)
            for names in (
                ("Alert", "告警"),
                ("Raised", "发出时间"),
                ("Severity", "级别"),
                ("State", "状态"),
                ("What", "内容"),
                ("Told", "接收人"),
            )
        ]
        rows = [_row(row, told, workspace.zone) for row, told in found]
        print_table(columns, rows, right=(0,), wraps=(4, 5))


@app.command("acknowledge")
def acknowledge_one(
    alert: int = typer.Argument(metavar="ID", help="The alert's number / 告警编号"),
    why: str = typer.Option(
        ..., help="What is done; it stands in the audit log / 处理说明", callback=given_reason
    ),
) -> None:
    """Say that you have it in hand; nobody further is told / 确认告警，不再转告他人。"""
    with open_office(load()) as office:
        person = signed_in(office, "acknowledge_alert")
        acknowledge(
            office.store,
            alert,
            by=person.name,
            why=why,
            at=office.clock(),
            record=office.audit.record,
        )
    say(f"alert {alert} is acknowledged", f"告警 {alert} 已确认")


@app.command()
def test(
    person: str = typer.Argument(help="As alerts.toml names them / alerts.toml 中的名称"),
) -> int:
    """Send a test to one person, now / 立即向一人发送测试消息。"""
    with open_office(load()) as office:
        signed_in(office, "test_alert")
        post = _post(office)
        if person not in post.alerting.people:
            known = ", ".join(post.alerting.people) or "-"
            raise Misconfigured("ALERT_PERSON_UNKNOWN", person=person, people=known)
        with office.store.begin() as conn:
            alert_id = raise_test(conn, person, at=office.clock())
        deliver(post, only=alert_id)
        delivery = _settled(office, alert_id)
    if delivery.state == "sent":
        say(f"a test was sent to {person}", f"已向 {person} 发送测试消息")
        return 0
    failure = delivery.failure or {"en": "", "zh": ""}
    say(
        f"{person} was not reached: {failure['en']}",
        f"未能送达 {person}：{failure['zh']}",
    )
    return 1


def _settled(office: Office, alert_id: int) -> Any:
    """The one delivery of a test; a scheduler may be sending it at this moment."""
    ends = time.monotonic() + SEND_LIMIT_S
    while True:
        told = next(told for row, told in list_alerts(office.store) if row.id == alert_id)
        if told[0].state != "waiting" or time.monotonic() > ends:
            return told[0]
        time.sleep(0.2)


def _post(office: Office) -> Post:
    workspace = office.workspace
    return Post(
        store=office.store,
        alerting=load_alerting(workspace.rules("alerts")),
        home=workspace.home,
        environment=workspace.environment,
        record=office.audit.record,
        clock=office.clock,
    )


def _as_json(row: Any, told: Sequence[Any], zone: ZoneInfo) -> dict[str, Any]:
    """An alert for programs; times in UTC."""
    return {
        "id": row.id,
        "key": row.key,
        "kind": row.kind,
        "severity": KINDS[row.kind].severity,
        "state": row.state,
        "title": title(row.kind, row.about, language=language(), zone=zone),
        "about": row.about,
        "owner": row.owner,
        "raised_at": _iso(row.raised_at),
        "over_at": _iso(row.over_at),
        "acknowledged_at": _iso(row.acknowledged_at),
        "acknowledged_by": row.acknowledged_by,
        "why": row.why,
        "deliveries": [
            {
                "person": each.person,
                "state": each.state,
                "attempts": each.attempts,
                "next_at": _iso(each.next_at) if each.state == "waiting" else None,
                "sent_at": _iso(each.sent_at),
                "failure": each.failure,
            }
            for each in told
        ],
    }


def _iso(at: Any) -> str | None:
    return at.isoformat() if at else None


def _row(row: Any, told: Sequence[Any], zone: ZoneInfo) -> tuple[str, ...]:
    reached = ", ".join(_reached(each, zone) for each in told)
    if row.acknowledged_by:
        by = text(f"acknowledged by {row.acknowledged_by}", f"{row.acknowledged_by} 已确认")
        reached = f"{reached}; {by}: {row.why}" if reached else f"{by}: {row.why}"
    return (
        str(row.id),
        local(row.raised_at, zone),
        text(*SEVERITIES[KINDS[row.kind].severity]),
        text(*STATES[row.state]),
        title(row.kind, row.about, language=language(), zone=zone),
        reached,
    )


def _reached(delivery: Any, zone: ZoneInfo) -> str:
    """One person, and how far the message to them is."""
    if delivery.state == "sent":
        return f"{delivery.person} {local(delivery.sent_at, zone)[11:16]}"
    if delivery.failure:
        return f"{delivery.person} ({delivery.failure['code']})"
    if delivery.state == "waiting" and delivery.next_at:
        at = local(delivery.next_at, zone)[11:16]
        return text(f"{delivery.person} (from {at})", f"{delivery.person}（{at} 起）")
    return text(f"{delivery.person} (not told)", f"{delivery.person}（未告知）")
