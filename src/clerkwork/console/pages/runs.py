"""Runs: the list, one of them, its reports and its evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.responses import Response

from clerkwork.console.happened import lines_of
from clerkwork.console.pages.items import names
from clerkwork.console.pages.start import progress_of
from clerkwork.console.pages.today import bots_seen
from clerkwork.console.visit import Visit
from clerkwork.errors import Refused
from clerkwork.run.closing import items_of, load_plan
from clerkwork.run.comparing import previous_run
from clerkwork.run.evidence import evidence_of, find_evidence
from clerkwork.run.halting import may_stop
from clerkwork.run.items import list_items
from clerkwork.run.overview import steps_of
from clerkwork.run.retrying import retries_of
from clerkwork.run.runs import ENDED, STATES, runs_before

PAGE = 50
LOGGED = 200  # lines of the log on a run's page; all of them are found in the audit log
_KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
    "png": "image/png",
    "txt": "text/plain; charset=utf-8",
}
# what comes from outside runs nothing here, whatever it is
_CLOSED = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}


def show_list(visit: Visit) -> Response:
    """Runs, newest first; older ones a page on."""
    state = visit.asked("state")
    state = state if state in STATES else ""
    bot = visit.asked("bot")
    seen = bots_seen(visit)
    bots = [bot] if bot and (seen is None or bot in seen) else seen
    found = runs_before(
        visit.office, bots=bots, state=state, before=cursor(visit.asked("before")), limit=PAGE + 1
    )
    shown = found[:PAGE]
    older = f"{shown[-1].created_at.isoformat()}~{shown[-1].id}" if len(found) > PAGE else ""
    return visit.page(
        "runs/runs.html",
        runs=shown,
        older=older,
        state=state,
        bot=bot,
        bots=visit.bots(),
        states=STATES,
        titles=visit.titles(),
    )


def cursor(text: str) -> tuple[datetime, str] | None:
    """Where the page before ended; None for the first page, and for what is no such place."""
    at, _, run_id = text.partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, run_id) if moment.tzinfo is not None and run_id else None


def show(visit: Visit) -> Response:
    """One run: steps, control totals, items, evidence, reports."""
    run = visit.run(visit.part("run"))
    plan = load_plan(visit.office, run) if run.state == "done" else None
    items = items_of(visit.office, run, plan) if plan else []
    planned = {row.id for row in items}
    # and what people asked for of it: reversals, write-offs
    items += [row for row in list_items(visit.office, run_id=run.id) if row.id not in planned]
    events = visit.office.audit.read_run(run.id)
    steps = visit.step_names(run.bot)
    return visit.page(
        "runs/run.html",
        run=run,
        title=visit.titles().get(run.bot, (run.bot, run.bot)),
        state=STATES[run.state],
        steps=steps_of(events),
        step_names=steps,
        step_count=len(steps),
        progress=progress_of(visit, run),
        log=lines_of(visit, events[-LOGGED:]),
        log_count=len(events),
        items=items,
        exceptions=plan.exceptions if plan else (),
        evidence=_grouped(_seen(visit, evidence_of(visit.office, run.id))),
        reports=sorted(run.report or {}, key=lambda name: not name.startswith(visit.language)),
        may=_may(visit, run),
        has_previous=previous_run(visit.office, run) is not None,
        retried_by=retries_of(visit.office, run),
        names=names(visit),
        lasted=run.ended_at - run.started_at if run.started_at and run.ended_at else None,
    )


def _may(visit: Visit, run: Any) -> dict[str, bool]:
    """What the person may do with the run as it stands."""
    able = visit.is_able("stop_run")
    starts = visit.is_able("rehearse" if run.rehearse else "start_run")
    return {
        "stop": able and may_stop(visit.office, run),
        "resume": able and run.stop is not None and run.state == "done",
        "retry": starts and run.state in ENDED,
    }


def _seen(visit: Visit, found: list[Any]) -> list[Any]:
    """Pictures are masked, and anybody may see them; documents are as they came."""
    return [row for row in found if row.kind == "screen" or visit.is_able("see_documents")]


@dataclass
class Kept:
    """Evidence that stands together: documents, screens of the run, or those of one item."""

    item: str = ""
    documents: list[Any] = field(default_factory=list)
    pictures: list[Any] = field(default_factory=list)
    texts: list[Any] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many pieces."""
        return len(self.documents) + len(self.pictures) + len(self.texts)


def _grouped(found: list[Any]) -> list[Kept]:
    """Documents, then items in the order in which they were keyed, then the run's screens."""
    documents, screens, items = Kept(), Kept(), dict[str, Kept]()
    for row in found:
        if row.kind == "document":
            documents.documents.append(row)
            continue
        group = items.setdefault(row.item_id, Kept(row.item_id)) if row.item_id else screens
        (group.pictures if row.name.endswith(".png") else group.texts).append(row)
    return [group for group in (documents, *items.values(), screens) if group.count]


def give_report(visit: Visit) -> Response:
    """A report of the run, by its name in the run's row: never by a path."""
    run = visit.run(visit.part("run"))
    name = visit.part("name")
    written = (run.report or {}).get(name)
    if written is None or not Path(written).is_file():
        raise Refused("REPORT_UNKNOWN", report=name, run=run.id)
    headers = _CLOSED | {"Content-Disposition": f'attachment; filename="{run.id}.{name}"'}
    return Response(Path(written).read_bytes(), headers=headers, media_type=_kind_of(name))


def show_evidence(visit: Visit) -> Response:
    """A picture or a text of a screen, shown; a document, given to be kept."""
    run = visit.run(visit.part("run"))
    row = find_evidence(visit.office, run.id, visit.part("artifact"))
    if row.kind != "screen":
        visit.may("see_documents", desk=visit.desk(run.bot))
    content = visit.office.artifacts.get(row.id)
    is_shown = row.kind == "screen"
    headers = dict(_CLOSED)
    if not is_shown:
        suffix = "".join(char for char in Path(row.name).suffix if char.isalnum() or char == ".")
        headers["Content-Disposition"] = f'attachment; filename="{row.id}{suffix}"'
    kind = _kind_of(row.name) if is_shown else "application/octet-stream"
    return Response(content, headers=headers, media_type=kind)


def _kind_of(name: str) -> str:
    return _KINDS.get(name.rpartition(".")[2], "application/octet-stream")
