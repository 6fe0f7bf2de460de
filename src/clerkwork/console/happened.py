"""Lines of the audit log as a person reads them: a sentence in their language, people by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from clerkwork.audit import people_by_pseudonym
from clerkwork.facts.event import PERSONAL, Event
from clerkwork.people import list_people

if TYPE_CHECKING:
    from clerkwork.console.visit import Visit


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
    return [
        _line(position, _for(visit, event), called, visit.language) for position, event in events
    ]


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


def _line(position: int, event: Event, called: dict[str, str], language: str) -> Line:
    fields = {
        name: called.get(str(value), value) if name in PERSONAL else value
        for name, value in event.fields.items()
    }
    return Line(
        position=position,
        at=event.at,
        name=event.name,
        run=str(event.fields.get("run") or ""),
        item=str(event.fields.get("item") or ""),
        sentence=Event(event.name, event.at, fields).sentence(language),
    )
