"""Schedules in tables and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import typer

from clerkwork.cli.show_tables import local, print_table
from clerkwork.cli.speak import language, text
from clerkwork.schedule.agenda import Agenda, Coming, LeftOut, kind_of
from clerkwork.schedule.calendars import DAYS_OFF, PLAIN, WORKING_DAYS, Calendar
from clerkwork.schedule.manifest import Planned
from clerkwork.schedule.standing import Standing, why_said
from clerkwork.schedule.verdicts import iso
from clerkwork.schedule.year import times_said

STATES = {
    "enabled": ("enabled", "启用"),
    "disabled": ("disabled", "停用"),
    "paused": ("paused", "已暂停"),
    "wrong": ("wrong", "有误"),
}
OUTCOMES = {
    "queued": ("queued", "排队中"),
    "running": ("running", "运行中"),
    "done": ("done", "已完成"),
    "failed": ("failed", "失败"),
    "stopped": ("stopped", "已停止"),
    "skipped": ("skipped", "已跳过"),
    "missed": ("missed", "未运行"),
    "waiting": ("waiting", "等待中"),
    "started": ("started", "已启动"),
    "paused": ("paused", "已暂停"),
    "due": ("", ""),
}
KINDS = {
    "working": ("", ""),
    "weekend": ("weekend", "周末"),
    "off": ("day off", "休息日"),
    "make_up": ("make-up working day", "调休上班"),
    "unknown": ("not published", "安排未公布"),
}
WEEKDAYS = (
    ("Mon", "周一"), ("Tue", "周二"), ("Wed", "周三"), ("Thu", "周四"),
    ("Fri", "周五"), ("Sat", "周六"), ("Sun", "周日"),
)  # fmt: skip
_ON = {WORKING_DAYS: ("working days", "工作日"), DAYS_OFF: ("days off", "休息日")}
_OFTEN = 4  # due more often on one day: said in one line


def because(why: Any) -> str:
    """Why a firing waits, was skipped or missed, in the user's language."""
    return why_said(why, language())


def outcome_of(row: Any) -> str:
    """The state of the firing, or of its run when there is one."""
    return str(row.run_state or row.state)


def show_standings(found: Sequence[Standing], *, zone: ZoneInfo, now: datetime) -> None:
    """The table of `schedule list`."""
    columns = [
        text(*names)
        for names in (
            ("Schedule", "调度计划"),
            ("State", "状态"),
            ("Next due", "下次到期"),
            ("Last", "最近一次"),
            ("Now", "当前情况与预测"),
        )
    ]
    rows = [
        (
            one.name,
            _state(one),
            _minute(one.next_due, zone) or _not_by_the_clock(one),
            _last(one, zone),
            _now(one, zone=zone, now=now),
        )
        for one in found
    ]
    print_table(columns, rows, wraps=(1, 2, 3, 4))


def _not_by_the_clock(one: Standing) -> str:
    """What makes it due, when no clock does."""
    if one.planned is None or one.planned.due is not None:
        return ""
    return times_said(one.planned, language())


def _state(one: Standing) -> str:
    said = text(*STATES[one.state])
    if one.paused is None:
        return said
    return text(
        f"{said} by {one.paused.paused_by}: {one.paused.paused_why}",
        f"{said}（{one.paused.paused_by}：{one.paused.paused_why}）",
    )


def _last(one: Standing, zone: ZoneInfo) -> str:
    if one.last is None:
        return "-"
    said = f"{_minute(one.last.due_at, zone)} {text(*OUTCOMES[outcome_of(one.last)])}"
    if one.last.failure:
        return text(f"{said}: ", f"{said}：") + str(one.last.failure["code"])
    return text(f"{said}: ", f"{said}：") + because(one.last.why) if one.last.why else said


def _now(one: Standing, *, zone: ZoneInfo, now: datetime) -> str:
    parts = []
    if one.wrong:
        parts.append(f"{one.wrong.code}: {one.wrong.message(language())}")
    if one.waiting is not None:
        waits = because(one.waiting.why) or text("waiting", "等待中")
        parts.append(f"{_minute(one.waiting.due_at, zone)} {waits}")
    if one.expected:
        parts.append(one.expected.said(language(), zone=zone, now=now))
    return text("; ", "；").join(parts)


def standing_as_json(one: Standing, lang: str, *, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """A schedule for programs; times in UTC."""
    plan = one.planned.plan if one.planned else None
    return {
        "schedule": one.name,
        "bot": plan.bot if plan else None,
        "owner": plan.owner if plan else None,
        "state": one.state,
        "wrong": {"code": one.wrong.code, "message": one.wrong.message(lang)}
        if one.wrong
        else None,
        "paused": {
            "by": one.paused.paused_by,
            "why": one.paused.paused_why,
            "at": iso(one.paused.paused_at),
        }
        if one.paused
        else None,
        "next_due": iso(one.next_due) if one.next_due else None,
        "last": _firing_as_json(one.last),
        "waiting": _firing_as_json(one.waiting),
        "forecast": _forecast_as_json(one, lang, zone=zone, now=now),
    }


def _firing_as_json(row: Any) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "key": row.key,
        "trigger": row.trigger,
        "due": iso(row.due_at),
        "day": row.day.isoformat(),
        "state": outcome_of(row),
        "run": row.run_id,
        "by": row.by,
        "code": (row.why or row.failure or {}).get("code"),
        "message": because(row.why) or None,
    }


