"""
The branch over SSH: anybody is let in, for the program asks who it is by itself.

`host_key` lies below the practice folder, made once; with certificate-wrong another key
is shown, made for that one connection.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import socket
import threading
from contextlib import suppress
from pathlib import Path

import paramiko
from paramiko.common import AUTH_SUCCESSFUL, OPEN_SUCCEEDED

from clerkwork.practice.branch.child import Child

logging.getLogger("paramiko").addHandler(logging.NullHandler())  # clients come and go
_OPEN_S = 20.0
_POLL_S = 0.05


class _Desk(paramiko.ServerInterface):
    """Lets everybody in, and gives everybody a terminal."""

    def __init__(self) -> None:
        self.shell = threading.Event()

    def get_allowed_auths(self, username: str) -> str:
        return "none,password"

    def check_auth_none(self, username: str) -> int:
        return AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_channel_pty_request(self, *_asked: object) -> bool:
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        self.shell.set()
        return True


def host_key(path: Path) -> paramiko.PKey:
    """The key kept at `path`, for its owner only; made when missing."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        paramiko.ECDSAKey.generate().write_private_key_file(str(path))
    return paramiko.ECDSAKey.from_private_key_file(str(path))


def another_key() -> paramiko.PKey:
    """A key that nobody knows."""
    return paramiko.ECDSAKey.generate()


def fingerprint(key: paramiko.PKey) -> str:
    """As OpenSSH prints it."""
    digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode("ascii")
    return "SHA256:" + digest.rstrip("=")


def admit(
    connected: socket.socket, key: paramiko.PKey
) -> tuple[paramiko.Transport, paramiko.Channel]:
    """A client's shell. Raises EOFError when it goes away or wants something else."""
    transport = paramiko.Transport(connected)
    transport.add_server_key(key)
    desk = _Desk()
    try:
        transport.start_server(server=desk)
        channel = transport.accept(_OPEN_S)
        if channel is None or not desk.shell.wait(_OPEN_S):
            raise EOFError
    except (paramiko.SSHException, EOFError):
        transport.close()
        raise EOFError from None
    return transport, channel


def talk(channel: paramiko.Channel, child: Child, stopped: threading.Event) -> None:
    """Serve one shell until the program, the client or the host ends it."""
    ended = threading.Event()

    def paint() -> None:
        child.pump(channel.sendall)
        ended.set()

    painter = threading.Thread(target=paint, name="branch-ssh", daemon=True)
    painter.start()
    channel.settimeout(_POLL_S)
    try:
        while not (ended.is_set() or stopped.is_set()):
            with suppress(TimeoutError):
                data = channel.recv(4096)
                if not data:
                    return
                child.key(data)
    finally:
        child.close()
        painter.join()
        channel.close()
