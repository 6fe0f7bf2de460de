"""Workers in processes of their own, killed with kill -9 while they key."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import clerkwork
from clerkwork.run.items import list_items
from clerkwork.run.office import Office

COMMAND = (sys.executable, "-c", "from clerkwork.cli import main; main()", "worker", "--drain")


def start_worker(
    office: Office, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """A worker of `office` as an operator starts it, in a process of its own."""
    home, root = office.workspace.home, office.workspace.root
    engine = str(Path(clerkwork.__file__).parents[1])  # the one that is tested
    told = {"CLERKWORK_HOME": str(home), "PYTHONPATH": engine, **(environment or {})}
    with (home / "worker.log").open("ab") as log:
        return subprocess.Popen(COMMAND, cwd=root, env=os.environ | told, stdout=log, stderr=log)


def states(office: Office) -> Counter[str]:
    """How many items are in which state."""
    return Counter(row.state for row in list_items(office))


def kill_when(worker: subprocess.Popen[bytes], is_time: Callable[[], bool], wait_s: float) -> bool:
    """kill -9 `wait_s` after `is_time`; False when the worker had ended before."""
    while not is_time():
        if worker.poll() is not None:
            return False
        time.sleep(0.01)
    time.sleep(wait_s)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    return True
