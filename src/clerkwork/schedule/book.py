"""The schedules as they stand in the workspace, loaded, and loaded again when a file changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from clerkwork.errors import Failure
from clerkwork.run.office import Office
from clerkwork.run.runs import Order, bot_for, order_run
from clerkwork.schedule.manifest import Planned, load_schedule, schedule_files
from clerkwork.schedule.readings import Reading, load_readings
from clerkwork.workspace import Bot, Workspace

# What a loaded schedule rests on; a change in any of these files is seen at the next look.
_WATCHED = (
    "schedules/*.toml",
    "resources/calendars/*.toml",
    "resources/systems/*/system.toml",
    "bots/*/bot.toml",
    "bots/*/bot.py",
)


@dataclass
class Book:
    """All schedules by name, what is wrong with the others, and the orders of their runs."""

    office: Office
    planned: dict[str, Planned] = field(default_factory=dict)
    wrong: dict[str, Failure] = field(default_factory=dict)
    held_until: datetime = datetime.min.replace(
        tzinfo=UTC
    )  # up to when the files were as they were read
    _bots: dict[tuple[str, str], Bot] = field(default_factory=dict)
    _orders: dict[str, tuple[Planned, Order]] = field(default_factory=dict)
    _seen: Mapping[Path, tuple[int, int]] | None = None  # None: nothing was loaded yet

    @property
    def is_loaded(self) -> bool:
        """Whether the files were ever read."""
        return self._seen is not None

    def is_outdated(self) -> bool:
        """Whether any file has changed since they were read; if not, they hold until now."""
        now = self.office.clock()
        if self._seen != _fingerprint(self.office.workspace):
            return True
        self.held_until = now
        return False

    def is_new(self) -> bool:
        """Load again if any file has changed; whether one had."""
        now = self.office.clock()
        seen = _fingerprint(self.office.workspace)
        if seen == self._seen:
            return False
        self._seen, self.held_until = seen, now
        # new tables: what another thread still works out by the old files goes into the old ones
        self._bots, self._orders = {}, {}
        self.planned, self.wrong = load_all(self.office.workspace)
        return True

    def order(self, planned: Planned, params: Mapping[str, str]) -> Order:
        """The order of a run of `planned`; `params` go before what its file says."""
        orders = self._orders
        known = None if params else orders.get(planned.name)
        if known and known[0] is planned:
            return known[1]
        filled = planned.plan.parameters | dict(params)
        bot = self._bot(planned.plan.bot, planned.environment)
        order = order_run(bot, filled, environment=planned.environment)
        if not params:
            orders[planned.name] = (planned, order)
        return order

    def _bot(self, name: str, environment: str) -> Bot:
        key, bots = (name, environment), self._bots
        if key not in bots:
            bots[key] = bot_for(self.office, name, environment)
        return bots[key]


def load_all(workspace: Workspace) -> tuple[dict[str, Planned], dict[str, Failure]]:
    """Every schedule by name, and what is wrong with those that cannot be loaded."""
    planned: dict[str, Planned] = {}
    wrong: dict[str, Failure] = {}
    try:
        readings: Mapping[str, Reading] = load_readings(workspace)
    except Failure as failure:
        return {}, {path.stem: failure for path in schedule_files(workspace)}
    for path in schedule_files(workspace):
        try:
            planned[path.stem] = load_schedule(workspace, path, readings)
        except Failure as failure:
            wrong[path.stem] = failure
    return planned, wrong


def _fingerprint(workspace: Workspace) -> dict[Path, tuple[int, int]]:
    found = {}
    for pattern in _WATCHED:
        for path in workspace.root.glob(pattern):
            try:
                stat = path.stat()
            except OSError:  # gone since it was listed, or a link to nowhere
                continue
            found[path] = (stat.st_mtime_ns, stat.st_size)
    return found
