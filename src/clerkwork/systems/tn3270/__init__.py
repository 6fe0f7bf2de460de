"""
3270 screens through s3270: escaped, checked, read back, never by quiet time alone.

Where s3270 cannot be installed, tnz serves hosts with a single-byte code page.
"""

from __future__ import annotations

import shutil

from clerkwork.systems.grid import GridSession
from clerkwork.systems.grid.terminal import Terminal
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.port import Keep, SignOn
from clerkwork.systems.tn3270.terminal import S3270Terminal

__all__ = ["open_session"]


def open_session(
    system: SystemMap,
    address: str,
    sign_on: SignOn,
    *,
    keep: Keep,
    may_commit: bool = False,
    tls: bool = True,
) -> GridSession:
    """
    A session with the host at `address` ("host:port"), connected and not signed on.

    `tls` encrypts, and checks the host's certificate and name. Raises Unavailable
    SYSTEM_NOT_REACHED, Misconfigured ADDRESS_WRONG, and without s3270
    CODE_PAGE_DOUBLE_BYTE.
    """
    terminal = _terminal(system, address, tls=tls)
    return GridSession(system, terminal, sign_on, keep=keep, may_commit=may_commit)


def _terminal(system: SystemMap, address: str, *, tls: bool) -> Terminal:
    if shutil.which("s3270"):
        return S3270Terminal(system, address, tls=tls)
    from clerkwork.systems.tn3270.tnz_terminal import TnzTerminal

    return TnzTerminal(system, address, tls=tls)
