"""A console that is served on loopback, with a night behind it and people of two desks."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from clerkwork import practice
from clerkwork.alert import Alert, list_alerts, raise_alert
from clerkwork.console.address import Address
from clerkwork.console.serve import serve
from clerkwork.facts import Break, Entry, Origin
from clerkwork.people import ROLES, Person, add_person, find_person, issue_token, list_people
from clerkwork.people.sessions import open_session
from clerkwork.run.breaks import find_break, insert_break
from clerkwork.run.evidence import evidence_of
from clerkwork.run.office import Office, Progress, no_progress, open_office
from clerkwork.run.runs import find_run, list_runs, start_run
from clerkwork.systems.browser import find_browser
from clerkwork.workspace import Workspace, load

from ..conftest import ACCOUNTING_DATE, Branch
from .browsing import LOCALES

ROOT = Path(__file__).parents[2]
OWN = "operations.accounting"  # the desk of the bot that ran last night
OTHER = "operations.cash"
COOKIE = "clerkwork-session"
PASSWORD = "canary-horse-staple"
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class House:
    """A served console, its office, and what there is to look at."""

    office: Office
    origin: str
    first: str  # path of the first administrator's link, "" when there is somebody
    runs: dict[str, str] = field(default_factory=dict)  # by desk

    def visitor(self, name: str = "", **options: object) -> httpx.Client:
        """A browser; signed in as `name` where there is one."""
        # authorities are loaded slowly, and loopback needs none
        settings = {"base_url": self.origin, "timeout": 30, "verify": False} | options
        client = httpx.Client(**settings)  # type: ignore[arg-type]
        if name:
            client.cookies.set(COOKIE, self.session(name))
        return client

    def program(self, name: str, **options: object) -> httpx.Client:
        """A program with a new token of that person."""
        record = self.office.audit.record
        token = issue_token(self.office.store, name, by=name, record=record)
        client = self.visitor(**options)
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    def session(self, name: str) -> str:
        """A new session of that person: its token."""
        person = self.person(name)
        record, now = self.office.audit.record, self.office.clock()
        return open_session(self.office.store, person, record=record, now=now).token

    def person(self, name: str) -> Person:
        """Somebody who is known."""
        found = find_person(self.office.store, name)
        assert found is not None
        return found

    def add(self, name: str, *roles: str, desks: tuple[str, ...] = ("*",)) -> Person:
        """Somebody new, whose password is `PASSWORD`."""
        return add_person(
            self.office.store, name, name, name, roles, PASSWORD, by="boss",
            record=self.office.audit.record, desks=desks,
        )  # fmt: skip

    def evidence(self, kind: str) -> str:
        """The id of some evidence of last night's run: "screen" or "document"."""
        found = evidence_of(self.office, self.runs[OWN])
        return str(next(row.id for row in found if row.kind == kind))

    def event(self, name: str) -> int:
        """The position of the last event of that name in the audit log."""
        return next(
            p for p, event in reversed(list(self.office.audit.read())) if event.name == name
        )

    def alert(self, owner: str = OWN) -> int:
        """The number of an alert about something of that desk."""
        about = {"bot": "reconcile_teller", "run": "reconcile_teller.000000.1", "code": "DEFECT"}
        with self.office.store.begin() as conn:
            raise_alert(
                conn,
                Alert("run_failed", f"run_failed:{owner}", about, owner),
                at=self.office.clock(),
            )
        rows = [row for row, _ in list_alerts(self.office.store) if row.owner == owner]
        return int(rows[0].id)


def post(client: httpx.Client, path: str, *, page: str = "", **form: str) -> httpx.Response:
    """Send a form as the page at `page` (the same path) has it."""
    shown = client.get(page or path)
    token = _CSRF.search(shown.text)
    assert token is not None, shown.text
    origin = str(client.base_url).rstrip("/")
    return client.post(path, data={"csrf": token[1]} | form, headers={"Origin": origin})


def make_workspace(folder: Path) -> Workspace:
    """This workspace, with a second bot that belongs to another desk."""
    folder.mkdir(parents=True)
    for part in ("tasks", "resources", "schedules", "pyproject.toml"):
        (folder / part).symlink_to(ROOT / part)
    (folder / "bots").mkdir()
    (folder / "bots/reconcile_teller").symlink_to(ROOT / "bots/reconcile_teller")
    shutil.copytree(ROOT / "bots/reconcile_teller", folder / "bots/count_cash")
    manifest = folder / "bots/count_cash/bot.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace(OWN, OTHER), encoding="utf-8")
    return load(folder)


