"""`--why` says something, for every command that asks for it."""

from __future__ import annotations

import pytest

from clerkwork.cli import run


@pytest.mark.parametrize(
    "command",
    [
        ["schedule", "pause", "night"],
        ["schedule", "resume", "night"],
        ["schedule", "skip", "night"],
        ["schedule", "run", "night"],
        ["schedule", "sign", "night"],
        ["alerts", "acknowledge", "1"],
        ["reject", "KCEO65BV"],
        ["edit", "KCEO65BV", "--set", "narrative=x"],
        ["stop-all"],
    ],
    ids=" ".join,
)
def test_a_blank_reason_is_a_wrong_call(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The audit log would hold nothing."""
    monkeypatch.setenv("CLERKWORK_LANG", "en")

    assert 2 == run([*command, "--why", " "])

    assert "Invalid value for --why: say why; see: clerkwork" in capsys.readouterr().err
