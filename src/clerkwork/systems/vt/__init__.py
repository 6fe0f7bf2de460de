"""Character screens (VT, xterm) over SSH, telnet or a local program: read right or not at all."""

from clerkwork.systems.vt.connect import open_terminal
from clerkwork.systems.vt.emulator import Emulator
from clerkwork.systems.vt.terminal import Terminal

__all__ = ["Emulator", "Terminal", "open_terminal"]
