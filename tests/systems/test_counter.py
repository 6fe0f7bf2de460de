"""The contract of screen drivers on the practice counter: a web teller in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clerkwork.practice import counter, manners
from clerkwork.practice.credentials import credentials
from clerkwork.systems import browser
from clerkwork.systems.maps import load_system
from clerkwork.systems.port import SignOn
from tests.systems.contract import Contract, Stage, only_short

COUNTER = load_system(Path(__file__).parents[2] / "resources/systems/counter")


@pytest.fixture
def stage(request: pytest.FixtureRequest, tmp_path: Path, record_property) -> Iterator[Stage]:
    """A counter, and a browser for each session."""
    only_short(request)
    (tmp_path / "practice").mkdir()
    signs = credentials(tmp_path)
    host = counter.serve(tmp_path, signs)

    def open_session(system, sign_on, keep, *, may_commit=True):
        return browser.open_session(system, host.url, sign_on, keep=keep, may_commit=may_commit)

    yield Stage(
        COUNTER,
        tmp_path / "practice",
        SignOn(**signs["counter-keyboard"]),
        open_session,
        record=record_property,
        lacks=(manners.CERTIFICATE_WRONG, manners.LOCKED_KEYBOARD),
    )
    host.close()


class TestCounter(Contract):
    """All of it."""
