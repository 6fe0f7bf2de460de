"""The pages of stopping, correcting and settling by hand, in a real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from clerkwork.run.closing import load_plan
from clerkwork.run.hand_matching import propose_match
from clerkwork.run.items import list_items
from clerkwork.run.lines import lines_behind
from clerkwork.run.reversing import reverse_item
from clerkwork.run.runs import find_run
from clerkwork.systems.browser import find_browser

from .browsing import LOCALES, alt, axe_source, violations
from .conftest import COOKIE, House, broken, opened_night

PICTURES = os.environ.get("CLERKWORK_PICTURES", "")  # a folder, for who wants to look


@dataclass
class Night:
    """The console, and an address of each page."""

    house: House
    addresses: dict[str, str]


@pytest.fixture(scope="module")
def night(decided: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """A night with booked items, open breaks, a proposed match and a run that does it again."""
    with opened_night(decided, tmp_path_factory.mktemp("pages")) as (house, branch):
        office = house.office
        waiting = [row for row in list_items(office, state="waiting") if row.needs == ["checker"]]
        branch.agree(waiting[:2])
        again = branch.run()
        plan = load_plan(office, find_run(office, again))
        line = lines_behind(plan, "statement 1011840001", "USD", "breaks")[0]
        rest = broken(house, "right", "3.50")
        chosen = broken(house, "left", "640.00"), broken(house, "right", "633.20")
        match = propose_match(office, chosen, house.person("maker.own"), "one payment, two texts")
        open_ones = broken(house, "left", "75.00"), broken(house, "right", "74.10")
        maker = house.person("maker.own")
        reversal = reverse_item(office, waiting[1], maker, "the wrong day")
        query = "&".join(f"break={row.id}" for row in open_ones)
        figure = "source=statement+1011840001&currency=USD&part=entries"
        yield Night(
            house,
            {
                "run": f"/runs/{again}",
                "compare": f"/runs/{again}/compare",
                "lines": f"/runs/{again}/lines?{figure}",
                "line": f"/runs/{again}/lines/theirs/{line.entry.id}",
                "break": f"/breaks/{open_ones[0].id}",
                "propose": f"/matches/new?{query}",
                "match": f"/matches/{match.id}",
                "write-off": f"/exceptions/bulk?do=write_off&break={rest.id}&break={chosen[0].id}",
                "reverse": f"/items/{waiting[0].id}/reverse",
                "reversal": f"/items/{reversal}",
                "reversed": f"/items/{waiting[1].id}",
                "exceptions": "/exceptions",
            },
        )


@pytest.fixture(scope="module")
def chromium(night: Night) -> Iterator[Browser]:
    """The machine's own browser; where one is open, no worker can be started any more."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        yield started
        started.close()


def opened(browser: Browser, house: House, name: str, **looks: object) -> Page:
    """A page in a window of its own, signed in."""
    context = browser.new_context(base_url=house.origin, **looks)  # type: ignore[arg-type]
    token = house.session(name)
    context.add_cookies([{"name": COOKIE, "value": token, "url": house.origin}])
    return context.new_page()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_fits_and_can_be_read(
    chromium: Browser, night: Night, language: str, width: int, scheme: str
):
    """Nothing beyond the right edge, nothing against WCAG 2.2 AA."""
    page = opened(
        chromium, night.house, "maker.own",
        viewport={"width": width, "height": 900}, color_scheme=scheme,
        locale=LOCALES[language], bypass_csp=True, reduced_motion="reduce",
    )  # fmt: skip
    for name, path in night.addresses.items():
        answer = page.goto(path)
        assert answer is not None and answer.status == 200, path
        for summary in page.locator("details.stop > summary").all():
            summary.click()
        if PICTURES:
            picture = Path(PICTURES) / f"{name}.{language}.{width}.{scheme}.png"
            page.screenshot(path=picture, full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        page.evaluate(axe_source())
        assert violations(page) == [], path
    page.context.close()


def test_a_match_is_made_by_keyboard_alone(chromium: Browser, night: Night):
    """From the break to the match that waits for somebody else: tick, weigh, say why, propose."""
    house = night.house
    ours, theirs = broken(house, "left", "12345.00"), broken(house, "right", "12345.00")
    page = opened(chromium, house, "maker.own")
    page.goto(f"/breaks/{ours.id}")
    page.locator(f'input[value="{theirs.id}"]').focus()
    page.keyboard.press("Space")
    alt(page, "m")
    page.wait_for_url("**/matches/new?**")
    alt(page, "w")
    page.keyboard.type("the same payment")
    alt(page, "s")
    page.wait_for_selector(".notice")
    assert page.url.rpartition("/")[2].isdecimal()
    page.context.close()


def test_a_run_is_stopped_by_keyboard_alone(chromium: Browser, night: Night):
    """Opened, said why, stopped; the page says by whom."""
    page = opened(chromium, night.house, "operator.own")
    page.goto(night.addresses["run"].replace(".2", ".1"))
    page.locator("details.stop > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("the ledger is odd")
    page.keyboard.press("Enter")
    page.wait_for_selector(".notice")
    assert "the ledger is odd" in page.locator(".warning").first.inner_text()
    page.context.close()
