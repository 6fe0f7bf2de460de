"""Schedules: a bot, a time or what it waits for, a calendar, limits (`schedules/*.toml`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from clerkwork.errors import Misconfigured
from clerkwork.manifest import Manifest, checked, load_toml
from clerkwork.schedule.calendars import (
    DAYS_OFF,
    EVERY_DAY,
    PLAIN,
    WORKING_DAYS,
    Calendar,
    load_calendar,
)
from clerkwork.schedule.readings import Reading
from clerkwork.schedule.times import DueTimes, IfClosed, InFold, InGap, wall_clock
from clerkwork.workspace import Workspace

# It stands in alerts, where nothing else may: alert/kinds.py says why not nine digits.
NAME = re.compile(r"(?!.*[0-9]{9})[a-z][a-z0-9_-]{0,63}")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name!r} is not a time zone") from None
    return name


def _day_names(cron: str) -> str:
    """Days of the week are names: number 1 is Tuesday to APScheduler and Monday to cron."""
    fields = cron.split()
    if len(fields) != 5:
        raise ValueError(
            f"“{cron}” has {len(fields)} fields; cron has minute hour day month weekday"
        )
    if any(character.isdigit() for character in fields[4]):
        raise ValueError(f"“{cron}”: name the days (mon-sun), numbers differ")
    wall_clock(cron)
    return cron


def _name_pattern(pattern: str) -> str:
    if not pattern or "/" in pattern or "\\" in pattern:
        raise ValueError(f"“{pattern}” is for the names of files in one folder, such as *.pdf")
    return pattern


def _sender(sender: str) -> str:
    local, at, domain = sender.rpartition("@")
    if not (at and "." in domain) or "@" in local or set(" <>,;\t") & set(sender):
        raise ValueError(f"“{sender}” is neither an address nor @domain")
    return sender.lower()


def _mail_folder(name: str) -> str:
    if not (name.isascii() and name.isprintable()) or set('"\\%*') & set(name):
        raise ValueError(f"“{name}”: give the folder a name of plain letters")
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]
Cron = Annotated[str, AfterValidator(_day_names)]
CutOff = Annotated[time | str, Field(union_mode="left_to_right")]  # "08:30" is a time
Pattern = Annotated[str, AfterValidator(_name_pattern)]
Sender = Annotated[str, AfterValidator(_sender)]
MailFolder = Annotated[str, AfterValidator(_mail_folder)]
Seconds = Annotated[float, Field(gt=0)]


class Ready(Manifest):
    """What a screen must say before the run begins, and until when that is waited for."""

    reading: str  # [readings] of a system.toml
    says: str = "yes"
    deadline: time  # of the schedule's zone, the first one after the due time
    every_s: float = 60.0


class OnFile(Manifest):
    """A file arrives in a folder or on a file server, complete, once."""

    system: str
    pattern: Pattern = "*"
    stable_s: float = 5.0
    every_s: Seconds = 5.0
    into: str = ""  # sftp: the `files` system into whose folder it is fetched


class OnMail(Manifest):
    """A mail arrives from one of `senders` with attachments that fit `pattern`."""

    system: str
    senders: tuple[Sender, ...]  # addresses, or "@domain"
    into: str  # the `files` system into whose folder its attachments are delivered
    pattern: Pattern = "*"
    every_s: Seconds = 30.0
    done: MailFolder = ""  # where it is moved afterwards; "": it is marked as read


class OnRun(Manifest):
    """A run of `bot` ends."""

    bot: str
    outcome: Literal["done", "failed", "any"] = "done"


class OnItem(Manifest):
    """A work item of `target` waits in `state`."""

    target: str
    state: str


class OnCall(Manifest):
    """Another program calls, with a token signed by the secret named here."""

    secret: str


ARRIVALS = ("file", "mail", "run", "item", "call")


class Schedule(Manifest):
    """One schedule. Exactly one thing makes it due: clock times, an arrival, or others' success."""

    bot: str
    owner: str
    enabled: bool = True
    environment: str = ""  # "" = the workspace's
    time_zone: Zone
    calendar: str = ""
    cron: Cron = ""
    at: tuple[time, ...] = ()
    on: str = "every day"
    if_closed: IfClosed = "skip"
    in_gap: InGap = ""
    in_fold: InFold = ""
    not_before: date | time | None = None  # a day: of its life; a time: no run begins earlier
    not_after: date | time | None = None
    after: tuple[str, ...] = ()
    settled: bool = False  # after: all items of those runs are at rest as well
    file: OnFile | None = None
    mail: OnMail | None = None
    run: OnRun | None = None
    item: OnItem | None = None
    call: OnCall | None = None
    ready: Ready | None = None
    overlap: Literal["queue", "skip"] = "queue"
    catch_up: Literal["all", "last", "none"] = "all"
    grace_s: float = 300.0  # later than that is a missed time, for catch_up
    jitter_s: float = 0.0
    cut_off: CutOff = ""  # a time, or the name of the calendar's
    begins_within_s: float = 900.0
    ends_within_s: float = 0.0  # 0: the cut-off alone decides
    parameters: dict[str, str] = {}

    @model_validator(mode="after")
    def _is_due_by_one_thing(self) -> Schedule:
        arrivals = [n for n in ARRIVALS if getattr(self, n)]
        sources = arrivals + [n for n in ("cron", "at") if getattr(self, n)]
        if len(sources) > 1:
            raise ValueError(f"{' and '.join(sources)}: one thing makes a schedule due")
        if not sources and not self.after:
            raise ValueError(
                "nothing makes it due: give at, cron, after, file, mail, run, item or call"
            )
        if arrivals and self.after:
            raise ValueError(f"{arrivals[0]} and after: one thing makes a schedule due")
        return self

    @property
    def arrives(self) -> str:
        """What makes it due besides the clock and others: the name of its table, "" for none."""
        return next((name for name in ARRIVALS if getattr(self, name)), "")

    @property
    def clock_lines(self) -> tuple[str, ...]:
        """Its clock times as cron lines; empty for a schedule that something else makes due."""
        if self.cron:
            return (self.cron,)
        return tuple(f"{at.minute} {at.hour} * * *" for at in self.at)


