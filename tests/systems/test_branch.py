"""The contract of screen drivers on the practice branch, over SSH and over telnet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clerkwork.practice import branch, manners
from clerkwork.practice.credentials import credentials
from clerkwork.systems import vt
from clerkwork.systems.maps import load_system
from clerkwork.systems.port import SignOn
from tests.systems.contract import Contract
from tests.systems.stage import Stage, only_short

BRANCH = load_system(Path(__file__).parents[2] / "resources/systems/branch")


@pytest.fixture(params=[("url", "gb18030"), ("telnet_utf8", "utf-8")], ids=["ssh", "telnet"])
def stage(request: pytest.FixtureRequest, tmp_path: Path, record_property) -> Iterator[Stage]:
    """A branch, over SSH in GB18030 or over telnet in UTF-8."""
    way, code_page = request.param
    only_short(request)
    (tmp_path / "practice").mkdir()
    keyboard = SignOn(**credentials(tmp_path)["branch-keyboard"])
    host = branch.serve(tmp_path)

    def open_session(system, sign_on, keep, *, may_commit=True):
        return vt.open_session(
            system,
            host.ports[way],
            sign_on,
            keep=keep,
            may_commit=may_commit,
            tls=way == "url",
            host_key=(host.host_key,),
        )

    yield Stage(
        BRANCH.model_copy(update={"code_page": code_page}),
        tmp_path / "practice",
        keyboard,
        open_session,
        record=record_property,
        lacks=(manners.LOCKED_KEYBOARD, *(() if way == "url" else (manners.CERTIFICATE_WRONG,))),
    )
    host.close()


class TestBranch(Contract):
    """All of it."""
