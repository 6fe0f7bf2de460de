"""Settings: secrets by name, whom alerts tell, and the outbox of alerts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from clerkwork.alert import (
    STATES,
    Alerting,
    acknowledge,
    alerts_before,
    find_alert,
    load_alerting,
    sentence,
    severity_of,
)
from clerkwork.console.visit import Visit
from clerkwork.errors import Failure, Refused
from clerkwork.people import EVERY_DESK
from clerkwork.run.readiness import named_secrets
from clerkwork.secrets import secret

_PAGE = 30
_LONGEST = 9  # digits of an alert's number
_OVER = ("acknowledged", "over")


@dataclass(frozen=True)
class Shown:
    """An alert with its deliveries, and what it says."""

    row: Any
    told: list[Any]
    severity: str
    says: str

    @property
    def is_open(self) -> bool:
        """Whether somebody may still take it in hand."""
        return self.row.state not in _OVER


@dataclass(frozen=True)
class Address:
    """A secret that is not a system's: who or what it is for, and whether it is there."""

    name: str
    of: str
    is_there: bool


def show_first(visit: Visit) -> Response:
    """The first of the settings that this person may see."""
    return visit.go("/settings/people" if visit.is_able("manage_people") else "/settings/alerts")


def show_secrets(visit: Visit) -> Response:
    """The names of all secrets that the workspace asks for, and whether each is there."""
    workspace = visit.office.workspace
    alerting, wrong = _alerting(visit)
    asked = [(one.address, name) for name, one in sorted(alerting.people.items())]
    asked += [(alerting.switch, "switch")] if alerting.switch else []
    for name, planned in visit.console.book().planned.items():
        if planned.plan.call:
            asked.append((planned.plan.call.secret, name))
    return visit.page(
        "settings/secrets.html",
        secrets=named_secrets(workspace, workspace.environment),
        addresses=[Address(name, of, _is_there(visit, name)) for name, of in asked],
        failure=wrong,
        environment=workspace.environment,
    )


def _is_there(visit: Visit, name: str) -> bool:
    try:
        secret(name, home=visit.office.workspace.home)
    except Failure:
        return False
    return True


def _alerting(visit: Visit) -> tuple[Alerting, Failure | None]:
    try:
        return load_alerting(visit.office.workspace.rules("alerts")), None
    except Failure as failure:
        return Alerting(), failure


def show_alerts(visit: Visit) -> Response:
    """Whom alerts tell, and the outbox."""
    return _alerts_page(visit)


def acknowledge_one(visit: Visit) -> Response:
    """This person has the alert in hand."""
    number = number_of(visit.part("alert"))
    row = find_alert(visit.office.store, number)
    visit.may("acknowledge_alert", desk=row.owner or None)
    try:
        acknowledge(
            visit.office.store,
            number,
            by=visit.person.name,
            why=visit.why(),
            at=visit.office.clock(),
            record=visit.office.audit.record,
        )
    except Refused as failure:
        return _alerts_page(visit, failure)
    return visit.go("/settings/alerts", "said.alert_acknowledged")


def _alerts_page(visit: Visit, failure: Failure | None = None) -> Response:
    state = visit.asked("state")
    state = state if state in STATES else ""
    owners = None if EVERY_DESK in visit.person.desks else visit.person.desks
    found = alerts_before(
        visit.office.store,
        before=number_of(visit.asked("before")),
        state=state,
        owners=owners,
        limit=_PAGE + 1,
    )
    alerting, wrong = _alerting(visit)
    shown = [_shown(visit, row, told) for row, told in found[:_PAGE]]
    return visit.page(
        "settings/alerts.html",
        status=422 if failure else 200,
        failure=failure or wrong,
        alerts=shown,
        older=shown[-1].row.id if len(found) > _PAGE else 0,
        state=state,
        states=STATES,
        alerting=alerting,
        reached={name: _is_there(visit, one.address) for name, one in alerting.people.items()},
    )


def _shown(visit: Visit, row: Any, told: list[Any]) -> Shown:
    says = sentence(row.kind, row.about, language=visit.language, zone=visit.office.workspace.zone)
    return Shown(row, told, severity_of(row.kind), says)


def number_of(text: str) -> int:
    is_one = text.isascii() and text.isdecimal() and len(text) <= _LONGEST
    return int(text) if is_one else 0
