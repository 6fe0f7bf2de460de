"""What can be found wrong with systems, rules and bots before any run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from clerkwork.alert import load_alerting
from clerkwork.approve import load_authority
from clerkwork.errors import Failure, Misconfigured
from clerkwork.reconcile import load_accounts, load_rules, load_treatments
from clerkwork.reconcile.hand_rules import load_settling
from clerkwork.systems.maps import SystemMap, load_system
from clerkwork.workspace import Workspace, load_bot

RULES: dict[str, Callable[[Path], object]] = {
    "authority": load_authority,
    "treatments": load_treatments,
    "alerts": load_alerting,
}


def check(workspace: Workspace) -> Iterator[tuple[str, Failure | None]]:
    """Each thing that was checked, by its path in the workspace, with what is wrong or None."""
    systems: dict[str, SystemMap] = {}
    for name in workspace.systems:
        yield _tried(
            f"resources/systems/{name}",
            lambda n=name: systems.update({n: _system(workspace, n)}),  # type: ignore[misc]
        )
    yield _tried(
        "resources/codes/accounts.toml", lambda: load_accounts(workspace.codes("accounts"))
    )
    for name, read in RULES.items():
        path = workspace.rules(name)
        yield _tried(f"resources/rules/{name}.toml", lambda r=read, p=path: r(p))  # type: ignore[misc]
    yield _tried("resources/rules/settling.toml", lambda: _settling(workspace))
    matching, reasons = workspace.rules("reconciliation"), workspace.rules("reasons")
    yield _tried("resources/rules/reconciliation.toml", lambda: load_rules(matching, reasons))
    for name in workspace.bots:
        yield _tried(f"bots/{name}", lambda n=name: _check_bot(workspace, n, systems))  # type: ignore[misc]


def _tried(what: str, read: Callable[[], object]) -> tuple[str, Failure | None]:
    try:
        read()
    except Failure as failure:
        return what, failure
    return what, None


def _system(workspace: Workspace, folder: str) -> SystemMap:
    """The map in `folder`, under its name: in a copied folder the name is easily forgotten."""
    system = load_system(workspace.system_folder(folder))
    if system.name != folder:
        raise Misconfigured("SYSTEM_NAMED_OTHERWISE", folder=folder, name=system.name)
    return system


def _settling(workspace: Workspace) -> None:
    """What is settled by hand names accounts and kinds that the other files have."""
    path = workspace.rules("settling")
    rules = load_settling(path)
    named = load_accounts(workspace.codes("accounts")).named
    kinds = load_authority(workspace.rules("authority")).kinds
    for rule in rules.write_offs:
        for account in (rule.in_, rule.out):
            if account not in named:
                raise Misconfigured("SETTLING_UNKNOWN", file=path, word=account, where=rule.name)
    of_reversals = rules.reversal.kind, rules.reversal.correction
    for kind in (*(rule.kind for rule in rules.write_offs), *of_reversals):
        if kind not in kinds:
            raise Misconfigured("SETTLING_UNKNOWN", file=path, word=kind, where="kind")


def _check_bot(workspace: Workspace, name: str, systems: dict[str, SystemMap]) -> None:
    """A bot loads, has its procedure, and uses only systems and screens that are mapped."""
    bot = load_bot(workspace, name)
    if not (bot.folder / "README.md").is_file():
        raise Misconfigured("BOT_BROKEN", bot=name, detail="README.md (the procedure) is missing")
    for system in (*bot.manifest.reads, *bot.manifest.writes):
        workspace.system_folder(system)
    for system, screens in bot.manifest.screens.items():
        if system not in systems:
            continue  # named already as broken or unknown
        unknown = set(screens) - set(systems[system].screens)
        if unknown:
            detail = f"bot.toml names screens that {system} does not have: {sorted(unknown)}"
            raise Misconfigured("BOT_BROKEN", bot=name, detail=detail)
