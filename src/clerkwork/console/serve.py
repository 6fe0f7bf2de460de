"""The console as a process: listens, says where, and stops when it is asked to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import replace

import uvicorn

from clerkwork.console.address import Address
from clerkwork.console.app import application
from clerkwork.errors import Unavailable
from clerkwork.people.links import first_link
from clerkwork.run.office import Office

_STOP_S = 5
_LOOK_S = 0.2


def serve(
    office: Office,
    address: Address,
    stopping: threading.Event,
    *,
    tell: Callable[[str, str], object],
) -> None:
    """
    Serve the console at `address` until `stopping`.

    `tell` is given its origin and the path of the first administrator's link, "" when there
    is somebody already. Raises Misconfigured CONSOLE_ASSETS_MISSING, Unavailable
    CONSOLE_PORT_TAKEN.
    """
    listener = _listen(address)
    try:
        address = replace(address, port=listener.getsockname()[1])
        config = uvicorn.Config(
            application(office, address),
            http="h11",
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ssl_certfile=address.certificate,
            ssl_keyfile=address.key,
            timeout_graceful_shutdown=1,  # streams end only when they are cut
        )
        server = uvicorn.Server(config)
        # uvicorn's own signal handlers are left out by running beside the main thread
        thread = threading.Thread(target=server.run, args=([listener],), name="console")
        thread.start()
        token = first_link(office.store, record=office.audit.record, now=office.clock())
        tell(address.origin, f"/first/{token}" if token else "")
        try:
            while not stopping.wait(_LOOK_S) and thread.is_alive():
                pass
        finally:
            server.should_exit = True
            thread.join(_STOP_S)
    finally:
        listener.close()


def _listen(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family)
    except OSError as taken:
        detail = taken.strerror or str(taken)
        raise Unavailable(
            "CONSOLE_PORT_TAKEN", host=address.host, port=address.port, detail=detail
        ) from None
