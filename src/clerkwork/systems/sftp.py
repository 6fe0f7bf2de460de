"""A file server as a system (SFTP): what others left there for us to fetch. Nothing is written."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from clerkwork.errors import Misconfigured, Refused, Unavailable
from clerkwork.systems.delivery import Incoming
from clerkwork.systems.files import Listed, is_unfinished
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.port import SignOn
from clerkwork.systems.ssh import HostKeyWrong, NotLetIn, SshBroke, SshConnection

_ADDRESS = re.compile(r"sftp://([A-Za-z0-9_.-]+|\[[0-9a-fA-F:]+\]):([0-9]{1,5})(/.*)?")
# What servers give in one answer. None is asked for ahead: paramiko does that in a thread,
# whose failure nobody would hear of.
_CHUNK = 1 << 15


class FileServer:
    """
    A folder of a file server, "sftp://host:port/folder", as a place where files arrive.

    Raises Misconfigured SFTP_ADDRESS_WRONG, HOST_KEY_MISSING; Unavailable SYSTEM_NOT_REACHED,
    HOST_KEY_WRONG (nothing was sent then); Refused LOGIN_REFUSED.
    """

    def __init__(
        self,
        system: SystemMap,
        address: str,
        sign_on: SignOn,
        *,
        host_key: tuple[str, ...],
        user: str = "",
        private_key: str = "",
    ):
        self._about = {"system": system.name, "address": address}
        given = _ADDRESS.fullmatch(address)
        if not given:
            raise Misconfigured("SFTP_ADDRESS_WRONG", **self._about)
        if not host_key:
            raise Misconfigured("HOST_KEY_MISSING", **self._about)
        self._folder = given[3] or "."
        name = user or sign_on.operator
        with self._reaching(name):
            self._connection = SshConnection(
                given[1].strip("[]"), int(given[2]), host_keys=host_key, user=name,
                password=sign_on.password, private_key=private_key, connect_s=system.deadline_s,
            )  # fmt: skip
            self._open(system.deadline_s)

    def _open(self, deadline_s: float) -> None:
        import paramiko

        try:
            channel = self._connection.transport.open_session(timeout=deadline_s)
            channel.settimeout(deadline_s)
            channel.invoke_subsystem("sftp")
            self._sftp = paramiko.SFTPClient(channel)
        except BaseException:
            self._connection.close()
            raise

    def list(self) -> list[Listed]:
        """
        The plain files in the folder, by name; not what is unfinished by its name.

        Raises Unavailable FOLDER_MISSING besides.
        """
        try:
            with self._reaching():
                found = self._sftp.listdir_attr(self._folder)
        except FileNotFoundError:
            raise Unavailable("FOLDER_MISSING", folder=self._about["address"]) from None
        return sorted(
            (
                Listed(one.filename, one.st_size or 0, (one.st_mtime or 0) * 1_000_000_000)
                for one in found
                if stat.S_ISREG(one.st_mode or 0)
                and "/" not in one.filename
                and not is_unfinished(one.filename)
            ),
            key=lambda one: one.name,
        )

    def fetch(self, listed: Listed, into: Sequence[Incoming]) -> bool:
        """
        Copy a file into each of `into`; False when it is not as it was listed any more.

        Raises Unavailable FILE_NOT_READABLE besides, when the server says no to this one.
        """
        path = f"{self._folder}/{listed.name}"
        size = 0
        try:
            with self._reaching(), self._reading(path), self._sftp.open(path, "rb") as file:
                while content := file.read(_CHUNK):
                    size += len(content)
                    for one in into:
                        one.write(content)
                now = self._sftp.stat(path)
        except FileNotFoundError:
            return False
        is_same = (now.st_size, (now.st_mtime or 0) * 1_000_000_000) == (size, listed.mtime_ns)
        return is_same and size == listed.size

    @contextmanager
    def _reading(self, path: str) -> Iterator[None]:
        """A no to one file, on a connection that goes on, is that file's alone."""
        try:
            yield
        except (FileNotFoundError, TimeoutError):
            raise
        except OSError as refused:
            if not self._connection.transport.is_active():
                raise
            detail = refused.strerror or str(refused)
            raise Unavailable("FILE_NOT_READABLE", file=path, detail=detail) from refused

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    @contextmanager
    def _reaching(self, user: str = "") -> Iterator[None]:
        """What goes wrong on the way, as a failure. A missing file stays FileNotFoundError."""
        import paramiko

        try:
            yield
        except HostKeyWrong as wrong:
            raise Unavailable("HOST_KEY_WRONG", shown=str(wrong), **self._about) from wrong
        except NotLetIn as refused:
            detail = str(refused)
            raise Refused("LOGIN_REFUSED", user=user, detail=detail, **self._about) from refused
        except FileNotFoundError:
            raise
        except (OSError, EOFError, SshBroke, paramiko.SSHException) as failed:
            detail = str(failed) or type(failed).__name__
            raise Unavailable("SYSTEM_NOT_REACHED", detail=detail, **self._about) from failed
