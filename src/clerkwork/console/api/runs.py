"""Runs, for programs."""

from __future__ import annotations

from starlette.responses import Response

from clerkwork.console.pages.runs import PAGE, cursor
from clerkwork.console.pages.today import bots_seen
from clerkwork.console.visit import Visit
from clerkwork.run.items import item_as_json, list_items
from clerkwork.run.runs import run_as_json, runs_before


def list_them(visit: Visit) -> Response:
    """Runs, newest first, a page at a time: `?before=` is the `older` of the page before."""
    before = cursor(visit.asked("before"))
    found = runs_before(visit.office, bots=bots_seen(visit), before=before, limit=PAGE + 1)
    shown = found[:PAGE]
    older = f"{shown[-1].created_at.isoformat()}~{shown[-1].id}" if len(found) > PAGE else None
    return visit.json({"runs": [run_as_json(run) for run in shown], "older": older})


def show(visit: Visit) -> Response:
    """One run with the items that it filed."""
    run = visit.run(visit.part("run"))
    items = [item_as_json(row) for row in list_items(visit.office, run_id=run.id)]
    return visit.json(run_as_json(run) | {"items": items})
