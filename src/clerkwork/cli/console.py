"""`clerkwork console`: the operations console alone, as `clerkwork serve` keeps it at work."""

from __future__ import annotations

import threading
from pathlib import Path

import typer

from clerkwork.cli.speak import note, say
from clerkwork.run.office import open_office
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)

PORT = typer.Option(8765, min=0, max=65535, help="0 is any free one / 端口，0 为任选")
BIND = typer.Option("127.0.0.1", metavar="ADDR", help="Where it listens / 监听地址")
TLS_CERT = typer.Option(None, metavar="FILE", help="Certificate chain, PEM / 证书链")
TLS_KEY = typer.Option(None, metavar="FILE", help="Its private key, PEM / 证书私钥")
PROXY = typer.Option(
    "", "--behind-proxy", metavar="URL", help="Where a proxy shows it: https://NAME / 代理地址"
)


@app.command()
def console(
    port: int = PORT,
    bind: str = BIND,
    tls_cert: Path = TLS_CERT,
    tls_key: Path = TLS_KEY,
    behind_proxy: str = PROXY,
) -> None:
    """Serve the operations console, until stopped / 运行控制台，直至停止。"""
    from clerkwork.console.address import Address
    from clerkwork.console.serve import serve
    from clerkwork.run.supervise import with_its_parent
    from clerkwork.run.worker import signals

    address = Address(bind, port, tls_cert, tls_key, behind_proxy)
    stopping = threading.Event()
    with (
        open_office(load(), progress=note) as office,
        signals(stopping),
        with_its_parent(stopping),
    ):
        serve(office, address, stopping, tell=_tell)


def _tell(origin: str, first: str) -> None:
    """Where the console is; to the first person, how to come in."""
    say(f"console: {origin}", f"控制台：{origin}")
    if first:
        say(
            f"nobody is known yet; be the administrator (once, within an hour): {origin}{first}",
            f"尚无人员；请在一小时内打开此一次性链接成为管理员：{origin}{first}",
        )
