"""A line to the host at an address of system.toml, opened as its map says."""

from __future__ import annotations

import re
import shlex
from typing import NoReturn

from clerkwork.errors import Failure, Misconfigured, Refused, Unavailable
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.port import SignOn
from clerkwork.systems.vt.line import Hangup, Line
from clerkwork.systems.vt.pty_line import PtyLine
from clerkwork.systems.vt.ssh import HostKeyWrong, NotLetIn, SshLine
from clerkwork.systems.vt.telnet import TelnetLine
from clerkwork.systems.vt.terminal import VtTerminal

_ADDRESS = re.compile(r"(ssh|telnet)://([A-Za-z0-9_.-]+|\[[0-9a-fA-F:]+\]):([0-9]{1,5})")
_LOCAL = "command:"


def open_terminal(
    system: SystemMap,
    address: str,
    sign_on: SignOn,
    *,
    tls: bool = True,
    host_key: tuple[str, ...] = (),
    user: str = "",
    private_key: str = "",
) -> VtTerminal:
    """
    A terminal at `address`: "ssh://host:port", "telnet://host:port" (only with `tls`
    false) or "command:PROGRAM".

    Raises Misconfigured LINE_ADDRESS_WRONG, LINE_NOT_ENCRYPTED, HOST_KEY_MISSING; Unavailable
    SYSTEM_NOT_REACHED, HOST_KEY_WRONG (nothing was sent then); Refused LOGIN_REFUSED.
    """

    def fail(kind: type[Failure], code: str, **facts: str) -> NoReturn:
        raise kind(code, system=system.name, address=address, **facts)

    name = user or sign_on.operator
    try:
        if address.startswith(_LOCAL):
            command = _words(address.removeprefix(_LOCAL))
            if not command:
                fail(Misconfigured, "LINE_ADDRESS_WRONG")
            return VtTerminal(system, _local(system, command))
        given = _ADDRESS.fullmatch(address)
        if not given:
            fail(Misconfigured, "LINE_ADDRESS_WRONG")
        host, port = given[2].strip("[]"), int(given[3])
        if given[1] == "telnet" and tls:
            fail(Misconfigured, "LINE_NOT_ENCRYPTED")
        if given[1] == "telnet":
            return VtTerminal(system, _telnet(system, host, port))
        if not host_key:
            fail(Misconfigured, "HOST_KEY_MISSING")
        line = _ssh(
            system, (host, port), host_keys=host_key, login=(name, sign_on.password, private_key)
        )
        return VtTerminal(system, line)
    except HostKeyWrong as wrong:
        fail(Unavailable, "HOST_KEY_WRONG", shown=str(wrong))
    except NotLetIn as refused:
        fail(Refused, "LOGIN_REFUSED", user=name, detail=str(refused))
    except (OSError, Hangup) as failed:
        fail(Unavailable, "SYSTEM_NOT_REACHED", detail=str(failed) or type(failed).__name__)


def _words(command: str) -> list[str]:
    """The words of a command line; none where its quotes do not close."""
    try:
        return shlex.split(command)
    except ValueError:
        return []


def _local(system: SystemMap, command: list[str]) -> Line:
    return PtyLine(command, term=system.term, rows=system.rows, columns=system.columns)


def _telnet(system: SystemMap, host: str, port: int) -> Line:
    return TelnetLine(
        host, port, term=system.term, rows=system.rows, columns=system.columns,
        connect_s=system.deadline_s,
    )  # fmt: skip


def _ssh(
    system: SystemMap,
    at: tuple[str, int],
    *,
    host_keys: tuple[str, ...],
    login: tuple[str, str, str],
) -> Line:
    user, password, private_key = login
    return SshLine(
        *at, host_keys=host_keys, user=user, password=password,
        private_key=private_key, term=system.term,
        rows=system.rows, columns=system.columns, connect_s=system.deadline_s,
    )  # fmt: skip
