"""`clerkwork practice`: the practice bank, started, stopped and shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import typer

from clerkwork import practice
from clerkwork.cli.speak import say
from clerkwork.errors import Misconfigured, Unavailable
from clerkwork.practice.process import ACCOUNTING_DATE
from clerkwork.workspace import load

app = typer.Typer(no_args_is_help=True, add_completion=False)


@contextmanager
def translated() -> Iterator[None]:
    """The practice bank's own failures as ours: it knows nothing of the engine."""
    try:
        yield
    except practice.NotStarted as failed:
        raise Unavailable(
            "PRACTICE_NOT_STARTED", detail=failed.detail, log=str(failed.log)
        ) from None
    except practice.RunsOtherDay as failed:
        raise Misconfigured("PRACTICE_RUNS_OTHER_DAY", running=failed.running) from None
    except practice.DateTooEarly as failed:
        raise Misconfigured(
            "PRACTICE_TOO_EARLY", date=str(failed), first=ACCOUNTING_DATE.isoformat()
        ) from None
    except practice.NotStopped as failed:
        raise Unavailable("PRACTICE_NOT_STOPPED", pid=failed.pid) from None


def ensure_running(home: Path) -> Mapping[str, Any]:
    """The ports of the practice bank, which is started when it does not run."""
    running = practice.status(home)
    if running is not None:
        return running
    with translated():
        return practice.start(home).ports


@app.command()
def start(
    accounting_date: datetime = typer.Option(
        ACCOUNTING_DATE.isoformat(),
        formats=["%Y-%m-%d"],
        help="The core's accounting date / 核心系统的会计日期",
    ),
) -> None:
    """Start the practice bank / 启动模拟银行。"""
    on: date = accounting_date.date()
    with translated():
        bank = practice.start(load().home, accounting_date=on)
    _show(bank.ports)
    say("stop it with: clerkwork practice stop", "停止请执行：clerkwork practice stop")


@app.command()
def stop() -> None:
    """Stop the practice bank; its data stay / 停止模拟银行，数据保留。"""
    with translated():
        stopped = practice.stop(load().home)
    if stopped:
        say("the practice bank has stopped", "模拟银行已停止")
    else:
        say("the practice bank does not run", "模拟银行未在运行")


@app.command()
def status(
    as_json: bool = typer.Option(False, "--json", help="For programs / 供程序使用"),
) -> None:
    """Say whether the practice bank runs, and where / 查看模拟银行是否在运行。"""
    ports = practice.status(load().home)
    if as_json:
        typer.echo(json.dumps({"running": ports is not None, **(ports or {})}, ensure_ascii=False))
    elif ports is None:
        say(
            "the practice bank does not run; start it: clerkwork practice start",
            "模拟银行未在运行；启动请执行：clerkwork practice start",
        )
    else:
        _show(ports)


def _show(ports: Mapping[str, Any]) -> None:
    """Where everything is."""
    core = f"{ports['core']['host']}:{ports['core']['port']}"
    say(
        f"the practice bank runs, accounting date {ports['accounting_date']}",
        f"模拟银行正在运行，会计日期 {ports['accounting_date']}",
    )
    say(f"  core (3270):  {core}", f"  核心系统（3270）：{core}")
    say(
        f"  ledger (web): {ports['ledger']['url']}", f"  总账系统（网页）：{ports['ledger']['url']}"
    )
    say(
        "  voucher (desktop): a program of its own for each session",
        "  凭条系统（桌面程序）：每个会话各自启动",
    )
    folder = ports["documents"]["folder"]
    say(f"  documents:    {folder}", f"  对账单与盘点表：{folder}")
