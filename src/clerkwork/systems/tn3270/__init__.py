"""3270 screens through s3270: escaped, checked, read back, never by quiet time alone."""

from __future__ import annotations

from clerkwork.systems.grid import GridSession
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
    SYSTEM_NOT_REACHED, Misconfigured S3270_MISSING, ADDRESS_WRONG.
    """
    terminal = S3270Terminal(system, address, tls=tls)
    return GridSession(system, terminal, sign_on, keep=keep, may_commit=may_commit)
