"""Every page of the table of routes, with something on it: WCAG 2.2 AA, it fits, it is said."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from clerkwork.console import render
from clerkwork.console.routes import ANYBODY, ROUTES, Route
from clerkwork.facts import Receipt
from clerkwork.facts.codec import to_json
from clerkwork.people import ROLES, list_people
from clerkwork.people.links import FIRST, invite_person
from clerkwork.people.signing_in import digest_of
from clerkwork.run.items import instruction_of, list_items, load_item
from clerkwork.run.worklist import standing_breaks
from clerkwork.store.tables import items, links, people, runs

from .browsing import LOCALES, axe_source, violations
from .conftest import COOKIE, OTHER, OWN, PASSWORD, House, broken
from .test_matrix import filled, name_of
from .test_texts import TEMPLATES

EVERY_LOOK = os.environ.get("CLERKWORK_REAL") == "1"  # else a page has two of the four
LOOKS = [(1280, "light"), (390, "dark"), (390, "light"), (1280, "dark")]
SENDS_ON = ("/sign-in/provider", "/sign-in/provider/back")  # no pages: to another's sign-in
PAGES = [
    route
    for route in ROUTES
    if route.method == "GET" and not route.is_for_programs and route.path not in SENDS_ON
]
ALL = "everybody"  # has every role at every desk
FAILURE = {
    "kind": "Refused",
    "code": "ACCOUNT_UNKNOWN",
    "en": "the ledger says that there is no such account",
    "zh": "总账返回：账号不存在",
}


@pytest.fixture(scope="module")
def full(house: House) -> House:
    """The house with something of each kind: failures, alerts, states, a long name."""
    office = house.office
    house.add(ALL, *ROLES)
    house.add("a.rather.long-name.of.a.person", "auditor", desks=(OWN, OTHER))
    house.alert()
    waiting = [row.id for row in list_items(office, state="waiting")]
    made = dict(zip(("excepted", "in_doubt", "new", "confirmed"), waiting, strict=False))
    with office.store.begin() as conn:
        for state, item in made.items():
            failure = FAILURE if state in ("excepted", "in_doubt") else None
            this = sa.update(items).where(items.c.id == item)
            conn.execute(this.values(state=state, failure=failure))
        row = load_item(office, made["confirmed"])
        receipt = to_json(
            Receipt(row.reference, "V0001", "posted", instruction_of(row).fields)
        ).decode()
        conn.execute(
            sa.update(items).where(items.c.id == made["confirmed"]).values(receipt=receipt)
        )
        for name in (each.name for each in list_people(office.store)):
            called = sa.update(people).where(people.c.name == name)
            conn.execute(
                called.values(en=f"Ms {name.title()}", zh="欧阳" + "甲乙丙"[len(name) % 3])
            )
    add_run(house, "done", "later")
    add_run(house, "failed", failure=FAILURE, totals=None)
    add_run(house, "running", ended_at=None, totals=None, report=None)
    house.runs |= made
    return house


def add_run(house: House, state: str, name: str = "", **values: Any) -> str:
    """One more run like last night's, in that state, by its name among the house's runs."""
    name = name or state
    with house.office.store.begin() as conn:
        first = conn.execute(sa.select(runs).where(runs.c.id == house.runs[OWN])).mappings().one()
        at, stem = first["created_at"] + timedelta(minutes=5), f"reconcile_teller.{name}"
        row = dict(first) | {"id": f"{stem}.1", "stem": stem, "created_at": at, "state": state}
        conn.execute(sa.insert(runs).values(row | values))
    house.runs[name] = f"{stem}.1"
    return house.runs[name]


def link(house: House, purpose: str) -> str:
    """What stands in a link by which somebody comes in."""
    office = house.office
    with office.store.connect() as conn:
        number = conn.execute(sa.select(sa.func.count()).select_from(links)).scalar_one()
    token = invite_person(
        office.store, f"new.{number}", "New", "新人", ("checker",), by="boss",
        record=office.audit.record, now=office.clock(), desks=(OWN,),
    )  # fmt: skip
    with office.store.begin() as conn:
        this = sa.update(links).where(links.c.digest == digest_of(token))
        conn.execute(this.values(purpose=purpose))
    return token


def address(house: House, route: Route) -> str:
    """Where that page has something on it."""
    found = next(r for r in standing_breaks(house.office, bots=None) if r.reason == "own_amount")
    if "{token}" in route.path:
        purpose = FIRST if route.path.startswith("/first/") else "invitation"
        return route.path.format(token=link(house, purpose))
    chosen = {
        "/runs/{run}/lines": "?source=journal%201011840001&currency=USD&part=breaks",
        "/matches/new": "?break=" + "&break=".join(row.id for row in broken_pair(house)),
        "/settings/people/{name}": "checker.own",
        "/runs/{run}/compare": house.runs["later"],
        "/items/{item}/reverse": house.runs["confirmed"],
        "/approvals/batch": "?all=1",
        "/exceptions/bulk": f"?do=assign&item={house.runs['excepted']}&break={found.id}",
        "/items/{item}/edit": house.runs["new"],
        "/bots/{bot}/run": "?as=last",
        "/schedules": "?view=month&day=2026-10-01",
    }.get(route.path, "")
    if chosen and "?" not in chosen:
        return route.path.format(item=chosen, name=chosen, run=chosen)
    return filled(house, route) + chosen


def broken_pair(house: House) -> list[Any]:
    """Two breaks that may be matched by hand."""
    return [broken(house, "left", "70.00"), broken(house, "right", "70.00")]


def other_states(house: House) -> list[str]:
    """Pages as they are at other times: empty, failed, in each state, refused."""
    return [
        "/schedules",
        "/runs?state=failed",
        "/runs?state=queued&bot=reconcile_teller",
        f"/runs/{house.runs['failed']}",
        f"/runs/{house.runs['running']}",
        f"/runs/{house.runs[OTHER]}",
        *(f"/items/{house.runs[s]}" for s in ("excepted", "in_doubt", "new", "confirmed")),
        "/approvals?kind=nothing",
        "/exceptions?kind=break",
        "/exceptions?owner=~mine",
        "/audit?item=nothing",
        "/bots/reconcile_teller/run",
        "/nowhere",
    ]


def refused_at_the_door(house: House, page: Page) -> None:
    """A wrong password."""
    page.goto("/sign-in")
    page.fill("[name=name]", "checker.own")
    page.fill("[name=password]", "wrong")
    page.keyboard.press("Enter")
    page.locator(".failure").wait_for()


def a_start_without_a_day(house: House, page: Page) -> None:
    """The form comes back, with what is wrong beside the field."""
    page.goto("/bots/reconcile_teller/run")
    page.locator("#field-business_date").evaluate("(field) => { field.type = 'text'; }")
    page.fill("#field-business_date", "soon")
    page.locator("form[action$='/run'] button").click()
    page.locator(".wrong").first.wait_for()


def somebody_is_added(house: House, page: Page) -> None:
    """Their link is shown."""
    page.goto("/settings/people")
    page.fill("[name=name]", f"li.{len(house.runs)}.{page.evaluate('Date.now()')}")
    for name in ("role.checker", "desk.*"):
        page.locator(f"[name='{name}']").check()
    page.locator(".order button").click()
    page.locator(".secret").wait_for()


def the_log_is_verified(house: House, page: Page) -> None:
    """What was found."""
    page.goto("/audit")
    page.locator("form[action='/audit/verify'] button").click()
    page.wait_for_url("**/audit/verify")


def a_wrong_password(house: House, page: Page) -> None:
    """Said at the top of one's own page."""
    page.goto("/me")
    page.locator("[type=password]").nth(0).fill("wrong")
    for number in (1, 2):
        page.locator("[type=password]").nth(number).fill(PASSWORD)
    page.locator("form[action='/me/password'] button").click()
    page.locator(".failure").wait_for()


