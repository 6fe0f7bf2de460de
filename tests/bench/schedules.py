"""
A thousand schedules due in the same second of each minute, beside bare APScheduler.

Lateness is from the due time to the moment at which another process can see the run; for
the peer, to the start of its job, which writes nothing. CPU is of the whole scheduler
process, from one minute to the last. The bars are the project's, whatever is measured.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles

import sqlalchemy as sa

from clerkwork.store import open_store
from clerkwork.store.tables import firings

ROOT = Path(__file__).parents[2]
SCHEDULES, MINUTES, MANY = 1000, 3, 10_000
LATENESS_S, CORE, LOAD_S = 1.0, 0.10, 5.0  # the bars
LINE = (
    'bot = "reconcile_teller"\nowner = "bench"\ntime_zone = "Asia/Shanghai"\ncron = "* * * * *"\n'
)
PEER = """
import sys, time
from datetime import UTC, datetime
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
late = []
def job():
    now = datetime.now(UTC)
    late.append(now.second + now.microsecond / 1e6)
scheduler = BackgroundScheduler(timezone=UTC)
for number in range(int(sys.argv[1])):
    each_minute = CronTrigger.from_crontab("* * * * *", timezone=UTC)
    scheduler.add_job(job, each_minute, misfire_grace_time=60)
scheduler.start()
sys.stdin.readline()
print(*late)
"""


def main() -> None:
    """Print both sides."""
    with tempfile.TemporaryDirectory() as folder:
        root = make_workspace(Path(folder) / "bank", SCHEDULES)
        ours, peers, our_core, peer_core = measure(root)
        show("ours", ours, our_core)
        show("bare APScheduler", peers, peer_core)
        held("p95 lateness, s", quantiles(ours, n=20)[-1], LATENESS_S)
        held("share of a core", our_core, CORE)
        many = make_workspace(Path(folder) / "many", MANY)
        held(f"loading {MANY} schedules, s", load_time(many), LOAD_S)


def make_workspace(folder: Path, count: int) -> Path:
    """A workspace with `count` schedules that are due each minute."""
    (folder / "schedules").mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[tool.clerkwork]\ntime_zone = "Asia/Shanghai"\n')
    for part in ("bots", "tasks", "resources"):
        (folder / part).symlink_to(ROOT / part)
    for number in range(count):
        (folder / "schedules" / f"s{number:05}.toml").write_text(LINE)
    return folder


def measure(root: Path) -> tuple[list[float], list[float], float, float]:
    """Lateness in seconds and share of a core of both sides, over the same minutes."""
    command = [sys.executable, "-c", "from clerkwork.cli import main; main()", "scheduler"]
    peer = [sys.executable, "-c", PEER, str(SCHEDULES)]
    with (
        running(command, root) as ours,
        running(peer, root) as other,
        witness(root) as seen,
    ):
        time.sleep(75 - datetime.now(UTC).second % 60)  # both have started, and a minute began
        while len(seen) < SCHEDULES:
            time.sleep(0.1)
        before, began = (cpu(ours), cpu(other)), time.monotonic()
        time.sleep(60 * MINUTES)
        took = time.monotonic() - began
        cores = [(cpu(p) - b) / took for p, b in zip((ours, other), before, strict=True)]
        said, _ = other.communicate("\n")
    peers = [float(word) for word in said.split()]
    return list(seen.values()), peers, cores[0], cores[1]


@contextmanager
def running(command: Sequence[str], root: Path) -> Iterator[subprocess.Popen[str]]:
    """A process in the workspace, ended at the end."""
    env = os.environ | {"CLERKWORK_HOME": str(root / "home")}
    process = subprocess.Popen(
        command, cwd=root, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait()


@contextmanager
def witness(root: Path) -> Iterator[dict[tuple[str, str], float]]:
    """How late each firing was when it could be seen by another process."""
    seen: dict[tuple[str, str], float] = {}
    stop = threading.Event()

    def look() -> None:
        store = open_store(root / "home")
        newest = sa.select(firings.c.schedule, firings.c.key, firings.c.due_at)
        since = datetime.now(UTC)
        while not stop.wait(0.02):
            with store.connect() as conn:
                rows = conn.execute(newest.where(firings.c.due_at >= since)).all()
            now = datetime.now(UTC)
            for row in rows:
                seen.setdefault((row.schedule, row.key), (now - row.due_at).total_seconds())
            if rows and len(seen) % SCHEDULES == 0:
                since = now
        store.close()

    looker = threading.Thread(target=look)
    looker.start()
    try:
        yield seen
    finally:
        stop.set()
        looker.join()


def cpu(process: subprocess.Popen[str]) -> float:
    """Seconds of CPU that a process has taken."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load_time(root: Path) -> float:
    """Seconds to load and check all schedules of a workspace."""
    script = (
        "import time, sys; from pathlib import Path; from clerkwork.workspace import load;"
        "from clerkwork.schedule.book import load_all; workspace = load(Path(sys.argv[1]));"
        "began = time.perf_counter(); planned, wrong = load_all(workspace);"
        "assert not wrong; print(time.perf_counter() - began)"
    )
    said = subprocess.check_output([sys.executable, "-c", script, str(root)], text=True)
    return float(said)


def show(name: str, late: Sequence[float], core: float) -> None:
    """One side's figures."""
    cuts = quantiles(late, n=20)
    print(
        f"{name}: {len(late)} firings, lateness p50 {cuts[9]:.3f} s, p95 {cuts[-1]:.3f} s,"
        f" worst {max(late):.3f} s; {core:.1%} of a core"
    )


def held(what: str, figure: float, bar: float) -> None:
    """A figure against its bar."""
    print(f"{what}: {figure:.3f}, bar {bar}: {'held' if figure <= bar else 'NOT HELD'}")


if __name__ == "__main__":
    main()
