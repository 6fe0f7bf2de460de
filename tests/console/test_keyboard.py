"""What people do in the console, from the sign-in to done, in both languages, without a mouse."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from clerkwork.console import texts
from clerkwork.people import ROLES
from clerkwork.run.items import list_items, load_item
from clerkwork.store.tables import alerts, decisions, items, runs

from .browsing import Keys
from .conftest import OWN, PASSWORD, House

FAILURE = {
    "kind": "Refused",
    "code": "ACCOUNT_UNKNOWN",
    "en": "no such account",
    "zh": "账号不存在",
}
NEW = "another-horse-staple"
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])


class Hand:
    """Keys, and the words of the page in its language."""

    def __init__(self, page: Page, language: str):
        self.page, self.keys, self._language = page, Keys(page), language

    def say(self, key: str, **facts: object) -> str:
        """A text of the console."""
        return texts.text(key, self._language, **facts)

    def press(self, key: str, **facts: object) -> None:
        """Enter on the button or link that says so."""
        self.keys.press(self.say(key, **facts))

    def fill(self, key: str, text: str) -> None:
        """Type into the field that is called so."""
        self.keys.fill(self.say(key), text)

    def sees(self, key: str) -> None:
        """The page begins with that it is done."""
        self.page.locator(".notice", has_text=self.say(key)).wait_for()

    def goes(self, key: str) -> None:
        """By the navigation."""
        self.keys.press(self.say(key), exactly=True)
        self.page.locator("nav [aria-current]", has_text=self.say(key)).wait_for()


@pytest.fixture
def hand(house: House, open_page: Any, language: str) -> Callable[..., Hand]:
    """Somebody new with these roles, who has come in by keyboard."""

    def made(*roles: str) -> Hand:
        name = f"{roles[0][:6]}.{language}.{time.monotonic_ns() % 10**9}"
        house.add(name, *roles, desks=(OWN,) if roles != ("administrator",) else ("*",))
        page = open_page(language=language)
        page.goto("/")
        found = Hand(page, language)
        found.fill("sign_in.name", name)
        found.fill("sign_in.password", PASSWORD)
        page.keyboard.press("Enter")
        page.locator("#now").wait_for()
        return found

    return made


def ready(house: House, state: str, count: int) -> list[str]:
    """So many items in that state, on which nobody has decided."""
    chosen = [row for row in list_items(house.office) if len(row.needs) == 1][:count]
    names = [row.id for row in chosen]
    assert len(names) == count
    failure = FAILURE if state == "excepted" else None
    with house.office.store.begin() as conn:
        conn.execute(sa.delete(decisions).where(decisions.c.item_id.in_(names)))
        these = sa.update(items).where(items.c.id.in_(names))
        conn.execute(these.values(state=state, failure=failure, needs=["checker"], edited_by=[]))
    return names


@LANGUAGES
def test_signing_in_with_a_one_time_code(house: House, hand: Any, language: str):
    """Codes are set up, and the next sign-in asks for one."""
    one: Hand = hand("checker")
    name = one.page.locator(".person a").inner_text()
    one.keys.press(name)
    one.press("me.set_codes")
    one.page.locator("output.secret").wait_for()
    codes = pyotp.TOTP(one.page.locator("output.secret").inner_text().replace(" ", ""))
    one.fill("sign_in.code", codes.now())
    one.press("me.set_codes")
    one.sees("said.codes_set")
    one.press("nav.sign_out")
    one.sees("said.signed_out")
    one.fill("sign_in.name", name)
    one.fill("sign_in.password", PASSWORD)
    one.fill("sign_in.code", codes.at(time.time() + 30))  # each is good once
    one.press("sign_in.do")
    one.page.locator("#now").wait_for()


@LANGUAGES
def test_exceptions_are_settled(house: House, hand: Any, language: str):
    """Looked up, approved again, abandoned; given to somebody, and a word said of it."""
    names = ready(house, "excepted", 3)
    one: Hand = hand("checker")
    for item, deed, said in zip(
        names,
        ("items.look_up", "items.retry", "items.abandon"),
        ("said.look_up_asked", "said.retried", "said.abandoned"),
        strict=True,
    ):
        one.goes("nav.exceptions")
        one.keys.press(one.page.locator(f"a[href='/items/{item}']").inner_text())
        one.page.wait_for_url(f"**/items/{item}")
        if deed == "items.look_up":
            one.keys.choose(one.say("items.assign"), "checke")
            one.press("items.assign_here")
            one.sees("said.assigned")
            one.fill("items.comment", "asked the branch")
            one.press("items.comment_here")
            one.sees("said.commented")
        one.fill("items.why", "the ledger has the account now")
        one.press(deed)
        one.sees(said)
    assert load_item(house.office, names[1]).state == "approved"
    assert load_item(house.office, names[2]).state == "abandoned"


@LANGUAGES
def test_items_are_approved_sent_back_refused_and_edited(house: House, hand: Any, language: str):
    """One by one, then two in a batch that is counted before."""
    names = ready(house, "waiting", 5)
    one: Hand = hand("checker")
    for item, deed, said in zip(
        names,
        ("items.agree", "items.send_back", "items.refuse"),
        ("said.agreed", "said.send_back", "said.refuse"),
        strict=False,
    ):
        one.goes("nav.approvals")
        one.keys.press(item)
        one.page.wait_for_url(f"**/items/{item}")
        one.fill("items.why", "seen")
        one.press(deed)
        one.sees(said)
    one.goes("nav.approvals")
    for item in names[3:]:
        one.keys.tick(one.say("approvals.choose", item=item))
    one.press("approvals.review")
    one.page.wait_for_url("**/approvals/batch?*")
    one.press("approvals.agree", count=2)
    one.sees("said.batch_agreed")
    states = [load_item(house.office, item).state for item in names]
    assert states == ["approved", "new", "refused", "approved", "approved"]

    maker: Hand = hand("maker")
    maker.goes("nav.exceptions")
    maker.keys.press(maker.page.locator(f"a[href='/items/{names[1]}']").inner_text())
    maker.press("items.edit")
    maker.keys.fill("Narrative", f"MENDED BY HAND {language}")
    maker.fill("items.why", "as the branch says")
    maker.press("items.save")
    maker.sees("said.edited")
    assert load_item(house.office, names[1]).state == "waiting"


@LANGUAGES
def test_a_rehearsal_is_asked_for(house: House, hand: Any, language: str):
    """From the catalogue to the run's page; how it ends is followed with a mouse elsewhere."""
    with house.office.store.begin() as conn:  # another one with the same day would be asked about
        conn.execute(sa.update(runs).where(runs.c.state == "queued").values(state="failed"))
    one: Hand = hand("operator")
    one.goes("nav.bots")
    one.press("bots.run")
    one.page.locator("#field-business_date").wait_for()
    one.keys.seek(one.say("start.for_real"))
    one.page.keyboard.press("ArrowDown")
    assert one.page.locator("[value=rehearse]").is_checked()
    one.press("start.do")
    one.page.wait_for_url("**/runs/*")
    one.sees("said.run_started")
    assert one.page.locator(".facts .mark", has_text=one.say("state.rehearsal")).count() == 1


