"""A run beside another of the same bot: what was asked, what came of it, how long it took."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from clerkwork.errors import Refused
from clerkwork.facts import Break, Plan
from clerkwork.run.office import Office
from clerkwork.run.overview import steps_of
from clerkwork.run.runs import ENDED, find_run, runs_before
from clerkwork.run.sources import plan_of

PARTS = ("entries", "matched", "suggested", "breaks", "refused")
_LOOKED_AT = 200  # earlier runs of the bot, the newest
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Pair:
    """One figure of both runs, None where a run has it not."""

    name: str
    before: Any
    now: Any

    @property
    def differs(self) -> bool:
        """Whether they are not the same."""
        return bool(self.before != self.now)


@dataclass(frozen=True)
class Source:
    """A source of entries in one currency, with (count, amount) of each part of its totals."""

    source: str
    currency: str
    parts: Mapping[str, Pair]


@dataclass(frozen=True)
class Comparison:
    """
    Two runs side by side: parameters, control totals, items by state, durations of steps.

    `new` are breaks that only the later run has, `gone` those that only the earlier had,
    `still` counts those of both; None while a run has no plan.
    """

    before: Any
    now: Any
    params: Sequence[Pair]
    sources: Sequence[Source]
    items: Sequence[Pair]
    steps: Sequence[Pair]
    took: Pair
    new: Sequence[Break] | None
    gone: Sequence[Break] | None
    still: int


def previous_run(office: Office, run: Any) -> Any:
    """
    The last run before that one of the same bot and scope that began and ended; None for none.

    The scope is its environment, whether it rehearses, and its parameters but for days.
    """
    before = (run.created_at, run.id)
    for other in runs_before(office, bots=[run.bot], before=before, limit=_LOOKED_AT):
        has_run = other.state in ENDED and other.started_at is not None
        if has_run and _scope(other) == _scope(run):
            return other
    return None


def _scope(run: Any) -> tuple[str, bool, dict[str, str]]:
    kept = {k: v for k, v in run.params.items() if v is not None and not _DAY.fullmatch(v)}
    return run.environment, run.rehearse, kept


def compare(office: Office, run: Any, other_id: str = "") -> Comparison:
    """
    The run beside the one with `other_id`, or beside the previous one.

    Raises Refused NOTHING_TO_COMPARE, COMPARED_BOTS, RUN_UNKNOWN.
    """
    other = find_run(office, other_id) if other_id else previous_run(office, run)
    if other is None:
        raise Refused("NOTHING_TO_COMPARE", where=run.id)
    if other.bot != run.bot:
        raise Refused("COMPARED_BOTS", where=run.id, other=other.bot, bot=run.bot)
    plans = plan_of(office, other.id), plan_of(office, run.id)
    new, gone, still = _breaks(*plans)
    return Comparison(
        before=other,
        now=run,
        params=list(_pairs(other.params, run.params)),
        sources=_sources(other, run),
        items=list(_pairs(_counts(other), _counts(run))),
        steps=list(_pairs(_steps(office, other), _steps(office, run))),
        took=Pair("", _took(other), _took(run)),
        new=new,
        gone=gone,
        still=still,
    )


def _pairs(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Pair]:
    for name in dict.fromkeys((*now, *before)):
        yield Pair(name, before.get(name), now.get(name))


def _counts(run: Any) -> dict[str, int]:
    return dict((run.totals or {}).get("items", {}))


def _sources(before: Any, now: Any) -> list[Source]:
    tables = [
        {(one["source"], one["currency"]): one for one in (run.totals or {}).get("sources", ())}
        for run in (before, now)
    ]
    return [
        Source(*key, {p: Pair(p, *(_part(table.get(key), p) for table in tables)) for p in PARTS})
        for key in dict.fromkeys((*tables[1], *tables[0]))
    ]


def _part(totals: Mapping[str, Any] | None, part: str) -> tuple[int, str] | None:
    return None if totals is None else (totals[part][0], totals[part][1])


def _steps(office: Office, run: Any) -> dict[str, timedelta]:
    """How long each step took, all its attempts together."""
    took: dict[str, timedelta] = {}
    for step in steps_of(office.audit.read_run(run.id)):
        if step.took is not None:
            took[step.name] = took.get(step.name, timedelta()) + step.took
    return took


def _took(run: Any) -> timedelta | None:
    return run.ended_at - run.started_at if run.started_at and run.ended_at else None


def _breaks(
    before: Plan | None, now: Plan | None
) -> tuple[list[Break] | None, list[Break] | None, int]:
    if before is None or now is None:
        return None, None, 0
    earlier, later = ({(b.entry.id, b.reason): b for b in plan.breaks} for plan in (before, now))
    new = [item for key, item in later.items() if key not in earlier]
    gone = [item for key, item in earlier.items() if key not in later]
    return new, gone, len(later) - len(new)
