"""Workspaces, bots and their parameters."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from clerkwork.errors import Misconfigured
from clerkwork.workspace import load, load_bot, parameters

BOT = """
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

@dataclass(frozen=True)
class Params:
    business_date: date
    branch: str = "0755"
    most: Decimal | None = None
    times: int = 1

def read(desk, params): ...
def decide(reading, params): ...
"""
PROCESS = """
title_en = "t"
title_zh = "t"
goal_en = "g"
goal_zh = "g"
owner = "o"
inputs = []
outputs = []
steps = []
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with one bot."""
    (tmp_path / "pyproject.toml").write_text('[tool.clerkwork]\ntime_zone = "Asia/Shanghai"\n')
    bot = tmp_path / "bots" / "pay"
    bot.mkdir(parents=True)
    (bot / "bot.py").write_text(BOT)
    (bot / "bot.toml").write_text('title_en = "t"\ntitle_zh = "t"\nowner = "o"\nreads = ["core"]\n')
    (bot / "process.toml").write_text(PROCESS)
    return tmp_path


def test_the_workspace_is_found_from_a_folder_inside_it(root: Path) -> None:
    """A command works in every folder of the workspace."""
    assert root == load(root / "bots" / "pay").root


def test_the_home_is_where_the_environment_says(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CLERKWORK_HOME overrides the manifest's home."""
    monkeypatch.setenv("CLERKWORK_HOME", str(tmp_path / "elsewhere"))

    assert tmp_path / "elsewhere" == load(root).home


def test_a_folder_without_workspace_is_named(tmp_path: Path) -> None:
    """The message names the folder that was searched."""
    with pytest.raises(Misconfigured, match="NO_WORKSPACE") as raised:
        load(tmp_path)

    assert str(tmp_path) in raised.value.message("zh")


@pytest.mark.parametrize(
    ("manifest", "code"),
    [
        ("[tool.clerkwork\n", "MANIFEST_BROKEN"),
        ('[tool.clerkwork]\nhomes = "x"\n', "MANIFEST_WRONG"),
        ('[tool.clerkwork]\ntime_zone = "Mars/Base"\n', "MANIFEST_WRONG"),
    ],
)
def test_a_wrong_manifest_is_refused_with_its_place(root: Path, manifest: str, code: str) -> None:
    """File and key stand in the message."""
    (root / "pyproject.toml").write_text(manifest)

    with pytest.raises(Misconfigured, match=code) as raised:
        load(root)

    assert "pyproject.toml" in str(raised.value)


def test_parameters_come_from_texts_by_type(root: Path) -> None:
    """Dates, amounts and numbers are read exactly; what is not given has its default."""
    bot = load_bot(load(root), "pay")

    params = parameters(bot, {"business_date": "2026-06-11", "times": "3", "most": "10.50"})

    assert (date(2026, 6, 11), "0755", 3) == (params.business_date, params.branch, params.times)
    assert str(params.most) == "10.50"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "PARAMETER_MISSING"),
        ({"business_date": "11.06.2026"}, "PARAMETER_WRONG"),
        ({"business_date": "2026-06-11", "times": "many"}, "PARAMETER_WRONG"),
        ({"business_date": "2026-06-11", "most": "1,5"}, "PARAMETER_WRONG"),
        ({"business_date": "2026-06-11", "brunch": "0755"}, "PARAMETER_UNKNOWN"),
    ],
)
def test_a_wrong_parameter_is_refused(root: Path, given: dict[str, str], code: str) -> None:
    """The message names the option and, where it helps, an example."""
    bot = load_bot(load(root), "pay")

    with pytest.raises(Misconfigured, match=code):
        parameters(bot, given)


def test_an_unknown_bot_is_refused_with_those_there_are(root: Path) -> None:
    """The remedy is in the message."""
    with pytest.raises(Misconfigured, match="pay"):
        load_bot(load(root), "play")


def test_a_bot_that_does_not_load_says_what_is_wrong_in_it(root: Path) -> None:
    """A defect in a bank's own file is named, without a traceback."""
    (root / "bots" / "pay" / "bot.py").write_text("import nothing_like_this\n")

    with pytest.raises(Misconfigured, match="nothing_like_this"):
        load_bot(load(root), "pay")
