"""What tests do to a page in a real browser, and how they find faults in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


# what stands in focus: its name as it is spoken, and whether who looks on can see it
_FOCUS = """() => {
  const stop = document.activeElement;
  const label = stop.labels && stop.labels.length ? stop.labels[0].innerText : "";
  const name = stop.getAttribute("aria-label") || label || stop.innerText || stop.value || "";
  const box = stop.getBoundingClientRect();
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 2);
  const y = Math.min(Math.max(box.top + Math.min(box.height / 2, 20), 1), innerHeight - 2);
  const front = document.elementFromPoint(x, y);
  const style = getComputedStyle(stop);
  return {
    name: name.trim(), tag: stop.tagName.toLowerCase(), path: stop.getAttribute("href") || "",
    isMarked: style.outlineStyle !== "none" || style.boxShadow !== "none",
    isSeen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight
      && front !== null && (stop.contains(front) || front.contains(stop)),
  };
}"""


@dataclass(frozen=True)
class Keys:
    """Somebody who has no mouse: every stop on the way is marked, and nothing hides it."""

    page: Page

    def seek(self, words: str, *, tags: Sequence[str] = (), exactly: bool = False) -> str:
        """Press Tab until what is called so stands in focus; gives its tag."""
        for _ in range(250):
            stop = self.page.evaluate(_FOCUS)
            found = stop["name"] == words if exactly else stop["name"].startswith(words)
            if found and stop["tag"] != "body" and (not tags or stop["tag"] in tags):
                return str(stop["tag"])
            self.page.keyboard.press("Tab")
            stop = self.page.evaluate(_FOCUS)
            assert stop["tag"] in ("body", "html") or (stop["isMarked"] and stop["isSeen"]), stop
        pytest.fail(f"“{words}” is not reached by keyboard on {self.page.url}")

    def press(self, words: str, *, exactly: bool = False) -> None:
        """Enter on the link or button of that name, and be where it leads."""
        if self.seek(words, tags=("a", "button", "summary"), exactly=exactly) == "summary":
            self.page.keyboard.press("Enter")
            return
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def fill(self, label: str, text: str) -> None:
        """Type into the field of that label, instead of what stands there."""
        self.seek(label, tags=("input", "textarea"))
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def tick(self, label: str) -> None:
        """Space on the box of that label."""
        self.seek(label, tags=("input",))
        self.page.keyboard.press("Space")

    def choose(self, label: str, option: str) -> None:
        """The option of a list that begins with these words, as a keyboard finds it."""
        self.seek(label, tags=("select",))
        chosen = "() => document.activeElement.selectedOptions[0].innerText.trim()"
        self.page.keyboard.press("Home")
        for _ in range(100):
            if self.page.evaluate(chosen).startswith(option):
                return
            self.page.keyboard.press("ArrowDown")
        pytest.fail(f"“{option}” is none of “{label}”")
