"""Systems: how each stands, as far as the store and the audit log know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from clerkwork.audit import Wanted, search
from clerkwork.console.pages.items import names
from clerkwork.console.visit import Visit
from clerkwork.errors import Failure, Refused
from clerkwork.facts.event import Event
from clerkwork.run.evidence import evidence_of, repair_of
from clerkwork.run.overview import SystemState, systems
from clerkwork.run.pausing import Pause, pause_system, pauses_in, resume_system
from clerkwork.run.readiness import NamedSecret, named_secrets
from clerkwork.run.runs import runs_before
from clerkwork.systems.maps import SystemMap, load_system
from clerkwork.workspace import load_manifest

_COMPARED = "screens.compared"
_SIGNED_ON = "system.signed_on"
_AMONG = 200  # events that are looked through for the last of each system


@dataclass(frozen=True)
class Seen:
    """One system: its map (None when that is wrong), its state, and what was last seen of it."""

    state: SystemState
    map: SystemMap | None
    wrong: Failure | None
    secrets: Sequence[NamedSecret]
    bots: Sequence[str]
    compared: Event | None
    pause: Pause | None
    signed_on: Event | None
    repair: tuple[Any, str, str] | None  # evidence, the run it is of, the change as a diff
    last_run: Any
    picture: Any  # evidence of that run


def show(visit: Visit) -> Response:
    """Every system that a bot of this person's desks uses."""
    return _page(visit)


def pause(visit: Visit) -> Response:
    """Let nobody sign on to it any more; what is in hand ends first."""
    return _order(visit, pause_system, "said.system_paused")


def resume(visit: Visit) -> Response:
    """Let it be signed on to again; what waited is queued."""
    return _order(visit, resume_system, "said.system_resumed")


def _order(visit: Visit, order: Callable[..., None], said: str) -> Response:
    name, environment = visit.part("system"), visit.office.workspace.environment
    if name not in _users(visit, visit.bots()):
        raise Refused("SYSTEM_NOT_OURS", system=name)
    try:
        order(visit.office, name, environment, visit.person, why=visit.why())
    except Failure as failure:
        return _page(visit, failure)
    return visit.go(f"/systems#{name}", said)


def _page(visit: Visit, failure: Failure | None = None) -> Response:
    office = visit.office
    bots = visit.bots()
    users = _users(visit, bots)
    secrets = named_secrets(office.workspace, office.workspace.environment)
    compared = _last_of(visit, _COMPARED, bots)
    signed_on = _last_of(visit, _SIGNED_ON, None)
    paused = pauses_in(office, office.workspace.environment)
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
                pause=paused.get(state.name),
                signed_on=signed_on.get(state.name),
                repair=_repair(visit, state),
                last_run=last,
                picture=picture,
            )
        )
    return visit.page(
        "systems/systems.html",
        status=422 if failure else 200,
        failure=failure,
        systems=found,
        environment=office.workspace.environment,
        titles=visit.titles(),
        names=names(visit),
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


def _last_of(visit: Visit, name: str, bots: Sequence[str] | None) -> dict[str, Event]:
    """The last event of that name of each system; for one of these bots, None for whichever."""
    found: dict[str, Event] = {}
    home = visit.office.workspace.home
    for one in search(home, Wanted(names=(name,)), limit=_AMONG):
        if one.event is not None and (bots is None or one.event.fields.get("bot") in bots):
            found.setdefault(str(one.event.fields.get("system")), one.event)
    return found


def _repair(visit: Visit, state: SystemState) -> tuple[Any, str, str] | None:
    """What is proposed to change in the system's map, since it is not as mapped."""
    runs = [state.drifted.run_id] if state.drifted else []
    runs += [state.trouble.id] if state.trouble else []
    for run_id in runs:
        if visit.person.works_at(visit.desk(run_id.partition(".")[0])):
            found = repair_of(visit.office, run_id, state.name)
            if found is not None:
                return found[0], run_id, found[1]
    return None


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
