"""Exceptions: the work list of what the bots could not settle; and stopping all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from starlette.responses import Response

from clerkwork.console.pages.bulk import deeds
from clerkwork.console.pages.items import names
from clerkwork.console.pages.today import bots_seen
from clerkwork.console.visit import Visit
from clerkwork.run.hand_matches import proposed_matches
from clerkwork.run.remarks import about_break, about_item, owners_of
from clerkwork.run.runs import runs_before
from clerkwork.run.sources import plan_of
from clerkwork.run.stopping import resume_workers, standing_stop, stop_workers
from clerkwork.run.tables import WORDS
from clerkwork.run.worklist import Sum, standing_breaks, sums, unsettled_items

ORDERS = ("urgency", "age", "amount", "kind", "owner")
KINDS = ("excepted", "in_doubt", "new", "break")  # states of items, and open breaks
MINE, NOBODY = "~mine", "~nobody"


@dataclass(frozen=True)
class Work:
    """One line of the list: an item (`about` begins with item:) or an open break."""

    about: str
    id: str
    address: str
    kind: str  # a state of an item, or "break"
    what: Any  # the kind of the instruction, or the reason of the break in both languages
    amount_minor: int
    currency: str
    since: datetime | date
    days: int
    bot: str
    owner: str
    failure: Any = None
    account: str = ""


def show_list(visit: Visit) -> Response:
    """Items and breaks that a person must settle, with their totals."""
    found = _found(visit)
    kind, bot, owner = visit.asked("kind"), visit.asked("bot"), visit.asked("owner")
    shown = [
        one
        for one in found
        if kind in ("", one.kind) and bot in ("", one.bot) and _is_of(visit, one, owner)
    ]
    order = visit.asked("order")
    order = order if order in ORDERS else "urgency"
    return visit.page(
        "exceptions/exceptions.html",
        work=_ordered(shown, order),
        item_sums=_sums(shown, is_break=False),
        break_sums=_sums(shown, is_break=True),
        counts={name: sum(one.kind == name for one in found) for name in KINDS},
        kind=kind, bot=bot, owner=owner, order=order, orders=ORDERS,
        bots=sorted({one.bot for one in found}),
        owners=sorted({one.owner for one in found if one.owner}),
        names=names(visit),
        titles=visit.titles(),
        desks={one.bot: visit.desk(one.bot) for one in found},
        stop=standing_stop(visit.office.workspace.home),
        deeds=deeds(visit),
        proposed=proposed_matches(visit.office, bots=bots_seen(visit)),
    )  # fmt: skip


def _found(visit: Visit) -> list[Work]:
    office, seen = visit.office, bots_seen(visit)
    items = unsettled_items(office, bots=seen)
    breaks = standing_breaks(office, bots=seen)
    abouts = [*map(about_item, items), *map(about_break, breaks)]
    owners = owners_of(office, abouts)
    reasons = {bot: reason_names(visit, bot) for bot in {row.bot for row in breaks}}
    now = office.clock()
    today = now.astimezone(office.workspace.zone).date()
    found = [_item(row, owners, now) for row in items]
    return found + [_break(row, owners, reasons[row.bot], today) for row in breaks]


def _item(row: Any, owners: dict[str, str], now: datetime) -> Work:
    about = about_item(row)
    return Work(
        about, row.id, f"/items/{row.id}", row.state, row.kind, row.amount_minor, row.currency,
        row.updated_at, (now - row.updated_at).days, row.bot, owners.get(about, ""), row.failure,
    )  # fmt: skip


def _break(row: Any, owners: dict[str, str], reasons: Any, today: date) -> Work:
    about = about_break(row)
    reason = reasons.get(row.reason, WORDS.get(row.reason, (row.reason,) * 2))
    return Work(
        about, row.id, f"/breaks/{row.id}", "break", reason,
        row.difference_minor, row.currency, row.since, (today - row.since).days, row.bot,
        owners.get(about, ""), account=row.account,
    )  # fmt: skip


def reason_names(visit: Visit, bot: str) -> dict[str, tuple[str, str]]:
    """What the bot's last done run calls the reasons of breaks."""
    for run in runs_before(visit.office, bots=[bot], state="done", limit=1):
        plan = plan_of(visit.office, run.id)
        return dict(plan.reason_names) if plan else {}
    return {}


def _is_of(visit: Visit, one: Work, owner: str) -> bool:
    if owner == MINE:
        return one.owner == visit.person.name
    if owner == NOBODY:
        return not one.owner
    return owner in ("", one.owner)


def _ordered(found: Sequence[Work], order: str) -> list[Work]:
    keys = {
        "urgency": lambda one: (one.kind == "break", -one.days),
        "age": lambda one: -one.days,
        "amount": lambda one: (one.currency, -abs(one.amount_minor)),
        "kind": lambda one: (KINDS.index(one.kind), str(one.what)),
        "owner": lambda one: (one.owner == "", one.owner),
    }
    return sorted(found, key=keys[order])


def _sums(found: Sequence[Work], *, is_break: bool) -> list[Sum]:
    return sums(one for one in found if (one.kind == "break") == is_break)


def stop_here(visit: Visit) -> Response:
    """Stop every worker: what is in hand ends, what is queued stays."""
    stop_workers(visit.office, visit.person, visit.form.get("why", ""))
    return visit.go("/exceptions", "said.stopped")


def resume_here(visit: Visit) -> Response:
    """Let workers start again."""
    resume_workers(visit.office, visit.person, visit.form.get("why", ""))
    return visit.go("/exceptions", "said.resumed")
