"""
What the checks of our screen drivers cost, against bare clients that make the same visits.

Terminal: the journal of a day by tasks.core.read_journal, against s3270 on a pipe that
pages through the same screens. Web: look up, fill and post vouchers by tasks.ledger,
against a Playwright script that does the same clicks. Neither peer recognises a screen,
reads a field back, proves an order or keeps evidence. The practice bank is a process of
its own; both sides of a comparison take turns.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from clerkwork import practice
from clerkwork.practice.credentials import credentials
from clerkwork.practice.world import EPOCH, day
from clerkwork.systems import browser, tn3270
from clerkwork.systems.maps import load_system
from clerkwork.systems.port import SignOn

ROOT = Path(__file__).parents[2]
LINES = len(day(EPOCH).journal)
PAGES = -(-LINES // 16) + 1  # and the last once more, which says that there are no more
JOURNAL_ROUNDS = 5
VOUCHER_ROUNDS, VOUCHERS = 3, 3  # rounds, vouchers a round

Round = Callable[[int], None]


class BareS3270:
    """s3270 on a pipe: lines in, lines out, nothing looked at."""

    def __init__(self, address: str):
        self._child = subprocess.Popen(
            ["s3270", "-utf8", "-codepage", "cp037", "-model", "3278-2"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.run(f'Connect("{address}")', "Wait(InputField)")

    def run(self, *actions: str) -> list[str]:
        """The text on the screens that `actions` read."""
        assert self._child.stdin is not None and self._child.stdout is not None
        self._child.stdin.write("".join(f"{action}\n" for action in actions))
        self._child.stdin.flush()
        read = []
        for _ in actions:
            while (line := self._child.stdout.readline().rstrip("\n")) != "ok":
                if line in ("", "error"):
                    raise RuntimeError(f"s3270 does not do {actions}")
                read.append(line)
        return [line.removeprefix("data: ") for line in read if line.startswith("data:")]

    def sign_on(self, operator: str, password: str) -> None:
        """To the menu."""
        self.run(*_typed(10, operator), *_typed(12, password), "Enter()")

    def read_journal(self) -> int:
        """Page through the journal of the first day; how many lines were seen."""
        self.run(*_typed(14, "1"), "Enter()")
        self.run(*_typed(8, f"{EPOCH:%Y%m%d}"), *_typed(10, "0755"))
        key, lines = "Enter()", set()
        for _ in range(PAGES):
            lines |= {text for text in self.run(key, "Ascii()") if re.match("[0-9]{5} ", text)}
            key = "PF(8)"
        self.run("PF(3)", "PF(3)")
        return len(lines)

    def close(self) -> None:
        """End the child."""
        assert self._child.stdin is not None and self._child.stdout is not None
        self._child.stdin.close()
        self._child.wait()
        self._child.stdout.close()


def _typed(row: int, value: str) -> tuple[str, str]:
    return f"MoveCursor({row - 1},39)", f'String("{value}")'


def journals(bank: practice.Practice, signs: Mapping[str, Mapping[str, str]]) -> None:
    """Pages a second, ours and bare."""
    from tasks import core

    address = f"{bank.ports['core']['host']}:{bank.ports['core']['port']}"
    bare = BareS3270(address)
    bare.sign_on(**signs["core-keyboard"])
    system = load_system(ROOT / "resources/systems/core")
    desk = SignOn(**signs["core-desk"])
    with tn3270.open_session(system, address, desk, keep=str, tls=False) as session:
        core.sign_on(session)

        def ours(_: int) -> None:
            entries = core.read_journal(session, business_date=EPOCH, branch="0755")
            assert len(entries) == LINES

        def theirs(_: int) -> None:
            assert bare.read_journal() == LINES

        times = taken(JOURNAL_ROUNDS, ours, theirs)
    bare.close()
    print(f"journal of {LINES} lines, {PAGES} screens, {JOURNAL_ROUNDS} rounds")
    told("pages", PAGES, times, "tasks.core on our tn3270", "bare s3270 pipe")


class BarePlaywright:
    """The ledger clicked through without a look back."""

    def __init__(self, page: Page, url: str, operator: str, password: str):
        self._page = page
        self._said: list[str] = []
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(url)
        page.fill("#operator", operator)
        page.fill("#password", password)
        page.click("form#signon input[type=submit]")

    def voucher(self, fields: Mapping[str, str]) -> str:
        """Look up, fill, post; the number that the ledger gave."""
        menu, main = (self._page.frame_locator(f"frame[name={name}]") for name in ("menu", "main"))
        menu.locator("#m-search").click()
        main.locator("form#search [name=reference]").fill(fields["reference"])
        main.locator("#find").click()
        assert main.locator("#count").inner_text() == "0"
        menu.locator("#m-entry").click()
        form = main.locator("form#voucher")
        for name, value in fields.items():
            box = form.locator(f"[name={name}]")
            if name in ("currency", "colour"):
                box.select_option(value)
            else:
                box.fill(value)
        main.locator("#post").click()
        return main.locator("#vouchers tr.voucher td").first.inner_text()


@contextmanager
def bare_page() -> Iterator[Page]:
    """A page of the same browser program; only loopback is visited, so no sandbox is needed."""
    program = browser.find_browser()
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chrome.new_page(viewport={"width": 1280, "height": 800})
        chrome.close()


def vouchers(bank: practice.Practice, signs: Mapping[str, Mapping[str, str]]) -> None:
    """Vouchers a second, ours and bare."""
    from tasks import ledger

    url = bank.ports["ledger"]["url"]
    system = load_system(ROOT / "resources/systems/ledger")
    keyboard = SignOn(**signs["ledger-keyboard"])
    numbers: set[str] = set()
    with (
        browser.open_session(system, url, keyboard, keep=str, may_commit=True) as session,
        bare_page() as page,
    ):
        ledger.sign_on(session)
        bare = BarePlaywright(page, url, **signs["ledger-keyboard"])

        def ours(nth: int) -> None:
            for each in range(VOUCHERS):
                fields = voucher(f"OURS{nth:04}{each:04}")
                assert ledger.look_up(session, fields["reference"]) is None
                ledger.fill(session, fields)
                numbers.add(ledger.post(session, lambda: None).number)

        def theirs(nth: int) -> None:
            for each in range(VOUCHERS):
                numbers.add(bare.voucher(voucher(f"BARE{nth:04}{each:04}")))

        times = taken(VOUCHER_ROUNDS, ours, theirs)
    assert len(numbers) == 2 * VOUCHERS * (VOUCHER_ROUNDS + 1)
    print(f"vouchers looked up, filled, posted: {VOUCHERS} a round, {VOUCHER_ROUNDS} rounds")
    told("vouchers", VOUCHERS, times, "tasks.ledger on our browser", "bare Playwright script")


def voucher(reference: str) -> dict[str, str]:
    """One that the ledger takes."""
    return {
        "accounting_date": EPOCH.isoformat(),
        "debit_account": "6421000001",
        "credit_account": "1011840001",
        "currency": "USD",
        "amount": "1234.50",
        "colour": "blue",
        "original_voucher": "",
        "narrative": "手续费 SERVICE CHARGE",
        "reference": reference,
    }


def taken(rounds: int, ours: Round, theirs: Round) -> list[tuple[float, float]]:
    """Seconds of each in each round, in turns; a first round warms up and does not count."""
    times = []
    for nth in range(rounds + 1):
        begun = time.perf_counter()
        ours(nth)
        between = time.perf_counter()
        theirs(nth)
        times.append((between - begun, time.perf_counter() - between))
    return times[1:]


def told(what: str, count: int, times: list[tuple[float, float]], us: str, peer: str) -> None:
    """Print both medians, and the median of the ratios of the rounds."""
    ours, theirs = (median(count / each[side] for each in times) for side in (0, 1))
    ratio = median(peer_s / our_s for our_s, peer_s in times)
    print(f"  {us:28} {ours:9.1f} {what}/s")
    print(f"  {peer:28} {theirs:9.1f} {what}/s")
    print(f"  ours / bare                  {ratio:9.2f}")


def main() -> None:
    """Both comparisons on one practice bank."""
    sys.path.insert(0, str(ROOT))  # tasks/ is content, found as bots find it
    with tempfile.TemporaryDirectory() as home, practice.start(Path(home)) as bank:
        signs = credentials(Path(home))
        journals(bank, signs)
        vouchers(bank, signs)


if __name__ == "__main__":
    main()
