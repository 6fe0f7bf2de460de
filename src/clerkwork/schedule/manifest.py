"""Schedules: a bot, a time or what it waits for, a calendar, limits (`schedules/*.toml`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from clerkwork.errors import Misconfigured
from clerkwork.manifest import Manifest, WrongValue, Zone, checked, load_toml
from clerkwork.schedule.calendars import (
    DAYS_OFF,
    EVERY_DAY,
    PLAIN,
    WORKING_DAYS,
    Calendar,
    ClockTime,
    load_calendar,
)
from clerkwork.schedule.readings import Reading
from clerkwork.schedule.times import DueTimes, IfClosed, InFold, InGap, wall_clock
from clerkwork.workspace import Workspace

# It stands in alerts, where nothing else may: alert/kinds.py says why not nine digits.
NAME = re.compile(r"(?!.*[0-9]{9})[a-z][a-z0-9_-]{0,63}")
_LONGEST_S = 366 * 86400.0  # a longer time is a slip, and some of them cannot be counted with


def _bot_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise WrongValue(
            f"“{name}” cannot stand in an alert: name the bot's folder with small letters, digits,"
            " - and _, a letter first, 64 at most, not nine digits together",
            f"“{name}”不能用于告警：机器人目录名请用小写字母、数字、- 与 _，字母开头，"
            "不超过 64 个字符，且无连续九位数字",
        )
    return name


def _day_names(cron: str) -> str:
    """Days of the week are names: number 1 is Tuesday to APScheduler and Monday to cron."""
    fields = cron.split()
    if len(fields) != 5:
        raise WrongValue(
            f"“{cron}” has {len(fields)} fields; cron has minute hour day month weekday",
            f"“{cron}”有 {len(fields)} 个字段；应为：分 时 日 月 星期",
        )
    if any(character.isdigit() for character in fields[4]):
        raise WrongValue(
            f"“{cron}”: name the days of the week (mon-fri), not all count them from the same day",
            f"“{cron}”：星期请用名称（mon-fri），各系统数字含义不一",
        )
    try:
        wall_clock(cron)
    except ValueError as broken:
        raise WrongValue(f"“{cron}”: {broken}", f"“{cron}”无法识别：{broken}") from None
    return cron


def _name_pattern(pattern: str) -> str:
    if not pattern or "/" in pattern or "\\" in pattern:
        raise WrongValue(
            f"“{pattern}” is for the names of files in one folder, such as *.pdf",
            f"“{pattern}”只用于一个目录内的文件名，例如 *.pdf",
        )
    return pattern


def _sender(sender: str) -> str:
    local, at, domain = sender.rpartition("@")
    if not (at and "." in domain) or "@" in local or set(" <>,;\t") & set(sender):
        raise WrongValue(
            f"“{sender}” is neither an address nor @domain", f"“{sender}”既非邮箱地址也非 @域名"
        )
    return sender.lower()


def _written_day(given: object) -> object:
    if isinstance(given, int | float):  # would be seconds since 1970
        raise PydanticCustomError("date_of_number", "not a day")
    return given


def _mail_folder(name: str) -> str:
    if not (name.isascii() and name.isprintable()) or set('"\\%*') & set(name):
        raise WrongValue(
            f"“{name}”: give the folder a name of plain letters", f"“{name}”：文件夹名请用英文字母"
        )
    return name


BotName = Annotated[str, AfterValidator(_bot_name)]
Cron = Annotated[str, AfterValidator(_day_names)]
CutOff = Annotated[ClockTime | str, Field(union_mode="left_to_right")]  # "08:30" is a time
Pattern = Annotated[str, AfterValidator(_name_pattern)]
Sender = Annotated[str, AfterValidator(_sender)]
MailFolder = Annotated[str, AfterValidator(_mail_folder)]
Seconds = Annotated[float, Field(gt=0, le=_LONGEST_S)]
Wait = Annotated[float, Field(ge=0, le=_LONGEST_S)]
Day = Annotated[date, BeforeValidator(_written_day)]


class Ready(Manifest):
    """What a screen must say before the run begins, and until when that is waited for."""

    reading: str  # [readings] of a system.toml
    says: str = "yes"
    deadline: ClockTime  # of the schedule's zone, the first one after the due time
    every_s: Seconds = 60.0


class OnFile(Manifest):
    """A file arrives in a folder or on a file server, complete, once."""

    system: str
    pattern: Pattern = "*"
    stable_s: Wait = 5.0
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

    bot: BotName
    owner: str
    enabled: bool = True
    environment: str = ""  # "" = the workspace's
    time_zone: Zone
    calendar: str = ""
    cron: Cron = ""
    at: tuple[ClockTime, ...] = ()
    on: str = "every day"
    if_closed: IfClosed = "skip"
    in_gap: InGap = ""
    in_fold: InFold = ""
    not_before: Day | ClockTime | None = None  # a day: of its life; a time: no run begins earlier
    not_after: Day | ClockTime | None = None
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
    grace_s: Wait = 300.0  # later than that is a missed time, for catch_up
    jitter_s: Wait = 0.0
    cut_off: CutOff = ""  # a time, or the name of the calendar's
    begins_within_s: Wait = 900.0
    ends_within_s: Wait = 0.0  # 0: the cut-off alone decides
    parameters: dict[str, str] = {}

    @model_validator(mode="after")
    def _is_due_by_one_thing(self) -> Schedule:
        arrivals = [n for n in ARRIVALS if getattr(self, n)]
        sources = arrivals + [n for n in ("cron", "at") if getattr(self, n)]
        if len(sources) > 1:
            raise WrongValue(
                f"{' and '.join(sources)}: one thing makes a schedule due; leave the others out",
                f"{' 与 '.join(sources)}：一个计划只由一件事触发，请删去其余",
            )
        if not sources and not self.after:
            raise WrongValue(
                "nothing makes it due: give at, cron, after, file, mail, run, item or call",
                "没有触发方式：请写 at、cron、after、file、mail、run、item 或 call",
            )
        if arrivals and self.after:
            raise WrongValue(
                f"{arrivals[0]} and after: one thing makes a schedule due; leave the other out",
                f"{arrivals[0]} 与 after：一个计划只由一件事触发，请删去其一",
            )
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
    """The files of all schedules, by name; not those that an editor hides (".#night.toml")."""
    found = (workspace.root / "schedules").glob("*.toml")
    return sorted(path for path in found if not path.name.startswith("."))


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
