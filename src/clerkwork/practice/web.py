"""A web application of the practice bank on loopback, served in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route


class WebServer:
    """
    A running application. `url` is its first page; `close` stops it and frees the port.

    With `certificate` (a PEM file with key and certificate) it speaks TLS only.
    """

    def __init__(self, routes: list[Route], *, name: str, certificate: Path | None = None):
        self._listener = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}/"
        self._server = uvicorn.Server(
            uvicorn.Config(
                _Cuttable(Starlette(routes=routes)),
                http="h11",
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                timeout_graceful_shutdown=2,
                ssl_certfile=certificate,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._listener]}, name=name, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop serving, wait for the thread, free the port."""
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()  # a server that is stopped while it starts leaves it open


async def cut(request: Request) -> None:
    """Cut the connection so that the browser never sees an answer to what it sent."""
    request.scope["cut"]()
    while not await request.is_disconnected():
        await asyncio.sleep(0.001)


class _Cuttable:
    """Gives each request the means to cut its connection: ASGI has none of its own."""

    def __init__(self, app: Starlette):
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # uvicorn's `send` is a method of the request cycle, which holds the transport
        scope["cut"] = send.__self__.transport.abort
        await self._app(scope, receive, send)
