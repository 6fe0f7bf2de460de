"""Character screens (VT, xterm) over SSH, telnet or a local program: read right or not at all."""

from clerkwork.systems.vt.session import open_session

__all__ = ["open_session"]
