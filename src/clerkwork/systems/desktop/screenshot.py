"""
Takes a picture of the screen of DISPLAY: `screenshot.py FILE`, run as a script.

A process of its own, because what RPA.Desktop loads keeps connections to the screen open.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Write the whole screen as PNG to the file named on the command line."""
    from RPA.Desktop import Desktop

    Desktop().take_screenshot(sys.argv[1])


if __name__ == "__main__":
    main()
