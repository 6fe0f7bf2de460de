"""What the rules of a schedule say of its due times: start, wait, skip or miss. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Literal

from clerkwork.schedule.manifest import Planned

State = Literal["waiting", "started", "skipped", "missed"]
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Verdict:
    """What becomes of one firing; `code` and `facts` say why (messages/schedule.toml)."""

    state: State
    code: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def why(self) -> dict[str, object] | None:
        """As the store keeps it; None where nothing is to be said."""
        return {"code": self.code, "facts": dict(self.facts)} if self.code else None


STARTED = Verdict("started")


def jitter(planned: Planned) -> timedelta:
    """How long this schedule always starts after its due times: spread by its name."""
    share = int.from_bytes(sha256(planned.name.encode()).digest()[:4], "big") / 2**32
    return timedelta(seconds=planned.plan.jitter_s * share)


def settle_clock(
    planned: Planned, dues: Sequence[datetime], now: datetime, *, is_paused: bool, is_busy: bool
) -> list[tuple[datetime, Verdict]]:
    """
    What becomes of the due times up to `now` that nothing was decided of yet.

    `is_busy`: an earlier run of the schedule has not ended.
    """
    settled = []
    for due in dues:
        verdict = _late(planned, due, now, is_last=due == dues[-1])
        if is_paused:
            verdict = Verdict("skipped", "SCHEDULE_IS_PAUSED")
        verdict = verdict or when_due(planned, due, now, is_busy=is_busy)
        is_busy = is_busy or verdict.state in ("started", "waiting")
        settled.append((due, verdict))
    return settled


def _late(planned: Planned, due: datetime, now: datetime, *, is_last: bool) -> Verdict | None:
    """By the catch-up rule, for a due time that passed while nobody looked."""
    rule = planned.plan.catch_up
    late = now - due - jitter(planned) > timedelta(seconds=planned.plan.grace_s)
    if not late or rule == "all" or (rule == "last" and is_last):
        return None
    return Verdict("missed", "NOT_CAUGHT_UP", {"rule": rule})


def when_due(
    planned: Planned, due: datetime, now: datetime, *, is_busy: bool, has_come_after: bool = False
) -> Verdict:
    """
    What becomes of a firing that is due, by overlap and the limits of its time.

    `has_come_after`: what it comes after has succeeded already.
    """
    plan = planned.plan
    if is_busy and plan.overlap == "skip":
        return Verdict("skipped", "EARLIER_RUN_GOES_ON")
    if is_too_late(planned, due, now):
        return Verdict("missed", "TOO_LATE", {"not_after": str(plan.not_after)})
    waits_for_others = plan.after and not has_come_after
    if waits_for_others or plan.ready or planned.asked or not is_time(planned, due, now):
        return Verdict("waiting")
    return STARTED


def when_come(
    planned: Planned, at: datetime, now: datetime, *, is_busy: bool
) -> tuple[datetime, Verdict]:
    """
    When what came `at` is due by the days of the schedule, and what becomes of it.

    On another day it is refused, or waits for the next. Raises Misconfigured
    CALENDAR_NOT_PUBLISHED, CALENDAR_HAS_NO_SUCH_DAY.
    """
    due = planned.opens(at)
    if due is None:
        return at, Verdict("skipped", "DAY_IS_CLOSED", {"days": planned.plan.on})
    verdict = when_due(planned, due, now, is_busy=is_busy)
    return due, Verdict("waiting") if verdict == STARTED and now < due else verdict


def is_time(planned: Planned, due: datetime, now: datetime) -> bool:
    """Whether the clock has reached `not_before`, where that is a time."""
    at = planned.plan.not_before
    return isinstance(at, date) or not at or now >= planned.first_after(due - _SECOND, at)


def is_too_late(planned: Planned, due: datetime, now: datetime) -> bool:
    """Whether `not_after`, where that is a time, has passed since `due`."""
    at = planned.plan.not_after
    return isinstance(at, time) and now > planned.first_after(due - _SECOND, at)
