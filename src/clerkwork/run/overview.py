"""What a person sees at a glance: what goes on, what waits for them, how the systems stand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Failure
from clerkwork.facts.event import Event
from clerkwork.run.office import Office
from clerkwork.run.runs import ENDED
from clerkwork.run.worklist import UNSETTLED
from clerkwork.store.tables import items, runs
from clerkwork.workspace import load_manifest, system_title

NIGHT = timedelta(hours=24)
_TROUBLE = ("Unavailable", "Drifted")  # failures that a system is the cause of
_LATELY = timedelta(days=7)


@dataclass(frozen=True)
class Step:
    """One step of a run, by its name in the process map; `took` is None while it goes on."""

    name: str
    began: datetime
    took: timedelta | None


@dataclass(frozen=True)
class SystemState:
    """How a system stands as far as the store knows: `state` is idle, ok, trouble or unsettled."""

    name: str
    title: tuple[str, str]  # English, Chinese
    state: str
    last_used: datetime | None  # a good run that used it, or a keying
    trouble: Any  # the run that failed for its sake since then
    drifted: Any  # the newest item that its screens, not being as mapped, made an exception
    unsettled: int  # items in doubt or excepted
    keying: int


def open_runs(office: Office, *, bots: Collection[str] | None) -> list[Any]:
    """Runs that are queued or go on, oldest first."""
    # few are, and whose they are is asked here: a database might begin with all of a bot's runs
    wanted = sa.select(runs).where(runs.c.state.in_(("queued", "running")))
    found = _rows(office, wanted.order_by(runs.c.created_at))
    return [row for row in found if bots is None or row.bot in bots]


def runs_since(office: Office, since: datetime, *, bots: Collection[str] | None) -> list[Any]:
    """Runs that ended after `since`, newest first."""
    wanted = sa.select(runs).where(runs.c.state.in_(ENDED), runs.c.ended_at > since)
    return _rows(office, _of(wanted, bots).order_by(runs.c.ended_at.desc()).limit(50))


def unsettled(office: Office, *, bots: Collection[str] | None) -> dict[str, int]:
    """How many items are in doubt, and how many excepted."""
    wanted = (
        sa.select(items.c.state, sa.func.count().label("count"))
        .join(runs, runs.c.id == items.c.run_id)
        .where(items.c.state.in_(UNSETTLED))
        .group_by(items.c.state)
    )
    found = {row.state: row.count for row in _rows(office, _of(wanted, bots))}
    return dict.fromkeys(UNSETTLED, 0) | found


def steps_of(events: Sequence[tuple[int, Event]]) -> list[Step]:
    """The steps of a run from its events, in the order in which they began."""
    found: list[Step] = []
    for _, event in events:
        if event.name == "step.started":
            found.append(Step(str(event.fields["step"]), event.at, None))
        elif event.name == "step.ended":
            _end(found, event)
    return found


def _end(found: list[Step], event: Event) -> None:
    took = timedelta(milliseconds=int(str(event.fields["took_ms"])))
    for number in range(len(found) - 1, -1, -1):
        step = found[number]
        if step.name == event.fields["step"] and step.took is None:
            found[number] = Step(step.name, step.began, took)
            return


def systems(office: Office, now: datetime, *, bots: Sequence[str]) -> list[SystemState]:
    """How each system stands that one of `bots` uses, by name."""
    users: dict[str, list[str]] = {}
    for bot in bots:
        try:
            manifest = load_manifest(office.workspace, bot)
        except Failure:  # said by `clerkwork check`; the other bots' systems are shown
            continue
        for name in {*manifest.reads, *manifest.writes}:
            users.setdefault(name, []).append(bot)
    with office.store.connect() as conn:
        return [
            _system(conn, name, system_title(office.workspace, name), users[name], now)
            for name in sorted(users)
        ]


def _system(
    conn: sa.Connection, name: str, title: tuple[str, str], used_by: list[str], now: datetime
) -> SystemState:
    recent = runs.c.bot.in_(used_by) & (runs.c.ended_at > now - _LATELY)
    good = conn.execute(
        sa.select(sa.func.max(runs.c.ended_at)).where(recent, runs.c.state == "done")
    ).scalar()
    failed = (
        sa.select(runs).where(recent, runs.c.state == "failed").order_by(runs.c.ended_at.desc())
    )
    trouble = next((row for row in conn.execute(failed.limit(20)) if _is_trouble(row, name)), None)
    keyed = sa.select(sa.func.max(items.c.updated_at)).where(
        items.c.target == name, items.c.state == "confirmed"
    )
    used = max(filter(None, (good, conn.execute(keyed).scalar())), default=None)
    counted = (
        sa.select(items.c.state, sa.func.count().label("number"))
        .where(items.c.target == name, items.c.state.in_((*UNSETTLED, "keying")))
        .group_by(items.c.state)
    )
    counts: dict[str, int] = {row.state: row.number for row in conn.execute(counted)}
    left = counts.get("in_doubt", 0) + counts.get("excepted", 0)
    is_over = trouble is not None and used is not None and trouble.ended_at < used
    trouble = None if is_over else trouble
    state = "trouble" if trouble else "unsettled" if left else "ok" if used else "idle"
    return SystemState(
        name,
        title,
        state,
        last_used=used,
        trouble=trouble,
        drifted=_drifted(conn, name),
        unsettled=left,
        keying=counts.get("keying", 0),
    )


def _drifted(conn: sa.Connection, system: str) -> Any:
    mine = (items.c.target == system) & (items.c.state == "excepted")
    newest = sa.select(items).where(mine).order_by(items.c.updated_at.desc()).limit(20)
    rows = conn.execute(newest)
    return next((row for row in rows if (row.failure or {}).get("kind") == "Drifted"), None)


def _is_trouble(row: Any, system: str) -> bool:
    """Whether the run failed for the sake of that system: its name stands before the screen."""
    failure = row.failure or {}
    return failure.get("kind") in _TROUBLE and system in str(failure.get("en", "")).split()


def _of(wanted: sa.Select[Any], bots: Collection[str] | None) -> sa.Select[Any]:
    return wanted if bots is None else wanted.where(runs.c.bot.in_(bots))


def _rows(office: Office, wanted: sa.Select[Any]) -> list[Any]:
    with office.store.connect() as conn:
        return list(conn.execute(wanted))
