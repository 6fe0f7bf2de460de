"""A real scheduler process whose clock is set forwards and back: none missing, none double."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from clerkwork.run.office import open_office
from clerkwork.store.tables import firings, runs
from clerkwork.workspace import load

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-c", "from clerkwork.cli import main; main()", "scheduler")
MINUTELY = """bot = "reconcile_teller"
owner = "operations"
time_zone = "Asia/Shanghai"
cron = "* * * * *"
"""
# what the machine's clock is off by, in minutes, one setting after the other
STEPS = (0, 10, 4, 30, 0, 31)
STEP_S = 14.0  # a clock that was set forwards is noticed within the ten seconds of a sweep


@pytest.mark.skipif(
    LIBRARY is None or os.environ.get("CLERKWORK_REAL") != "1",
    reason="libfaketime is not installed, or not asked for (make test-real)",
)
def test_a_clock_that_is_set_neither_loses_nor_doubles_a_due_time(tmp_path: Path) -> None:
    """Every minute that the clock ever passed has one firing and one run."""
    root = tmp_path / "bank"
    (root / "schedules").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.clerkwork]\n", encoding="utf-8")
    for part in ("bots", "tasks", "resources"):
        (root / part).symlink_to(ROOT / part)
    (root / "schedules" / "minutely.toml").write_text(MINUTELY, encoding="utf-8")
    clock = tmp_path / "clock"
    clock.write_text("+0\n")
    told = {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    began = datetime.now(UTC)
    scheduler = subprocess.Popen(COMMAND, cwd=root, env=os.environ | told)
    try:
        for step in STEPS:
            clock.write_text(f"+{60 * step}\n")
            time.sleep(STEP_S)
            assert scheduler.poll() is None
    finally:
        scheduler.send_signal(signal.SIGTERM)
        scheduler.wait(60)

    with open_office(load(root)) as office, office.store.connect() as conn:
        due = [row.due_at for row in conn.execute(sa.select(firings).order_by(firings.c.due_at))]
        count = conn.execute(sa.select(sa.func.count()).select_from(runs)).scalar_one()
    minutes = [due[0] + timedelta(minutes=n) for n in range(len(due))]
    assert minutes == due
    assert len(due) == count >= max(STEPS)
    assert began + timedelta(minutes=max(STEPS)) < due[-1] + timedelta(minutes=1)
