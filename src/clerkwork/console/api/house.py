"""Systems, alerts and stopping everything, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from clerkwork.alert import acknowledge as take_in_hand
from clerkwork.alert import alerts_before, find_alert, sentence, severity_of
from clerkwork.console.api.call import Answer, Paged, Said, Why, number
from clerkwork.console.pages.settings import number_of
from clerkwork.console.visit import Visit
from clerkwork.people import EVERY_DESK
from clerkwork.run.overview import systems
from clerkwork.run.stopping import resume_workers, standing_stop, stop_workers


class System(Answer):
    """How a system stands as far as the store knows; `trouble` is the run that failed for it."""

    name: str
    title: Said
    state: Literal["idle", "ok", "trouble", "unsettled"]
    last_used: datetime | None
    trouble: str | None
    unsettled: int
    keying: int


class Systems(Answer):
    """The systems that the bots of one's desks use."""

    environment: str
    systems: list[System]


class Told(Answer):
    """To whom an alert goes, and how far it came."""

    person: str
    state: str


class Alert(Answer):
    """An alert; `says` is in the reader's language."""

    id: int
    kind: str
    severity: str
    state: Literal["pending", "sent", "over", "acknowledged", "undeliverable"]
    says: str
    about: dict[str, str]
    owner: str
    raised_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    why: str | None
    told: list[Told]


class Alerts(Answer):
    """A part of the list; `older` is the `before` of the next part, null at the end."""

    alerts: list[Alert]
    older: str | None


class AskedAlerts(Paged):
    """Which alerts."""

    state: Literal["pending", "sent", "over", "acknowledged", "undeliverable"] | None = None


class Stop(Answer):
    """Whether every worker is stopped; by whom, why and since when."""

    is_stopped: bool
    by: str | None = None
    why: str | None = None
    at: datetime | None = None


def list_systems(visit: Visit) -> Systems:
    """How the systems stand."""
    found = systems(visit.office, visit.office.clock(), bots=visit.bots())
    return Systems(
        environment=visit.office.workspace.environment,
        systems=[
            System(
                name=one.name,
                title=Said(en=one.title[0], zh=one.title[1]),
                state=one.state,  # type: ignore[arg-type]
                last_used=one.last_used,
                trouble=one.trouble.id if one.trouble else None,
                unsettled=one.unsettled,
                keying=one.keying,
            )
            for one in found
        ],
    )


def list_alerts(visit: Visit, asked: AskedAlerts) -> Alerts:
    """Alerts of one's desks, newest first."""
    found = alerts_before(
        visit.office.store,
        before=number(asked.before),
        state=asked.state or "",
        owners=None if EVERY_DESK in visit.person.desks else visit.person.desks,
        limit=asked.limit + 1,
    )
    shown = [_alert(visit, row, told) for row, told in found[: asked.limit]]
    return Alerts(alerts=shown, older=str(shown[-1].id) if len(found) > asked.limit else None)


def _alert(visit: Visit, row: Any, told: list[Any]) -> Alert:
    zone = visit.office.workspace.zone
    return Alert(
        id=row.id,
        kind=row.kind,
        severity=severity_of(row.kind),
        state=row.state,
        says=sentence(row.kind, row.about, language=visit.language, zone=zone),
        about=row.about,
        owner=row.owner,
        raised_at=row.raised_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at,
        why=row.why,
        told=[Told(person=one.person, state=one.state) for one in told],
    )


def acknowledge(visit: Visit, body: Why) -> Alert:
    """Take the alert in hand: nobody is told any more."""
    store, alert = visit.office.store, number_of(visit.part("alert"))
    row = find_alert(store, alert)
    visit.may("acknowledge_alert", desk=row.owner or None)
    take_in_hand(
        store,
        alert,
        by=visit.person.name,
        why=body.line(),
        at=visit.office.clock(),
        record=visit.office.audit.record,
    )
    (found,) = alerts_before(store, before=alert + 1, owners=None, limit=1)
    return _alert(visit, *found)


def show_stop(visit: Visit) -> Stop:
    """Whether every worker is stopped."""
    stop = standing_stop(visit.office.workspace.home)
    if stop is None:
        return Stop(is_stopped=False)
    return Stop(is_stopped=True, by=stop.by, why=stop.why, at=stop.at)


def stop_all(visit: Visit, body: Why) -> Stop:
    """Stop every worker: what is in hand ends, what is queued stays."""
    stop_workers(visit.office, visit.person, body.line())
    return show_stop(visit)


def resume(visit: Visit, body: Why) -> Stop:
    """Let workers start again."""
    resume_workers(visit.office, visit.person, body.line())
    return show_stop(visit)
