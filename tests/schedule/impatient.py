"""A scheduler without its lock, on a clock that runs quickly: started by test_kills, in twos."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from clerkwork.run.office import open_office
from clerkwork.schedule.book import Book
from clerkwork.schedule.firings import settle
from clerkwork.workspace import load


def main(root: str, real_start: float, start: str, speed: float) -> None:
    """Settle without end; the clock showed `start` at `real_start` and runs `speed` times."""
    began = datetime.fromisoformat(start)

    def clock() -> datetime:
        return began + timedelta(seconds=(time.time() - real_start) * speed)

    assert began.tzinfo == UTC
    with open_office(load(Path(root))) as office:
        book = Book(replace(office, clock=clock))
        book.is_new()
        while True:
            settle(book.office, list(book.planned.values()), book.order)
            time.sleep(0.01)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3], float(sys.argv[4]))
