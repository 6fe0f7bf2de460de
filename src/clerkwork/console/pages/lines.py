"""The lines behind a figure, and each of them marked in the document that it was read from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.responses import Response

from clerkwork.console.pages.items import picture
from clerkwork.console.visit import Visit
from clerkwork.errors import Refused
from clerkwork.facts import Break, Entry
from clerkwork.run.lines import PARTS, find_line, lines_behind
from clerkwork.run.sources import Source, plan_of

_PAGE = 200


def show_list(visit: Visit) -> Response:
    """The lines that one figure of the control totals counts."""
    run = visit.run(visit.part("run"))
    plan = plan_of(visit.office, run.id)
    source, currency, part = (visit.asked(name) for name in ("source", "currency", "part"))
    if plan is None:
        raise Refused("LINES_UNKNOWN", source=source, currency=currency, part=part)
    found = lines_behind(plan, source, currency, part)
    start = visit.asked("from")
    first = int(start) if start.isdecimal() and len(start) < 10 else 0
    return visit.page(
        "runs/lines.html",
        run=run,
        source=source,
        currency=currency,
        part=part,
        parts_of=PARTS,
        lines=found[first : first + _PAGE],
        count=len(found),
        total=sum(line.entry.amount for line in found),
        next=first + _PAGE if len(found) > first + _PAGE else 0,
        reasons=plan.reason_names,
        account=plan.account_names.get(source.rpartition(" ")[2]),
    )


def show(visit: Visit) -> Response:
    """One line, and the place in its document, marked."""
    run, source = _line(visit)
    return visit.page("runs/line.html", run=run, each=source)


def show_picture(visit: Visit) -> Response:
    """A picture of the document around the line."""
    run, source = _line(visit)
    visit.may("see_documents", desk=visit.desk(run.bot))
    if source.evidence is None:
        raise Refused("ARTIFACT_UNKNOWN", artifact=visit.part("entry"))
    return picture(visit, source.run_id, source)


def _line(visit: Visit) -> tuple[Any, Source]:
    run = visit.run(visit.part("run"))
    return run, find_line(visit.office, run, visit.part("books"), visit.part("entry"))


Sided = dict[str, list[tuple[Entry, str]]]


def sided(breaks: Iterable[tuple[Break, str]]) -> Sided:
    """The lines of breaks, by whose they are, each with the run whose pages show it."""
    found: Sided = {"ours": [], "theirs": []}
    for item, run_id in breaks:
        own, other = ("ours", "theirs") if item.side == "left" else ("theirs", "ours")
        found[own].append((item.entry, run_id))
        if item.counterpart is not None:
            found[other].append((item.counterpart, run_id))
    return found
