"""What tests do to a page in a real browser, and how they find faults in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from clerkwork.console import assets

HERE = Path(__file__).parent
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_RUN = """async (tags) => (await axe.run(document, {
  runOnly: {type: "tag", values: tags}, resultTypes: ["violations"], elementRef: false,
})).violations.map((found) => `${found.id}: ${found.nodes.map((n) => n.html).join(" | ")}`)"""


def axe_source() -> str:
    """Axe, which is fetched when it is not there yet."""
    folder = HERE / ".axe"
    assets.fetch(folder, HERE / "axe.toml")
    return (folder / "axe.js").read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA: the rule, and the elements as they stand."""
    found: list[str] = page.evaluate(_RUN, WCAG)
    return found


def alt(page: Page, letter: str) -> None:
    """Alt with a letter, as a keyboard sends it: Playwright's own keys name no letter with Alt."""
    key: dict[str, Any] = {"modifiers": 1, "key": letter, "code": f"Key{letter.upper()}"}
    key |= {"text": letter, "unmodifiedText": letter}
    session = page.context.new_cdp_session(page)
    for kind in ("keyDown", "keyUp"):
        session.send(
            "Input.dispatchKeyEvent",
            {"type": kind, "windowsVirtualKeyCode": ord(letter.upper()), **key},
        )
    session.detach()


def until(page: Page, expression: str) -> None:
    """Wait for it from outside: the page's own policy forbids what Playwright would do inside."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(25)
    pytest.fail(f"{expression} never came true")
