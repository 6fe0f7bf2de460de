"""The screen port on a character screen (`clerkwork.systems.port.Session`)."""

from __future__ import annotations

from clerkwork.systems.grid import GridSession
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.port import Keep, SignOn
from clerkwork.systems.vt.connect import open_terminal


def open_session(
    system: SystemMap,
    address: str,
    sign_on: SignOn,
    *,
    keep: Keep,
    may_commit: bool = False,
    tls: bool = True,
    host_key: tuple[str, ...] = (),
    user: str = "",
    private_key: str = "",
) -> GridSession:
    """
    A session with the host at `address`, connected and not signed on; see `open_terminal`
    for the addresses and what it raises.
    """
    terminal = open_terminal(
        system, address, sign_on, tls=tls, host_key=host_key, user=user, private_key=private_key
    )
    return GridSession(system, terminal, sign_on, keep=keep, may_commit=may_commit)
