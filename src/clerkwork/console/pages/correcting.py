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

_SET = ("accounting_date", "reference", "original_voucher")  # of what is keyed right: by us
_TEMPLATE = "items/reverse.html"


def show(visit: Visit) -> Response:
    """What would be keyed to take the item back, beside what was booked."""
    return _page(visit)


def ask(visit: Visit) -> Response:
    """File the reversal; it waits for others."""
    try:
        row = seen(visit)
        booked = instruction_of(row).fields
        typed = {
            name: visit.form.get(f"field.{name}", value).strip() for name, value in booked.items()
        }
        right = {name: value for name, value in typed.items() if value != booked[name]}
        made = reverse_item(visit.office, row, visit.person, visit.why(), right=right)
    except Refused as failure:
        if failure.code in ("ITEM_CHANGED", "ITEM_NOT_BOOKED", "REVERSED_ALREADY"):
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
        open_fields=[
            n for n in made.fields if n not in _SET and n not in instruction_of(row).takes
        ],
        typed={
            name: visit.form.get(f"field.{name}", value)
            for name, value in instruction_of(row).fields.items()
        },
        why=visit.form.get("why", ""),
        spelled={name: spelled(made.signed_amount, row.currency, name) for name in ("zh", "en")},
    )
