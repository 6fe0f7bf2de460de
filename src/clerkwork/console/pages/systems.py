"""Systems: how each stands, as far as the store and the audit log know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from clerkwork.audit import Wanted, search
from clerkwork.console.visit import Visit
from clerkwork.errors import Failure
from clerkwork.facts.event import Event
from clerkwork.run.evidence import evidence_of
from clerkwork.run.overview import SystemState, systems
from clerkwork.run.readiness import NamedSecret, named_secrets
from clerkwork.run.runs import runs_before
from clerkwork.systems.maps import SystemMap, load_system
from clerkwork.workspace import load_manifest

_COMPARED = "screens.compared"
_AMONG = 200  # comparisons that are looked through for the last of each system


@dataclass(frozen=True)
class Seen:
    """One system: its map (None when that is wrong), its state, and what was last seen of it."""

    state: SystemState
    map: SystemMap | None
    wrong: Failure | None
    secrets: Sequence[NamedSecret]
    bots: Sequence[str]
    compared: Event | None
    last_run: Any
    picture: Any  # evidence of that run


def show(visit: Visit) -> Response:
    """Every system that a bot of this person's desks uses."""
    office = visit.office
    bots = visit.bots()
    users = _users(visit, bots)
    secrets = named_secrets(office.workspace, office.workspace.environment)
    compared = _compared(visit, bots)
    found = []
    for state in systems(office, office.clock(), bots=bots):
        mine = users.get(state.name, [])
        last, picture = _last(visit, state.name, mine)
        mapped, wrong = _map(visit, state.name)
        found.append(
            Seen(
                state=state,
                map=mapped,
                wrong=wrong,
                secrets=[each for each in secrets if each.system == state.name],
                bots=mine,
                compared=compared.get(state.name),
                last_run=last,
                picture=picture,
            )
        )
    return visit.page(
        "systems/systems.html",
        systems=found,
        environment=office.workspace.environment,
        titles=visit.titles(),
    )


def _users(visit: Visit, bots: Sequence[str]) -> dict[str, list[str]]:
    """The bots that use each system."""
    found: dict[str, list[str]] = {}
    for bot in bots:
        try:
            manifest = load_manifest(visit.office.workspace, bot)
        except Failure:  # said on the page of bots
            continue
        for name in dict.fromkeys((*manifest.reads, *manifest.writes)):
            found.setdefault(name, []).append(bot)
    return found


def _map(visit: Visit, name: str) -> tuple[SystemMap | None, Failure | None]:
    try:
        return load_system(visit.office.workspace.system_folder(name)), None
    except Failure as failure:
        return None, failure


def _compared(visit: Visit, bots: Sequence[str]) -> dict[str, Event]:
    """The last comparison of each system's screens with their maps, for one of these bots."""
    found: dict[str, Event] = {}
    home = visit.office.workspace.home
    for one in search(home, Wanted(names=(_COMPARED,)), limit=_AMONG):
        if one.event is not None and one.event.fields.get("bot") in bots:
            found.setdefault(str(one.event.fields.get("system")), one.event)
    return found


def _last(visit: Visit, system: str, bots: Sequence[str]) -> tuple[Any, Any]:
    """The last run that has ended of a bot that uses the system, and its last picture of it."""
    done = runs_before(visit.office, bots=bots, state="done", limit=1)
    failed = runs_before(visit.office, bots=bots, state="failed", limit=1)
    ended = sorted([*done, *failed], key=lambda run: run.created_at)
    if not ended:
        return None, None
    screens = [
        row
        for row in evidence_of(visit.office, ended[-1].id)
        if row.kind == "screen" and row.name.startswith(f"{system}.")
    ]
    # a terminal's picture is its text
    pictures = [row for row in screens if row.name.endswith(".png")] or screens
    return ended[-1], pictures[-1] if pictures else None
