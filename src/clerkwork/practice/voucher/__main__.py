"""The voucher program: `python3 -m clerkwork.practice.voucher HOME`, until it is closed."""

from __future__ import annotations

import sys
from pathlib import Path

from clerkwork.practice.voucher.program import Program


def main() -> None:
    """Show the sign-on window and serve the clerk."""
    Program(Path(sys.argv[1])).run()


if __name__ == "__main__":
    main()
