"""Commands of Clerkwork as processes of their own, and waiting for what they do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def wait_for(is_so: Callable[[], Any], *, at_most_s: float) -> None:
    """Wait until it is so."""
    ends = time.monotonic() + at_most_s
    while not is_so():
        assert time.monotonic() < ends, "it did not come to that"
        time.sleep(0.1)


@contextmanager
def process(root: Path, *command: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command of Clerkwork at work in the workspace, killed at the end."""
    started = subprocess.Popen(
        [sys.executable, "-m", "clerkwork.cli", *command],
        cwd=root,
        env=os.environ | {"CLERKWORK_LANG": "en"} | variables,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        started.kill()
        started.wait()
