"""A running Tryton, and the task on it found as bots find it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

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

    kept = os.environ.get("CLERKWORK_CACHE")
    cache = Path(kept) / "tryton" if kept else tmp_path_factory.getbasetemp() / "tryton-cache"
    stand.prepare(cache)
    with stand.running(cache, tmp_path_factory.mktemp("tryton")) as url:
        yield url
