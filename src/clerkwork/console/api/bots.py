"""Bots, for programs: what each is, what it takes, and whether it could run now."""

from __future__ import annotations

from typing import Any

from clerkwork.console.api.call import Answer, Said
from clerkwork.console.visit import Visit
from clerkwork.errors import Failure
from clerkwork.run.readiness import SystemUse, system_uses
from clerkwork.run.runs import bot_for, runs_before
from clerkwork.workspace import Bot, Parameter, load_manifest, load_process, parameters_of

_TYPES: dict[str, dict[str, Any]] = {
    "date": {"format": "date"},
    "yes_no": {"enum": ["true", "false"]},
    "number": {"pattern": r"^-?[0-9]+$"},
    "amount": {"pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    "text": {},
}


class BotEntry(Answer):
    """A bot in the catalogue; `wrong` is what is wrong with its manifest."""

    name: str
    title: Said | None
    owner: str
    wrong: str | None
    schedules: list[str]
    last_run: str | None


class Bots(Answer):
    """The bots of one's desks."""

    bots: list[BotEntry]


class Use(Answer):
    """A system that the bot needs, and whether it is ready for it: mapped, its secrets there."""

    system: str
    uses: list[str]
    is_ready: bool


class Step(Answer):
    """A step of the process map."""

    name: str
    title: Said
    executor: str
    system: str


class BotWhole(BotEntry):
    """A bot with what it takes: `params` is the JSON schema of a run's `params`, all texts."""

    reads: list[str]
    writes: list[str]
    uses: list[Use]
    steps: list[Step]
    params: dict[str, Any]


def list_them(visit: Visit) -> Bots:
    """The catalogue."""
    return Bots(bots=[BotEntry(**_entry(visit, name)) for name in visit.bots()])


def _entry(visit: Visit, name: str) -> dict[str, Any]:
    title, wrong = None, None
    try:
        manifest = load_manifest(visit.office.workspace, name)
        title = Said(en=manifest.title_en, zh=manifest.title_zh)
    except Failure as failure:
        wrong = failure.message(visit.language)
    last = next(iter(runs_before(visit.office, bots=[name], limit=1)), None)
    planned = visit.console.book().planned.values()
    return {
        "name": name,
        "title": title,
        "owner": visit.desk(name),
        "wrong": wrong,
        "schedules": sorted(one.name for one in planned if one.plan.bot == name),
        "last_run": last.id if last else None,
    }


def show(visit: Visit) -> BotWhole:
    """One bot."""
    name, workspace = visit.part("bot"), visit.office.workspace
    manifest = visit.bot(name)
    bot = bot_for(visit.office, name, workspace.environment)
    steps = load_process(workspace, name).steps
    return BotWhole(
        **_entry(visit, name),
        reads=list(manifest.reads),
        writes=list(manifest.writes),
        uses=[_use(one) for one in system_uses(workspace, manifest, workspace.environment)],
        steps=[
            Step(
                name=one.name,
                title=Said(en=one.en, zh=one.zh),
                executor=one.executor,
                system=one.system,
            )
            for one in steps
        ],
        params=schema_of(bot),
    )


def _use(one: SystemUse) -> Use:
    return Use(system=one.name, uses=list(one.uses), is_ready=one.is_ready)


def schema_of(bot: Bot) -> dict[str, Any]:
    """The JSON schema (2020-12) of the texts that the bot's Params are read from."""
    found = parameters_of(bot)
    return {
        "type": "object",
        "properties": {one.name: _property(one) for one in found},
        "required": [one.name for one in found if one.is_needed],
        "additionalProperties": False,
    }


def _property(one: Parameter) -> dict[str, Any]:
    said = {"type": "string", "title": one.label[0], "description": one.hint[0]}
    kind = {"enum": list(one.choices)} if one.choices else _TYPES[one.kind]
    default = {"default": one.default} if one.default else {}
    return said | kind | default
