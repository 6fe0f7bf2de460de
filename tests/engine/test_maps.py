"""Screen maps that are wrong are named when they are loaded, before any run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from clerkwork.errors import Misconfigured
from clerkwork.systems.maps import load_system

SYSTEMS = Path(__file__).parents[2] / "resources/systems"


@pytest.mark.parametrize(
    ("place", "right", "wrong", "code", "named"),
    [
        ("system.toml", "(CB[0-9]{4})", "(CB[0-9]{4}", "MANIFEST_WRONG", "message_code"),
        ("system.toml", "(CB[0-9]{4})", "CB[0-9]{4}", "MANIFEST_WRONG", "message_code"),
        ("system.toml", "model = 2", "model = 9", "MANIFEST_WRONG", "model"),
        ("system.toml", "20.0", "nan", "MANIFEST_WRONG", "deadline_s"),
        ("system.toml", "20.0", "-1.0", "MANIFEST_WRONG", "deadline_s"),
        ("system.toml", "20.0", "20.0\nrows = 0", "MANIFEST_WRONG", "rows"),
        ("messages.toml", "({message})", "({mesage})", "MANIFEST_WRONG", "CB0001.en"),
        ("messages.toml", "({message})", "({)", "MANIFEST_WRONG", "messages.toml"),
        ("messages.toml", '"Drifted"', '"Maybe"', "MANIFEST_WRONG", "CB0001.kind"),
        ("messages.toml", "[CB0001]", "x = 3\n[CB0001]", "MANIFEST_WRONG", "messages.toml"),
        ("screens/slip.toml", "length = 10", "length = 0", "MANIFEST_WRONG", "account.length"),
        ("screens/menu.toml", '["slip"]', '["slipp"]', "MAP_NAME_UNKNOWN", "keys.slip.next"),
        ("screens/menu.toml", "{ selection", "{ choice", "MAP_NAME_UNKNOWN", "journal.enters"),
        ("screens/list.toml", '"forward"', '"onward"', "MAP_NAME_UNKNOWN", "lines.forward"),
        ("screens/list.toml", 'name = "list"', 'name = "slip"', "SCREEN_TWICE", "list.toml"),
        ("screens/slip.toml", "{ row = 8,", '{ row = 8, resolves = "x",', "MAP_NAME_UNKNOWN", "x"),
    ],
)
def test_a_wrong_map_says_where(
    tmp_path: Path, place: str, right: str, wrong: str, code: str, named: str
) -> None:
    """File and key, in both languages; before, it was a traceback in the middle of a run."""
    folder = changed(tmp_path, "core", place=place, right=right, wrong=wrong)

    with pytest.raises(Misconfigured) as failed:
        load_system(folder)

    assert code == failed.value.code
    for language in ("en", "zh"):
        assert named in failed.value.message(language)


@pytest.mark.parametrize("code_page", ["gb18031", "base64"])
def test_a_code_page_that_is_none_is_named(tmp_path: Path, code_page: str) -> None:
    """Of terminals and web systems; of a 3270 host s3270 knows."""
    folder = changed(tmp_path, "branch", place="system.toml", right="gb18030", wrong=code_page)

    with pytest.raises(Misconfigured) as failed:
        load_system(folder)

    assert "CODE_PAGE_UNKNOWN" == failed.value.code


def changed(tmp_path: Path, system: str, *, place: str, right: str, wrong: str) -> Path:
    """A copy of a system's map, its first `right` in `place` made `wrong`."""
    folder = tmp_path / system
    shutil.copytree(SYSTEMS / system, folder)
    text = (folder / place).read_text(encoding="utf-8")
    assert right in text
    (folder / place).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    return folder
