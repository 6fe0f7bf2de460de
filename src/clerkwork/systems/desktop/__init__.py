"""Desktop windows through their accessibility tree: AT-SPI on Linux, UI Automation on Windows."""

from clerkwork.systems.desktop.session import DesktopSession, open_session

__all__ = ["DesktopSession", "open_session"]
