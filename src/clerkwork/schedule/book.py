"""The schedules as they stand in the workspace, loaded, and loaded again when a file changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    _bots: dict[tuple[str, str], Bot] = field(default_factory=dict)
    _orders: dict[str, Order] = field(default_factory=dict)
    _seen: Mapping[Path, tuple[int, int]] = field(default_factory=dict)

    def is_new(self) -> bool:
        """Load again if any file has changed; whether one had."""
        seen = _fingerprint(self.office.workspace)
        if seen == self._seen:
            return False
        self._seen = seen
        self.planned, self.wrong = load_all(self.office.workspace)
        self._bots.clear()
        self._orders.clear()
        return True

    def order(self, planned: Planned, params: Mapping[str, str]) -> Order:
        """The order of a run of `planned`; `params` go before what its file says."""
        if not params and planned.name in self._orders:
            return self._orders[planned.name]
        filled = planned.plan.parameters | dict(params)
        bot = self._bot(planned.plan.bot, planned.environment)
        order = order_run(bot, filled, environment=planned.environment)
        if not params:
            self._orders[planned.name] = order
        return order

    def _bot(self, name: str, environment: str) -> Bot:
        key = (name, environment)
        if key not in self._bots:
            self._bots[key] = bot_for(self.office, name, environment)
        return self._bots[key]


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
            stat = path.stat()
            found[path] = (stat.st_mtime_ns, stat.st_size)
    return found
