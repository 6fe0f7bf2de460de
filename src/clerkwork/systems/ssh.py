"""
SSH to a host whose key is known: its fingerprint is compared before anything else is said.

What `ssh-keyscan host | ssh-keygen -lf -` prints as "SHA256:..." stands in system.toml as
`host_key`; it comes from the host's owner, never from the first connection.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import paramiko

_CLOSE_S = 10.0
# What goes wrong is raised; without a handler paramiko's log would print tracebacks too.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


class HostKeyWrong(Exception):
    """The host proves to be another one; `args[0]` is the fingerprint that it has."""


class NotLetIn(Exception):
    """The host knows neither this user without a password nor with it."""


class SshBroke(Exception):
    """The other side does not speak SSH, or hung up."""


class SshConnection:
    """
    An encrypted connection to (host, port) on which `user` is let in.

    First comes the check that the host's key has one of the fingerprints `host_keys`; then
    it is asked to let `user` in without a password, as hosts do whose program asks by
    itself, then with the key in the file `private_key`, if given, else with the password.
    Raises HostKeyWrong, NotLetIn, SshBroke, OSError.
    """

    def __init__(
        self, host: str, port: int, *, host_keys: tuple[str, ...], user: str, password: str,
        private_key: str = "", connect_s: float,
    ):  # fmt: skip
        import paramiko

        self._sock = socket.create_connection((host, port), connect_s)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.transport = paramiko.Transport(self._sock)
            self.transport.start_client(timeout=connect_s)
            shown = fingerprint(self.transport.get_remote_server_key().asbytes())
            if shown not in host_keys:
                raise HostKeyWrong(shown)
            self._let_in(user, password, private_key)
        except BaseException as failed:
            self.close()
            if isinstance(failed, paramiko.SSHException | EOFError):
                raise SshBroke(str(failed) or type(failed).__name__) from failed
            raise

    def _let_in(self, user: str, password: str, private_key: str) -> None:
        import paramiko

        way = "none"
        try:
            try:
                self.transport.auth_none(user)
            except paramiko.BadAuthenticationType as wanted:
                way = "publickey" if private_key else "password"
                if way not in wanted.allowed_types:
                    raise NotLetIn(", ".join(wanted.allowed_types)) from wanted
                if private_key:
                    self.transport.auth_publickey(user, paramiko.PKey.from_path(private_key))
                else:
                    self.transport.auth_password(user, password, fallback=False)
        except paramiko.AuthenticationException as refused:
            raise NotLetIn(way) from refused

    def close(self) -> None:
        """Hang up; once is enough."""
        transport: paramiko.Transport | None = getattr(self, "transport", None)
        with suppress(Exception):
            if transport is not None:
                transport.close()
                transport.join(_CLOSE_S)
        self._sock.close()


def fingerprint(key: bytes) -> str:
    """The SHA-256 fingerprint of a public key as OpenSSH prints it (RFC 4716, blob of RFC 4253)."""
    digest = base64.b64encode(hashlib.sha256(key).digest()).decode("ascii")
    return "SHA256:" + digest.rstrip("=")
