"""`clerkwork doctor`: what is missing here, and the command that installs it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable

import typer

from clerkwork.cli.machine import Command, Need, needs, typed
from clerkwork.cli.place import place_needs
from clerkwork.cli.speak import note, say, text
from clerkwork.errors import Unavailable

app = typer.Typer(add_completion=False)
_INSTALL_LIMIT_S = 1800
_WIDTH = 16  # of a column, in cells
_CHINESE = {
    "python": "Python",
    "packages": "软件包",
    "browser": "浏览器",
    "console": "控制台",
    "desktop": "桌面程序",
    "chinese-fonts": "中文字体",
    "home": "工作目录",
    "store": "存储库",
    "credentials": "登录凭据",
}


@app.command()
def doctor(
    as_json: bool = typer.Option(False, "--json", help="For programs / 供程序使用"),
    install: bool = typer.Option(
        False, "--install", help="Install what is missing / 安装缺少的部分"
    ),
) -> int:
    """Say what is missing on this machine, and how to install it / 检查本机缺少什么、如何安装。"""
    if install:
        _install(need for need in needs() if not need.is_met)
    found = [*needs(), *place_needs()]
    if as_json:
        typer.echo(json.dumps([_as_json(need) for need in found], ensure_ascii=False))
    elif not install:
        _print(found)
    return 0 if all(need.is_met for need in found) else 1


def _as_json(need: Need) -> dict[str, object]:
    """A need for programs."""
    return {
        "need": need.name,
        "ok": need.is_met,
        "found": need.found or None,
        "why": text(*need.why),
        "install": [typed(command) for command in need.install],
    }


def _print(found: list[Need]) -> None:
    """One line a need; below a missing one, the command that installs it."""
    for need in found:
        mark = text("ok", "正常") if need.is_met else text("missing", "缺少")
        name = _column(text(need.name, _chinese(need)))
        typer.echo(f"{_column(mark)}{name}{need.found or text(*need.why)}")
        for command in () if need.is_met else need.install[-1:]:
            typer.echo(f"{_column('')}{typed(command)}")
    missing = sum(not need.is_met for need in found)
    if missing:
        say(f"{missing} missing", f"缺少 {missing} 项")
    else:
        say("nothing is missing", "不缺少任何部分")


def _chinese(need: Need) -> str:
    return _CHINESE.get(need.name, need.name)


def _column(shown: str) -> str:
    """`shown` filled up to a column; a Chinese character takes two cells."""
    from rich.cells import cell_len, set_cell_size

    return f"{set_cell_size(shown, max(_WIDTH, cell_len(shown)))} "


def _install(missing: Iterable[Need]) -> None:
    """
    Install each, by the first of its commands that works; asks nothing.

    Raises Unavailable INSTALL_FAILED, naming the command for a person to run.
    """
    refreshed = False
    for need in missing:
        note(
            f"installing {need.name}: {need.why[0]}",
            f"安装：{_chinese(need)}（{need.why[1]}）",
        )
        for command in need.install:
            if "apt-get" in command and not refreshed:
                _works((*command[: command.index("apt-get") + 1], "update", "-qq"))
                refreshed = True
            if _works(command):
                break
        else:
            by_hand = typed(need.install[-1]) if need.install else need.name
            raise Unavailable("INSTALL_FAILED", need=need.name, command=by_hand)


def _works(command: Command) -> bool:
    """Run a command of an installer, quietly; whether it did what it should."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_INSTALL_LIMIT_S,
            check=False,
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
