"""Runs, for programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from starlette.responses import Response

from clerkwork.console.api.call import Answer, Body, Paged, Text, Trouble, place
from clerkwork.console.api.items import Item, items_as_answers
from clerkwork.console.pages.runs import give_report, show_evidence
from clerkwork.console.pages.start import FOR_REAL
from clerkwork.console.pages.today import bots_seen
from clerkwork.console.visit import Visit
from clerkwork.errors import Refused
from clerkwork.run.evidence import evidence_of
from clerkwork.run.items import list_items
from clerkwork.run.overview import open_runs
from clerkwork.run.runs import bot_for, order_run, run_as_json, runs_before, start_run

RunState = Literal["queued", "running", "done", "failed"]


class Run(Answer):
    """A run; `reports` and evidence have addresses of their own."""

    id: str
    bot: str
    state: RunState
    totals: dict[str, Any] | None
    params: dict[str, str | None]
    environment: str
    rehearse: bool
    started_by: str
    business_date: date | None
    failure: Trouble | None
    reports: list[str]
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class Runs(Answer):
    """A part of the list; `older` is the `before` of the next part, null at the end."""

    runs: list[Run]
    older: str | None


class Evidence(Answer):
    """A picture or text of a screen, or a document; its content has its own address."""

    id: str
    name: str
    kind: Literal["screen", "document"]
    size: int
    item: str | None
    created_at: datetime


class RunWhole(Run):
    """A run with the items that it filed and the evidence that it left."""

    items: list[Item]
    evidence: list[Evidence]


class Asked(Paged):
    """Which runs."""

    bot: Text = ""
    state: RunState | None = None


class Order(Body):
    """
    A run to be started: who does not say `for_real` rehearses.

    `params` are texts as a person types them, by the schema that the bot gives; what is left out
    has its default. `again` starts it also while one with the same parameters goes on.
    """

    params: dict[Text, Text] = {}
    how: Literal["rehearse", "for_real"] = "rehearse"
    again: bool = False


def list_them(visit: Visit, asked: Asked) -> Runs:
    """Runs, newest first."""
    seen = bots_seen(visit)
    bots = seen if not asked.bot else [asked.bot] if seen is None or asked.bot in seen else []
    found = runs_before(
        visit.office,
        bots=bots,
        state=asked.state or "",
        before=place(asked.before),
        limit=asked.limit + 1,
    )
    shown = found[: asked.limit]
    more = len(found) > asked.limit
    older = f"{shown[-1].created_at.isoformat()}~{shown[-1].id}" if more else None
    return Runs(runs=[run_as_answer(row) for row in shown], older=older)


def run_as_answer(row: Any) -> Run:
    """A run's row."""
    return Run.model_validate(_facts(row))


def _facts(row: Any) -> dict[str, Any]:
    facts = run_as_json(row)
    return facts | {"reports": sorted(facts.pop("report") or {})}


def show(visit: Visit) -> RunWhole:
    """One run, with its items and evidence."""
    run = visit.run(visit.part("run"))
    able = visit.is_able("see_documents")
    kept = [row for row in evidence_of(visit.office, run.id) if row.kind == "screen" or able]
    items = items_as_answers(visit, list_items(visit.office, run_id=run.id))
    return RunWhole.model_validate(
        _facts(run) | {"items": items, "evidence": [_evidence(row) for row in kept]}
    )


def _evidence(row: Any) -> Evidence:
    return Evidence(
        id=row.id,
        name=row.name,
        kind=row.kind,
        size=row.size,
        item=row.item_id or None,
        created_at=row.created_at,
    )


def report(visit: Visit) -> Response:
    """A report of the run, by its name."""
    return give_report(visit)


def evidence(visit: Visit) -> Response:
    """The content of one piece of evidence."""
    return show_evidence(visit)


def start(visit: Visit, body: Order) -> Run:
    """Start a run of the bot, or a rehearsal."""
    office, name = visit.office, visit.part("bot")
    manifest = visit.bot(name)
    rehearse = body.how != FOR_REAL
    visit.may("rehearse" if rehearse else "start_run", desk=manifest.owner)
    environment = office.workspace.environment
    bot = bot_for(office, name, environment)
    asked = order_run(bot, body.params, environment=environment, rehearse=rehearse)
    goes_on = [run.id for run in open_runs(office, bots=[name]) if run.stem == asked.stem]
    if goes_on and not body.again:
        raise Refused("RUN_TWICE", run=goes_on[0])
    run_id = start_run(
        office,
        name,
        body.params,
        environment=environment,
        started_by=visit.person.name,
        rehearse=rehearse,
    )
    return run_as_answer(visit.run(run_id))
