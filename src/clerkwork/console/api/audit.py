"""The audit log, for programs: search it, one event with its proof, verify all of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clerkwork.audit import Found, find_event, prove, search
from clerkwork.console.api.call import Answer, Moment, Paged, Problem, Text, number, problem
from clerkwork.console.happened import Line, is_closed, lines_of
from clerkwork.console.pages.audit import check_seen, position_of, verified, wanted
from clerkwork.console.visit import Visit
from clerkwork.facts.event import KINDS


class Event(Answer):
    """An event of the audit log; what was altered has its position only."""

    position: int
    at: datetime | None
    name: str | None
    run: str | None
    item: str | None
    says: str | None


class Events(Answer):
    """A part of the log, newest first; `older` is the `before` of the next part."""

    events: list[Event]
    older: str | None


class Proof(Answer):
    """The way from an event's leaf to the signed root (RFC 6962, section 2.1.1), in hex."""

    leaf: str
    path: list[str]
    size: int
    root: str
    signer: str
    is_signed: bool
    holds: bool


class EventWhole(Event):
    """An event as it stands in the log, with its proof."""

    fields: dict[str, Any]
    stored: str
    proof: Proof


class Verified(Answer):
    """What was verified, and what does not hold."""

    events: int
    checkpoints: int
    signer: str
    holds: bool
    problems: list[Problem]


class Asked(Paged):
    """Which events; `person` is a sign-in name."""

    name: Text = ""
    run: Text = ""
    item: Text = ""
    person: Text = ""
    since: Moment | None = None
    until: Moment | None = None


def list_them(visit: Visit, asked: Asked) -> Events:
    """Events that one may see, newest first."""
    if asked.name and asked.name not in KINDS:
        return Events(events=[], older=None)
    about = {name: getattr(asked, name) for name in ("name", "run", "item", "person")}
    among = wanted(visit, about, since=asked.since, until=asked.until)
    home = visit.office.workspace.home
    found = search(home, among, before=number(asked.before), limit=asked.limit + 1)
    shown = found[: asked.limit]
    older = str(shown[-1].position) if len(found) > asked.limit else None
    return Events(events=_events(visit, shown), older=older)


def _events(visit: Visit, found: list[Found]) -> list[Event]:
    readable = [(one.position, one.event) for one in found if one.event]
    lines = {line.position: line for line in lines_of(visit, readable)}
    return [Event(**_facts(one.position, lines.get(one.position))) for one in found]


def _facts(position: int, line: Line | None) -> dict[str, Any]:
    return {
        "position": position,
        "at": line and line.at,
        "name": line and line.name,
        "run": (line and line.run) or None,
        "item": (line and line.item) or None,
        "says": line and line.sentence,
    }


def show(visit: Visit) -> EventWhole:
    """One event, as it stands in the log, and the proof that it is in the signed tree."""
    position, home = position_of(visit.part("event")), visit.office.workspace.home
    found = find_event(home, position)
    check_seen(visit, found)
    closed = found.event is not None and is_closed(visit, found.event)
    line = next(iter(lines_of(visit, [(position, found.event)] if found.event else [])), None)
    proof = prove(home, position)
    return EventWhole(
        **_facts(position, line),
        fields=dict(found.event.fields) if found.event and not closed else {},
        stored="" if closed else found.stored.decode("utf-8", "replace"),
        proof=Proof(
            leaf=proof.leaf.hex(),
            path=[node.hex() for node in proof.path],
            size=proof.size,
            root=proof.root.hex(),
            signer=proof.signer,
            is_signed=proof.is_signed,
            holds=proof.holds,
        ),
    )


def verify_all(visit: Visit) -> Verified:
    """Verify every event, their order, every checkpoint and all evidence."""
    found, problems = verified(visit)
    return Verified(
        events=found.events,
        checkpoints=found.checkpoints,
        signer=found.signer,
        holds=not problems,
        problems=[problem(one, visit.language) for one in problems],
    )