def a_defect(house: House, page: Page) -> None:
    """Only its number is shown."""
    run = add_run(house, "done", "odd", totals={"items": {"no such state": 1}})
    page.goto("/runs")
    with house.office.store.begin() as conn:
        conn.execute(sa.delete(runs).where(runs.c.id == run))


ACTS: list[tuple[str, Callable[[House, Page], None]]] = [
    ("", refused_at_the_door),
    (ALL, a_start_without_a_day),
    (ALL, somebody_is_added),
    (ALL, the_log_is_verified),
    (ALL, a_wrong_password),
    (ALL, a_defect),
]


class Visitors:
    """Windows of one language, one for each person; what is wrong with the pages they see."""

    def __init__(self, house: House, browser: Browser, language: str):
        self._house, self._browser, self._language = house, browser, language
        self._pages: dict[str, Page] = {}
        self._turn = 0
        self.wrong: dict[str, list[str]] = {}

    def page(self, name: str) -> Page:
        """The window of that person; "" of nobody."""
        if name not in self._pages:
            context = self._browser.new_context(
                base_url=self._house.origin,
                locale=LOCALES[self._language],
                reduced_motion="reduce",  # colours that are still changing are no fault
            )
            context.add_init_script(axe_source())
            if name:
                token = self._house.session(name)
                context.add_cookies([{"name": COOKIE, "value": token, "url": self._house.origin}])
            self._pages[name] = context.new_page()
        return self._pages[name]

    def look(self, page: Page, what: str) -> None:
        """Hold what the page shows now to everything, in the look whose turn it is."""
        turn = self._turn % 4
        self._turn += 1
        # what one language has wide and light, the other has narrow and dark
        looks = LOOKS if EVERY_LOOK else [LOOKS[turn if self._language == "en" else turn ^ 1]]
        for width, scheme in looks:
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found = violations(page)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append("goes beyond the right edge")
            found += [f"faint: {each}" for each in page.evaluate(_FAINT)]
            if found:
                self.wrong[f"{what} {width} {scheme}"] = found
        if foreign := foreign_words(page, self._language):
            self.wrong[f"{what} says"] = foreign

    def close(self) -> None:
        """All windows."""
        for page in self._pages.values():
            page.context.close()


