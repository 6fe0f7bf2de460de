"""The pages in a real browser: both languages, wide and narrow, by keyboard, live."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from clerkwork.console.pages.runs import PAGE
from clerkwork.run.items import list_items
from clerkwork.run.worklist import standing_breaks
from clerkwork.store.tables import runs

from .browsing import alt, until
from .conftest import OTHER, OWN, PASSWORD, House

WORDS = {"en": "Today", "zh": "今日"}
TITLES = {"en": "Teller reconciliation", "zh": "柜面对账"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_checker_signs_in_by_keyboard_and_finds_last_nights_run(
    house: House, open_page, language: str
):
    """From the sign-in to the run and its screens, without a mouse."""
    page: Page = open_page(language=language)
    page.goto("/")
    page.keyboard.type("checker.own")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{house.origin}/")
    assert page.locator("h1").inner_text() == WORDS[language]
    assert page.locator("nav [aria-current=page]").inner_text() == WORDS[language]

    follow(page, TITLES[language])
    page.wait_for_url("**/runs/*")
    assert page.locator("h1").inner_text() == TITLES[language]
    assert page.locator(".steps li").count() >= 6
    assert page.locator("table").count() == 2
    assert page.locator(".evidence a").count() > 50


def follow(page: Page, words: str) -> None:
    """Press Tab until the link stands in focus, then Enter; each stop can be seen."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focus = page.evaluate(
            "() => [document.activeElement.innerText, getComputedStyle(document.activeElement)"
            ".outlineStyle, document.activeElement.className]"
        )
        assert focus[1] != "none", focus
        if focus[0] == words:
            page.keyboard.press("Enter")
            return
    pytest.fail(f"{words} is not reached by keyboard")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_checker_approves_by_keyboard_from_the_list_to_the_next_item(
    house: House, open_page, language: str
):
    """The keys that the page shows: begin, say why, agree; the next that waits is there."""
    page: Page = open_page("checker.own", language=language)
    page.goto("/approvals")
    count = page.locator("tbody tr").count()
    alt(page, "n")
    page.wait_for_url("**/items/*")
    first = page.url
    assert page.locator("kbd").all_inner_texts()[-3:] == ["A", "B", "R"]
    alt(page, "w")
    page.keyboard.type("seen")
    alt(page, "a")
    page.wait_for_selector(".notice")
    assert page.url != first and "/items/" in page.url
    alt(page, "l")
    page.wait_for_url("**/approvals")
    assert page.locator("tbody tr").count() == count - 1


def test_the_first_stop_skips_to_the_content(open_page):
    """Who goes by keyboard does not walk through the navigation on each page."""
    page: Page = open_page("checker.own")
    page.goto("/runs")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def items_of(house: House) -> list[str]:
    """The pages of approvals and exceptions, each with something on it."""
    item = list_items(house.office, state="waiting")[0]
    found = next(r for r in standing_breaks(house.office, bots=None) if r.reason == "own_amount")
    return [
        "/approvals",
        "/approvals/batch?all=1",
        f"/items/{item.id}",
        "/exceptions",
        f"/exceptions/bulk?do=assign&item={item.id}&break={found.id}",
        f"/breaks/{found.id}",
    ]


def test_the_language_is_the_browsers_until_a_person_chooses(house: House, open_page):
    """On the sign-in page for this browser; signed in, for the person, everywhere."""
    page: Page = open_page(language="zh")
    page.goto("/sign-in")
    assert page.locator("h1").inner_text() == "登录"
    page.get_by_role("button", name="English").click()
    assert page.locator("h1").inner_text() == "Sign in"

    house.add("bilingual", "checker")
    page = open_page("bilingual", language="en")
    page.goto("/runs")
    page.get_by_role("button", name="中文").click()
    page.wait_for_url("**/runs")
    assert page.locator("h1").inner_text() == "运行"
    elsewhere: Page = open_page("bilingual", language="en")
    elsewhere.goto("/")
    assert elsewhere.locator("h1").inner_text() == "今日"


