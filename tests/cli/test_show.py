"""`clerkwork show` of a run that failed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clerkwork.cli import run
from clerkwork.practice import manners


def test_show_names_what_was_kept_of_a_failure(
    branch: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The screen, and in which forms: in both languages, below why the run failed; for programs."""
    manners.switch_on(branch.home / "practice", "core", manners.SIGNED_ON_ELSEWHERE)
    failed = branch.run()
    monkeypatch.chdir(Path(__file__).parents[2])
    monkeypatch.setenv("CLERKWORK_HOME", str(branch.home))
    shown = []
    for language in ("en", "zh"):
        monkeypatch.setenv("CLERKWORK_LANG", language)
        assert run(["show", failed]) == 1
        shown.append(capsys.readouterr().out.splitlines())
    assert run(["show", failed, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert "evidence of the failure at core sign_on, encrypted: text, datastream" == shown[0][-1]
    assert "core sign_on 失败时的留痕资料（加密）：文字、数据流" == shown[1][-1]
    assert {"core sign_on": ["txt", "datastream.txt"]} == told["failure_evidence"]
