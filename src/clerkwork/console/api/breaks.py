"""Open breaks, for programs."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from starlette.responses import Response

from clerkwork.console.api.call import Amount, Answer, Paged, Said, Text
from clerkwork.console.api.items import (
    Comment,
    Given,
    Line,
    Remark,
    line_of,
    lines_of,
    remarks_as_answers,
)
from clerkwork.console.pages import breaks as page
from clerkwork.console.pages.today import bots_seen
from clerkwork.console.visit import Visit
from clerkwork.errors import Refused
from clerkwork.facts import from_minor
from clerkwork.run.breaks import break_of, breaks_before, find_break, near
from clerkwork.run.items import find_by_target_references
from clerkwork.run.remarks import about_break, owners_of
from clerkwork.run.remarks import assign as give_to
from clerkwork.run.remarks import comment as say
from clerkwork.run.sources import plan_of


class Break(Answer):
    """An open break: `difference` is what `books` will show once it is settled."""

    id: str
    run: str
    account: str
    currency: str
    side: Literal["left", "right"]
    reason: str
    books: Literal["ours", "theirs"]
    difference: Amount
    since: date
    cleared_on: date | None
    owner: str | None


class Breaks(Answer):
    """A part of the list; `older` is the `before` of the next part, null at the end."""

    breaks: list[Break]
    older: str | None


class Near(Answer):
    """A line of the other side that comes near, and why it did not match."""

    line: Line
    apart: Amount
    days: int
    why_not: list[str]
    taken_by: str


class BreakWhole(Break):
    """A break with both its lines, the nearest of the other side, and what settles it."""

    because: str
    reason_names: Said | None
    lines: list[Line]
    nearest: list[Near]
    items: list[str]
    remarks: list[Remark]


class Asked(Paged):
    """Which breaks."""

    reason: Text = ""


def list_them(visit: Visit, asked: Asked) -> Breaks:
    """Breaks that no day has settled, newest first."""
    found = breaks_before(
        visit.office,
        bots=bots_seen(visit),
        reason=asked.reason,
        before=_place(asked.before),
        limit=asked.limit + 1,
    )
    shown = found[: asked.limit]
    owners = owners_of(visit.office, [about_break(row) for row in shown])
    more = len(found) > asked.limit
    older = f"{shown[-1].since}~{shown[-1].id}" if more else None
    breaks = [Break.model_validate(_facts(row, owners)) for row in shown]
    return Breaks(breaks=breaks, older=older)


def _place(text: str) -> tuple[date, str] | None:
    if not text:
        return None
    day, _, name = text.partition("~")
    try:
        return date.fromisoformat(day), name
    except ValueError:
        raise Refused("CURSOR_WRONG") from None


def _facts(row: Any, owners: dict[str, str]) -> dict[str, Any]:
    columns = ("id", "account", "currency", "side", "reason", "books", "since", "cleared_on")
    return {name: getattr(row, name) for name in columns} | {
        "run": row.run_id,
        "difference": str(from_minor(row.difference_minor, row.currency)),
        "owner": owners.get(about_break(row)),
    }


def show(visit: Visit) -> BreakWhole:
    """One break."""
    office, row = visit.office, _row(visit)
    item, plan = break_of(row), plan_of(office, row.run_id)
    about = about_break(row)
    named = plan.reason_names.get(item.reason) if plan else None
    other = "theirs" if item.side == "left" else "ours"
    settled_by = find_by_target_references(office, row.environment, item.references)
    return BreakWhole.model_validate(
        _facts(row, owners_of(office, [about]))
        | {
            "because": item.because,
            "reason_names": {"en": named[0], "zh": named[1]} if named else None,
            "lines": lines_of(page.sources_of_break(visit, row, item)),
            "nearest": [
                {
                    "line": line_of(one.entry, other),
                    "apart": f"{one.apart:f}",
                    "days": one.days,
                    "why_not": list(one.why_not),
                    "taken_by": one.taken_by,
                }
                for one in (near(item, plan) if plan else ())
            ],
            "items": [one.id for one in settled_by],
            "remarks": remarks_as_answers(visit, about),
        }
    )


def source(visit: Visit) -> Response:
    """A picture of the document that one of its lines was read from."""
    return page.show_source(visit)


def assign(visit: Visit, body: Given) -> BreakWhole:
    """Give the break to somebody of its desk, or back to all."""
    row = _row(visit)
    desk = visit.desk(visit.run(row.run_id).bot)
    give_to(visit.office, about_break(row), visit.person, body.person, desk=desk)
    return show(visit)


def comment(visit: Visit, body: Comment) -> BreakWhole:
    """Say something of the break."""
    say(visit.office, about_break(_row(visit)), visit.person, body.text)
    return show(visit)


def _row(visit: Visit) -> Any:
    """The break of the address. Raises Refused BREAK_UNKNOWN, OTHER_DESK."""
    row = find_break(visit.office, visit.part("break"))
    visit.run(row.run_id)
    return row
