"""
Forecasts: when the work of a firing will have ended, from its last runs and from its items.

    run queued or going on ──> how long the last runs took ─┐
    items on their way ──────> how long one takes to key ───┴──> ends, in nine of ten by
    items before a person ───> at risk: nobody knows how long a person takes
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clerkwork.store.tables import firings, intents, items, runs

RUNS = 20  # the last ones, from which the next is forecast
_AMONG = 500  # firings of a schedule that are looked through for them
_TOLD = ("id", "bot", "environment", "state", "started_at", "ended_at")
_ITEMS = 200  # keyings that say how long one takes

MOVING = ("approved", "keying")  # a worker has them in hand
WITH_A_PERSON = ("new", "waiting", "keyed", "in_doubt", "excepted")


@dataclass(frozen=True)
class Items:
    """Items that are not at rest: how many move, by target, and how many wait for a person."""

    moving: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 0

    @property
    def left(self) -> int:
        """All that are not at rest."""
        return sum(self.moving.values()) + self.waiting


@dataclass(frozen=True)
class Past:
    """What earlier runs say: how long each took, and how long keying an item takes."""

    took: Sequence[timedelta] = ()
    key_takes: timedelta | None = None


@dataclass(frozen=True)
class Forecast:
    """
    `ends`: as likely earlier as later; `by`: in nine cases of ten; None without history.

    `runs`: how many earlier runs it rests on; `is_longest`: this run takes longer than
    any of them; `at_risk`: items that will be late, or wait for a person.
    """

    ends: datetime | None
    by: datetime | None
    cut_off: datetime | None
    at_risk: int = 0
    runs: int = 0
    is_longest: bool = False

    @property
    def is_likely_late(self) -> bool:
        """Whether the end is forecast after the cut-off."""
        return self.ends is not None and self.cut_off is not None and self.ends > self.cut_off

    def said(self, language: str, *, zone: ZoneInfo, now: datetime) -> str:
        """In a line: "ends 04:40, in nine of ten by 04:52; cut-off 05:00; 3 items at risk"."""
        zh = language == "zh"
        parts = [self._end(zh, zone, now)]
        if self.cut_off:
            at = _clock(self.cut_off, zone, now)
            parts.append(f"截止时间 {at}" if zh else f"cut-off {at}")
        if self.at_risk:
            some = "items" if self.at_risk > 1 else "item"
            parts.append(f"{self.at_risk} 笔有风险" if zh else f"{self.at_risk} {some} at risk")
        return ("，" if zh else ", ").join(parts)

    def _end(self, zh: bool, zone: ZoneInfo, now: datetime) -> str:
        if self.is_longest:
            longer = f"已超过最近 {self.runs} 次运行的时长"
            return longer if zh else f"longer already than each of its last {self.runs} runs"
        if self.ends is None or self.by is None:
            return "无历史可供预测" if zh else "no forecast: no earlier run"
        ends, by = _clock(self.ends, zone, now), _clock(self.by, zone, now)
        if ends == by:
            return f"预计 {ends} 完成" if zh else f"ends {ends}"
        return f"预计 {ends} 完成（九成 {by} 前）" if zh else f"ends {ends} (9 of 10 by {by})"


def forecast(
    now: datetime,
    past: Past,
    *,
    begins: datetime,
    begins_by: datetime | None = None,
    began: datetime | None = None,
    has_ended: bool = False,
    items: Items,
    cut_off: datetime | None,
) -> Forecast:
    """
    When the work ends: the run that `began`, or else `begins` then or now, and its items.

    A run that goes on is compared only with those that took longer than it already did.
    `begins_by`: in nine cases of ten, where that is later.
    """
    ends: datetime | None = now
    by: datetime | None = now
    is_longest = False
    if not has_ended:
        start = began or max(begins, now)
        left = [took for took in past.took if start + took > now]
        is_longest = bool(past.took) and not left
        ends = start + _middle(left) if left else (now if is_longest else None)
        later = max(start, begins_by or start) if began is None else start
        by = later + _ninth(left) if left else ends
    at_risk = items.waiting
    if items.moving and past.key_takes is None:
        ends = by = None
    elif items.moving and past.key_takes and ends is not None and by is not None:
        work = past.key_takes * max(items.moving.values())
        at_risk += _too_late(ends, past.key_takes, items, cut_off)
        ends, by = ends + work, by + work
    return Forecast(
        ends=ends,
        by=by,
        cut_off=cut_off,
        at_risk=at_risk if cut_off else 0,
        runs=len(past.took),
        is_longest=is_longest,
    )


def _middle(took: Sequence[timedelta]) -> timedelta:
    """What half of them do not exceed."""
    return timedelta(seconds=median(each.total_seconds() for each in took))


def _ninth(took: Sequence[timedelta]) -> timedelta:
    """What nine of ten do not exceed."""
    return sorted(took)[math.ceil(0.9 * len(took)) - 1]


def _too_late(start: datetime, each: timedelta, items: Items, cut_off: datetime | None) -> int:
    """How many items, one after the other at each target, will end after the cut-off."""
    if cut_off is None:
        return 0
    room = max(cut_off - start, timedelta()) // each if each else sum(items.moving.values())
    return sum(max(0, count - room) for count in items.moving.values())


def _clock(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """The time of day, with its day where that is not today."""
    local = at.astimezone(zone)
    same_day = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M}" if same_day else f"{local:%m-%d %H:%M}"


def past_of(conn: sa.Connection, schedule: str, *, bot: str, environment: str) -> Past:
    """What the last successful runs of `schedule` say of the next, of the same bot there."""
    recent = (
        sa.select(firings.c.run_id)
        .where(firings.c.schedule == schedule, firings.c.run_id.is_not(None))
        .order_by(firings.c.due_at.desc())
        .limit(_AMONG)
    )
    with_run = list(conn.execute(recent).scalars())
    # asked for by id alone: a database might rather begin with all runs that the bot ever had
    shown = (getattr(runs.c, name) for name in _TOLD)
    known = conn.execute(sa.select(*shown).where(runs.c.id.in_(with_run)))
    good = [
        row
        for row in known
        if (row.state, row.bot, row.environment) == ("done", bot, environment)
        and row.started_at
        and row.ended_at
    ]
    done = sorted(good, key=lambda row: row.ended_at, reverse=True)[:RUNS]
    return _past(conn, done)


def past_of_bot(conn: sa.Connection, bot: str, *, environment: str, rehearse: bool) -> Past:
    """What the last successful runs of `bot` say of the next, whoever started them."""
    shown = (getattr(runs.c, name) for name in _TOLD)
    newest = (
        sa.select(*shown, runs.c.rehearse)
        .where(runs.c.bot == bot, runs.c.ended_at.is_not(None))
        .order_by(runs.c.ended_at.desc())
        .limit(_AMONG)
    )
    like = ("done", environment, rehearse)
    known = conn.execute(newest)
    good = [row for row in known if (row.state, row.environment, row.rehearse) == like]
    return _past(conn, [row for row in good if row.started_at][:RUNS])


def _past(conn: sa.Connection, done: Sequence[Any]) -> Past:
    took = [max(row.ended_at - row.started_at, timedelta()) for row in done]
    return Past(took, _key_takes(conn, [row.id for row in done]))


def _key_takes(conn: sa.Connection, run_ids: Sequence[str]) -> timedelta | None:
    """How long keying an item of these runs took, in the middle; None when none was keyed."""
    wanted = (
        sa.select(intents.c.at, intents.c.outcome_at)
        .join(items, items.c.id == intents.c.item_id)
        .where(items.c.run_id.in_(run_ids), intents.c.outcome_at.is_not(None))
        .order_by(intents.c.id.desc())
        .limit(_ITEMS)
    )
    took = [row.outcome_at - row.at for row in conn.execute(wanted)]
    return max(_middle(took), timedelta()) if took else None


def items_left(conn: sa.Connection, *, since: datetime, run_id: str = "") -> dict[str, Items]:
    """By run (or of one), the items not at rest of firings due after `since`."""
    fired = sa.exists().where(firings.c.run_id == items.c.run_id, firings.c.due_at > since)
    wanted = (
        sa.select(items.c.run_id, items.c.target, items.c.state, sa.func.count().label("count"))
        .where(items.c.state.in_((*MOVING, *WITH_A_PERSON)), fired)
        .group_by(items.c.run_id, items.c.target, items.c.state)
    )
    if run_id:
        wanted = wanted.where(items.c.run_id == run_id)
    found: dict[str, list[Any]] = {}
    for row in conn.execute(wanted):
        found.setdefault(row.run_id, []).append(row)
    return {run_id: _items(rows) for run_id, rows in found.items()}


def _items(rows: Sequence[Any]) -> Items:
    moving: dict[str, int] = {}
    for row in rows:
        if row.state in MOVING:
            moving[row.target] = moving.get(row.target, 0) + row.count
    return Items(moving, sum(row.count for row in rows if row.state not in MOVING))