@dataclass(frozen=True)
class Planned:
    """A schedule that was loaded: its name is the file's; its calendar is at hand."""

    name: str
    path: Path
    plan: Schedule
    calendar: Calendar
    zone: ZoneInfo
    due: DueTimes | None  # None: not due by the clock
    environment: str
    ready: Reading | None  # what its [ready] asks
    asked: Mapping[str, Reading]  # parameters that a screen says

    def day_of(self, moment: datetime) -> date:
        """The day to which work due at `moment` belongs."""
        return self.calendar.day_of(moment.astimezone(self.zone))

    def opens(self, moment: datetime) -> datetime | None:
        """
        When what came at `moment` may begin by the days of the schedule: then, or as the next
        such day begins; None where it is refused on other days.

        Raises Misconfigured CALENDAR_NOT_PUBLISHED, CALENDAR_HAS_NO_SUCH_DAY.
        """
        on, day = self.plan.on, moment.astimezone(self.zone).date()
        if on == EVERY_DAY or self.calendar.holds(day, on):
            return moment
        if self.plan.if_closed == "skip":
            return None
        next_day = self.calendar.nearest(day, on, step=1)
        begins = datetime.combine(next_day, self.calendar.day_begins, self.zone)
        return begins.astimezone(UTC)

    def cut_off(self, due_at: datetime) -> datetime | None:
        """When work due at `due_at` must have ended; None without a cut-off."""
        named = self.plan.cut_off
        at = self.calendar.cut_offs[named] if isinstance(named, str) and named else named
        return self.first_after(due_at, at) if isinstance(at, time) else None

    def first_after(self, moment: datetime, at: time) -> datetime:
        """The first moment after `moment` at which the clock shows `at`."""
        line = (wall_clock(f"{at.minute} {at.hour} * * *"),)
        found = DueTimes(line, self.zone, PLAIN, in_gap="later", in_fold="first").next(moment)
        assert found is not None  # a day has every time, moved where the clock skips it
        return found


