"""The practice bank's process: core, ledger and documents, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from clerkwork.practice import branch, core, counter, ledger, voucher
from clerkwork.practice.credentials import credentials
from clerkwork.practice.documents import render
from clerkwork.practice.process import ACCOUNTING_DATE, AlreadyRunning, alone, folder, ports_file
from clerkwork.practice.world import EPOCH, SEED, day


def main() -> int:
    """Serve the home folder given on the command line; 1 when another process serves it."""
    parser = argparse.ArgumentParser(prog="clerkwork.practice", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--accounting-date", type=date.fromisoformat, default=ACCOUNTING_DATE)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopped.set())
    folder(given.home).mkdir(parents=True, exist_ok=True)
    try:
        # somebody who only asks whether the bank runs holds the lock for a moment
        with alone(given.home, wait_s=2), serving(given.home, given.accounting_date, given.seed):
            stopped.wait()
    except AlreadyRunning:
        sys.stderr.write("another practice bank runs in this home\n")
        return 1
    return 0


@contextmanager
def serving(home: Path, accounting_date: date, seed: int) -> Iterator[None]:
    """Everything of the practice bank in `home`, listening; ports.json exists meanwhile."""
    ports_file(home).unlink(missing_ok=True)  # of a process that was killed
    keys = credentials(home)
    documents = folder(home) / "documents"
    deliver(documents, accounting_date, seed)
    books = partial(day, seed=seed)
    vouchers = ledger.database(home)
    with (
        closing(ledger.serve(home, keys, accounting_date)) as web,
        closing(core.serve(home, books, accounting_date, keys, vouchers)) as green,
        closing(branch.serve(home)) as characters,
        closing(counter.serve(home, keys)) as teller,
    ):
        ports = {
            "pid": os.getpid(),
            "core": {"host": "127.0.0.1", "port": green.port},
            "branch": characters.ports,
            "ledger": {"url": web.url},
            "voucher": {"url": voucher.address(home)},  # each session starts one
            "counter": {"url": teller.url},
            "documents": {"folder": str(documents.resolve())},
            "accounting_date": accounting_date.isoformat(),
        }
        unfinished = ports_file(home).with_suffix(".unfinished")
        unfinished.write_text(json.dumps(ports, indent=2), encoding="utf-8")
        unfinished.replace(ports_file(home))
        try:
            yield
        finally:
            ports_file(home).unlink(missing_ok=True)


def deliver(documents: Path, accounting_date: date, seed: int) -> None:
    """The documents of every finished day that has none; what lies there is left alone."""
    on = EPOCH
    while on < accounting_date:
        place = documents / on.isoformat()
        if not place.exists():
            unfinished = documents / f".{on.isoformat()}"
            render(on, unfinished, seed=seed)
            unfinished.rename(place)
        on += timedelta(days=1)


if __name__ == "__main__":
    sys.exit(main())
