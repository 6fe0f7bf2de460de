"""Tables and times for a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

PIPE_WIDTH = 120
UNLIMITED = 10_000
WRAPS_AT_LEAST = 12


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    title: str = "",
    right: Sequence[int] = (),
    wraps: Sequence[int] = (),
) -> None:
    """
    Print rows of texts; columns numbered in `right` (from 0) are set to the right, those
    in `wraps` are broken where the terminal is narrow.
    """
    rows = [*rows]
    table = Table(
        box=box.SIMPLE_HEAD,
        collapse_padding=True,
        title=title or None,
        title_justify="left",
        pad_edge=False,
    )
    for number, column in enumerate(columns):
        cells = [row[number] for row in rows]
        table.add_column(
            column,
            justify="right" if number in right else "left",
            overflow="fold",
            no_wrap=number not in wraps,
            min_width=WRAPS_AT_LEAST if number in wraps else _width([column, *cells]),
        )
    for row in rows:
        table.add_row(*row)
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:  # a file or a pipe has no width of its own
        console.width = max(console.width, PIPE_WIDTH)
    # a figure or an account number is never cut: a narrow terminal wraps the line instead
    unlimited = console.options.update(width=UNLIMITED)
    # one cell more: the last is blank, and is not printed
    console.width = max(console.width + 1, console.measure(table, options=unlimited).minimum)
    with console.capture() as shown:
        console.print(table)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in shown.get().splitlines()))


def _width(cells: Sequence[str]) -> int:
    """Cells of the widest; a Chinese character takes two."""
    return max(map(cell_len, cells))


def local(at: datetime | None, zone: ZoneInfo) -> str:
    """A stored UTC time in the bank's zone, to the second; "" for None."""
    if at is None:
        return ""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
