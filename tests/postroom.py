"""A workspace whose bot takes in what arrives, with an office in it and a look on demand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from clerkwork.run.office import Office, open_office
from clerkwork.schedule.arrivals import Source
from clerkwork.schedule.book import Book
from clerkwork.schedule.firings import settle
from clerkwork.schedule.sources import sources_of
from clerkwork.store.tables import firings, runs
from clerkwork.workspace import load

BOT = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Params:
    file: str = ""
    sender: str = ""

def read(desk, params): ...
def decide(reading, params): ...
"""
BOT_TOML = """
title_en = "Take in"
title_zh = "接收"
owner = "operations"
reads = ["inbox"]
"""
PROCESS = """
title_en = "Take in"
title_zh = "接收"
goal_en = "Taken in"
goal_zh = "已接收"
owner = "operations"
inputs = []
outputs = []
steps = []
"""
SYSTEM = """
name = "{name}"
title_en = "{name}"
title_zh = "{name}"
driver = "{driver}"
deadline_s = 5.0
[environments.test]
address = "{address}"
"""


@dataclass
class Postroom:
    """What a test of arrivals needs: folders, schedules, looks, and what became of them."""

    root: Path
    office: Office
    book: Book
    told: list[tuple[str, str]] = field(default_factory=list)
    _sources: dict[object, Source] = field(default_factory=dict)

    @property
    def inbox(self) -> Path:
        """The folder of system `inbox`."""
        return self.root / "inbox"

    def system(self, name: str, driver: str, address: str, *more: str) -> None:
        """Another system."""
        folder = self.root / "resources" / "systems" / name
        folder.mkdir(parents=True, exist_ok=True)
        text = SYSTEM.format(name=name, driver=driver, address=address) + "\n".join(more)
        (folder / "system.toml").write_text(text, encoding="utf-8")

    def add(self, name: str, text: str) -> None:
        """A schedule of the bot, known to the scheduler from now on."""
        mine = 'bot = "take_in"\nowner = "operations"\ntime_zone = "UTC"\n'
        (self.root / "schedules" / f"{name}.toml").write_text(mine + text, encoding="utf-8")
        self.take_up()

    def take_up(self) -> None:
        """Read the schedules again, as the scheduler does when a file has changed."""
        self.book.is_new()
        assert {} == self.book.wrong
        settle(self.office, list(self.book.planned.values()), self.book.order)
        wanted = sources_of(self.office, self.book.planned.values(), self.book.order)
        for key in self._sources.keys() - wanted.keys():
            self._sources.pop(key).close()
        for key, source in wanted.items():
            self._sources.setdefault(key, source).watchers = source.watchers

    def restart(self) -> None:
        """Forget what is not in the store, as another process would."""
        self.close()
        self.take_up()

    def look(self) -> None:
        """Look at every source once."""
        for source in self._sources.values():
            source.look(lambda what, code: self.told.append((what, code)))

    def close(self) -> None:
        """Leave every source."""
        for source in self._sources.values():
            source.close()
        self._sources.clear()

    def firings(self, schedule: str = "incoming") -> Sequence[Any]:
        """The firings of a schedule, oldest first."""
        wanted = sa.select(firings).where(firings.c.schedule == schedule)
        with self.office.store.connect() as conn:
            return conn.execute(wanted.order_by(firings.c.created_at, firings.c.key)).all()

    def files(self, schedule: str = "incoming") -> list[str]:
        """The parameter `file` of each run of a schedule, sorted."""
        wanted = sa.select(runs.c.params).where(runs.c.started_by == f"schedule:{schedule}")
        with self.office.store.connect() as conn:
            return sorted(params["file"] for params in conn.execute(wanted).scalars())

    def events(self, prefix: str) -> list[Any]:
        """The audit events whose names begin so."""
        return [one for _, one in self.office.audit.read() if one.name.startswith(prefix)]


@contextmanager
def open_postroom(folder: Path) -> Iterator[Postroom]:
    """A postroom below `folder`, with an empty inbox and no schedule."""
    root = folder / "bank"
    for part in ("bots/take_in", "schedules", "resources/systems", "inbox", "tasks"):
        (root / part).mkdir(parents=True)
    settings = '[tool.clerkwork]\ntime_zone = "UTC"\nenvironment = "test"\n'
    (root / "pyproject.toml").write_text(settings)
    for name, text in (("bot.py", BOT), ("bot.toml", BOT_TOML), ("process.toml", PROCESS)):
        (root / "bots" / "take_in" / name).write_text(text, encoding="utf-8")
    with open_office(load(root)) as office:
        made = Postroom(root, office, Book(office))
        made.system("inbox", "files", str(made.inbox))
        try:
            yield made
        finally:
            made.close()


def wait_until(is_so: Callable[[], object], *, wait_s: float = 30.0) -> None:
    """Until it is so; a test that waits in vain fails."""
    deadline = time.monotonic() + wait_s
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
