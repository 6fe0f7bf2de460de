"""A branch at night: the practice bank, an office with a home of its own, and people."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from clerkwork import practice
from clerkwork.facts import Plan
from clerkwork.people import Person, add_person, list_people
from clerkwork.run.closing import load_plan
from clerkwork.run.deciding import decide_item
from clerkwork.run.items import list_items, load_item
from clerkwork.run.office import Office, open_office
from clerkwork.run.runs import ENDED, list_runs, load_run, start_run
from clerkwork.run.worker import Worker, at_work, moving, wait_until
from clerkwork.store.database import URL_VARIABLE
from clerkwork.workspace import Workspace, load
from tests.databases import fresh_database, postgres_server

ROOT = Path(__file__).parents[1]
BOT = "reconcile_teller"
ACCOUNTING_DATE = date(2026, 6, 12)
STAFF = {
    "boss": ("administrator",),
    "maker": ("operator", "maker"),
    "checker": ("checker",),
    "authoriser": ("authoriser",),
    "manager": ("manager",),
}


@dataclass
class Branch:
    """The practice bank and an open office, with somebody in each role."""

    office: Office
    people: Mapping[str, Person]
    worker: Worker | None = None

    @property
    def home(self) -> Path:
        """Where everything lies."""
        return self.office.workspace.home

    def run(self, **given: str) -> str:
        """Run the bot to its end, without a person; gives the run's id."""
        run_id = self.request(**given)
        self.work_until(lambda: load_run(self.office, run_id).state in ENDED)
        return run_id

    def request(self, *, rehearse: bool = False, **given: str) -> str:
        """Start a run; nobody works on it yet."""
        return start_run(
            self.office, BOT, given, environment="practice", started_by="maker", rehearse=rehearse
        )

    def agree(self, rows: Sequence[Any] | None = None, *, key: bool = True) -> list[str]:
        """Everybody who must agrees to all waiting items (or `rows`); then they are keyed."""
        approved = []
        for row in list_items(self.office, state="waiting") if rows is None else rows:
            for need in row.needs:
                person = self.people[need]
                current = load_item(self.office, row.id)
                state = decide_item(self.office, current, person, "agree", "seen")
            assert state == "approved"
            approved.append(row.id)
        if key:
            self.work_until_at_rest()
        return approved

    def work_until_at_rest(self) -> None:
        """Work until no item moves by itself any more."""
        self.work_until(lambda: not moving(self.office, list_items(self.office)))

    def work_until(self, is_done: Any) -> None:
        """Be the worker until `is_done`."""
        with self.at_work() as worker:
            assert wait_until(is_done, worker, wait_s=120)

    @contextmanager
    def at_work(self) -> Iterator[Worker]:
        """Be the worker for a while: what it has open stays open from one step to the next."""
        if self.worker is not None:
            yield self.worker
            return
        try:
            with at_work(self.office) as self.worker:
                assert self.worker is not None
                yield self.worker
        finally:
            self.worker = None

    @property
    def last_run(self) -> str:
        """The id of the newest run."""
        return str(list_runs(self.office)[0].id)

    def plan(self, run_id: str) -> Plan:
        """What the run decided."""
        return load_plan(self.office, load_run(self.office, run_id))

    def vouchers(self) -> list[dict[str, Any]]:
        """The ledger's vouchers, read from its own database: the independent witness."""
        path = self.home / "practice" / "ledger.db"
        with closing(sqlite3.connect(path)) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute("SELECT * FROM vouchers ORDER BY number")]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL of the tests' own; its URL."""
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Which database offices are opened on, one after the other: asked for with usefixtures."""
    if request.param == "sqlite":
        yield request.param
        return
    with fresh_database(request.getfixturevalue("postgres")) as url:
        monkeypatch.setenv(URL_VARIABLE, url)
        yield request.param


@pytest.fixture(scope="session")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with somebody in each role, to be copied: passwords are slow to hash."""
    home = tmp_path_factory.mktemp("staffed") / "home"
    with open_office(replace(load(ROOT), home=home)) as office:
        by, record = "", office.audit.record
        for name, roles in STAFF.items():
            secret = f"{name}-secret-1"
            add_person(office.store, name, name, name, roles, secret, by=by, record=record)
            by = "boss"
    return home


@pytest.fixture(scope="session")
def decided(staffed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after the first night's run, to be copied: all items wait for people."""
    home = tmp_path_factory.mktemp("decided") / "home"
    shutil.copytree(staffed, home)
    with opened(replace(load(ROOT), home=home), ACCOUNTING_DATE) as branch:
        branch.run()
    return home


@contextmanager
def opened(workspace: Workspace, accounting_date: date) -> Iterator[Branch]:
    """The branch of a staffed home."""
    with (
        practice.start(workspace.home, accounting_date=accounting_date),
        open_office(workspace) as office,
    ):
        yield Branch(office, {person.name: person for person in list_people(office.store)})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """This workspace, with a home of its own."""
    return replace(load(ROOT), home=tmp_path / "home")


@pytest.fixture
def accounting_date() -> date:
    """The core's accounting date."""
    return ACCOUNTING_DATE


@pytest.fixture
def branch(workspace: Workspace, accounting_date: date, staffed: Path) -> Iterator[Branch]:
    """A branch at night, closed at the end."""
    shutil.copytree(staffed, workspace.home)
    with opened(workspace, accounting_date) as running:
        yield running


@pytest.fixture
def one_worker(branch: Branch) -> Iterator[None]:
    """One worker for the whole test: its browser is not started anew for each step."""
    with branch.at_work():
        yield


@pytest.fixture
def night(workspace: Workspace, decided: Path) -> Iterator[Branch]:
    """A branch whose first night was run; nobody has decided anything."""
    shutil.copytree(decided, workspace.home)
    with opened(workspace, ACCOUNTING_DATE) as running:
        yield running
