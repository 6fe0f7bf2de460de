"""The contract of screen drivers on the practice counter: a web teller in a real Chromium."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from clerkwork.practice import counter, manners
from clerkwork.practice.credentials import credentials
from clerkwork.systems import browser
from clerkwork.systems.maps import load_system
from clerkwork.systems.port import SignOn
from tasks import slips
from tests.systems.contract import Contract
from tests.systems.stage import Stage, only_short

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


def test_a_card_number_is_black_in_a_picture_but_for_its_ends(stage: Stage) -> None:
    """On the page its middle, in a box where it is typed the whole box."""
    with stage.session() as session:
        slips.fill(session, stage.slip | {"purpose": "6222021234567890128"})
        slips.post(session, lambda: None)

    before, after = (p.image for p in stage.pictures if p.moment.endswith("-commit"))
    assert before and after
    assert 250 < longest_black(before) < 320
    assert 50 < longest_black(after) < 100


def longest_black(png: bytes) -> int:
    """The longest run of black dots in a row of a picture."""
    image = Image.open(io.BytesIO(png)).convert("L")
    data, width = image.tobytes(), image.width
    rows = (data[at : at + width] for at in range(0, len(data), width))
    return max(len(run) for row in rows for run in re.findall(b"\\x00+", row))
