"""Correcting what was booked wrongly: its reversal, shown before it is asked for."""

from __future__ import annotations

from starlette.responses import Response

from clerkwork.console.pages.deciding import seen
from clerkwork.console.pages.items import labels_of
from clerkwork.console.visit import Visit
from clerkwork.errors import Refused
from clerkwork.report.spelled import spelled
from clerkwork.run.items import instruction_of
from clerkwork.run.reversing import reversal_of, reverse_item

_TEMPLATE = "items/reverse.html"


def show(visit: Visit) -> Response:
    """What would be keyed to take the item back, beside what was booked."""
    return _page(visit)


def ask(visit: Visit) -> Response:
    """File the reversal; it waits for others."""
    try:
        row = seen(visit)
        made = reverse_item(visit.office, row, visit.person, visit.why())
    except Refused as failure:
        if failure.code != "WHY_MISSING":
            raise
        return _page(visit, failure)
    return visit.go(f"/items/{made}", "said.reversal_asked")


def _page(visit: Visit, failure: Refused | None = None) -> Response:
    row = visit.item(visit.part("item"))
    made = reversal_of(visit.office, row)
    return visit.page(
        _TEMPLATE,
        status=422 if failure else 200,
        failure=failure,
        item=row,
        booked=instruction_of(row).fields,
        made=made,
        labels=labels_of(visit, row),
        spelled={name: spelled(made.signed_amount, row.currency, name) for name in ("zh", "en")},
    )
