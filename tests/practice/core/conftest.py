"""Practice cores, and bare terminals before them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from clerkwork.practice import core, world
from tests.practice.core.bare import CREDENTIALS, Bare, Serve, Terminals


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts cores of the world's books, and stops them."""
    running: list[core.Host] = []

    def start(**options: Any) -> core.Host:
        none = tmp_path / "none.db"
        day = date(2026, 6, 12)
        running.append(core.serve(tmp_path, world.day, day, CREDENTIALS, none, **options))
        return running[-1]

    yield start
    for host in running:
        host.close()


@pytest.fixture
def bare() -> Iterator[Terminals]:
    """Starts bare terminals, and ends them."""
    running: list[Bare] = []

    def start(host: core.Host, *options: str, unit: str = "", **more: Any) -> Bare:
        running.append(Bare(f"{unit}127.0.0.1:{host.port}", *options, **more))
        return running[-1]

    yield start
    for each in running:
        each.close()
