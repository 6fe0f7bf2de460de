"""A shell over SSH as a line: a terminal of a known host (`systems.ssh` checks its key)."""

from __future__ import annotations

from clerkwork.systems.ssh import (
    HostKeyWrong,
    NotLetIn,
    SshBroke,
    SshConnection,
    fingerprint,
)
from clerkwork.systems.vt.line import Hangup

__all__ = ["HostKeyWrong", "NotLetIn", "SshLine", "fingerprint"]

_SEND_S = 10.0


class SshLine:
    """
    A shell at (host, port) on a terminal of `rows` by `columns`.

    The host's key is checked and `user` is let in as `SshConnection` does.
    Raises HostKeyWrong, NotLetIn, Hangup, OSError.
    """

    def __init__(
        self, host: str, port: int, *, host_keys: tuple[str, ...], user: str, password: str,
        private_key: str = "", term: str, rows: int, columns: int, connect_s: float,
    ):  # fmt: skip
        import paramiko

        try:
            self._connection = SshConnection(
                host, port, host_keys=host_keys, user=user, password=password,
                private_key=private_key, connect_s=connect_s,
            )  # fmt: skip
        except SshBroke as broke:
            raise Hangup(str(broke)) from broke
        try:
            self._channel = self._connection.transport.open_session(timeout=connect_s)
            self._channel.get_pty(term, columns, rows)
            self._channel.invoke_shell()
        except BaseException as failed:
            self.close()
            if isinstance(failed, paramiko.SSHException | EOFError):
                raise Hangup(str(failed) or type(failed).__name__) from failed
            raise

    def receive(self, wait_s: float) -> bytes:
        """See `Line.receive`."""
        self._channel.settimeout(max(wait_s, 0))
        try:
            data = self._channel.recv(65_536)
        except TimeoutError:
            return b""
        except OSError as gone:
            raise Hangup(str(gone)) from gone
        if not data:
            raise Hangup("closed by the host")
        return data

    def send(self, data: bytes) -> None:
        """See `Line.send`."""
        self._channel.settimeout(_SEND_S)
        try:
            self._channel.sendall(data)
        except OSError as gone:
            raise Hangup(str(gone) or "closed by the host") from gone

    def close(self) -> None:
        """See `Line.close`."""
        self._connection.close()
