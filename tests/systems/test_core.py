"""The contract of screen drivers on the practice core: s3270, single-byte and double-byte."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from clerkwork.practice import core, manners
from clerkwork.systems import tn3270
from clerkwork.systems.maps import load_system
from clerkwork.systems.port import SignOn
from tests.engine.test_tn3270 import small_day
from tests.systems.contract import Contract
from tests.systems.stage import Stage, only_short

CORE = load_system(Path(__file__).parents[2] / "resources/systems/core")
CREDENTIALS = {"core-keyboard": {"operator": "KEYB0001", "password": "RT5WM9BA"}}
KEYBOARD = SignOn("KEYB0001", "RT5WM9BA")


@pytest.fixture(params=["cp935", "cp1388", "cp037", "tnz"])
def stage(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property
) -> Iterator[Stage]:
    """A core with this code page; "tnz": as on a machine where s3270 is not installed."""
    if request.param != "cp935":
        only_short(request)
    page = "cp037" if request.param == "tnz" else request.param
    if request.param == "tnz":
        monkeypatch.setattr(tn3270.shutil, "which", lambda _: None)
    host = core.serve(
        tmp_path, small_day, date(2026, 6, 12), CREDENTIALS, tmp_path / "none.db", code_page=page
    )

    def open_session(system, sign_on, keep, *, may_commit=True):
        address = f"127.0.0.1:{host.port}"
        return tn3270.open_session(
            system, address, sign_on, keep=keep, may_commit=may_commit, tls=False
        )

    yield Stage(
        CORE.model_copy(update={"code_page": page}),
        tmp_path / "practice",
        KEYBOARD,
        open_session,
        chinese=page != "cp037",
        record=record_property,
        lacks=(manners.CERTIFICATE_WRONG,),  # told on its own, with TLS
    )
    host.close()


class TestCore(Contract):
    """All of it."""
