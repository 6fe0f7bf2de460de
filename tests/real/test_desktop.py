"""Programs of other people through the desktop driver: typed into, pressed, read back."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from clerkwork.errors import Drifted, Refused
from clerkwork.systems.desktop import DesktopSession, open_session
from clerkwork.systems.desktop.keeper import own_screen
from clerkwork.systems.maps import EnvironmentMap, ScreenMap, SystemMap
from clerkwork.systems.port import Picture, SignOn

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="AT-SPI and X are Linux")
NOBODY = SignOn("nobody", "not-used-here")

pytestmark = pytest.mark.skipif(not os.environ.get("CLERKWORK_REAL"), reason="make test-real")


def needs(program: str) -> pytest.MarkDecorator:
    """A test that runs where the program is installed."""
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"apt-get install {program}")


def system(name: str, *screens: ScreenMap) -> SystemMap:
    """A map of one program."""
    return SystemMap(
        name=name, title_en=name, title_zh=name, driver="desktop", code_page="utf-8",
        environments={"test": EnvironmentMap(address=f"command:{name}")},
        screens={screen.name: screen for screen in screens},
    )  # fmt: skip


def screen(name: str, **mapped: object) -> ScreenMap:
    """A screen by its manifest's keys."""
    return ScreenMap.model_validate({"name": name, "title_en": name, "title_zh": name} | mapped)


EDITOR = system(
    "mousepad",
    screen(
        "page",
        recognise=[
            {"selector": "role=menu[name=Search]"},
            {"selector": "role=page tab >> role=text"},
        ],
        fields={"text": {"selectors": ["role=page tab >> role=text"], "length": 500}},
        keys={
            "find": {
                "selector": "role=menu[name=Search] >> role=menu item[name=Find and Replace...]",
                "next": ["replace"],
            },
        },
    ),
    screen(
        "replace",
        recognise=[{"window": "Find and Replace"}],
        fields={
            "wanted": {
                "selectors": ["role=combo box[name=Search for:] >> role=text"],
                "length": 40,
            },
            "instead": {
                "selectors": ["role=combo box[name=Replace with:] >> role=text"],
                "length": 40,
            },
        },
        keys={
            "replace": {"selector": "role=push button[name=Replace]", "next": ["replace"]},
            "close": {"selector": "role=push button[name=Close]", "next": ["page"]},
        },
    ),
)
CALCULATOR = system(
    "galculator",
    screen(
        "keys",
        recognise=[{"window": "galculator"}],
        fields={"display": {"selectors": ["role=scroll pane >> role=text"], "length": 40}},
        keys={
            name: {"selector": f"role=toggle button[name={name}]", "next": ["keys"]}
            for name in ("1", "8", "sqrt", "no such key")
        },
    ),
)


def start(
    mapped: SystemMap, pictures: list[Picture], *, prefix: str = "command:"
) -> DesktopSession:
    """A session with the program."""
    address = f"{prefix}{shutil.which(mapped.name)}"
    return open_session(mapped, address, NOBODY, keep=pictures.append)


@on_linux
@needs("mousepad")
def test_an_editor_takes_text_and_replaces_in_it() -> None:
    """Text of both scripts is typed and read back; a dialog's boxes are found by their labels."""
    pictures: list[Picture] = []
    with start(EDITOR, pictures) as editor:
        editor.expect("page")
        editor.set("text", "paid 1234.50 to ACME, 'quoted' & <b>bold</b>")
        typed = editor.now().fields["text"]
        editor.set("text", "已付 张三 1234.50")
        chinese = editor.now().fields["text"]
        editor.press("find")
        editor.set("wanted", "张三")
        editor.set("instead", "李四")
        shown = editor.now().fields
        with pytest.raises(Refused, match="FIELD_TOO_LONG"):
            editor.set("instead", "x" * 41)
        page = editor.press("close")

    assert typed == "paid 1234.50 to ACME, 'quoted' & <b>bold</b>"
    assert chinese == "已付 张三 1234.50" == page.fields["text"]
    assert shown == {"wanted": "张三", "instead": "李四"}
    assert pictures[-1].image


@on_linux
@needs("galculator")
def test_a_calculator_is_pressed_and_read() -> None:
    """Each key by its name, once; its display is read, not typed; no key is guessed."""
    with start(CALCULATOR, []) as calculator:
        calculator.expect("keys")
        shown = [calculator.press(key).fields["display"] for key in ("8", "1", "sqrt")]
        with pytest.raises(Drifted, match="FIELD_PROTECTED"):
            calculator.set("display", "1")
        with pytest.raises(Drifted, match="KEY_MISSING"):
            calculator.press("no such key")

    assert ["8", "81", "9"] == shown


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A person's screen, with a window manager on it."""
    import os

    started: list[subprocess.Popen[bytes]] = []
    plain = subprocess.Popen

    def note(*arguments: object, **named: object) -> subprocess.Popen[bytes]:
        started.append(plain(*arguments, **named))  # type: ignore[call-overload]
        return started[-1]

    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "Popen", note)
        place = own_screen(tmp_path, "1024x768", dict(os.environ))
    for name, value in place.items():
        monkeypatch.setenv(name, value)
    started.append(plain(["openbox", "--sm-disable"], env={**os.environ, **place}))
    time.sleep(0.5)
    yield
    for process in reversed(started):
        process.kill()
        process.wait()


@on_linux
@needs("mousepad")
def test_a_program_on_the_screen_of_a_person(here: None) -> None:
    """With `here:` the screen of DISPLAY is used, and the picture is of the window only."""
    pictures: list[Picture] = []
    with start(EDITOR, pictures, prefix="here:") as editor:
        editor.expect("page")
        editor.set("text", "typed here")
        with pytest.raises(Refused, match="FIELD_NOT_ENCODABLE"):
            editor.set("text", "no\nline end")
        assert editor.now().fields["text"] == "typed here"

    image = pictures[-1].image
    assert image is not None
    with Image.open(io.BytesIO(image)) as picture:
        assert picture.width < 1024
        assert len(picture.convert("L").getcolors(256) or []) > 20  # a window, not a black area


@pytest.mark.skipif(sys.platform != "win32", reason="UI Automation is Windows")
def test_notepad_takes_text() -> None:
    """The same driver on Windows; it was not run where it was written."""
    notepad = system(
        "notepad",
        screen(
            "page",
            recognise=[{"selector": "role=text"}],
            fields={"text": {"selectors": ["role=text"], "length": 100}},
        ),
    )
    with open_session(notepad, "command:notepad.exe", NOBODY, keep=lambda _: None) as session:
        session.expect("page")
        session.set("text", "已付 1234.50 {Ctrl}a")

        assert session.now().fields["text"] == "已付 1234.50 {Ctrl}a"
