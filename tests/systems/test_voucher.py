"""The contract of screen drivers on the practice voucher program: GTK through AT-SPI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clerkwork.practice import manners, voucher
from clerkwork.practice.credentials import credentials
from clerkwork.systems import desktop
from clerkwork.systems.maps import load_system
from clerkwork.systems.port import SignOn
from tests.systems.contract import Contract
from tests.systems.stage import Stage, only_short

VOUCHER = load_system(Path(__file__).parents[2] / "resources/systems/voucher")


@pytest.fixture
def stage(request: pytest.FixtureRequest, tmp_path: Path, record_property) -> Iterator[Stage]:
    """The program is started for each session."""
    only_short(request)
    (tmp_path / "practice").mkdir()
    keyboard = SignOn(**credentials(tmp_path)["voucher-keyboard"])

    def open_session(system, sign_on, keep, *, may_commit=True):
        address = voucher.address(tmp_path)
        return desktop.open_session(system, address, sign_on, keep=keep, may_commit=may_commit)

    yield Stage(
        VOUCHER,
        tmp_path / "practice",
        keyboard,
        open_session,
        record=record_property,
        lacks=(manners.CERTIFICATE_WRONG, manners.LOCKED_KEYBOARD),
    )


class TestVoucher(Contract):
    """All of it."""
