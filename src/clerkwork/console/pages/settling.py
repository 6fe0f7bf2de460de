"""Settling an item: approve it again, have it looked up, give it up, give it to somebody, say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from clerkwork.console.pages.deciding import seen
from clerkwork.console.pages.items import item_page
from clerkwork.console.visit import Visit
from clerkwork.errors import Refused
from clerkwork.run.deciding import abandon, look_again, try_again
from clerkwork.run.remarks import about_item, assign, comment, send_back


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


def send_back_here(visit: Visit) -> Response:
    """Give the item back to whom it came from."""
    row = visit.item(visit.part("item"))
    desk = visit.desk(visit.run(row.run_id).bot)
    send_back(visit.office, about_item(row), visit.person, visit.why(), desk=desk)
    return visit.go(f"/items/{row.id}", "said.given_back")


def _assign(visit: Visit, row: Any, to: str) -> None:
    desk = visit.desk(visit.run(row.run_id).bot)
    assign(visit.office, about_item(row), visit.person, to, desk=desk)


def _may_retry(visit: Visit, row: Any) -> None:
    run = visit.run(row.run_id)
    visit.may("approve", run=run, item=row, desk=visit.desk(run.bot))
