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
KILLS = int(os.environ.get("CLERKWORK_KILLS", "20"))
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
    """Three days' vouchers, the worker killed again and again at a random moment of keying."""
    for on in ("2026-06-11", "2026-06-12", "2026-06-13"):
        branch.run(business_date=on)
    approved = branch.agree(key=False)
    rng = random.Random(755)

    kills = 0
    while kills < KILLS:
        worker = start_worker(branch)
        # from the intent to the read-back an item takes about 2 s
        if not kill_while_keying(branch, worker, rng.uniform(0.0, 2.2)):
            break
        kills += 1
    assert start_worker(branch).wait(180) == 0

    assert {"confirmed": len(approved)} == states(branch)
    once = Counter(voucher["reference"] for voucher in branch.vouchers())
    assert {row.reference: 1 for row in list_items(branch.office)} == once
    assert kills == KILLS
