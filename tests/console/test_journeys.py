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
from .conftest import OWN, PASSWORD, ROOT, House, make_workspace, served

MOST_CLICKS = 12
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])
# where pictures of the way are kept; the tests throw them away otherwise
PICTURES = os.environ.get("CLERKWORK_PICTURES", "")
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
        with office.store.begin() as conn:
            for name, (en, zh) in STAFF.items():
                this = sa.update(people).where(people.c.name == name)
                conn.execute(this.values(en=en, zh=zh))
        yield found


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

    def __init__(self, page: Page, folder: Path):
        self.page, self._folder, self.clicks = page, folder, 0

    def click(self, name: str, *, role: str = "link", within: str = "body") -> None:
        """One click on what is called so and can be seen."""
        self.page.locator(within).get_by_role(role, name=name).first.click()  # type: ignore[arg-type]
        self.clicks += 1

    def picture(self, name: str) -> None:
        """What stands there now."""
        self.page.screenshot(path=self._folder / f"{name}.png")


@LANGUAGES
def test_a_first_timer_is_done_in_twelve_clicks(
    house: House, open_page: Any, language: str, tmp_path: Path
):
    """Last night's reconciliation started, a break settled, a voucher approved; typing is none."""
    folder = Path(PICTURES) if PICTURES else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    name = f"first.{language}"
    house.add(name, "operator", "checker", desks=(OWN,))
    said = lambda key: texts.text(key, language)  # noqa: E731
    title = {"en": "Teller reconciliation", "zh": "柜面对账"}[language]
    found, voucher = a_break_with_a_voucher(house)
    page: Page = open_page(language=language)
    page.goto("/sign-in")
    sign_in(page, name)
    page.wait_for_url(f"{house.origin}/")
    mouse = Mouse(page, folder)
    mouse.picture(f"1-today-{language}")
    with at_work(house):
        mouse.click(said("nav.bots"), within="nav")
        mouse.picture(f"2-bots-{language}")
        mouse.click(said("bots.run"), role="button")
        mouse.picture(f"3-form-{language}")
        mouse.click(said("start.do"), role="button")
        page.wait_for_url("**/runs/*")
        mouse.picture(f"4-started-{language}")
        page.locator(".facts .mark.good").wait_for(timeout=180_000)
        assert page.locator("h1").inner_text() == title
        mouse.picture(f"5-run-{language}")
        mouse.click(said("nav.exceptions"), within="nav")
        mouse.picture(f"6-exceptions-{language}")
        page.locator(f"tbody a[href='/breaks/{found}']").click()
        mouse.clicks += 1
        mouse.picture(f"7-break-{language}")
        mouse.click(voucher)
        mouse.picture(f"8-approval-{language}")
        mouse.click(said("items.agree"), role="button")
        page.locator(".notice").wait_for()
        mouse.picture(f"9-next-{language}")
        following = page.url.rpartition("/")[2]
        mouse.click(said("items.agree"), role="button")
        page.locator(".notice").wait_for()
        mouse.picture(f"10-done-{language}")

    for item in (voucher, following):
        decided_by = [
            one.person for one in decisions_on(house.office, load_item(house.office, item))
        ]
        assert decided_by == [name]
    assert mouse.clicks <= MOST_CLICKS


def sign_in(page: Page, name: str, *, code: str = "") -> None:
    """The name stands in focus when the page comes."""
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
