"""The places that schedules watch: one source for each system, whoever watches it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from clerkwork.errors import Misconfigured
from clerkwork.run.connect import address_of, environment_of, host_keys_of
from clerkwork.run.office import Office
from clerkwork.run.pausing import pause_of
from clerkwork.schedule.arrivals import Source
from clerkwork.schedule.files import FileSource, LocalPlace, Place, ServerPlace
from clerkwork.schedule.firings import Prepare
from clerkwork.schedule.mail import MailSource
from clerkwork.schedule.manifest import Planned
from clerkwork.secrets import credential
from clerkwork.systems.imap import Mailbox
from clerkwork.systems.maps import EnvironmentMap, SystemMap, load_system
from clerkwork.systems.port import SignOn
from clerkwork.systems.sftp import FileServer
from clerkwork.workspace import Workspace

DRIVERS = {"file": ("files", "sftp"), "mail": ("imap",)}  # which systems a trigger may watch


def watched(planned: Planned) -> tuple[str, str] | None:
    """Which trigger `planned` has on a system, and the system's name; None for neither."""
    plan = planned.plan
    if plan.file:
        return "file", plan.file.system
    return ("mail", plan.mail.system) if plan.mail else None


def place_of(
    workspace: Workspace, planned: Planned, name: str, drivers: Iterable[str]
) -> tuple[SystemMap, EnvironmentMap]:
    """System `name` where `planned` runs. Raises Misconfigured, also for another driver."""
    system = load_system(workspace.system_folder(name))
    if system.driver not in drivers:
        wanted = ", ".join(drivers)
        raise Misconfigured("DRIVER_WRONG", system=name, driver=system.driver, wanted=wanted)
    return system, environment_of(system, planned.environment)


def folder_of(workspace: Workspace, planned: Planned, name: str) -> Path:
    """The folder of the `files` system `name`. Raises Misconfigured."""
    _, place = place_of(workspace, planned, name, ["files"])
    return Path(address_of(place, workspace.home))


def sources_of(
    office: Office, planned: Iterable[Planned], prepare: Prepare
) -> dict[object, Source]:
    """
    A source for each place that enabled schedules watch, by all that makes it this place.

    A schedule whose system is wrong watches nothing: `clerkwork check` says what is. Nobody
    signs on to a system that is paused.
    """
    watchers: dict[tuple[str, str, str], list[Planned]] = {}
    for one in planned:
        what = watched(one)
        if not what or not one.plan.enabled:
            continue
        if pause_of(office, what[1], one.environment) is None:
            watchers.setdefault((*what, one.environment), []).append(one)
    found: dict[object, Source] = {}
    for (trigger, name, environment), mine in watchers.items():
        try:
            system, place = place_of(office.workspace, mine[0], name, DRIVERS[trigger])
        except Misconfigured as wrong:
            names = [one.name for one in mine]
            office.audit.record("trigger.failing", system=name, schedules=names, code=wrong.code)
            continue
        found[trigger, name, environment, place] = _source(
            office, system, place, watchers=mine, prepare=prepare
        )
    return found


def _source(
    office: Office,
    system: SystemMap,
    place: EnvironmentMap,
    *,
    watchers: list[Planned],
    prepare: Prepare,
) -> Source:
    home, environment = office.workspace.home, watchers[0].environment

    def sign_on() -> SignOn:
        found = credential(place.desk, environment=environment, home=home)
        return SignOn(found.operator, found.password)

    def into(name: str) -> Path:
        return folder_of(office.workspace, watchers[0], name)

    def mailbox() -> Mailbox:
        return Mailbox(system, address_of(place, home), sign_on(), tls=place.tls)

    def server() -> FileServer:
        return FileServer(
            system, address_of(place, home), sign_on(), host_key=host_keys_of(place, home),
            user=place.user, private_key=place.private_key,
        )  # fmt: skip

    if system.driver == "imap":
        return MailSource(
            office, system.name, sign_on=mailbox, folder_of=into, watchers=watchers,
            prepare=prepare,
        )  # fmt: skip
    where: Place
    if system.driver == "sftp":
        where = ServerPlace(server, into)
    else:
        where = LocalPlace(lambda: Path(address_of(place, home)))
    return FileSource(
        office, environment, system.name, place=where, watchers=watchers, prepare=prepare
    )
