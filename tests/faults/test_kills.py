"""kill -9 while keying: after a restart every approved voucher stands in the ledger once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from clerkwork.run.items import list_items

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("CLERKWORK_KILLS", "10"))
COMMAND = (sys.executable, "-c", "from clerkwork.cli import main; main()", "worker", "--drain")


def start_worker(branch: Any) -> subprocess.Popen[bytes]:
    """A worker as an operator starts it, in a process of its own."""
    env = os.environ | {"CLERKWORK_HOME": str(branch.home)}
    log = (branch.home / "worker.log").open("ab")
    with log:
        return subprocess.Popen(COMMAND, cwd=ROOT, env=env, stdout=log, stderr=log)


def states(branch: Any) -> Counter[str]:
    """How many items are in which state."""
    return Counter(row.state for row in list_items(branch.office))


def kill_while_keying(branch: Any, worker: subprocess.Popen[bytes], wait_s: float) -> bool:
    """kill -9 `wait_s` after an item is seen in keying; False when there was none any more."""
    while not states(branch)["keying"]:
        if worker.poll() is not None:
            return False
        time.sleep(0.01)
    time.sleep(wait_s)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    return True


@pytest.mark.parametrize("accounting_date", [date(2026, 6, 14)])
def test_kills_at_random_moments_key_nothing_twice_and_lose_nothing(branch: Any) -> None:
    """A day's vouchers, or three days', the worker killed again and again while it keys."""
    days = ["2026-06-11", "2026-06-12", "2026-06-13"]
    rng = random.Random(755)

    kills = 0
    while kills < KILLS:
        if not states(branch).keys() - {"confirmed"}:
            assert days, f"all is keyed after {kills} kills"
            branch.run(business_date=days.pop(0))
            branch.agree(key=False)
        # from the intent to the read-back an item takes about 2 s
        is_killed = kill_while_keying(branch, start_worker(branch), rng.uniform(0.0, 2.2))
        assert is_killed or {"confirmed"} == states(branch).keys()
        kills += is_killed
    assert start_worker(branch).wait(180) == 0

    assert {"confirmed"} == states(branch).keys()
    once = Counter(voucher["reference"] for voucher in branch.vouchers())
    assert {row.reference: 1 for row in list_items(branch.office)} == once
