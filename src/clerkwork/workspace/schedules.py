"""Schedule files: read and checked now; the scheduler that fires them comes with its own room."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from clerkwork.errors import Misconfigured
from clerkwork.manifest import Manifest, checked, load_toml


class Schedule(Manifest):
    """A bot, a time, its parameters: `schedules/*.toml`."""

    bot: str
    owner: str
    cron: str
    time_zone: str
    enabled: bool = True
    catch_up: Literal["all", "last", "none"] = "all"
    parameters: dict[str, str] = {}


def load_schedule(path: Path) -> Schedule:
    """
    The schedule in `path`. Raises Misconfigured MANIFEST_*, SCHEDULE_WRONG.

    Days of the week are names: number 1 is Tuesday to APScheduler and Monday to cron.
    """
    from apscheduler.triggers.cron import CronTrigger

    schedule = checked(Schedule, load_toml(path), path)
    fields = schedule.cron.split()
    if len(fields) == 5 and any(character.isdigit() for character in fields[4]):
        raise _wrong(path, f"cron “{schedule.cron}”: name the days (mon-sun), numbers differ")
    try:
        CronTrigger.from_crontab(schedule.cron, timezone=schedule.time_zone)
    except (ValueError, KeyError) as wrong:
        raise _wrong(path, f"cron “{schedule.cron}”, {schedule.time_zone}: {wrong}") from None
    return schedule


def _wrong(path: Path, detail: str) -> Misconfigured:
    return Misconfigured("SCHEDULE_WRONG", file=str(path), detail=detail)