@contextmanager
def served(office: Office, address: Address | None = None) -> Iterator[House]:
    """The console of an office while the block runs, at a free port."""
    stopping, ready = threading.Event(), threading.Event()
    told: list[str] = []

    def tell(origin: str, first: str) -> None:
        told.extend((origin, first))
        ready.set()

    thread = threading.Thread(
        target=serve, args=(office, address or Address(port=0), stopping), kwargs={"tell": tell}
    )
    thread.start()
    try:
        assert ready.wait(20)
        yield House(office, *told)
    finally:
        stopping.set()
        thread.join()


@contextmanager
def opened_night(
    decided: Path,
    folder: Path,
    *,
    progress: Progress = no_progress,
    rules: Callable[[str], str] | None = None,
    accounting_date: date = ACCOUNTING_DATE,
) -> Iterator[tuple[House, Branch]]:
    """
    The console over a night with the practice bank behind it, and people of two desks.

    `rules` changes the text of settling.toml; `accounting_date` is the core's by now.
    """
    workspace = make_workspace(folder / "workspace")
    if rules is not None:
        resources = folder / "workspace/resources"
        resources.unlink()
        shutil.copytree(ROOT / "resources", resources)
        settling = resources / "rules/settling.toml"
        settling.write_text(rules(settling.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.copytree(decided, workspace.home)
    with (
        practice.start(workspace.home, accounting_date=accounting_date),
        open_office(workspace, progress=progress) as office,
        served(office) as house,
    ):
        branch = Branch(office, {person.name: person for person in list_people(office.store)})
        house.runs[OWN] = branch.last_run
        for desk, word in ((OWN, "own"), (OTHER, "other")):
            for role in ("operator", "maker", "checker", "authoriser", "developer"):
                house.add(f"{role}.{word}", role, desks=(desk,))
        yield house, branch


def broken(
    house: House,
    side: str,
    amount: str,
    *,
    reason: str = "unknown",
    place: tuple[str, str] = ("1011156001", "CNY"),
    text: str = "",
) -> Any:
    """A break more of the last night, with a line that no run has read; the row."""
    office = house.office
    run = find_run(office, house.runs[OWN])
    on = run.business_date
    number = next(_NEW)
    entry = Entry(
        place[0], on, place[1], Decimal(amount), f"HAND{number}", text or f"line {number}",
        origin=Origin("", 1, number), id=f"{number:032x}",
    )  # fmt: skip
    books = "theirs" if side == "left" else "ours"
    item = Break(side, entry, reason, books, entry.amount, on)
    with office.store.begin() as conn:
        insert_break(conn, item, environment=run.environment, run_id=run.id, day=on)
    return find_break(office, f"{run.environment}:{entry.id}:{reason}")


_NEW = iter(range(1, 1000))


@pytest.fixture(scope="module")
def house(decided: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Last night's run of one desk, a queued one of another, somebody in each role of both."""
    workspace = make_workspace(tmp_path_factory.mktemp("console") / "workspace")
    shutil.copytree(decided, workspace.home)
    with open_office(workspace) as office, served(office) as found:
        found.runs[OWN] = str(list_runs(office)[0].id)
        found.runs[OTHER] = start_run(
            office, "count_cash", {}, environment="practice", started_by="maker"
        )
        for desk, word in ((OWN, "own"), (OTHER, "other")):
            for role in ROLES:
                found.add(f"{role}.{word}", role, desks=(desk,))
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own browser."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, house: House) -> Iterator[object]:
    """A page in a window of its own; every error in it is the test's."""
    contexts, wrong = [], []

    def opened(name: str = "", *, language: str = "en", width: int = 1280, scheme: str = "light"):
        context = browser.new_context(
            base_url=house.origin,
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            locale=LOCALES[language],
        )
        contexts.append(context)
        if name:
            token = house.session(name)
            context.add_cookies([{"name": COOKIE, "value": token, "url": house.origin}])
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[House]:
    """A console where nobody is known yet."""
    with open_office(make_workspace(tmp_path / "workspace")) as office, served(office) as found:
        yield found


def at(moment: str) -> datetime:
    """A moment as ISO has it."""
    return datetime.fromisoformat(moment)
