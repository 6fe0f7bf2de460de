"""Settling an item: approve it again, have it looked up, give it up, give it to somebody, say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from clerkwork.console.pages.approvals import seen_items
from clerkwork.console.pages.deciding import seen
from clerkwork.console.pages.items import item_page
from clerkwork.console.visit import Visit
from clerkwork.errors import Refused
from clerkwork.run.breaks import find_break
from clerkwork.run.deciding import abandon, look_again, try_again
from clerkwork.run.remarks import about_break, about_item, assign, comment
from clerkwork.run.worklist import sums

Do = Callable[[Visit, Any, str], None]
BULK = ("assign", "retry", "look_up", "abandon")


def retry_here(visit: Visit) -> Response:
    """Approve an excepted item again; it is looked up before it is keyed."""
    _may_retry(visit, visit.item(visit.part("item")))
    return _done(
        visit, lambda row, why: try_again(visit.office, row, visit.person, why), "said.retried"
    )


def look_up_here(visit: Visit) -> Response:
    """Have the target asked about the item; nothing is typed."""
    return _done(
        visit,
        lambda row, why: look_again(visit.office, row, visit.person, why),
        "said.look_up_asked",
    )


def abandon_here(visit: Visit) -> Response:
    """Give the item up; it is not keyed."""
    return _done(
        visit, lambda row, why: abandon(visit.office, row, visit.person, why), "said.abandoned"
    )


def _done(visit: Visit, do: Callable[[Any, str], None], said: str) -> Response:
    try:
        row = seen(visit)
        do(row, visit.form.get("why", ""))
    except Refused as failure:
        if failure.code in ("SELF_APPROVAL", "NOT_ALLOWED", "OTHER_DESK"):
            raise
        return item_page(visit, visit.item(visit.part("item")), failure)
    return visit.go(f"/items/{row.id}", said)


def assign_here(visit: Visit) -> Response:
    """Give the item to somebody of its desk, or back to all."""
    row = visit.item(visit.part("item"))
    _assign(visit, row, visit.form.get("person", ""))
    return visit.go(f"/items/{row.id}", "said.assigned")


def comment_here(visit: Visit) -> Response:
    """Say something of the item."""
    row = visit.item(visit.part("item"))
    comment(visit.office, about_item(row), visit.person, visit.form.get("text", ""))
    return visit.go(f"/items/{row.id}", "said.commented")


def show_bulk(visit: Visit) -> Response:
    """What would be done with what is ticked: how many and how much; nothing is done yet."""
    asked = visit.request.query_params
    items = [visit.item(name) for name in dict.fromkeys(asked.getlist("item"))]
    breaks = [_break(visit, name) for name in dict.fromkeys(asked.getlist("break"))]
    do = visit.asked("do")
    if not items and not breaks:
        raise Refused("NOTHING_CHOSEN")
    if do not in BULK or (breaks and do != "assign"):
        raise Refused("NOTHING_CHOSEN")
    fits = [row for row in items if _fits(visit, row, do)]
    return visit.page(
        "exceptions/bulk.html",
        do=do,
        items=fits,
        breaks=breaks,
        left_out=[row for row in items if row not in fits],
        sums=sums(fits),
        break_sums=sums(breaks, of="difference_minor"),
        people=_people(visit, [*fits, *breaks]),
        seen=" ".join(f"{row.id}:{row.version}:{row.digest}" for row in fits),
        break_ids=" ".join(row.id for row in breaks),
    )


def _fits(visit: Visit, row: Any, do: str) -> bool:
    """Whether that may be done with the item now, by this person."""
    if do == "assign":
        return True
    if do == "look_up":
        return row.state in ("excepted", "in_doubt")
    if row.state != "excepted" or (do == "abandon" and not visit.is_able("reject")):
        return False
    try:
        if do == "retry":
            _may_retry(visit, row)
    except Refused:
        return False
    return True


def _people(visit: Visit, rows: list[Any]) -> list[Any]:
    """Who works at the desks of all of them."""
    from clerkwork.console.pages.items import colleagues

    found: dict[str, Any] = {}
    for number, row in enumerate(rows):
        there = {one.name: one for one in colleagues(visit, visit.desk(visit.run(row.run_id).bot))}
        found = {k: v for k, v in found.items() if k in there} if number else there
    return list(found.values())


def do_bulk(visit: Visit) -> Response:
    """Do it with every item as it was shown; when one has changed, with none."""
    do, why = visit.form.get("do", ""), visit.form.get("why", "")
    if do == "assign":
        return _assign_bulk(visit)
    doing = {"retry": try_again, "look_up": look_again, "abandon": abandon}
    if do not in doing:
        raise Refused("NOTHING_CHOSEN")
    rows = seen_items(visit)
    for row in rows:
        if do == "retry":
            _may_retry(visit, row)
        elif do == "abandon":
            visit.may("reject")
    if not why.strip():
        raise Refused("WHY_MISSING")
    for row in rows:
        doing[do](visit.office, row, visit.person, why)
    return visit.go("/exceptions", "said.bulk_done")


def _assign_bulk(visit: Visit) -> Response:
    to = visit.form.get("person", "")
    items = seen_items(visit) if visit.form.get("seen") else []
    breaks = [_break(visit, name) for name in visit.form.get("breaks", "").split()]
    if not items and not breaks:
        raise Refused("NOTHING_CHOSEN")
    for row in items:
        _assign(visit, row, to)
    for row in breaks:
        desk = visit.desk(visit.run(row.run_id).bot)
        assign(visit.office, about_break(row), visit.person, to, desk=desk)
    return visit.go("/exceptions", "said.bulk_done")


def _assign(visit: Visit, row: Any, to: str) -> None:
    desk = visit.desk(visit.run(row.run_id).bot)
    assign(visit.office, about_item(row), visit.person, to, desk=desk)


def _break(visit: Visit, name: str) -> Any:
    row = find_break(visit.office, name)
    visit.run(row.run_id)
    return row


def _may_retry(visit: Visit, row: Any) -> None:
    run = visit.run(row.run_id)
    visit.may("approve", run=run, item=row, desk=visit.desk(run.bot))
