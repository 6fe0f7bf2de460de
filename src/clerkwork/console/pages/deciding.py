"""Decisions on one item: agree, send back, refuse, edit; each bound to what was shown."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from clerkwork.console.pages.approvals import queue
from clerkwork.console.pages.items import item_page, labels_of
from clerkwork.console.visit import Visit
from clerkwork.errors import Refused
from clerkwork.run.deciding import as_seen, decide_item, edit_item
from clerkwork.run.items import instruction_of
from clerkwork.run.worklist import next_after

_SAID = {"send_back": "said.send_back", "refuse": "said.refuse"}
_EDIT = "items/edit.html"


def seen(visit: Visit) -> Any:
    """The item of the address, as the form says it was shown. Raises Refused ITEM_CHANGED."""
    item_id = visit.part("item")
    visit.item(item_id)
    form = visit.form
    return as_seen(visit.office, item_id, form.get("version", ""), form.get("digest", ""))


def agree(visit: Visit) -> Response:
    """Agree to the item as it was shown, and go on to the next that waits."""
    _may_approve(visit, visit.item(visit.part("item")))
    return _decide(visit, "agree", "said.agreed")


def reject(visit: Visit) -> Response:
    """Send the item back to be edited, or refuse it for good, and say why."""
    visit.item(visit.part("item"))
    decision = visit.form.get("decision", "")
    if decision not in _SAID:
        raise Refused("NOTHING_CHOSEN")
    return _decide(visit, decision, _SAID[decision])


def _decide(visit: Visit, decision: str, said: str) -> Response:
    after = next_after(queue(visit), visit.part("item"))
    try:
        row = seen(visit)
        decide_item(visit.office, row, visit.person, decision, visit.form.get("why", ""))
    except Refused as failure:
        if failure.code in ("SELF_APPROVAL", "NOT_ALLOWED", "OTHER_DESK"):
            raise
        return item_page(visit, visit.item(visit.part("item")), failure)
    return visit.go(f"/items/{after}" if after else "/approvals", said)


def _may_approve(visit: Visit, row: Any) -> None:
    run = visit.run(row.run_id)
    visit.may("approve", run=run, item=row, desk=visit.desk(run.bot))


def show_edit(visit: Visit) -> Response:
    """The item's fields, to be changed."""
    row = visit.item(visit.part("item"))
    return _edit_page(visit, row, dict(instruction_of(row).fields))


def _edit_page(
    visit: Visit, row: Any, typed: dict[str, str], failure: Refused | None = None
) -> Response:
    instruction = instruction_of(row)
    return visit.page(
        _EDIT,
        status=422 if failure else 200,
        failure=failure,
        item=row,
        instruction=instruction,
        labels=labels_of(visit, row),
        typed=typed,
        why=visit.form.get("why", ""),
        fixed={"reference", *instruction.takes},
    )


def edit(visit: Visit) -> Response:
    """Give the item other fields; its approvals are void."""
    row = visit.item(visit.part("item"))
    now = dict(instruction_of(row).fields)
    typed = now | {
        name: visit.form[f"field.{name}"].strip() for name in now if f"field.{name}" in visit.form
    }
    try:
        row = seen(visit)
        changes = {name: value for name, value in typed.items() if value != now[name]}
        if not changes:
            raise Refused("NOTHING_CHANGED", where=row.id)
        edit_item(visit.office, row, visit.person, changes, visit.form.get("why", ""))
    except Refused as failure:
        return _edit_page(visit, row, typed, failure)
    return visit.go(f"/items/{row.id}", "said.edited")
