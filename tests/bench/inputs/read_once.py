"""
One file read in a fresh process, and what that took: python -m inputs.read_once FILE.

CPU is of this process and its children, after its modules are loaded: until every entry has
been taken as values, column by column (what the peers give), and then as an object with its
id; peaks are the kernel's VmHWM, the child's looked at every 20 ms.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clerkwork.facts import Entries
from clerkwork.facts.entries import COLUMNS
from clerkwork.read import read_document

AMOUNT = COLUMNS.index("amount")


def cpu_s() -> float:
    """CPU seconds of this process and of its children that have ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)


@contextmanager
def children_peak_mb() -> Iterator[list[int]]:
    """The highest peak of this process' children so far, looked at until the end."""
    peak, is_over = [0], threading.Event()

    def look() -> None:
        while not is_over.wait(0.02):
            for task in Path("/proc/self/task").iterdir():
                try:
                    children = (task / "children").read_text(encoding="ascii").split()
                    peak[0] = max([peak[0], *map(peak_mb, children)])
                except (OSError, StopIteration):
                    continue  # it has just ended

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield peak
    finally:
        is_over.set()
        looking.join()


def peak_mb(process: str) -> int:
    """The most memory that a living process has held."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) >> 10


def main(path: Path) -> None:
    """Print what was read and what it took as JSON."""
    begun = cpu_s()
    with children_peak_mb() as peak:
        document = read_document(path)
        count = amount = 0
        for statement in document.statements:
            assert isinstance(statement.entries, Entries)
            for values in statement.entries.values(*COLUMNS):
                count, amount = count + 1, amount + values[AMOUNT]
    columns_s = cpu_s() - begun
    for statement in document.statements:
        for entry in statement.entries:
            assert entry.id
    found = {
        "cpu_s": columns_s,
        "objects_s": cpu_s() - begun,
        "entries": count,
        "minor": amount,
        "is_proven": document.is_proven,
        "parent_mb": peak_mb("self"),
        "child_mb": peak[0],
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