@LANGUAGES
def test_a_schedule_is_paused_resumed_skipped_and_run(house: House, hand: Any, language: str):
    """Each with why."""
    one: Hand = hand("operator")
    one.goes("nav.schedules")
    one.keys.press("reconcile_teller")
    one.page.wait_for_url("**/schedules/reconcile_teller")
    for deed, said in (
        ("pause", "schedule_paused"),
        ("resume", "schedule_resumed"),
        ("skip", "schedule_skipped"),
        ("run_now", "schedule_run"),
    ):
        one.fill("schedules.why", "a holiday of the correspondent")
        one.press(f"schedules.{deed}")
        one.sees(f"said.{said}")


@LANGUAGES
def test_the_audit_log_is_searched_and_verified(house: House, hand: Any, language: str):
    """An event is found by its name, and all of the log is proved."""
    one: Hand = hand("auditor")
    one.goes("nav.audit")
    one.keys.choose(one.say("audit.event"), "run.ended")
    one.press("shared.filter")
    one.page.wait_for_url("**/audit?name=run.ended*")
    position = house.event("run.ended")
    one.press("audit.event_title", number=position)
    one.page.wait_for_url(f"**/audit/{position}")
    one.press("audit.back")
    one.press("audit.verify_now")
    one.page.wait_for_url("**/audit/verify")
    assert one.page.locator(".notice").count() == 1


@LANGUAGES
def test_an_alert_is_taken_in_hand(house: House, hand: Any, language: str):
    """With what is done about it."""
    with house.office.store.begin() as conn:  # one that stands is not raised again
        conn.execute(sa.delete(alerts))
    number = house.alert()
    one: Hand = hand("operator")
    one.goes("nav.settings")
    one.fill("settings.why", "the host is up again")
    one.press("settings.acknowledge")
    one.sees("said.alert_acknowledged")
    assert one.page.locator(f"#alert-{number} form").count() == 0


@LANGUAGES
def test_somebody_is_added_reset_and_disabled(house: House, hand: Any, language: str):
    """The link that lets them in is shown each time."""
    one: Hand = hand("administrator")
    one.goes("nav.settings")
    one.press("settings.tab.people")
    one.page.wait_for_url("**/settings/people")
    one.fill("sign_in.name", f"sun.{language}")
    one.fill("settings.called_en", f"Sun {language}")
    one.fill("settings.called_zh", f"孙{language}")
    one.keys.tick(one.say("role.checker"))
    one.keys.tick(one.say("me.every_desk"))
    one.press("settings.add_do")
    one.page.locator(".secret").wait_for()
    for deed in ("reset", "disable"):
        one.press("settings.tab.people")
        one.keys.press(f"sun.{language}")
        one.page.wait_for_url(f"**/settings/people/sun.{language}")
        one.press(f"settings.{deed}")
        one.page.locator(".secret" if deed == "reset" else ".notice").wait_for()
    assert house.person(f"sun.{language}").disabled


@LANGUAGES
def test_ones_own_password_and_language(house: House, hand: Any, language: str):
    """The new one counts; the other language stays."""
    one: Hand = hand(*ROLES[:1])
    name = one.page.locator(".person a").inner_text()
    one.keys.press(name)
    one.fill("me.old_password", PASSWORD)
    one.fill("me.new_password", NEW)
    one.fill("sign_in.again", NEW)
    one.press("me.change_password")
    one.sees("said.password_changed")
    other = {"en": ("nav.chinese", "zh"), "zh": ("nav.english", "en")}[language]
    one.press(other[0])
    one.page.locator(f"html[lang^={other[1]}]").wait_for()