def test_times_are_the_banks(house: House, open_page):
    """Shown in its zone; for programs, in UTC."""
    page: Page = open_page("checker.own")
    page.goto(f"/runs/{house.runs[OWN]}")
    shown = page.locator("dl.facts time").first
    with house.office.store.connect() as conn:
        wanted = sa.select(runs.c.started_at).where(runs.c.id == house.runs[OWN])
        began = conn.execute(wanted).scalar_one()

    zone = house.office.workspace.zone
    assert shown.inner_text() == began.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    assert shown.get_attribute("datetime") == began.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_page_follows_what_happens(house: House, open_page):
    """A state that changed in another process stands there without anybody loading it again."""
    page: Page = open_page("checker.own")
    page.goto("/")
    until(page, "document.documentElement.dataset.stream === 'open'")
    assert page.locator("#running ~ .none").count() == 1
    change(house, OWN, "running")
    page.locator("#running ~ ul li").wait_for(timeout=5000)
    change(house, OWN, "done")
    page.locator("#running ~ .none").wait_for(timeout=5000)


def test_who_goes_by_keyboard_keeps_their_place_when_a_part_is_renewed(house: House, open_page):
    """The new part has the focus where the old one had it."""
    page: Page = open_page("checker.own")
    page.goto("/")
    until(page, "document.documentElement.dataset.stream === 'open'")
    page.locator("#night ~ div a").first.focus()
    page.evaluate("document.getElementById('now').dataset.old = 'yes'")
    change(house, OWN, "done")
    until(page, "!document.getElementById('now').dataset.old")
    until(page, f"document.activeElement.getAttribute('href') === '/runs/{house.runs[OWN]}'")


def change(house: House, desk: str, state: str) -> None:
    """What a worker does to a run, and tells the audit log."""
    with house.office.store.begin() as conn:
        this = runs.c.id == house.runs[desk]
        conn.execute(sa.update(runs).where(this).values(state=state))
    house.office.audit.record("run.started", run=house.runs[desk], bot="", executor="worker-1")


def test_a_hidden_page_has_no_stream_and_misses_nothing(house: House, open_page):
    """Closed while it is hidden; shown again, it resumes where it stood."""
    page: Page = open_page("checker.own")
    page.goto("/")
    page.evaluate(
        "document.addEventListener('happening', (e) => (window.heard ||= []).push(e.detail))"
    )
    until(page, "document.documentElement.dataset.stream === 'open'")
    hide(page, True)
    assert page.evaluate("document.documentElement.dataset.stream") == "closed"
    for number in range(3):
        record = house.office.audit.record
        record("step.started", run=house.runs[OWN], step=f"hidden {number}")
    page.wait_for_timeout(300)
    assert page.evaluate("window.heard || []") == []
    hide(page, False)
    until(page, "(window.heard || []).length === 3")


def hide(page: Page, is_hidden: bool) -> None:
    """As when another tab is chosen; a headless browser has no tabs to choose."""
    page.evaluate(
        "(hidden) => { Object.defineProperty(document, 'hidden', {value: hidden,"
        " configurable: true}); document.dispatchEvent(new Event('visibilitychange')); }",
        is_hidden,
    )


def test_older_runs_follow_page_by_page_each_once(house: House):
    """Also where several began in the same moment; filters stay."""
    with house.office.store.begin() as conn:
        first = conn.execute(sa.select(runs).where(runs.c.id == house.runs[OTHER])).mappings().one()
        for number in range(2 * PAGE + 10):
            at = first["created_at"] - timedelta(days=400, seconds=number // 7)
            row = dict(first) | {"id": f"count_cash.old.{number}", "stem": "count_cash.old"}
            row |= {"sequence": number, "created_at": at, "state": "failed"}
            conn.execute(sa.insert(runs).values(row))
    seen, before, pages = [], "", 0
    with house.visitor("auditor.other") as client:
        while True:
            told = client.get("/api/runs", params={"before": before}).json()
            seen += [run["id"] for run in told["runs"]]
            pages += 1
            before = told["older"]
            if before is None:
                break
        shown = client.get("/runs", params={"state": "failed", "bot": "count_cash"}).text
    assert pages == 3
    assert len(seen) == len(set(seen)) == 2 * PAGE + 11
    assert seen[0] == house.runs[OTHER]
    assert shown.count("<tr>") == PAGE + 1
    assert "state=failed" in shown.split("before=")[1].split('"')[0]


def test_a_page_is_light(house: House):
    """At most 75 kB with scripts and styles, as it is sent."""
    import re

    with house.visitor("checker.own") as client:
        for path in ("/", "/runs", *items_of(house)):
            shown = client.get(path)
            parts = re.findall(r'(?:src|href)="(/static/[^"]+)"', shown.text)
            sizes = [int(client.get(part).headers["content-length"]) for part in sorted(set(parts))]
            packed = shown.num_bytes_downloaded
            assert packed + sum(sizes) <= 75_000, (path, packed, sizes)
