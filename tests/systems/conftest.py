"""Finds tasks/; prints the matrix of bad manners and drivers, as far as it was run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[2]))  # tasks/ is content, found as bots find it


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line for each manner and moment: what each system's driver made of it."""
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for report in terminalreporter.stats.get("passed", []):
        for name, outcome in report.user_properties:
            if name.count("|") == 2:
                manner, at, system = name.split("|")
                cells.setdefault((manner, at), {})[system] = outcome
    if not cells:
        return
    systems = sorted({system for row in cells.values() for system in row})
    terminalreporter.section("bad manners")
    terminalreporter.line("".join(f"{each:24}" for each in ("manner", *systems)))
    for (manner, at), row in sorted(cells.items()):
        shown = (row.get(system, "-") for system in systems)
        terminalreporter.line("".join(f"{each:24}" for each in (f"{manner} ({at})", *shown)))
