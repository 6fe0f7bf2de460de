"""A workspace with schedules of the test's own, an office in it, and a clock that the test sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from clerkwork.cli import run
from clerkwork.run.office import Office, open_office
from clerkwork.run.runs import change_run
from clerkwork.schedule.book import Book
from clerkwork.schedule.chains import follow
from clerkwork.schedule.firings import settle, settling
from clerkwork.schedule.readings import Answers
from clerkwork.schedule.waits import look_again
from clerkwork.schedule.watch import Watch
from clerkwork.store.tables import alerts, firings, runs
from clerkwork.workspace import load
from tests.schedule_words import NIGHT

ROOT = Path(__file__).parents[2]
MINE = 'bot = "reconcile_teller"\nowner = "operations"\n'


def make_workspace(folder: Path) -> Path:
    """A workspace in `folder` with the bots, tasks and resources of this one, and no schedule."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text('[tool.clerkwork]\ntime_zone = "Asia/Shanghai"\n')
    for part in ("bots", "tasks"):
        (folder / part).symlink_to(ROOT / part)
    for part in ("schedules", "resources", "resources/calendars"):
        (folder / part).mkdir()
    for part in ("rules", "codes", "systems"):
        (folder / "resources" / part).symlink_to(ROOT / "resources" / part)
    china = (ROOT / "resources/calendars/china.toml").read_text(encoding="utf-8")
    # so that a test may look beyond the last year that is published
    known = china.replace('country = "CN"', 'country = "CN"\ncomplete = [2027, 2028]')
    (folder / "resources/calendars/china.toml").write_text(known, encoding="utf-8")
    return folder


@dataclass
class Room:
    """An office with schedules; its clock stands until it is moved."""

    root: Path
    office: Office
    book: Book
    now: datetime

    def add(self, name: str, text: str) -> None:
        """A schedule of the test's bot; loaded at the next look."""
        path = self.root / "schedules" / f"{name}.toml"
        path.write_text(MINE + text, encoding="utf-8")

    def settle(self) -> None:
        """Look at the schedules now, as often as there is something to settle."""
        self.book.is_new()
        assert {} == self.book.wrong
        outcome = settle(self.office, list(self.book.planned.values()), self.book.order)
        assert {} == outcome.unclear
        if outcome.is_more:
            self.settle()

    def at(self, moment: str) -> None:
        """Set the clock (ISO, UTC) and settle."""
        self.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        self.settle()

    def follow(self) -> None:
        """Follow the chains, as the scheduler does now and then."""
        for planned in self.book.planned.values():
            if planned.due is None:
                with settling(self.office, self.book.order) as work:
                    follow(work, planned)

    def look(self) -> None:
        """Look at what waits."""
        look_again(self.office, self.book.planned, self.book.order, Answers(self.office))

    def firings(self, schedule: str) -> Sequence[Any]:
        """What became of a schedule's due times, in their order."""
        wanted = sa.select(firings).where(firings.c.schedule == schedule)
        with self.office.store.connect() as conn:
            return conn.execute(wanted.order_by(firings.c.due_at, firings.c.key)).all()

    def states(self, schedule: str) -> list[tuple[str, str]]:
        """Due time and state of each firing."""
        return [(f"{row.due_at:%Y-%m-%d %H:%M}", row.state) for row in self.firings(schedule)]

    def runs(self) -> list[Any]:
        """Every run."""
        with self.office.store.connect() as conn:
            return list(conn.execute(sa.select(runs)))

    def end(self, run_id: str, state: str = "done", *, after: timedelta = timedelta(0)) -> None:
        """End a run, as a worker would."""
        ended = self.now + after
        change_run(self.office, run_id, state=state, started_at=self.now, ended_at=ended)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A room without schedules, early on 11 June 2026."""
    root = make_workspace(tmp_path / "bank")
    with open_office(load(root)) as office:
        made = Room(root, office, Book(office), datetime(2026, 6, 11, tzinfo=UTC))
        made.office = replace(office, clock=lambda: made.now)
        made.book = Book(made.office)
        yield made


class Eye:
    """A room that is watched; every look is by a new watcher, as after a crash."""

    def __init__(self, room):
        self.room = room

    def look(self, moment: str = "", *, settles: bool = True) -> list[str]:
        """Look then; the kinds of all alerts raised so far, oldest first."""
        if moment and settles:
            self.room.at(moment)
        elif moment:
            self.room.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        for _ in range(2):  # the second time finds nothing new
            Watch(self.room.office).look(self.room.book.planned)
        return [row.kind for row in self.rows()]

    def rows(self) -> list:
        """The outbox, oldest first."""
        with self.room.office.store.connect() as conn:
            return list(conn.execute(sa.select(alerts).order_by(alerts.c.id)))

    def states(self) -> dict[str, str]:
        """The state of each kind of alert."""
        return {row.kind: row.state for row in self.rows()}

    def begin(self, run_id: str) -> None:
        """A worker takes up the run now."""
        change_run(self.room.office, run_id, state="running", started_at=self.room.now)

    def first_run(self, schedule: str = "night") -> str:
        """The run of the first firing."""
        return self.room.firings(schedule)[0].run_id


@pytest.fixture
def eye(room) -> Callable[..., Eye]:
    """Add the schedule `night` with these lines (unless there are none), and others; watch."""

    def watched(text: str = NIGHT, **others: str) -> Eye:
        for name, lines in {"night": text, **others}.items():
            if lines:
                room.add(name, lines)
        room.settle()
        return Eye(room)

    return watched


@pytest.fixture
def say(room, capsys, monkeypatch):
    """A command line in the room's workspace; gives exit code and output."""
    monkeypatch.chdir(room.root)
    monkeypatch.setenv("CLERKWORK_LANG", "en")
    for name in ("CLERKWORK_TOKEN", "CLERKWORK_TOKEN_FILE", "CLERKWORK_HOME"):
        monkeypatch.delenv(name, raising=False)

    def said(*arguments: str) -> tuple[int, str]:
        code = run(["schedule", *arguments])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return said
