"""A running Tryton, and the task on it found as bots find it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

HERE = Path(__file__).parent
sys.path += [str(HERE), str(HERE / "bank")]  # stand.py, and tasks/


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running Tryton; installed first, in CLERKWORK_CACHE or in this run's own folder."""
    if not os.environ.get("CLERKWORK_REAL"):
        pytest.skip("installs Tryton: make test-real")
    if not shutil.which("npm"):
        pytest.skip("npm is not installed: Tryton's web client comes from there")
    import stand

    base = tmp_path_factory.getbasetemp()
    run = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base  # what they share
    cache = Path(os.environ.get("CLERKWORK_CACHE", run)) / "tryton"
    with FileLock(f"{cache}.lock"):
        stand.prepare(cache)
    with stand.running(cache, tmp_path_factory.mktemp("tryton")) as url:
        yield url
