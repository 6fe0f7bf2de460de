"""One deed with many items or breaks: counted and shown first, then done with what was shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from clerkwork.console.pages.approvals import seen_items
from clerkwork.console.pages.items import colleagues, names
from clerkwork.console.pages.matches import show_new
from clerkwork.console.visit import Visit
from clerkwork.errors import Refused
from clerkwork.facts import Instruction
from clerkwork.run.breaks import find_break
from clerkwork.run.deciding import LOOKED_UP, abandon, look_again, try_again
from clerkwork.run.remarks import about_break, about_item, assign, came_from, send_back
from clerkwork.run.reversing import reversal_of, reverse_item
from clerkwork.run.worklist import sums
from clerkwork.run.writing_off import write_off, write_off_of

_TEMPLATE = "exceptions/bulk.html"
MATCH = "match"  # shown and done by its own page: several breaks are one match


@dataclass(frozen=True)
class Told:
    """What would be done with one row: what would be keyed for it, to whom it would go."""

    keyed: Instruction | None = None
    to: str = ""


Would = Callable[[Visit, Any], Told]  # raises Refused where it cannot be done
Does = Callable[[Visit, Any, str], object]


@dataclass(frozen=True)
class Deed:
    """One deed: what the person must be allowed besides to settle, what it would do, doing it."""

    needs: str
    would: Would
    does: Does


def _again(visit: Visit, row: Any) -> Told:
    run = visit.run(row.run_id)
    visit.may("approve", run=run, item=row, desk=visit.desk(run.bot))
    if row.state != "excepted":
        raise Refused("ITEM_STATE", where=row.id, state=row.state, to="approved")
    return Told()


def _looked_up(_visit: Visit, row: Any) -> Told:
    if row.state not in LOOKED_UP:
        raise Refused("ITEM_STATE", where=row.id, state=row.state, to="confirmed")
    return Told()


def _abandoned(_visit: Visit, row: Any) -> Told:
    if row.state != "excepted":
        raise Refused("ITEM_STATE", where=row.id, state=row.state, to="abandoned")
    return Told()


def _item_back(visit: Visit, row: Any) -> Told:
    return Told(to=came_from(visit.office, about_item(row), visit.person, desk=_desk(visit, row)))


def _break_back(visit: Visit, row: Any) -> Told:
    return Told(to=came_from(visit.office, about_break(row), visit.person, desk=_desk(visit, row)))


def _sent_back(about: Callable[[Any], str]) -> Does:
    def do(visit: Visit, row: Any, why: str) -> None:
        send_back(visit.office, about(row), visit.person, why, desk=_desk(visit, row))

    return do


def _desk(visit: Visit, row: Any) -> str:
    return visit.desk(visit.run(row.run_id).bot)


ON_ITEMS: Mapping[str, Deed] = {
    "look_up": Deed(
        "settle", _looked_up, lambda v, row, why: look_again(v.office, row, v.person, why)
    ),
    "retry": Deed("approve", _again, lambda v, row, why: try_again(v.office, row, v.person, why)),
    "abandon": Deed(
        "reject", _abandoned, lambda v, row, why: abandon(v.office, row, v.person, why)
    ),
    "send_back": Deed("settle", _item_back, _sent_back(about_item)),
    "reverse": Deed(
        "correct",
        lambda v, row: Told(keyed=reversal_of(v.office, row)),
        lambda v, row, why: reverse_item(v.office, row, v.person, why),
    ),
}
ON_BREAKS: Mapping[str, Deed] = {
    "send_back": Deed("settle", _break_back, _sent_back(about_break)),
    "write_off": Deed(
        "correct",
        lambda v, row: Told(keyed=write_off_of(v.office, row)[1]),
        lambda v, row, why: write_off(v.office, row, v.person, why),
    ),
}
ASSIGN = "assign"


def deeds(visit: Visit) -> list[str]:
    """What this person may do with what they tick in the work list."""
    able = {name for table in (ON_ITEMS, ON_BREAKS) for name in table}
    able = {name for name in able if all(visit.is_able(one.needs) for one in _named(name))}
    order = (ASSIGN, "send_back", "look_up", "retry", "abandon", MATCH, "write_off")
    able |= {ASSIGN} | ({MATCH} if visit.is_able("correct") else set())
    return [name for name in order if name in able]


def _named(do: str) -> list[Deed]:
    return [table[do] for table in (ON_ITEMS, ON_BREAKS) if do in table]


def show_bulk(visit: Visit) -> Response:
    """What would be done with what is ticked: how many and how much; nothing is done yet."""
    asked, do = visit.request.query_params, visit.asked("do")
    if do == MATCH:
        visit.may("correct")
        return show_new(visit)
    items = [visit.item(name) for name in dict.fromkeys(asked.getlist("item"))]
    breaks = [_break(visit, name) for name in dict.fromkeys(asked.getlist("break"))]
    if not items and not breaks:
        raise Refused("NOTHING_CHOSEN")
    if do != ASSIGN and not _named(do):
        raise Refused("NOTHING_CHOSEN")
    left_out: list[tuple[Any, str]] = []
    told: dict[str, Told] = {}
    fits, open_ones = (
        [row for row in rows if _fits(visit, row, do, table, told, left_out)]
        for rows, table in ((items, ON_ITEMS), (breaks, ON_BREAKS))
    )
    return visit.page(
        _TEMPLATE,
        do=do,
        items=fits,
        breaks=open_ones,
        told=told,
        left_out=left_out,
        names=names(visit),
        sums=sums(fits),
        break_sums=sums(open_ones, of="difference_minor"),
        people=_people(visit, [*fits, *open_ones]),
        seen=" ".join(f"{row.id}:{row.version}:{row.digest}" for row in fits),
        break_ids=" ".join(row.id for row in open_ones),
    )


def _fits(
    visit: Visit,
    row: Any,
    do: str,
    table: Mapping[str, Deed],
    told: dict[str, Told],
    left_out: list[tuple[Any, str]],
) -> bool:
    """Whether that may be done with the row now, by this person; what it would do, or why not."""
    if do == ASSIGN:
        return True
    try:
        if do not in table:
            raise Refused("NOT_FOR_SUCH", where=row.id)
        told[row.id] = _would(visit, table[do], row)
    except Refused as why_not:
        left_out.append((row, why_not.message(visit.language)))
        return False
    return True


def _would(visit: Visit, deed: Deed, row: Any) -> Told:
    """What the deed would do. Raises Refused where this person may not, or it cannot be done."""
    if deed.needs != "approve":  # that is asked about the item, by the deed itself
        visit.may(deed.needs, desk=_desk(visit, row))
    return deed.would(visit, row)


def _people(visit: Visit, rows: Sequence[Any]) -> list[Any]:
    """Who works at the desks of all of them."""
    found: dict[str, Any] = {}
    for number, row in enumerate(rows):
        there = {one.name: one for one in colleagues(visit, _desk(visit, row))}
        found = {k: v for k, v in found.items() if k in there} if number else there
    return list(found.values())


def do_bulk(visit: Visit) -> Response:
    """Do it with everything as it was shown; when one has changed, with none."""
    do = visit.form.get("do", "")
    items = seen_items(visit) if visit.form.get("seen") else []
    breaks = [_break(visit, name) for name in visit.form.get("breaks", "").split()]
    if (not items and not breaks) or (do != ASSIGN and not _named(do)):
        raise Refused("NOTHING_CHOSEN")
    if do == ASSIGN:
        return _assign_all(visit, items, breaks)
    work = [(ON_ITEMS, row) for row in items] + [(ON_BREAKS, row) for row in breaks]
    for table, row in work:
        if do not in table:
            raise Refused("NOT_FOR_SUCH", where=row.id)
        _would(visit, table[do], row)
    why = visit.why()
    for table, row in work:
        table[do].does(visit, row, why)
    return visit.go("/exceptions", "said.bulk_done")


def _assign_all(visit: Visit, items: Sequence[Any], breaks: Sequence[Any]) -> Response:
    to = visit.form.get("person", "")
    abouts = [(row, about_item(row)) for row in items]
    abouts += [(row, about_break(row)) for row in breaks]
    for row, about in abouts:
        assign(visit.office, about, visit.person, to, desk=_desk(visit, row))
    return visit.go("/exceptions", "said.bulk_done")


def _break(visit: Visit, name: str) -> Any:
    row = find_break(visit.office, name)
    visit.run(row.run_id)
    return row