def schedule_files(workspace: Workspace) -> list[Path]:
    """The files of all schedules, by name."""
    return sorted((workspace.root / "schedules").glob("*.toml"))


def schedule_file(workspace: Workspace, name: str) -> Path:
    """Where the schedule `name` stands."""
    return workspace.root / "schedules" / f"{name}.toml"


def load_schedule(workspace: Workspace, path: Path, readings: Mapping[str, Reading]) -> Planned:
    """The schedule in `path`. Raises Misconfigured MANIFEST_*, SCHEDULE_WRONG."""
    if not NAME.fullmatch(path.stem):
        raise wrong(
            path,
            "name the file with small letters, digits, - and _, a letter first, 64 at most,"
            " not nine digits together",
            "文件名只用小写字母、数字、- 和 _，以字母开头，不超过 64 个字符，且不含连续 9 位数字",
        )
    plan = checked(Schedule, load_toml(path), path)
    calendar = _calendar(workspace, plan.calendar, path)
    _known(path, "on", plan.on, [EVERY_DAY, WORKING_DAYS, DAYS_OFF, *calendar.named])
    _check_days(plan, path)
    if isinstance(plan.cut_off, str) and plan.cut_off:
        _known(path, "cut_off", plan.cut_off, calendar.cut_offs)
    if plan.ready:
        _known(path, "ready.reading", plan.ready.reading, readings)
    zone = ZoneInfo(plan.time_zone)
    return Planned(
        name=path.stem,
        path=path,
        plan=plan,
        calendar=calendar,
        zone=zone,
        due=_due_times(plan, calendar, zone),
        environment=plan.environment or workspace.environment,
        ready=readings[plan.ready.reading] if plan.ready else None,
        asked={name: readings[text] for name, text in plan.parameters.items() if text in readings},
    )


def _check_days(plan: Schedule, path: Path) -> None:
    """Days of a schedule that no clock makes due: what comes on others has a rule."""
    if plan.on == EVERY_DAY or plan.clock_lines:
        return
    if plan.after:
        raise wrong(
            path,
            f"on = “{plan.on}” with after alone: it follows the others on their days; leave on out",
            f"只写 after 时不可设 on = “{plan.on}”：其日期随前置计划，请删去 on",
        )
    if "if_closed" not in plan.model_fields_set or plan.if_closed == "previous":
        raise wrong(
            path,
            f"on = “{plan.on}” with {plan.arrives}: say what becomes of what comes on another day:"
            " if_closed = “next” (it waits for the next such day) or “skip” (it is refused)",
            f"on = “{plan.on}” 与 {plan.arrives} 同用时，请说明其他日期到达的如何处理："
            "if_closed = “next”（顺延至下一个此类日）或 “skip”（不处理）",
        )


def _known(path: Path, key: str, name: str, names: Collection[str]) -> None:
    if name not in names:
        known = ", ".join(names) or "-"
        raise wrong(path, f"{key} “{name}”: there is {known}", f"{key} “{name}”：现有 {known}")


def _calendar(workspace: Workspace, name: str, path: Path) -> Calendar:
    if not name:
        return PLAIN
    folder = workspace.root / "resources" / "calendars"
    _known(path, "calendar", name, sorted(one.stem for one in folder.glob("*.toml")))
    return load_calendar(folder / f"{name}.toml")


def _due_times(plan: Schedule, calendar: Calendar, zone: ZoneInfo) -> DueTimes | None:
    if not plan.clock_lines:
        return None
    first, last = plan.not_before, plan.not_after
    return DueTimes(
        clocks=tuple(wall_clock(line) for line in plan.clock_lines),
        zone=zone,
        calendar=calendar,
        on=plan.on,
        if_closed=plan.if_closed,
        in_gap=plan.in_gap or "skip",
        in_fold=plan.in_fold or "both",
        first=first if isinstance(first, date) else None,
        last=last if isinstance(last, date) else None,
    )


def wrong(path: Path, en: str, zh: str) -> Misconfigured:
    """What is wrong with the schedule in `path`."""
    return Misconfigured("SCHEDULE_WRONG", where=str(path), en=en, zh=zh)
