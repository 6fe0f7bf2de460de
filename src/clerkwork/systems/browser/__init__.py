"""Web screens, driven in an installed Chrome, Edge or Chromium."""

from clerkwork.systems.browser.find import find_browser
from clerkwork.systems.browser.session import BrowserSession, Download, open_session

__all__ = ["BrowserSession", "Download", "find_browser", "open_session"]
