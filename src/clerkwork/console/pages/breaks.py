"""One open break: both sides, what comes nearest and why it did not match, who has it in hand."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from clerkwork.console.pages.items import colleagues, names, picture
from clerkwork.console.visit import Visit
from clerkwork.errors import Refused
from clerkwork.run.breaks import break_of, find_break, near
from clerkwork.run.hand_matches import match_about, may_be_matched_with
from clerkwork.run.hand_matching import why_not_free
from clerkwork.run.items import find_by_target_references
from clerkwork.run.remarks import about_break, assign, comment, owners_of, remarks_on, send_back
from clerkwork.run.sources import Source, plan_of, with_evidence
from clerkwork.run.tables import WORDS

_OTHERS = 50  # that are offered to be matched with, the nearest in amount


def show(visit: Visit) -> Response:
    """The break, its line beside the other side's, and the nearest lines."""
    row = _row(visit)
    run = visit.run(row.run_id)
    item, plan = break_of(row), plan_of(visit.office, row.run_id)
    today = visit.office.clock().astimezone(visit.office.workspace.zone).date()
    about = about_break(row)
    return visit.page(
        "exceptions/break.html",
        row=row,
        run=run,
        title=visit.titles().get(run.bot, (run.bot, run.bot)),
        item=item,
        reason=(plan.reason_names if plan else {}).get(
            item.reason, WORDS.get(item.reason, (item.reason,) * 2)
        ),
        treatment=(plan.treatment_names if plan else {}).get(item.reason),
        account=(plan.account_names if plan else {}).get(item.entry.account),
        is_timing=plan is not None and item.reason in plan.timing_reasons,
        days=(today - row.since).days,
        sources=sources_of_break(visit, row, item),
        candidates=near(item, plan) if plan else (),
        items=find_by_target_references(visit.office, row.environment, item.references),
        remarks=remarks_on(visit.office, about),
        owner=owners_of(visit.office, [about]).get(about, ""),
        people=colleagues(visit, visit.desk(run.bot)),
        names=names(visit),
        may_settle=visit.is_able("settle"),
        match=match_about(visit.office, row),
        others=_others(visit, row),
        bound=why_not_free(visit.office, row),
        may_correct=row.cleared_on is None and visit.is_able("correct"),
        books=("theirs" if item.side == "left" else "ours"),
    )


def _others(visit: Visit, row: Any) -> list[tuple[Any, Any]]:
    """The open breaks that may be matched with it by hand, where the person may do so."""
    if row.cleared_on is not None or not visit.is_able("correct"):
        return []
    near_ones = may_be_matched_with(visit.office, row)[:_OTHERS]
    free = [one for one in near_ones if why_not_free(visit.office, one) is None]
    return [(one, break_of(one)) for one in free]


def send_back_here(visit: Visit) -> Response:
    """Give the break back to whom it came from."""
    row = _row(visit)
    desk = visit.desk(visit.run(row.run_id).bot)
    send_back(visit.office, about_break(row), visit.person, visit.why(), desk=desk)
    return visit.go(f"/breaks/{row.id}", "said.given_back")


def sources_of_break(visit: Visit, row: Any, item: Any) -> list[Source]:
    """Its own line, and the one that it differs from."""
    own, other = ("ours", "theirs") if item.side == "left" else ("theirs", "ours")
    pairs = [(own, item.entry)]
    if item.counterpart is not None:
        pairs.append((other, item.counterpart))
    return with_evidence(visit.office, row.run_id, pairs)


def _row(visit: Visit) -> Any:
    """The break of the address. Raises Refused BREAK_UNKNOWN, OTHER_DESK."""
    row = find_break(visit.office, visit.part("break"))
    visit.run(row.run_id)
    return row


def show_source(visit: Visit) -> Response:
    """A picture of the document that one of its lines was read from."""
    row = _row(visit)
    visit.may("see_documents", desk=visit.desk(visit.run(row.run_id).bot))
    for source in sources_of_break(visit, row, break_of(row)):
        if source.entry.id == visit.part("entry") and source.evidence is not None:
            return picture(visit, row.run_id, source)
    raise Refused("ARTIFACT_UNKNOWN", artifact=visit.part("entry"))


def assign_here(visit: Visit) -> Response:
    """Give the break to somebody of its desk, or back to all."""
    row = _row(visit)
    desk = visit.desk(visit.run(row.run_id).bot)
    assign(visit.office, about_break(row), visit.person, visit.form.get("person", ""), desk=desk)
    return visit.go(f"/breaks/{row.id}", "said.assigned")


def comment_here(visit: Visit) -> Response:
    """Say something of the break."""
    row = _row(visit)
    comment(visit.office, about_break(row), visit.person, visit.form.get("text", ""))
    return visit.go(f"/breaks/{row.id}", "said.commented")
