"""A small SFTP server over a folder, in threads: paramiko's, for tests without OpenSSH."""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import paramiko

from clerkwork.systems.ssh import fingerprint

USER, PASSWORD = "fetcher", "fetcher-secret"


@dataclass
class Served:
    """What the server serves, what it was asked for, and what it refuses."""

    folder: Path
    opened: list[str] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)


class _Door(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        known = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if known else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Files(paramiko.SFTPServerInterface):
    def __init__(self, server: paramiko.ServerInterface, served: Served):
        super().__init__(server)
        self._served = served

    def _path(self, path: str) -> Path:
        return self._served.folder / self.canonicalize(path).lstrip("/")

    def list_folder(self, path: str):
        try:
            return [
                paramiko.SFTPAttributes.from_stat(one.lstat(), one.name)
                for one in self._path(path).iterdir()
            ]
        except OSError as failed:
            return paramiko.SFTPServer.convert_errno(failed.errno or 0)

    def stat(self, path: str):
        try:
            return paramiko.SFTPAttributes.from_stat(self._path(path).stat())
        except OSError as failed:
            return paramiko.SFTPServer.convert_errno(failed.errno or 0)

    lstat = stat

    def open(self, path: str, flags: int, attr: object):
        name = self._path(path).name
        if name in self._served.denied:
            return paramiko.SFTPServer.convert_errno(errno.EACCES)
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return paramiko.SFTP_OP_UNSUPPORTED
        self._served.opened.append(name)
        try:
            handle = paramiko.SFTPHandle(flags)
            handle.readfile = self._path(path).open("rb")
            return handle
        except OSError as failed:
            return paramiko.SFTPServer.convert_errno(failed.errno or 0)


@contextmanager
def serving(folder: Path, *, key: paramiko.PKey, port: int = 0) -> Iterator[tuple[int, Served]]:
    """Serve `folder` on loopback while the block runs: the port, and what is served."""
    served = Served(folder)
    listener = socket.create_server(("127.0.0.1", port))
    open_ones: list[paramiko.Transport] = []

    def accept() -> None:
        with suppress(OSError, EOFError, paramiko.SSHException):
            while True:
                connected, _ = listener.accept()
                transport = paramiko.Transport(connected)
                open_ones.append(transport)
                transport.add_server_key(key)
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files, served)
                transport.start_server(server=_Door(), event=threading.Event())

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield listener.getsockname()[1], served
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for transport in open_ones:
            transport.close()
        thread.join()


def host_key() -> tuple[paramiko.PKey, str]:
    """A new key for a host, and its fingerprint."""
    key = paramiko.ECDSAKey.generate()
    return key, fingerprint(key.asbytes())
