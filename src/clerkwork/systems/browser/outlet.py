"""
The browser's only way out: a SOCKS proxy (RFC 1928) inside the worker.

A browser may outlive its worker by a moment, and a request that the worker held back is
given back to it then and goes out, after the same request was sent (measured: two drafts
205 ms apart). Through the outlet nothing leaves any more once the worker is dead.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import closing, suppress
from ipaddress import ip_address

_VERSION, _CONNECT = 5, 1
_NO_SIGN_ON = 0
_NAME = 3
_SIZES = {1: 4, 4: 16}  # IPv4, IPv6
_DONE, _FAILED = 0, 1
_AT_ONCE = 1 << 16  # bytes

Way = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Outlet:
    """
    Listens on loopback, in a thread of its own, until `close`.

    url: for the browser; failure: why the last connection was not made, "" when it was.
    """

    def __init__(self) -> None:
        self.failure = ""
        started: Future[int] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._listen(started)), name="browser-outlet", daemon=True
        )
        self._thread.start()
        self.url = f"socks5://127.0.0.1:{started.result()}"

    def close(self) -> None:
        """Cut what is open and listen no more."""
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    async def _listen(self, started: Future[int]) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        try:
            server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_AT_ONCE)
        except OSError as failed:
            started.set_exception(failed)
            return
        started.set_result(server.sockets[0].getsockname()[1])
        await self._ended.wait()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(OSError, asyncio.IncompleteReadError):
            wanted = await _wanted(reader, writer)
            if wanted is None:
                return
            try:
                there = await asyncio.open_connection(*wanted, limit=_AT_ONCE)
            except OSError as failed:
                self.failure = f"{wanted[0]}:{wanted[1]}: {failed.strerror or failed}"
                _answer(writer, _FAILED)
                await writer.drain()
                return
            self.failure = ""
            _answer(writer, _DONE)
            with closing(there[1]):
                await _join((reader, writer), there)


async def _wanted(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> tuple[str, int] | None:
    """Host and port that the browser asks for; None when it asks for something else."""
    version, count = await reader.readexactly(2)
    if version != _VERSION or _NO_SIGN_ON not in await reader.readexactly(count):
        return None
    writer.write(bytes((_VERSION, _NO_SIGN_ON)))
    _, command, _, kind = await reader.readexactly(4)
    if kind == _NAME:
        (size,) = await reader.readexactly(1)
        host = (await reader.readexactly(size)).decode("ascii")
    else:
        host = str(ip_address(await reader.readexactly(_SIZES[kind])))
    port = int.from_bytes(await reader.readexactly(2), "big")
    return (host, port) if command == _CONNECT else None


def _answer(writer: asyncio.StreamWriter, code: int) -> None:
    """Say how it went; the address behind it is of no use to a browser."""
    writer.write(bytes((_VERSION, code, 0, 1)) + bytes(6))


async def _join(here: Way, there: Way) -> None:
    """Hand on what comes, both ways, until one side ends."""
    ways = (_hand_on(here[0], there[1]), _hand_on(there[0], here[1]))
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


async def _hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(_AT_ONCE):
            writer.write(data)
            await writer.drain()
