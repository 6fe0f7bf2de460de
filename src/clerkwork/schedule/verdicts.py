"""
What a watcher says of one firing: late, likely late, never started, never ended. Pure.

A verdict is an alert; its key has the schedule and the due time in it, so that whoever
comes to it, and however often, it is one alert.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from clerkwork.alert import Alert
from clerkwork.schedule.forecast import Forecast, Items
from clerkwork.schedule.manifest import Planned
from clerkwork.schedule.rules import jitter

OVER_CUT_OFF = timedelta(hours=1)  # a run that goes on so long after its cut-off never ends
_SECOND = timedelta(seconds=1)
_TAKE_UP = timedelta(minutes=1)  # a worker that is there takes up what is queued within it
# Why a firing was missed, as an alert names the rule (alert/kinds.py has them in words).
RULES = {
    "NOT_CAUGHT_UP": "catch_up",
    "TOO_LATE": "not_after",
    "NEVER_READY": "ready",
    "READING_WRONG": "reading",
    "SCHEDULE_IS_GONE": "gone",
}
# What was refused on purpose is not late besides.
ON_PURPOSE = ("NOT_CAUGHT_UP", "SCHEDULE_IS_GONE")


@dataclass(frozen=True)
class Seen:
    """A firing and its run as they stand now; `state` is "unfired" when it was never written."""

    schedule: str
    key: str
    due_at: datetime
    day: date
    state: str
    created_at: datetime | None = None
    settled_at: datetime | None = None
    trigger: str = "clock"
    code: str = ""  # of why it waits or was missed
    run_id: str = ""
    run_state: str = ""
    began: datetime | None = None
    bot: str = ""
    failure: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it may still begin, or end."""
        return self.state in ("waiting", "unfired") or self.run_state in ("queued", "running")


def key_for(kind: str, schedule: str, due: datetime, key: str, *, day: date) -> str:
    """
    The alert's key; of what arrived a digest, in letters alone, stands besides.

    What follows several others is one for each day: its due time is that of the last of them.
    """
    if key == f"after {day}":
        return f"{kind}:{schedule}:{day}"
    at = iso(due)
    mark = "" if key == at else ":" + letters(key)
    return f"{kind}:{schedule}:{at}{mark}"


def letters(text: str) -> str:
    """A short digest of `text`, in letters alone: digits might look like a card number."""
    return sha256(text.encode()).hexdigest()[:12].translate(_LETTERS)


_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def iso(moment: datetime) -> str:
    """The moment in UTC, as firings by the clock are keyed."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def begins(planned: Planned, due: datetime) -> datetime:
    """When work due at `due` begins, when nothing is in its way."""
    at = planned.plan.not_before
    early = planned.first_after(due - _SECOND, at) if isinstance(at, time) else due
    return max(due + jitter(planned), early)


def not_begun(planned: Planned, seen: Seen, now: datetime) -> Iterator[Alert]:
    """What is said of a firing of which nothing has begun."""
    plan = planned.plan
    begin_by = _begin_by(planned, seen)
    if seen.state == "waiting" and seen.code == "SCHEDULE_IS_PAUSED":
        return
    if seen.state == "waiting" and (plan.ready or plan.after) and seen.trigger != "person":
        condition = "ready" if plan.ready and seen.code != "AFTER_OTHERS" else "after"
        deadline = _deadline(planned, seen, condition, begin_by)
        if now > deadline:
            about = {"condition": condition, "deadline": iso(deadline)}
            yield _alert("waiting_too_long", planned, seen, about)
    elif now > begin_by and seen.run_state in ("", "queued"):
        yield _alert("never_started", planned, seen, {})


def _begin_by(planned: Planned, seen: Seen) -> datetime:
    """When a run must have begun: counted from when the firing came, or ceased to wait."""
    since = begins(planned, seen.due_at)
    if seen.trigger != "clock" and seen.created_at:
        since = max(since, seen.created_at)
    if not seen.settled_at or not seen.created_at:
        return since + timedelta(seconds=planned.plan.begins_within_s)
    if seen.settled_at > seen.created_at:
        since = max(since, seen.settled_at)
    begin_by = since + timedelta(seconds=planned.plan.begins_within_s)
    return max(begin_by, seen.settled_at + _TAKE_UP)  # caught up late, it is only just queued


def _deadline(planned: Planned, seen: Seen, condition: str, begin_by: datetime) -> datetime:
    """Until when a firing may wait for a screen, or for the schedules before it."""
    plan = planned.plan
    if condition == "ready" and plan.ready:
        # a minute on top: when the deadline passes, the firing is missed, and that is told
        return planned.first_after(seen.due_at - _SECOND, plan.ready.deadline) + 60 * _SECOND
    if isinstance(plan.not_after, time):
        return planned.first_after(seen.due_at - _SECOND, plan.not_after)
    return begin_by


def not_ended(
    planned: Planned, seen: Seen, now: datetime, *, cut_off: datetime | None
) -> Iterator[Alert]:
    """What is said of a run that goes on for too long."""
    if seen.run_state != "running" or seen.began is None:
        return
    limits = []
    if planned.plan.ends_within_s:
        limits.append(seen.began + timedelta(seconds=planned.plan.ends_within_s))
    if cut_off:
        limits.append(max(cut_off, seen.began) + OVER_CUT_OFF)
    if limits and now > min(limits):
        allowed = (min(limits) - seen.began) // timedelta(minutes=1)
        about = {"run": seen.run_id, "began": iso(seen.began), "minutes": str(min(allowed, 999999))}
        yield Alert(
            "never_ended",
            f"never_ended:{seen.schedule}:{seen.run_id}",
            {"schedule": seen.schedule, **about},
            planned.plan.owner,
        )


def late(planned: Planned, seen: Seen, cut_off: datetime) -> Alert:
    """The cut-off has passed, and the work is not done."""
    return _alert("late", planned, seen, {"cut_off": iso(cut_off)})


def likely_late(planned: Planned, seen: Seen, expected: Forecast) -> Alert:
    """The cut-off is still to come, and the work is forecast to end after it."""
    assert expected.ends is not None and expected.cut_off is not None
    about = {
        "ends": iso(expected.ends),
        "cut_off": iso(expected.cut_off),
        "at_risk": str(min(expected.at_risk, 999999)),
    }
    return _alert("likely_late", planned, seen, about)


def run_failed(planned: Planned, seen: Seen) -> Alert:
    """The run of the firing failed."""
    about = {"bot": seen.bot, "run": seen.run_id, "code": seen.failure or "DEFECT"}
    return Alert("run_failed", f"run_failed:{seen.run_id}", about, planned.plan.owner)


def missed(schedule: str, due: datetime, settled_at: datetime, code: str, *, owner: str) -> Alert:
    """Due times of the schedule that were settled as missed at one moment; `due`: the first."""
    about = {"schedule": schedule, "due": iso(due), "rule": RULES.get(code, code.lower())}
    return Alert("missed", f"missed:{schedule}:{iso(settled_at)}", about, owner)


def needs_ending(seen: Seen, items: Items) -> bool:
    """Whether work of the firing is still to be done, by a worker or by a person."""
    if seen.run_state == "done":
        return items.left > 0
    return not (seen.state == "skipped" or (seen.state == "missed" and seen.code in ON_PURPOSE))


def _alert(kind: str, planned: Planned, seen: Seen, about: Mapping[str, str]) -> Alert:
    key = key_for(kind, seen.schedule, seen.due_at, seen.key, day=seen.day)
    said = {"schedule": seen.schedule, "due": iso(seen.due_at), **about}
    return Alert(kind, key, said, planned.plan.owner)
