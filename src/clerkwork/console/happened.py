"""Lines of the audit log as a person reads them: a sentence in their language, people by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from clerkwork.audit import people_by_pseudonym
from clerkwork.console import texts
from clerkwork.facts.event import PERSONAL, Event
from clerkwork.people import ROLES, list_people

if TYPE_CHECKING:
    from clerkwork.console.visit import Visit


_ROLES = ("needs", "roles")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)")


@dataclass(frozen=True)
class Line:
    """One line: its position in the log is its number, the same for everybody and for ever."""

    position: int
    at: datetime
    name: str
    run: str
    item: str
    sentence: str


def lines_of(visit: Visit, events: Iterable[tuple[int, Event]]) -> list[Line]:
    """The lines of these events, in their order."""
    called = called_by_pseudonym(visit)
    return [_line(visit, position, _for(visit, event), called) for position, event in events]


def is_closed(visit: Visit, event: Event) -> bool:
    """Whether something in it is not for this person: what a document is called."""
    return event.name == "evidence.kept" and not visit.is_able("see_documents")


def _for(visit: Visit, event: Event) -> Event:
    if not is_closed(visit, event):
        return event
    return Event(event.name, event.at, dict(event.fields) | {"what": "…"})


def called_by_pseudonym(visit: Visit) -> dict[str, str]:
    """How each person is called in the reader's language, by what the log has for them."""
    office = visit.office
    known = {one.name: one for one in list_people(office.store)}
    names = people_by_pseudonym(office.workspace.home, office.store)
    return {
        pseudonym: known[name].zh if visit.language == "zh" else known[name].en
        for pseudonym, name in names.items()
    }


def _line(visit: Visit, position: int, event: Event, called: dict[str, str]) -> Line:
    fields = {
        name: called.get(str(value), value) if name in PERSONAL else _told(visit, event, name)
        for name, value in event.fields.items()
    }
    return Line(
        position=position,
        at=event.at,
        name=event.name,
        run=str(event.fields.get("run") or ""),
        item=str(event.fields.get("item") or ""),
        sentence=Event(event.name, event.at, fields).sentence(visit.language),
    )


def _told(visit: Visit, event: Event, name: str) -> object:
    """A field as the reader says it: what has a title by it, times in the bank's zone."""
    value = event.fields[name]
    if name in _ROLES and isinstance(value, list):
        roles = [visit.text(f"role.{one}") if one in ROLES else one for one in value]
        return visit.text("shared.and").join(roles)
    if event.name == "person.sign_in_refused" and value in ("password", "code"):
        return visit.text(f"sign_in.{value}")
    if name == "step":
        bot = str(event.fields.get("run") or "").partition(".")[0]
        en, zh = visit.step_names(bot).get(str(value), (value, value))
        return zh if visit.language == "zh" else en
    if name == "system":
        en, zh = visit.system(str(value))
        return zh if visit.language == "zh" else en
    if name == "environment":
        return texts.environment(str(value), visit.language)
    if isinstance(value, str) and (moment := _MOMENT.fullmatch(value)):
        zone = visit.office.workspace.zone
        return f"{datetime.fromisoformat(moment[0]).astimezone(zone):%Y-%m-%d %H:%M}"
    return value
