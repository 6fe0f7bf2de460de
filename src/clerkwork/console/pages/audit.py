"""The audit log: search it, see one event with its proof, verify all of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from starlette.responses import Response

from clerkwork.audit import (
    Found,
    Verification,
    Wanted,
    find_event,
    prove,
    pseudonym_of,
    search,
    verify,
)
from clerkwork.console.happened import is_closed, lines_of
from clerkwork.console.pages.today import bots_seen
from clerkwork.console.visit import Visit
from clerkwork.errors import Failure, Refused
from clerkwork.facts.event import KINDS
from clerkwork.people import list_people
from clerkwork.run.evidence import check_evidence
from clerkwork.schedule.agenda import midnight

PAGE = 50
_LONGEST = 18  # digits of a position
_DAY = timedelta(days=1)
# who signed in, and whose password was wrong, is for who looks after people
_OF_PEOPLE = "person."


def show_list(visit: Visit) -> Response:
    """Events, newest first; older ones a page on."""
    asked = {name: visit.asked(name).strip() for name in ("name", "run", "item", "person", "day")}
    before = position_of(visit.asked("before"))
    since, until = _span(visit, asked.get("day", ""))
    among = wanted(visit, asked, since=since, until=until)
    found = search(visit.office.workspace.home, among, before=before, limit=PAGE + 1)
    shown = found[:PAGE]
    return visit.page(
        "audit/audit.html",
        asked=asked,
        lines=lines_of(visit, [(one.position, one.event) for one in shown if one.event]),
        unreadable=[one.position for one in shown if one.event is None],
        older=shown[-1].position if len(found) > PAGE else 0,
        names=_names(visit),
        people=list_people(visit.office.store),
    )


def _names(visit: Visit) -> list[str]:
    """The names of events that this person may see."""
    return sorted(name for name in KINDS if not name.startswith(_closed(visit)))


def _closed(visit: Visit) -> tuple[str, ...]:
    return () if visit.is_able("verify_audit") else (_OF_PEOPLE,)


def wanted(
    visit: Visit,
    asked: Mapping[str, str],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Wanted:
    """What is asked for (name, run, item, person), among what this person may see."""
    seen = bots_seen(visit)
    planned = visit.console.book().planned.items()
    home = visit.office.workspace.home
    return Wanted(
        names=(asked["name"],) if asked["name"] in KINDS else (),
        run=asked["run"],
        item=asked["item"],
        person=pseudonym_of(home, asked["person"]) if asked["person"] else "",
        since=since,
        until=until,
        bots=seen,
        schedules=None if seen is None else [name for name, one in planned if one.plan.bot in seen],
        closed=_closed(visit),
    )


def _span(visit: Visit, text: str) -> tuple[datetime | None, datetime | None]:
    """When the day that is asked for begins and ends; None for what is no day."""
    zone = visit.office.workspace.zone
    try:
        day = date.fromisoformat(text)
        return midnight(day, zone), midnight(day + _DAY, zone)
    except (ValueError, OverflowError):
        return None, None


def position_of(text: str) -> int:
    """The position that stands in an address; 0, where no event is, for what is none."""
    is_one = text.isascii() and text.isdecimal() and len(text) <= _LONGEST
    return int(text) if is_one else 0


def show(visit: Visit) -> Response:
    """One event, as it stands in the log, and the proof that it is in the signed tree."""
    position = position_of(visit.part("event"))
    home = visit.office.workspace.home
    found = find_event(home, position)
    check_seen(visit, found)
    proof = prove(home, position)
    closed = found.event is not None and is_closed(visit, found.event)
    event = [(found.position, found.event)] if found.event else []
    return visit.page(
        "audit/event.html",
        position=position,
        line=next(iter(lines_of(visit, event)), None),
        fields={} if closed else _fields(found),
        stored="" if closed else found.stored.decode("utf-8", "replace"),
        proof=proof,
        sisters=[node.hex() for node in proof.path],
    )


def _fields(found: Found) -> dict[str, str]:
    if found.event is None:
        return {}
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in sorted(found.event.fields.items())
    }


def check_seen(visit: Visit, found: Found) -> None:
    """Nothing, when the event is this person's business. Raises Refused OTHER_DESK, ..."""
    if found.event is None:  # altered: whose it was cannot be told
        visit.may("verify_audit")
        return
    if found.event.name.startswith(_closed(visit)):
        visit.may("verify_audit")
    run = str(found.event.fields.get("run") or "")
    schedule = visit.console.book().planned.get(str(found.event.fields.get("schedule") or ""))
    bot = run.partition(".")[0] or (schedule.plan.bot if schedule else "")
    if bot:
        visit.may("see", desk=visit.desk(bot))


def verify_all(visit: Visit) -> Response:
    """Verify every event, their order, every checkpoint and all evidence; show what was found."""
    found, problems = verified(visit)
    return visit.page(
        "audit/verified.html", found=found, problems=problems, now=visit.office.clock()
    )


def verified(visit: Visit) -> tuple[Verification, list[Failure]]:
    """What was verified, and all that does not hold."""
    office = visit.office
    found = verify(office.workspace.home)
    problems: list[Failure] = list(found.problems)
    if found.holds:
        problems += [
            Refused("EVIDENCE_ALTERED", what=what, detail=failure.message(visit.language))
            for what, failure in check_evidence(office)
        ]
    return found, problems