def _forecast_as_json(
    one: Standing, lang: str, *, zone: ZoneInfo, now: datetime
) -> dict[str, Any] | None:
    if one.expected is None:
        return None
    expected = one.expected
    return {
        "ends": iso(expected.ends) if expected.ends else None,
        "by": iso(expected.by) if expected.by else None,
        "cut_off": iso(expected.cut_off) if expected.cut_off else None,
        "at_risk": expected.at_risk,
        "runs": expected.runs,
        "said": expected.said(lang, zone=zone, now=now),
    }


def coming_as_json(one: Coming) -> dict[str, Any]:
    """A due time for programs: in UTC, and as the clock of the schedule's zone shows it."""
    return {
        "schedule": one.schedule,
        "bot": one.bot,
        "due": iso(one.due),
        "local": one.due.astimezone(one.zone).isoformat(),
        "time_zone": one.zone.key,
        "day": one.day.isoformat(),
        "cut_off": iso(one.cut_off) if one.cut_off else None,
        "moved_from": one.moved_from.isoformat() if one.moved_from else None,
        "state": one.state,
        "why": because(one.why) or None,
    }


def show_agenda(
    found: Agenda, planned: Sequence[Planned], *, first: date, days: int, zone: ZoneInfo
) -> None:
    """The days, each with its kind and its names, and under it what is due or left out."""
    calendars = {one.plan.calendar: one.calendar for one in planned} or {"": PLAIN}
    by_day: dict[date, list[Coming | LeftOut]] = {}
    # that a named day is on few days goes without saying
    every: list[Coming | LeftOut] = [
        *found.coming,
        *(one for one in found.left_out if one.on in _ON),
    ]
    for each in every:
        at = each.due if isinstance(each, Coming) else each.at
        by_day.setdefault(at.astimezone(zone).date(), []).append(each)
    for number in range(days):
        day = first + timedelta(days=number)
        typer.echo(_heading(day, calendars))
        for line in _lines(by_day.get(day, []), zone):
            typer.echo(f"  {line}")
    after = [one.name for one in planned if one.due is None and one.plan.enabled]
    if after:
        names = ", ".join(sorted(after))
        typer.echo(text(f"not by the clock: {names}", f"不按时间触发：{names}"))


def _heading(day: date, calendars: dict[str, Calendar]) -> str:
    said = [f"{day} {text(*WEEKDAYS[day.weekday()])}"]
    marked = {name: _marks(day, calendar) for name, calendar in sorted(calendars.items())}
    if len(set(marked.values())) == 1:  # all say the same of it
        marked = {"": marked.popitem()[1]}
    for name, marks in marked.items():
        if marks:
            said.append(f"{name}: {marks}" if name else marks)
    return "  ".join(said)


def _marks(day: date, calendar: Calendar) -> str:
    """What a calendar says of a day: its kind and its names; "" for a plain working day."""
    marks = [text(*KINDS[kind_of(calendar, day)])]
    marks += [text(named.en, named.zh) for named in calendar.names_of(day)]
    return text(", ", "，").join(mark for mark in marks if mark)


def _lines(found: Sequence[Coming | LeftOut], zone: ZoneInfo) -> Iterator[str]:
    """A line for each due time; those of a schedule that is due often are said together."""
    said: list[tuple[datetime, str]] = []
    for _, group in groupby(sorted(found, key=_by_schedule), key=lambda one: _by_schedule(one)[:2]):
        each = list(group)
        if len(each) > _OFTEN:
            said.append((_by_schedule(each[0])[2], _together(each, zone)))
        else:
            said += [(_by_schedule(one)[2], _line(one, zone)) for one in each]
    for _, line in sorted(said):
        yield line


def _by_schedule(each: Coming | LeftOut) -> tuple[str, bool, datetime]:
    at = each.due if isinstance(each, Coming) else each.at
    return each.schedule, isinstance(each, LeftOut), at


def _together(each: Sequence[Coming | LeftOut], zone: ZoneInfo) -> str:
    times = [_by_schedule(one)[2] for one in each]
    between = f"{_clock(min(times), zone)}-{_clock(max(times), zone)}"
    name, is_left_out, _ = _by_schedule(each[0])
    said = text(f"{between}  {name}, {len(each)} times", f"{between}  {name}，{len(each)} 次")
    return f"{said}  {text('(left out)', '（不运行）')}" if is_left_out else said


def _line(one: Coming | LeftOut, zone: ZoneInfo) -> str:
    if isinstance(one, LeftOut):
        on = text(*_ON[one.on])
        why = text(f"(left out: only on {on})", f"（不运行：仅限{on}）")
        return f"{_clock(one.at, zone)}  {one.schedule}  {why}"
    parts = [f"{_clock(one.due, zone)}  {one.schedule}"]
    if one.zone.key != zone.key:
        parts.append(f"[{_clock(one.due, one.zone)} {one.zone.key}]")
    if one.cut_off:
        at = _clock(one.cut_off, zone)
        parts.append(text(f"cut-off {at}", f"截止 {at}"))
    if one.moved_from:
        parts.append(
            text(f"(moved from {one.moved_from:%m-%d})", f"（由 {one.moved_from:%m-%d} 顺延）")
        )
    if one.state != "due":
        why = because(one.why)
        state = text(*OUTCOMES[one.state])
        parts.append(text(f"[{state}: {why}]", f"[{state}：{why}]") if why else f"[{state}]")
    return "  ".join(parts)


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def _minute(at: datetime | None, zone: ZoneInfo) -> str:
    return local(at, zone)[:16]
