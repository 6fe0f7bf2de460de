"""Whether a bot could run now: its systems are mapped, and the credentials they name are there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from clerkwork.errors import Failure
from clerkwork.run.connect import environment_of
from clerkwork.secrets import credential
from clerkwork.systems.maps import EnvironmentMap, SystemMap, load_system
from clerkwork.workspace import BotManifest, Workspace, system_title


@dataclass(frozen=True)
class NamedSecret:
    """A credential by its name: never what it says, only whether it is there."""

    name: str
    system: str
    use: str  # desk, keyboard
    wrong: Failure | None

    @property
    def is_there(self) -> bool:
        """Whether it was found and is whole."""
        return self.wrong is None


@dataclass(frozen=True)
class SystemUse:
    """A system as a bot needs it: mapped, in the environment, with its credentials."""

    name: str
    title: tuple[str, str]
    uses: tuple[str, ...]  # reads, writes
    secrets: tuple[NamedSecret, ...]
    wrong: Failure | None

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing."""
        return self.wrong is None and all(each.is_there for each in self.secrets)


def system_uses(workspace: Workspace, manifest: BotManifest, environment: str) -> list[SystemUse]:
    """The systems that the bot of `manifest` needs, those it writes last."""
    names = dict.fromkeys((*manifest.reads, *manifest.writes))
    return [_use(workspace, manifest, name, environment) for name in names]


def _use(workspace: Workspace, manifest: BotManifest, name: str, environment: str) -> SystemUse:
    uses = tuple(use for use in ("reads", "writes") if name in getattr(manifest, use))
    title = system_title(workspace, name)
    try:
        system = load_system(workspace.system_folder(name))
        place = environment_of(system, environment)
    except Failure as failure:
        return SystemUse(name, title, uses, (), failure)
    wanted = {"desk", "keyboard"} if "writes" in uses else {"desk"}
    found = tuple(_secrets(workspace, system, place, environment, wanted))
    return SystemUse(name, title, uses, found, None)


def named_secrets(workspace: Workspace, environment: str) -> list[NamedSecret]:
    """Every credential that the systems of the workspace name for `environment`."""
    found: list[NamedSecret] = []
    for name in workspace.systems:
        try:
            system = load_system(workspace.system_folder(name))
        except Failure:  # said by `clerkwork check`
            continue
        place = system.environments.get(environment)
        if place is not None:
            both = {"desk", "keyboard"}
            found += _secrets(workspace, system, place, environment, both)
    return found


def _secrets(
    workspace: Workspace,
    system: SystemMap,
    place: EnvironmentMap,
    environment: str,
    wanted: Collection[str],
) -> Iterator[NamedSecret]:
    for use, name in (("desk", place.desk), ("keyboard", place.keyboard)):
        if not name or use not in wanted:
            continue
        wrong: Failure | None = None
        try:
            credential(name, environment=environment, home=workspace.home)
        except Failure as failure:
            wrong = failure
        yield NamedSecret(name, system.name, use, wrong)
