"""What can be found wrong with what a schedule waits for, before anything arrives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from clerkwork.errors import Misconfigured
from clerkwork.schedule.manifest import Planned, wrong
from clerkwork.schedule.sources import DRIVERS, folder_of, place_of, watched
from clerkwork.store.items import TRANSITIONS
from clerkwork.systems.maps import SystemMap
from clerkwork.workspace import Workspace, load_bot

AHEAD = timedelta(days=60)  # for so long the calendar must be published
_PRACTICE = "practice:"


def check_arrivals(
    workspace: Workspace, planned: Planned, others: Mapping[str, Planned], now: datetime
) -> None:
    """Raises Misconfigured for the first thing that is wrong. Secrets need not be here."""
    plan = planned.plan
    if plan.arrives:
        for ahead in (timedelta(), AHEAD):
            planned.opens(now + ahead)  # raises CALENDAR_NOT_PUBLISHED
    what = watched(planned)
    if what:
        system, place = place_of(workspace, planned, what[1], DRIVERS[what[0]])
        practises = place.address.startswith(_PRACTICE)
        if system.driver == "sftp" and not place.host_key and not practises:
            raise Misconfigured("HOST_KEY_MISSING", system=system.name, address=place.address)
        _check_into(workspace, planned, system)
    if plan.mail:
        _check_mailbox(planned, others)
    if plan.run:
        load_bot(workspace, plan.run.bot)
    if plan.item:
        workspace.system_folder(plan.item.target)
        if plan.item.state not in TRANSITIONS:
            known = ", ".join(TRANSITIONS)
            raise wrong(
                planned.path,
                f"item.state “{plan.item.state}”: there is {known}",
                f"item.state “{plan.item.state}”：现有 {known}",
            )


def _check_into(workspace: Workspace, planned: Planned, system: SystemMap) -> None:
    """What comes from elsewhere is delivered into a folder of ours; what lies in one is not."""
    plan = planned.plan
    into = plan.mail.into if plan.mail else plan.file.into if plan.file else ""
    if into:
        folder_of(workspace, planned, into)
    if system.driver == "files" and into:
        raise wrong(
            planned.path,
            "file.into: the files of a folder stay where they are; leave it out",
            "file.into：目录中的文件不会移动；请删去",
        )
    if system.driver == "sftp" and not into:
        raise wrong(
            planned.path,
            "file.into: say into the folder of which system files are fetched",
            "file.into：请指明文件取回到哪个系统的目录",
        )


def _check_mailbox(planned: Planned, others: Mapping[str, Planned]) -> None:
    """All who watch a mailbox do the same with its mails."""
    mine = planned.plan.mail
    assert mine is not None
    for name, other in others.items():
        theirs = other.plan.mail
        is_same = theirs and (theirs.system, other.environment) == (
            mine.system, planned.environment,
        )  # fmt: skip
        if theirs and is_same and theirs.done != mine.done:
            raise wrong(
                planned.path,
                f"mail.done: schedule “{name}” watches the same mailbox and says “{theirs.done}”",
                f"mail.done：调度计划“{name}”使用同一邮箱，其设置为“{theirs.done}”",
            )
