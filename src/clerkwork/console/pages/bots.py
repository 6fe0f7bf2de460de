"""Bots: the catalogue, and one of them with its map, its procedure and whether it is ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from clerkwork.console import texts
from clerkwork.console.drawing import BOT, Drawing, draw
from clerkwork.console.procedure import procedure_of
from clerkwork.console.visit import Visit
from clerkwork.errors import Failure
from clerkwork.run.readiness import system_uses
from clerkwork.run.runs import runs_before
from clerkwork.schedule.standing import Standing, standings
from clerkwork.workspace import BotManifest, cases_of, load_manifest, load_process, system_title

_CASES = ("good", "refused", "drifted", "in_doubt")  # that every bot has
_LAST = 8  # runs on a bot's page


@dataclass(frozen=True)
class Entry:
    """A bot in the catalogue; `manifest` is None for one whose bot.toml is wrong."""

    name: str
    manifest: BotManifest | None
    wrong: Failure | None
    last: Any  # its newest run
    schedules: Sequence[str]


def show_list(visit: Visit) -> Response:
    """The bots of this person's desks, each with its last run."""
    found = [_entry(visit, bot) for bot in visit.bots()]
    return visit.page("bots/bots.html", bots=found, titles_of=_titles_of(visit))


def _entry(visit: Visit, bot: str) -> Entry:
    manifest, wrong = None, None
    try:
        manifest = load_manifest(visit.office.workspace, bot)
    except Failure as failure:
        wrong = failure
    last = next(iter(runs_before(visit.office, bots=[bot], limit=1)), None)
    planned = visit.console.book().planned.values()
    schedules = sorted(one.name for one in planned if one.plan.bot == bot)
    return Entry(bot, manifest, wrong, last, schedules)


def _titles_of(visit: Visit) -> Any:
    return lambda system: system_title(visit.office.workspace, system)


def show(visit: Visit) -> Response:
    """One bot."""
    office, name = visit.office, visit.part("bot")
    manifest = visit.bot(name)
    process, wrong = None, None
    try:
        process = load_process(office.workspace, name)
    except Failure as failure:
        wrong = failure
    return visit.page(
        "bots/bot.html",
        name=name,
        manifest=manifest,
        process=process,
        failure=wrong,
        drawings=_drawings(visit, process.steps) if process else {},
        executors=lambda text: executors(text, visit.language),
        procedure=procedure_of(office.workspace.root / "bots" / name, visit.language),
        uses=system_uses(office.workspace, manifest, office.workspace.environment),
        cases=cases_of(office.workspace, name),
        kinds=_CASES,
        schedules=_schedules(visit, name),
        runs=runs_before(office, bots=[name], limit=_LAST),
        titles_of=_titles_of(visit),
        known_texts=texts.catalogue(),
    )


def _worded(key: str, name: str, language: str) -> str:
    """The text of `key`; `name` itself where nobody wrote one, as a bank names its own."""
    return texts.text(key, language) if key in texts.catalogue() else name


def _schedules(visit: Visit, bot: str) -> list[Standing]:
    found = standings(visit.console.book(), visit.office.clock())
    return [one for one in found if one.planned and one.planned.plan.bot == bot]


def _drawings(visit: Visit, steps: Sequence[Any]) -> dict[str, Drawing]:
    """The map for a wide page and for a narrow one; the stylesheet shows one of them."""
    which = 1 if visit.language == "zh" else 0
    return {
        name: draw(
            steps,
            language=visit.language,
            executor=lambda text: executors(text, visit.language),
            system=lambda name: system_title(visit.office.workspace, name)[which],
            is_narrow=name == "narrow",
        )
        for name in ("wide", "narrow")
    }


def executors(text: str, language: str) -> str:
    """Who does a step, in words: the bot, or roles; what is neither stands as the map has it."""
    said = [
        _worded("bots.bot" if name == BOT else f"role.{name}", name, language)
        for name in text.split(", ")
    ]
    return ("、" if language == "zh" else ", ").join(said)