@contextmanager
def visiting(house: House, browser: Browser, language: str) -> Iterator[Visitors]:
    """Windows of that language while the block runs."""
    visitors = Visitors(house, browser, language)
    try:
        yield visitors
    finally:
        visitors.close()


def is_page(house: House, path: str, name: str) -> bool:
    """Whether a browser shows it as a page of ours: neither a picture nor a download."""
    with house.visitor(name) as client, client.stream("GET", path) as answer:
        kind = answer.headers.get("content-type", "")
        assert answer.status_code in (200, 303), (path, answer.status_code)
        if answer.status_code == 303:
            return False  # to a page that has a line of its own
        return kind.startswith("text/html") and "content-disposition" not in answer.headers


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_can_be_used_and_read_by_everybody(
    full: House, browser: Browser, language: str, monkeypatch: pytest.MonkeyPatch
):
    """Axe finds nothing, nothing is beyond the edge, and all is in the reader's language."""
    shown: set[str] = set()
    told = render.page

    def telling(visit: Any, template: str, values: dict[str, Any]) -> str:
        shown.add(template)
        return told(visit, template, values)

    monkeypatch.setattr(render, "page", telling)
    with visiting(full, browser, language) as visitors:
        for route in PAGES:
            name = "" if route.needs == ANYBODY else ALL
            path = address(full, route)
            if is_page(full, path, name):
                page = visitors.page(name)
                page.goto(path)
                visitors.look(page, name_of(route))
        for path in other_states(full):
            page = visitors.page(ALL)
            page.goto(path)
            visitors.look(page, path)
        for name, act in ACTS:
            page = visitors.page(name)
            act(full, page)
            visitors.look(page, act.__name__)
    pages = {str(path).partition("/templates/")[2] for path in TEMPLATES}
    # arrived.html is shown after another's sign-in only, and goes on by itself: test_oidc.py
    parts = {"layout.html", "parts.html", "sign_in/arrived.html"} | {
        name for path in TEMPLATES for name in _INCLUDED.findall(path.read_text(encoding="utf-8"))
    }

    assert visitors.wrong == {}
    assert sorted(pages - parts - shown) == []


BLIND = """<main><img src="x"><input><p style="color: #bbb; background: #fff">State 状态</p>
<p lang="zh-CN">好</p><p translate="no">Name 名</p></main>"""


def test_what_is_wrong_would_be_found(browser: Browser):
    """The checks are not blind."""
    page = browser.new_page()
    page.set_content(f'<html lang="en"><title>x</title><body>{BLIND}</body></html>')
    page.evaluate(axe_source())
    rules = {found.partition(":")[0] for found in violations(page)}
    words = [foreign_words(page, language) for language in ("en", "zh")]
    faint = page.evaluate(_FAINT)
    page.close()

    assert {"image-alt", "label", "color-contrast"} <= rules
    assert words == [["State 状态"], ["State 状态"]]
    assert [each[1] for each in faint] == ["State 状态"]


_INCLUDED = re.compile(r"""\{% (?:include|from) "([^"]+)\"""")
# ids and names of files, codes, what is quoted, names of firms and of keys
_DATA = re.compile(
    r"“[^”]*”|[\w./@:=*%+#-]*[\d._/@:=*#][\w./@:=*%+#-]*|[A-Z]{2,}"
    r"|Clerkwork|Meridian|Rhenane|Firefox|Alt|Shift|Mac|Control|Option"
)
_FOREIGN = """(language) => {
  const strange = language === "zh" ? /[A-Za-z]{2}/ : /[\u4e00-\u9fff]/;
  const apart = "code, pre, kbd, output, script, style, [translate=no], .procedure, .said";
  const found = [];
  const see = (element, text) => {
    if (!strange.test(text) || element.closest(apart)) return;
    if (element.closest("[lang]") === document.documentElement) found.push(text.trim());
  };
  const texts = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) see(texts.currentNode.parentElement, texts.currentNode.data);
  for (const element of document.querySelectorAll("body *")) {
    for (const name of ["alt", "title", "placeholder", "aria-label"]) {
      see(element, element.getAttribute(name) || "");
    }
  }
  return found;
}"""


def foreign_words(page: Page, language: str) -> list[str]:
    """What is said in the other language, outside of what comes from data."""
    found: list[str] = page.evaluate(_FOREIGN, language)
    strange = r"[A-Za-z]{2}" if language == "zh" else r"[\u4e00-\u9fff]"
    return [text for text in found if re.search(strange, _DATA.sub("", text))]


# what is shown with less contrast than 4.5 to 1
_FAINT = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = parts(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !element.checkVisibility()) continue;
    const [a, b] = [light(parts(getComputedStyle(element).color)), light(ground(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) faint.push([element.tagName, element.textContent.trim(), contrast]);
  }
  return faint;
}"""
