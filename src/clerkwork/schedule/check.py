"""What can be found wrong with schedules and calendars before any is due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from graphlib import CycleError, TopologicalSorter
from typing import get_type_hints

from clerkwork.errors import Failure, Misconfigured
from clerkwork.schedule.book import load_all
from clerkwork.schedule.calendars import WORKING_DAYS, load_calendar
from clerkwork.schedule.check_arrivals import AHEAD, check_arrivals
from clerkwork.schedule.manifest import Planned, schedule_files, wrong
from clerkwork.schedule.parameters import FACTS, PHRASES
from clerkwork.schedule.readings import task_of
from clerkwork.workspace import Bot, Workspace, load_bot, parameters

_CHANGES_AHEAD = timedelta(days=800)  # summer time begins and ends within it, twice
_STEP = timedelta(days=1)
_A_DAY = "2026-01-01"  # tried for dates that are filled later


def check_schedules(workspace: Workspace, *, now: datetime) -> Iterator[tuple[str, Failure | None]]:
    """Each calendar, reading and schedule that was checked, with what is wrong or None."""
    for path in sorted((workspace.root / "resources" / "calendars").glob("*.toml")):
        yield f"resources/calendars/{path.name}", _tried(load_calendar, path)
    planned, broken = load_all(workspace)
    for path in schedule_files(workspace):
        what = f"schedules/{path.name}"
        if path.stem in broken:
            yield what, broken[path.stem]
        else:
            yield what, _tried(_check, workspace, planned[path.stem], planned, now)


def _tried(check: object, *about: object) -> Failure | None:
    try:
        check(*about)  # type: ignore[operator]
    except Failure as failure:
        return failure
    return None


def _check(
    workspace: Workspace, planned: Planned, others: Mapping[str, Planned], now: datetime
) -> None:
    """Raises Misconfigured for the first thing that is wrong or could be read in two ways."""
    _check_bot(workspace, planned)
    _check_chain(planned, others)
    check_arrivals(workspace, planned, others, now)
    if planned.due is not None:
        _check_clock(planned, now)
    asked = [*planned.asked.values(), *([planned.ready] if planned.ready else [])]
    for reading in asked:
        task_of(workspace, reading.how.sign_on)
        task_of(workspace, reading.how.task)
    if planned.plan.on == WORKING_DAYS and any(reading.how.every_day for reading in asked):
        raise wrong(
            planned.path,
            "on = “working days” with a reading that says something new every calendar day:"
            " the accounting days of weekends would be left out; take “every day”",
            "on = “working days”，而所读内容每个自然日都会变化：周末的会计日将被漏掉；"
            "请改为“every day”",
        )


def _check_bot(workspace: Workspace, planned: Planned) -> None:
    """The bot is there and takes the parameters; what is filled later is tried with a sample."""
    bot = load_bot(workspace, planned.plan.bot)
    texts = dict(planned.plan.parameters)
    facts = FACTS.get(planned.plan.arrives, ())
    for name, text in texts.items():
        if text in PHRASES or name in planned.asked:
            texts[name] = _A_DAY
        unknown = {part.partition("}")[0] for part in text.split("{")[1:]} - set(facts)
        if unknown:
            raise wrong(
                planned.path,
                f"parameters.{name}: nothing says {{{min(unknown)}}};"
                f" there is {', '.join(facts) or '-'}",
                f"parameters.{name}：没有 {{{min(unknown)}}}；可用：{'、'.join(facts) or '-'}",
            )
        if "{" in text:
            texts[name] = _sample(bot, name, text)
    parameters(bot, texts)


def _sample(bot: Bot, name: str, text: str) -> str:
    """A text that parameter `name` takes, in place of one that an arrival fills."""
    hint = str(get_type_hints(bot.params).get(name, str))
    if "datetime.date" in hint:
        return _A_DAY
    return "1" if "int" in hint or "Decimal" in hint else text


def _check_chain(planned: Planned, others: Mapping[str, Planned]) -> None:
    """What it comes after is there, and does not come after it."""
    for name in planned.plan.after:
        if name not in others:
            known = ", ".join(sorted(others.keys() - {planned.name})) or "-"
            raise wrong(
                planned.path,
                f"after “{name}”: there is no such schedule; there is {known}",
                f"after “{name}”：没有该调度计划；现有：{known}",
            )
    try:
        TopologicalSorter({n: [*_before(one, others)] for n, one in others.items()}).prepare()
    except CycleError as circle:
        names = circle.args[1]
        if planned.name in names:
            said = " → ".join(reversed(names))
            raise wrong(
                planned.path,
                f"these wait for each other: {said}",
                f"互相等待：{said}",
            ) from None


def _before(planned: Planned, others: Mapping[str, Planned]) -> Iterator[str]:
    """The schedules whose runs make `planned` due."""
    yield from planned.plan.after
    if planned.plan.run:
        bot = planned.plan.run.bot
        yield from (name for name, one in others.items() if one.plan.bot == bot)


def _check_clock(planned: Planned, now: datetime) -> None:
    """It is due some time, on published days, and never at a time that is skipped or doubled."""
    assert planned.due is not None
    due = planned.due.next(now)
    while due is not None and due < now + AHEAD:
        due = planned.due.next(max(due, due + _STEP))  # raises CALENDAR_NOT_PUBLISHED
    _check_changes(planned, now)
    is_over = planned.due.last is not None and planned.due.last < planned.day_of(now)
    if due is None and not is_over and planned.due.next(now) is None:
        raise wrong(planned.path, "it is never due", "永远不会到期")


def _check_changes(planned: Planned, now: datetime) -> None:
    """A time that a change of the clock skips or doubles has a rule."""
    plan = planned.plan
    if plan.cron and plan.cron.split()[1] == "*":
        return  # every hour that passes: nothing is ambiguous
    assert planned.due is not None
    day = now
    while day < now + _CHANGES_AHEAD:
        before, after = (d.astimezone(planned.zone).utcoffset() for d in (day, day + _STEP))
        if before != after:
            for wall, kind in planned.due.unruled(day - _STEP, day + 2 * _STEP):
                if not getattr(plan, f"in_{kind}"):
                    raise _ambiguous(planned, wall, kind)
        day += _STEP


def _ambiguous(planned: Planned, wall: datetime, kind: str) -> Misconfigured:
    at = f"{wall:%Y-%m-%d %H:%M}"
    if kind == "gap":
        return wrong(
            planned.path,
            f"at {at} the clock of {planned.zone} skips this time: say in_gap = “skip” or “later”",
            f"{planned.zone} 在 {at} 因夏令时跳过该时刻：请设 in_gap = “skip” 或 “later”",
        )
    return wrong(
        planned.path,
        f"at {at} the clock of {planned.zone} shows this time twice:"
        " say in_fold = “first”, “second” or “both”",
        f"{planned.zone} 在 {at} 因夏令时该时刻出现两次："
        "请设 in_fold = “first”、“second” 或 “both”",
    )
