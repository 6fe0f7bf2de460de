"""What the store knows of firings that are open or have just gone wrong; all by index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clerkwork.schedule.forecast import Items
from clerkwork.schedule.verdicts import ON_PURPOSE, Seen
from clerkwork.store.tables import firings, runs, schedules

RECENT = timedelta(days=3)  # what ended or was missed longer ago was told, or is history
_NEAR = timedelta(days=2)  # firings of one day are due within it
_CHUNK = 500
_COLUMNS = sa.select(
    firings, runs.c.state.label("run_state"), runs.c.started_at, runs.c.bot, runs.c.failure
)
_JOINED = _COLUMNS.select_from(firings.outerjoin(runs, firings.c.run_id == runs.c.id))
_OF_RUNS = _COLUMNS.select_from(runs.join(firings, firings.c.run_id == runs.c.id))
_CODE = firings.c.why["code"].as_string()


def open_firings(conn: sa.Connection, now: datetime, left: Mapping[str, Items]) -> Iterator[Seen]:
    """Firings that wait, whose run goes on or has items left, that failed or were missed lately."""
    since = now - RECENT
    wanted = (
        _JOINED.where(firings.c.state == "waiting"),
        _OF_RUNS.where(runs.c.state.in_(("queued", "running"))),
        _OF_RUNS.where(runs.c.state == "failed", runs.c.ended_at > since),
        _JOINED.where(
            firings.c.state == "missed",
            firings.c.settled_at > since,
            _CODE.not_in(ON_PURPOSE),
        ),
    )
    for each in wanted:
        yield from map(seen, conn.execute(each).all())
    for one in of_runs(conn, list(left)):
        if one.run_state == "done":
            yield one


def of_runs(conn: sa.Connection, run_ids: Sequence[str]) -> Iterator[Seen]:
    """The firings of these runs."""
    for start in range(0, len(run_ids), _CHUNK):
        chunk = run_ids[start : start + _CHUNK]
        yield from map(seen, conn.execute(_JOINED.where(firings.c.run_id.in_(chunk))).all())


def at_due(conn: sa.Connection, schedule: str, due: datetime) -> list[Seen]:
    """The firings of `schedule` due at `due`."""
    mine = _JOINED.where(firings.c.schedule == schedule, firings.c.due_at == due)
    return [seen(row) for row in conn.execute(mine)]


def by_key(conn: sa.Connection, schedule: str, key: str) -> Seen | None:
    """The firing of `schedule` with that key."""
    mine = _JOINED.where(firings.c.schedule == schedule, firings.c.key == key)
    row = conn.execute(mine).one_or_none()
    return seen(row) if row else None


def of_day(conn: sa.Connection, schedule: str, day: date, *, since: datetime) -> list[Seen]:
    """The firings of `schedule` that belong to `day` and are due since then, in order."""
    mine = _JOINED.where(
        firings.c.schedule == schedule, firings.c.due_at >= since, firings.c.day == day
    )
    return [seen(row) for row in conn.execute(mine.order_by(firings.c.due_at))]


def seen(row: Any) -> Seen:
    """A firing joined with its run."""
    return Seen(
        schedule=row.schedule,
        key=row.key,
        due_at=row.due_at,
        day=row.day,
        created_at=row.created_at,
        settled_at=row.settled_at,
        state=row.state,
        trigger=row.trigger,
        code=(row.why or {}).get("code", ""),
        run_id=row.run_id or "",
        run_state=row.run_state or "",
        began=row.started_at,
        bot=row.bot or "",
        failure=(row.failure or {}).get("code", ""),
    )


def has_succeeded(conn: sa.Connection, one: Seen) -> bool:
    """Whether the run is done, or a later one for the same day or with the same parameters."""
    later = (
        sa.select(firings.c.key)
        .join(runs, firings.c.run_id == runs.c.id)
        .where(
            firings.c.schedule == one.schedule,
            firings.c.due_at >= one.due_at,
            firings.c.due_at < one.due_at + _NEAR,
            firings.c.day == one.day,
            runs.c.state == "done",
        )
    )
    if conn.execute(later.limit(1)).first():
        return True
    mine, again = runs.alias(), runs.alias()
    repeated = sa.select(again.c.id).where(
        mine.c.id == one.run_id,
        again.c.stem == mine.c.stem,
        again.c.sequence >= mine.c.sequence,
        again.c.state == "done",
        ~again.c.rehearse,
    )
    return bool(one.run_id) and conn.execute(repeated.limit(1)).first() is not None


def has_firing(conn: sa.Connection, schedule: str, *, key: str) -> bool:
    """Whether `schedule` has a firing with that key."""
    wanted = sa.select(firings.c.key).where(firings.c.schedule == schedule, firings.c.key == key)
    return conn.execute(wanted).first() is not None


def settled_rows(conn: sa.Connection) -> Sequence[Any]:
    """Every schedule that is known: up to when it is settled, and whether it is paused."""
    wanted = sa.select(schedules.c.name, schedules.c.settled_until, schedules.c.paused_at)
    return conn.execute(wanted).all()


def missed_lately(conn: sa.Connection, now: datetime) -> Sequence[Any]:
    """By schedule and moment of settling, the first due time of those missed lately."""
    wanted = (
        sa.select(
            firings.c.schedule,
            firings.c.settled_at,
            sa.func.min(firings.c.due_at).label("due_at"),
        )
        .where(firings.c.state == "missed", firings.c.settled_at > now - RECENT)
        .group_by(firings.c.schedule, firings.c.settled_at)
    )
    return conn.execute(wanted).all()


def why_missed(conn: sa.Connection, row: Any) -> str:
    """The code of why that due time was missed."""
    wanted = sa.select(firings.c.why).where(
        firings.c.schedule == row.schedule,
        firings.c.due_at == row.due_at,
        firings.c.state == "missed",
    )
    why = conn.execute(wanted.limit(1)).scalar() or {}
    return str(why.get("code", "rule"))
