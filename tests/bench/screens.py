"""
What the checks of our screen drivers cost, against bare clients that make the same visits.

Terminal: pages of a list read and slips keyed, against s3270 on a pipe and Mainframe3270
at wait 0 on the same screens. Web: look up, fill and post vouchers by tasks.ledger, with
evidence and without, against a Playwright script that does the same clicks. No peer
recognises a screen, reads a field back or keeps evidence. The practice bank is a process
of its own; the sides of a comparison take turns. The bars are the project's, whatever is
measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from clerkwork import practice
from clerkwork.practice.credentials import credentials
from clerkwork.practice.process import folder
from clerkwork.practice.world import EPOCH
from clerkwork.systems import browser, tn3270
from clerkwork.systems.browser.camera import Camera
from clerkwork.systems.maps import load_system
from clerkwork.systems.port import SignOn

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".venv-bench"
ROUNDS, PAGES_A_ROUND, SLIPS_A_ROUND = 30, 20, 5
VOUCHER_ROUNDS, VOUCHERS = 30, 1  # rounds, vouchers a round
SESSIONS, SESSIONS_MB = 50, 200

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

    def post(self, fields: Mapping[str, str]) -> None:
        """From the answer of the last slip to that of this one."""
        self.run("PF(3)", "PF(4)")
        for row, value in zip((8, 10, 12, 14, 16), fields.values(), strict=True):
            self.run(*_typed(row, value))
        assert any("CB4001" in line for line in self.run("Enter()", "Ascii()"))

    def close(self) -> None:
        """End the child."""
        assert self._child.stdin is not None and self._child.stdout is not None
        self._child.stdin.close()
        self._child.wait()
        self._child.stdout.close()


def _typed(row: int, value: str) -> tuple[str, str]:
    return f"MoveCursor({row - 1},39)", f'String("{value}")'


def slip_pages(bank: practice.Practice, signs: Mapping[str, Mapping[str, str]]) -> None:
    """Reading pages of a list and keying slips, ours and bare, on the same screens."""
    from tasks import slips

    address = f"{bank.ports['core']['host']}:{bank.ports['core']['port']}"
    system = load_system(ROOT / "resources/systems/core")
    bare = BareS3270(address)
    bare.sign_on(**signs["core-desk"])
    keyboard = SignOn(**signs["core-keyboard"])
    with tn3270.open_session(
        system, address, keyboard, keep=str, may_commit=True, tls=False
    ) as session:
        slips.sign_on(session)
        session.press("list")
        bare.run("PF(9)")

        def read_ours(_: int) -> None:
            for _page in range(PAGES_A_ROUND // 2):
                for key in ("forward", "backward"):
                    session.press(key)
                    assert session.rows("lines")

        def read_theirs(_: int) -> None:
            for _page in range(PAGES_A_ROUND // 2):
                for key in ("PF(8)", "PF(7)"):
                    assert any(" S0000" in line for line in bare.run(key, "Ascii()"))

        times = taken(ROUNDS, read_ours, read_theirs)
        print(f"pages of a list, {PAGES_A_ROUND} a round, medians of {ROUNDS} rounds")
        told("pages", PAGES_A_ROUND, times, "our tn3270", "bare s3270 pipe", bar=0.8)
        bare.close()
        bare = BareS3270(address)
        bare.sign_on(**signs["core-other"])

        def key_ours(nth: int) -> None:
            for each in range(SLIPS_A_ROUND):
                slips.fill(session, slip(f"OURS{nth:04}{each:04}"))
                slips.post(session, lambda: None)

        def key_theirs(nth: int) -> None:
            for each in range(SLIPS_A_ROUND):
                bare.post(slip(f"BARE{nth:04}{each:04}"))

        times = taken(ROUNDS, key_ours, key_theirs)
        bare.close()
        print(f"slips filled and posted, {SLIPS_A_ROUND} a round, medians of {ROUNDS} rounds")
        us = "our tn3270, all checks"
        told("slips", SLIPS_A_ROUND, times, us, "bare s3270 pipe", bar=0.5)
        with mainframe3270(bank, signs["core-other"]) as key_peer:
            times = taken(ROUNDS, lambda nth: key_ours(nth + 1000), key_peer)
        told("slips", SLIPS_A_ROUND, times, us, "Mainframe3270, wait 0", bar=2.0)


@contextmanager
def mainframe3270(bank: practice.Practice, sign: Mapping[str, str]) -> Iterator[Round]:
    """A round of slips by Mainframe3270 in a Python of its own."""
    if not (PEERS / "lib").exists():
        venv.create(PEERS, with_pip=True)
    pip = [str(PEERS / "bin" / "pip"), "install", "-q", "robotframework-mainframe3270==4.4"]
    subprocess.run(pip, check=True)
    script = str(Path(__file__).parent / "inputs" / "mainframe3270_peer.py")
    where = [bank.ports["core"]["host"], str(bank.ports["core"]["port"])]
    command = [str(PEERS / "bin" / "python"), script, *where, sign["operator"], sign["password"]]
    child = subprocess.Popen(
        [*command, str(SLIPS_A_ROUND)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None and child.stdout is not None

    def one(_: int) -> None:
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write("round\n")
        child.stdin.flush()
        if not child.stdout.readline():
            raise RuntimeError("Mainframe3270 ended")

    yield one
    child.stdin.close()
    child.wait()
    child.stdout.close()


def sessions_at_once(bank: practice.Practice, signs: Mapping[str, Mapping[str, str]]) -> None:
    """The memory of fifty terminals, all connected."""
    address = f"{bank.ports['core']['host']}:{bank.ports['core']['port']}"
    system = load_system(ROOT / "resources/systems/core")
    nobody = SignOn(**signs["core-desk"])
    with ExitStack() as stack:
        for _ in range(SESSIONS):
            session = tn3270.open_session(system, address, nobody, keep=str, tls=False)
            stack.enter_context(session).expect("sign_on")
        used = sum(map(_proportional_kb, _children())) / 1024
    verdict = "held" if used <= SESSIONS_MB else "NOT HELD"
    print(f"{SESSIONS} sessions of 3270 at once: {used:.0f} MB   bar: {SESSIONS_MB} MB  {verdict}")


def _children() -> list[int]:
    mine = str(os.getpid())
    status = {int(p.parent.name): p.read_text() for p in Path("/proc").glob("[0-9]*/stat")}
    return [pid for pid, text in status.items() if text.rpartition(")")[2].split()[1] == mine]


def _proportional_kb(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(text.partition("\nPss:")[2].split()[0])


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
    """Vouchers a second, ours with evidence and without, and bare."""
    from tasks import ledger

    url = bank.ports["ledger"]["url"]
    system = load_system(ROOT / "resources/systems/ledger")
    keyboard = SignOn(**signs["ledger-keyboard"])
    pixels = Camera._pixels
    with (
        browser.open_session(system, url, keyboard, keep=str, may_commit=True) as session,
        bare_page() as page,
    ):
        ledger.sign_on(session)
        bare = BarePlaywright(page, url, **signs["ledger-keyboard"])

        def ours(nth: int, name: str) -> None:
            fields = voucher(f"{name}{nth:08}")
            assert ledger.look_up(session, fields["reference"]) is None
            ledger.fill(session, fields)
            ledger.post(session, lambda: None)

        def theirs(nth: int, name: str) -> None:
            bare.voucher(voucher(f"{name}{nth:08}"))

        print(f"vouchers looked up, filled, posted: medians of {VOUCHER_ROUNDS} rounds")
        for us, bar, evidence in (("without", 1.3, False), ("with", 1.8, True)):
            Camera._pixels = pixels if evidence else lambda *_: b""  # type: ignore[method-assign]
            times = taken(
                VOUCHER_ROUNDS,
                lambda nth, us=us: ours(nth, f"O{len(us)}"),
                lambda nth, us=us: theirs(nth, f"B{len(us)}"),
            )
            told("vouchers", 1, times, f"ours, {us} evidence", "bare Playwright", bar=1 / bar)


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


def told(
    what: str, count: int, times: list[tuple[float, float]], us: str, peer: str, *, bar: float
) -> None:
    """Print both medians, the median of the ratios of the rounds, and whether it holds."""
    ours, theirs = (median(count / each[side] for each in times) for side in (0, 1))
    ratio = median(peer_s / our_s for our_s, peer_s in times)
    verdict = "held" if ratio >= bar else "NOT HELD"
    print(f"  {us:28} {ours:9.1f} {what}/s")
    print(f"  {peer:28} {theirs:9.1f} {what}/s")
    print(f"  ours / peer                  {ratio:9.2f}   bar: at least {bar:.2f}  {verdict}")


def slip(reference: str) -> dict[str, str]:
    """One that the core takes."""
    return {
        "account": "6222000011",
        "payee": "ACME TRADING",
        "amount": "1234.50",
        "purpose": "INVOICE",
        "reference": reference,
    }


def with_another_clerk(home: Path) -> Mapping[str, Mapping[str, str]]:
    """The bank's sign-ons, and one more who may key at the core beside the first."""
    signs = {**credentials(home), "core-other": {"operator": "CK02", "password": "AB12CD34"}}
    path = home / "practice" / "credentials.json"
    path.write_text(json.dumps(signs), encoding="utf-8")
    return signs


def main() -> None:
    """All comparisons on one practice bank."""
    sys.path.insert(0, str(ROOT))  # tasks/ is content, found as bots find it
    with tempfile.TemporaryDirectory() as home:
        folder(Path(home)).mkdir()
        signs = with_another_clerk(Path(home))
        with practice.start(Path(home)) as bank:
            slip_pages(bank, signs)
            sessions_at_once(bank, signs)
            vouchers(bank, signs)


if __name__ == "__main__":
    main()
