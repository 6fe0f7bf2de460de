"""`clerkwork systems`: how each stands, and pausing them."""

from __future__ import annotations

import json
from typing import Any

import typer

from clerkwork.cli.reason import WHY
from clerkwork.cli.show_tables import local, print_table
from clerkwork.cli.sign_in import signed_in
from clerkwork.cli.speak import say, text
from clerkwork.run.office import Office, open_office
from clerkwork.run.overview import SystemState, systems
from clerkwork.run.pausing import Pause, pause_system, pauses_in, resume_system
from clerkwork.workspace import load

app = typer.Typer(no_args_is_help=True, add_completion=False)

_NAME = typer.Argument(metavar="SYSTEM", help="A folder of resources/systems/ / 业务系统名称")
_ENV = typer.Option("", "--env", help="practice, test or production / 环境")
_STATES = {
    "ok": ("in use", "正常"),
    "idle": ("not used lately", "近期未使用"),
    "trouble": ("trouble", "故障"),
    "unsettled": ("items to settle", "有待处理业务件"),
    "paused": ("paused", "已暂停"),
}


@app.command("list")
def list_all(
    env: str = _ENV,
    as_json: bool = typer.Option(False, "--json", help="For programs / 供程序使用"),
) -> None:
    """How each system stands that a bot uses, and what is paused / 列出业务系统状态及暂停。"""
    workspace = load()
    with open_office(workspace) as office:
        found = systems(office, office.clock(), bots=workspace.bots)
        paused = pauses_in(office, env or workspace.environment)
    if as_json:
        said = [_as_json(one, paused.get(one.name)) for one in found]
        typer.echo(json.dumps(said, ensure_ascii=False))
        return
    columns = [text("System", "业务系统"), text("State", "状态"), text("Last used", "最近使用"), ""]
    rows = []
    for one in found:
        pause = paused.get(one.name)
        why = f"{pause.by}: {pause.why}" if pause else ""
        state = text(*_STATES["paused" if pause else one.state])
        rows.append((one.name, state, local(one.last_used, workspace.zone), why))
    print_table(columns, rows, wraps=(3,))


def _as_json(one: SystemState, pause: Pause | None) -> dict[str, Any]:
    stands = {"by": pause.by, "why": pause.why, "at": pause.at.isoformat()} if pause else None
    return {
        "name": one.name,
        "state": one.state,
        "last_used": one.last_used.isoformat() if one.last_used else None,
        "unsettled": one.unsettled,
        "keying": one.keying,
        "paused": stands,
    }


@app.command()
def pause(system: str = _NAME, why: str = WHY, env: str = _ENV) -> None:
    """Nobody signs on to it any more; what is in hand ends / 暂停登录，在办的先完成。"""
    with open_office(load()) as office:
        person = signed_in(office, "pause_system")
        pause_system(office, system, _environment(office, env), person, why=why)
    say(
        f"{system} is paused; runs and items wait for it until it is resumed",
        f"{system} 已暂停；恢复前相关运行和业务件等待",
    )


@app.command()
def resume(system: str = _NAME, why: str = WHY, env: str = _ENV) -> None:
    """Let it be signed on to again; what waited is queued / 恢复业务系统，等待的重新排队。"""
    with open_office(load()) as office:
        person = signed_in(office, "pause_system")
        resume_system(office, system, _environment(office, env), person, why=why)
    say(f"{system} is used again", f"{system} 已恢复")


def _environment(office: Office, env: str) -> str:
    return env or office.workspace.environment
