"""Approvals: what waits for me, and agreeing to several at once, seen before."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from clerkwork.console.pages.today import bots_seen
from clerkwork.console.visit import Visit
from clerkwork.errors import Refused
from clerkwork.facts import from_minor
from clerkwork.report.spelled import spelled
from clerkwork.run.deciding import as_seen, decide_item
from clerkwork.run.hand_matches import proposed_matches
from clerkwork.run.hand_matching import may_agree_to
from clerkwork.run.worklist import sums, waiting_for

ORDERS = ("age", "amount", "kind", "desk")
MOST_AT_ONCE = 100  # in one batch: more is not looked at


def show_list(visit: Visit) -> Response:
    """The items that wait for a word of this person, with their totals by currency."""
    waiting = queue(visit)
    kinds = sorted({row.kind for row in waiting})
    kind, bot = visit.asked("kind"), visit.asked("bot")
    shown = [row for row in waiting if kind in ("", row.kind) and bot in ("", row.bot)]
    order = visit.asked("order")
    order = order if order in ORDERS else "age"
    return visit.page(
        "approvals/approvals.html",
        items=ordered(visit, shown, order),
        sums=sums(shown),
        kinds=kinds,
        kind=kind,
        bots=sorted({row.bot for row in waiting}),
        bot=bot,
        order=order,
        orders=ORDERS,
        titles=visit.titles(),
        desks={row.bot: visit.desk(row.bot) for row in waiting},
        now=visit.office.clock(),
        matches=_matches(visit),
    )


def _matches(visit: Visit) -> list[Any]:
    """The matches by hand that wait for this person's word."""
    proposed = proposed_matches(visit.office, bots=bots_seen(visit))
    return [row for row in proposed if may_agree_to(visit.office, row, visit.person)]


def queue(visit: Visit) -> list[Any]:
    """What waits for this person, oldest first."""
    return waiting_for(visit.office, visit.person, bots=bots_seen(visit))


def ordered(visit: Visit, rows: list[Any], order: str) -> list[Any]:
    """The rows by age, by amount (largest first, each currency apart), by kind or by desk."""
    keys = {
        "age": lambda row: 0,
        "amount": lambda row: (row.currency, -row.amount_minor),
        "kind": lambda row: row.kind,
        "desk": lambda row: (visit.desk(row.bot), row.bot),
    }
    return sorted(rows, key=keys[order])  # stable: the oldest first among equals


def show_batch(visit: Visit) -> Response:
    """What agreeing to the ticked items would do: how many, and control totals; nothing yet."""
    ticked = set(visit.request.query_params.getlist("item"))
    kind, bot = visit.asked("kind"), visit.asked("bot")
    waiting = queue(visit)
    if visit.asked("all"):
        ticked = {r.id for r in waiting if kind in ("", r.kind) and bot in ("", r.bot)}
    rows = [row for row in waiting if row.id in ticked]
    return _batch(visit, rows, missing=len(ticked) - len(rows))


def _batch(visit: Visit, rows: list[Any], *, missing: int = 0) -> Response:
    if not rows:
        raise Refused("NOTHING_CHOSEN")
    if len(rows) > MOST_AT_ONCE:
        raise Refused("TOO_MANY_CHOSEN", count=len(rows), most=MOST_AT_ONCE)
    totals = sums(rows)
    return visit.page(
        "approvals/batch.html",
        items=rows,
        sums=totals,
        missing=missing,
        in_words={
            total.currency: spelled(
                from_minor(total.amount_minor, total.currency), total.currency, visit.language
            )
            for total in totals
        },
        seen=" ".join(f"{row.id}:{row.version}:{row.digest}" for row in rows),
        titles=visit.titles(),
    )


def agree_to_batch(visit: Visit) -> Response:
    """
    Agree to every item of the batch as it was shown, or to none when one has changed.

    Raises Refused NOTHING_CHOSEN, TOO_MANY_CHOSEN, ITEM_CHANGED, SELF_APPROVAL, ROLE_NOT_NEEDED,
    ITEM_STATE.
    """
    rows = seen_items(visit)
    mine = {row.id for row in queue(visit)}
    for row in rows:
        run = visit.run(row.run_id)
        visit.may("approve", run=run, item=row, desk=visit.desk(run.bot))
        if row.state != "waiting":
            raise Refused("ITEM_STATE", where=row.id, state=row.state, to="approved")
        if row.id not in mine:
            needs = ", ".join(row.needs)
            raise Refused("ROLE_NOT_NEEDED", where=row.id, person=visit.person.name, needs=needs)
    for row in rows:
        decide_item(visit.office, row, visit.person, "agree", visit.form.get("why", ""))
    return visit.go("/approvals", "said.batch_agreed")


def seen_items(visit: Visit) -> list[Any]:
    """
    The items that a page showed, by the form's `seen`, which are still as they were shown.

    Raises Refused NOTHING_CHOSEN, TOO_MANY_CHOSEN, ITEM_UNKNOWN, ITEM_CHANGED, OTHER_DESK.
    """
    seen = [part.split(":") for part in visit.form.get("seen", "").split()]
    named = {part[0]: part for part in seen if len(part) == 3}
    if not named:
        raise Refused("NOTHING_CHOSEN")
    if len(named) > MOST_AT_ONCE:
        raise Refused("TOO_MANY_CHOSEN", count=len(named), most=MOST_AT_ONCE)
    for item_id in named:
        visit.item(item_id)
    return [as_seen(visit.office, *part) for part in named.values()]
