"""`clerkwork serve`: keep console, scheduler and worker at work."""

from __future__ import annotations

import threading
from pathlib import Path

import typer

from clerkwork.cli.console import BIND, PORT, PROXY, TLS_CERT, TLS_KEY
from clerkwork.cli.scheduler import CALLS, place_of_calls
from clerkwork.cli.speak import note, say
from clerkwork.run.office import open_office
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)


@app.command()
def serve(
    port: int = PORT,
    bind: str = BIND,
    tls_cert: Path = TLS_CERT,
    tls_key: Path = TLS_KEY,
    behind_proxy: str = PROXY,
    calls: str = CALLS,
) -> int:
    """Keep console, scheduler and worker at work, each a process / 值守各进程，退出即重启。"""
    from clerkwork.console.address import Address
    from clerkwork.console.assets import check_assets
    from clerkwork.run.supervise import Child, serving, supervise
    from clerkwork.run.worker import signals

    # what is wrong with the console is said once, now, and not by a process that keeps dying
    address = Address(bind, port, tls_cert, tls_key, behind_proxy)
    check_assets()
    place_of_calls(calls)
    stopping = threading.Event()
    with open_office(load(), progress=note) as office, serving(office) as is_ours:
        if not is_ours:
            say("served already", "已有值守进程")
            return 1
        children = [
            Child("console", _options(address)),
            Child("scheduler", ("--calls", calls) if calls else ()),
            Child("worker"),
        ]
        with signals(stopping):
            note("serving; Ctrl-C stops safely", "值守中；按 Ctrl-C 安全停止")
            supervise(office, children, stopping)
        note("stopped", "已停止")
    return 0


def _options(address: object) -> list[str]:
    """The options that say the same to `clerkwork console`."""
    names = {
        "port": "--port",
        "host": "--bind",
        "certificate": "--tls-cert",
        "key": "--tls-key",
        "public": "--behind-proxy",
    }
    given = {option: getattr(address, name) for name, option in names.items()}
    said = {option: str(value) for option, value in given.items() if value not in (None, "")}
    return [part for pair in said.items() for part in pair]
