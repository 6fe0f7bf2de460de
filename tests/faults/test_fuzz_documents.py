"""Thousands of broken documents: each is read or refused, soon and small; none proves a lie."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FILES = int(os.environ.get("CLERKWORK_FUZZ", "30"))
MOST_S, MOST_MB = 10, 512
MOST_OWN_MB = 256  # at any time, of the process that reads
MOST_GROWTH_MB = 32  # of the same, over the whole campaign
TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def campaign(tmp_path_factory) -> list[dict[str, Any]]:
    """What became of each file; the process that read them all lives to the end."""
    folder = tmp_path_factory.mktemp("fuzz")
    command = [sys.executable, "-m", "faults.campaign", str(folder), str(FILES)]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_file_is_read_or_refused(campaign):
    """A result or one clear reason, for every one."""
    assert list(range(FILES)) == [each["seed"] for each in campaign]
    assert [] == [each for each in campaign if not each["refused"] and not each["statements"]]


def test_no_file_takes_long(campaign):
    """Ten seconds by the clock, whatever is inside."""
    assert [] == [each for each in campaign if each["wall_s"] > MOST_S]


def test_no_file_takes_much_memory(campaign):
    """The highest peak of any child."""
    assert [] == [each for each in campaign if each["child_peak_mb"] > MOST_MB][:1]


def test_the_process_that_reads_does_not_grow(campaign):
    """What a file leaves behind is no more after thousands than after a few."""
    settled = max(each["own_mb"] for each in campaign[:20])

    assert campaign[-1]["own_mb"] <= settled + MOST_GROWTH_MB
    assert [] == [each for each in campaign if each["own_peak_mb"] > MOST_OWN_MB][:1]


def test_nothing_wrong_is_proven(campaign):
    """A line that claims a proof has an amount and a balance of the file before it was broken."""
    assert [] == [each for each in campaign if each["wrong"]]
