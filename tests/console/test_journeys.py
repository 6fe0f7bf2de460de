"""From the sign-in to done: in at most twelve clicks, and by keyboard alone, in both languages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Page

from clerkwork import practice
from clerkwork.console import texts
from clerkwork.run.breaks import break_of
from clerkwork.run.deciding import decisions_on
from clerkwork.run.items import find_by_target_references, load_item
from clerkwork.run.office import open_office
from clerkwork.run.runs import list_runs
from clerkwork.run.worklist import standing_breaks
from clerkwork.store.tables import people

from ..conftest import ACCOUNTING_DATE
from .browsing import until
from .conftest import OWN, PASSWORD, ROOT, House, make_workspace, served

MOST_CLICKS = 12
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])
# where pictures of every step are kept, and where those of the README are
PICTURES = os.environ.get("CLERKWORK_PICTURES", "")
README = os.environ.get("CLERKWORK_README_PICTURES", "")
STAFF = {
    "maker": ("Li Na", "李娜"),
    "checker": ("Zhang Wei", "张伟"),
    "authoriser": ("Chen Jing", "陈静"),
    "manager": ("Liu Yang", "刘洋"),
    "boss": ("Zhao Min", "赵敏"),
}


@pytest.fixture(scope="module")
def house(decided: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A console over last night, with the practice bank behind it and people by their names."""
    workspace = make_workspace(tmp_path_factory.mktemp("journeys") / "workspace")
    shutil.copytree(decided, workspace.home)
    with (
        practice.start(workspace.home, accounting_date=ACCOUNTING_DATE),
        open_office(workspace) as office,
        served(office) as found,
    ):
        found.runs[OWN] = str(list_runs(office)[0].id)
        found.add("operator.own", "operator", "maker", "manager", desks=(OWN,))
        found.add("checker.own", "checker", desks=(OWN,))
        call(found, STAFF)
        yield found


def call(house: House, names: dict[str, tuple[str, str]]) -> None:
    """Give people the names by which they are called."""
    with house.office.store.begin() as conn:
        for name, (en, zh) in names.items():
            conn.execute(sa.update(people).where(people.c.name == name).values(en=en, zh=zh))


@contextmanager
def at_work(house: House) -> Iterator[None]:
    """A worker in a process of its own, as `clerkwork serve` has one."""
    root = house.office.workspace.root
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "clerkwork.cli", "worker"]
    quiet = subprocess.DEVNULL
    worker = subprocess.Popen(command, cwd=root, env=environment, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(60)


class Mouse:
    """Somebody with a mouse: each click is counted, and each step leaves a picture."""

    def __init__(self, page: Page, folder: Path, language: str):
        self.page, self._folder, self._language = page, folder, language
        self.clicks = self._steps = 0
        self._folder.mkdir(parents=True, exist_ok=True)

    def click(self, name: str, *, role: str = "link", within: str = "body") -> None:
        """One click on what is called so and can be seen."""
        self.page.locator(within).get_by_role(role, name=name).first.click()  # type: ignore[arg-type]
        self.clicks += 1

    def picture(self, name: str, *, readme: bool = False) -> None:
        """What stands there now, once its own pictures have come."""
        self._steps += 1
        until(self.page, _PICTURES_HAVE_COME)
        path = self._folder / f"{self._steps:02}-{name}-{self._language}.png"
        self.page.screenshot(path=path)
        if readme and README:
            with Image.open(path) as shot:
                kept = Path(README) / f"{name}-{self._language}.png"
                shot.convert("RGB").quantize(96, dither=Image.Dither.NONE).save(kept, optimize=True)


_PICTURES_HAVE_COME = """[...document.images].every((image) =>
  image.complete || image.getBoundingClientRect().top > innerHeight)"""


@LANGUAGES
def test_a_first_timer_is_done_in_twelve_clicks(
    house: House, open_page: Any, language: str, tmp_path: Path
):
    """Last night's reconciliation started, a break settled, a voucher approved; typing is none."""
    name = f"first.{language}"
    house.add(name, "operator", "checker", desks=(OWN,))
    call(house, {name: ("Zhou Jie", "周洁")})
    said = lambda key: texts.text(key, language)  # noqa: E731
    title = {"en": "Teller reconciliation", "zh": "柜面对账"}[language]
    found, voucher = a_break_with_a_voucher(house)
    page: Page = open_page(language=language)
    page.goto("/sign-in")
    sign_in(page, name)
    page.wait_for_url(f"{house.origin}/")
    mouse = Mouse(page, Path(PICTURES) if PICTURES else tmp_path, language)
    with at_work(house):
        page.locator("#systems ~ ul .mark.good").first.wait_for(timeout=60_000)
        mouse.picture("today", readme=True)
        mouse.click(said("nav.bots"), within="nav")
        mouse.picture("bots")
        mouse.click(said("bots.run"), role="button")
        mouse.picture("form")
        mouse.click(said("start.do"), role="button")
        page.wait_for_url("**/runs/*")
        mouse.picture("started")
        page.locator(".facts .mark.good").wait_for(timeout=180_000)
        assert page.locator("h1").inner_text() == title
        page.reload()
        mouse.picture("run", readme=True)
        mouse.click(said("nav.exceptions"), within="nav")
        mouse.picture("exceptions")
        page.locator(f"tbody a[href='/breaks/{found}']").click()
        mouse.clicks += 1
        mouse.picture("break")
        mouse.click(voucher)
        mouse.picture("approval", readme=True)
        mouse.click(said("items.agree"), role="button")
        page.locator(".notice").wait_for()
        mouse.picture("next")
        following = page.url.rpartition("/")[2]
        mouse.click(said("items.agree"), role="button")
        page.locator(".notice").wait_for()
        mouse.picture("done")

    for item in (voucher, following):
        decided_by = [
            one.person for one in decisions_on(house.office, load_item(house.office, item))
        ]
        assert decided_by == [name]
    assert mouse.clicks <= MOST_CLICKS


def sign_in(page: Page, name: str, *, code: str = "") -> None:
    """The name stands in focus when the page comes."""
    until(page, "document.activeElement.name === 'name'")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    if code:
        page.keyboard.press("Tab")
        page.keyboard.type(code)
    page.keyboard.press("Enter")


def a_break_with_a_voucher(house: House) -> tuple[str, str]:
    """An open break, and the item that settles it and waits for one checker."""
    for row in standing_breaks(house.office, bots=None):
        references = break_of(row).references
        for item in find_by_target_references(house.office, row.environment, references):
            if item.state == "waiting" and item.needs == ["checker"]:
                return row.id, item.id
    raise AssertionError("no break has a voucher that waits for a checker")
