"""kill -9, and two schedulers at once: every due time has one firing, one run, one queue entry."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from clerkwork.run.engine import open_work
from clerkwork.store.tables import firings, runs

pytestmark = pytest.mark.usefixtures("database")

KILLS = max(6, int(os.environ.get("CLERKWORK_KILLS", "20")) // 10)
SCHEDULES = 20
SPEED = 360.0  # how much quicker than the wall's the schedulers' clock runs
MINUTES = 17 * KILLS  # as long as so many kills take: 6 over 2,040 due times, 20 over 6,800
SCRIPT = Path(__file__).with_name("impatient.py")


def start_two(root: Path, began: float, start: datetime) -> list[subprocess.Popen[bytes]]:
    """Two schedulers of one home at once."""
    command = [sys.executable, str(SCRIPT), str(root), str(began), start.isoformat(), str(SPEED)]
    return [subprocess.Popen(command) for _ in range(2)]


def count(room, table: sa.Table) -> int:
    """How many rows there are."""
    with room.office.store.connect() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_kills_and_two_schedulers_at_once_miss_nothing_and_double_nothing(room):
    """Both of two schedulers are killed again and again at random moments of their work."""
    for number in range(SCHEDULES):
        room.add(f"s{number:02}", 'time_zone = "Asia/Shanghai"\ncron = "* * * * *"\n')
    room.settle()
    start, began, rng = room.now, time.time(), random.Random(755)
    end = start + timedelta(minutes=MINUTES)
    working = start_two(room.root, began, start)
    kills = 0
    try:
        while count(room, firings) < SCHEDULES * MINUTES:
            time.sleep(rng.uniform(0.5, 2.5))
            assert all(process.poll() is None for process in working)
            if kills < KILLS:
                for process in working:
                    os.kill(process.pid, signal.SIGKILL)
                    process.wait()
                kills += 1
                working = start_two(room.root, began, start)
            assert time.time() - began < 500
    finally:
        for process in working:
            process.kill()
            process.wait()

    due = [start + timedelta(minutes=minute + 1) for minute in range(MINUTES)]
    for number in range(SCHEDULES):
        fired = [row.due_at for row in room.firings(f"s{number:02}") if row.due_at <= end]
        assert due == fired
    assert KILLS == kills
    assert count(room, firings) == count(room, runs) == len(open_work(room.office.client))
