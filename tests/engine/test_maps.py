"""Screen maps that are wrong are named when they are loaded, before any run."""

from __future__ import annotations

import shutil
import string
from pathlib import Path

import pytest

from clerkwork.errors import Misconfigured
from clerkwork.systems.keys import is_key
from clerkwork.systems.maps import load_system
from clerkwork.systems.vt.keys import bytes_of

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


@pytest.mark.parametrize(
    ("system", "place", "right", "wrong", "named"),
    [
        ("core", "screens/menu.toml", '"PF12"', '"PF25"', "keys.sign_off.send: “PF25”"),
        ("core", "screens/slip.toml", '"Enter"', '"Entr"', "keys.post.send: “Entr”"),
        ("core", "screens/slip.toml", '"Enter"', '"F5"', "keys.post.send: “F5”"),
        ("core", "screens/slip.toml", 'send = "Enter", ', "", "keys.post.send: “”"),
        ("branch", "screens/menu.toml", '"F12"', '"PF12"', "keys.sign_off.send: “PF12”"),
        ("branch", "system.toml", '"Ctrl-U"', '"Ctrl-u"', "system.toml, key clear_field: “Ctrl-u”"),
        ("branch", "screens/menu.toml", '"F12"', '"F25"', "keys.sign_off.send: “F25”"),
        ("counter", "screens/menu.toml", "label", "send", "keys.slip.send: “"),
        (
            "voucher",
            "screens/menu.toml",
            "slip = { selector",
            "slip = { label",
            "keys.slip.selector: “”",
        ),
    ],
)
def test_a_key_that_the_driver_has_not_is_named(
    tmp_path: Path, system: str, place: str, right: str, wrong: str, named: str
) -> None:
    """File and key, when the map is loaded: not at night, before that key is pressed."""
    folder = changed(tmp_path, system, place=place, right=right, wrong=wrong)

    with pytest.raises(Misconfigured) as failed:
        load_system(folder)

    assert "MAP_KEY_UNKNOWN" == failed.value.code
    assert named in failed.value.message("en")
    assert folder.joinpath(place).name in failed.value.message("zh")


@pytest.mark.parametrize("term", ["xterm", "vt220", "linux"])
def test_every_key_that_a_map_may_name_can_be_sent(term: str) -> None:
    """What the loader takes the terminals have, and nothing else."""
    function = [f"F{number}" for number in range(26)]
    control = [f"Ctrl-{letter}" for letter in string.ascii_letters + "@[\\]^_5"]
    plain = "Enter Entr Tab BackTab Esc Backspace Insert Delete PageUp PageDown Up Down Right"
    for name in [*function, *control, *plain.split(), "Left", "Home", "End", "enter", ""]:
        assert can_send(name, term) == is_key(name, "vt", term=term), name


@pytest.mark.parametrize(
    ("name", "is_there"),
    [("Enter", True), ("Clear", True), ("PF24", True), ("PA3", True), ("PF", False)]
    + [(name, False) for name in ("PF0", "PF08", "PF25", "PA4", "PA", "Enter1", "enter", "F1")],
)
def test_a_3270_key_is_known_by_its_whole_name(name: str, is_there: bool) -> None:
    """Enter, Clear, PF1 to PF24 and PA1 to PA3."""
    assert is_there == is_key(name, "tn3270", term="")


def can_send(name: str, term: str) -> bool:
    """Whether a terminal has bytes for the key."""
    try:
        return bool(bytes_of(name, term=term, is_application=False, screen=""))
    except Misconfigured:
        return False


@pytest.mark.parametrize("code_page", ["gb18031", "base64"])
def test_a_code_page_that_is_none_is_named(tmp_path: Path, code_page: str) -> None:
    """Of terminals and web systems; of a 3270 host s3270 knows."""
    folder = changed(tmp_path, "branch", place="system.toml", right="gb18030", wrong=code_page)

    with pytest.raises(Misconfigured) as failed:
        load_system(folder)

    assert "CODE_PAGE_UNKNOWN" == failed.value.code


@pytest.mark.parametrize(
    ("system", "page"),
    [("core", "cp037"), ("branch", "utf-8"), ("counter", "utf-8"), ("voucher", "utf-8")],
)
def test_a_map_without_a_code_page_has_that_of_its_driver(
    tmp_path: Path, system: str, page: str
) -> None:
    """Web pages and windows take Chinese, and so does a terminal; a 3270 host is EBCDIC."""
    told = load_system(SYSTEMS / system).code_page
    line = f'code_page = "{told}"\n'

    mapped = load_system(changed(tmp_path, system, place="system.toml", right=line, wrong=""))

    assert page == mapped.code_page


def changed(tmp_path: Path, system: str, *, place: str, right: str, wrong: str) -> Path:
    """A copy of a system's map, its first `right` in `place` made `wrong`."""
    folder = tmp_path / system
    shutil.copytree(SYSTEMS / system, folder)
    text = (folder / place).read_text(encoding="utf-8")
    assert right in text
    (folder / place).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    return folder
