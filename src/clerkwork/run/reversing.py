"""An item that was booked wrongly is taken back, by another item that people agree to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.facts import Instruction, Receipt
from clerkwork.facts.codec import from_json
from clerkwork.people import Person
from clerkwork.reconcile.correct import correcting, reversing
from clerkwork.reconcile.hand_rules import load_settling
from clerkwork.run.deciding import changed
from clerkwork.run.items import file_by_hand, instruction_of
from clerkwork.run.office import Office
from clerkwork.run.runs import find_run
from clerkwork.store.items import lock_item
from clerkwork.store.tables import items, runs

DEAD = ("refused", "abandoned")  # such an item is as if it had not been asked for


def reversal_of(office: Office, row: Any) -> Instruction:
    """
    What would be keyed to take the item of `row` back.

    Raises Refused ITEM_NOT_BOOKED, REVERSED_ALREADY, NOT_REVERSIBLE.
    """
    with office.store.connect() as conn:
        return _reversal(office, conn, row)


def reverse_item(
    office: Office,
    row: Any,
    person: Person,
    why: str,
    *,
    right: Mapping[str, str] | None = None,
) -> str:
    """
    File the reversal of the item of `row`, to be agreed to by others; gives its id.

    With `right`, the fields as they should have been, what is right is filed as well: an item
    of its own, keyed once the reversal is booked. At most one reversal stands of each item.
    Raises Refused WHY_MISSING, and as `reversal_of`, `deciding.changed` and `approve.needs` do.
    """
    if not why.strip():
        raise Refused("WHY_MISSING", where=row.id)
    with office.store.begin() as conn:
        current = lock_item(conn, row.id)
        instruction = _reversal(office, conn, current)
        run = find_run(office, row.run_id)
        said = {"by": person.name, "why": why}
        item_id = file_by_hand(office, conn, run, instruction, reverses=row.id, **said)
        office.audit.record("item.reversal_asked", run=run.id, item=item_id, of=row.id, **said)
        if right:
            made = _correction(office, current, instruction, right)
            made_id = file_by_hand(office, conn, run, made, **said)
            office.audit.record(
                "item.correction_asked", run=run.id, item=made_id, of=row.id, **said
            )
    return item_id


def _correction(
    office: Office, row: Any, reversal: Instruction, right: Mapping[str, str]
) -> Instruction:
    rule = load_settling(office.workspace.rules("settling")).reversal
    receipt = from_json(Receipt, row.receipt)
    wrong = instruction_of(row)
    taken = {name: receipt.fields.get(name, "") for name in wrong.takes}
    wrong = replace(wrong, fields={**wrong.fields, **taken}, takes={}, after=())
    on = date.fromisoformat(reversal.fields["accounting_date"])
    return correcting(changed(office, row, wrong, right), reversal, rule, on=on)


def correction_of(office: Office, row: Any) -> Any:
    """The item that keys right what the reversal of `row` takes back; None for none."""
    wanted = sa.select(items).where(items.c.run_id == row.run_id, items.c.id != row.id)
    with office.store.connect() as conn:
        found = list(conn.execute(wanted.order_by(items.c.created_at)))
    return next((one for one in found if row.reference in instruction_of(one).after), None)


def reversals(office: Office, row: Any) -> list[Any]:
    """The items that take the item of `row` back, oldest first; the dead ones too."""
    with office.store.connect() as conn:
        return _reversals(conn, row)


def accounting_day(conn: sa.Connection, run: Any) -> date | None:
    """The accounting date that what is keyed now is booked for: that of the bot's last good run."""
    done = (runs.c.bot == run.bot) & (runs.c.environment == run.environment)
    last = sa.select(runs.c.business_date).where(done, runs.c.state == "done")
    last = last.where(runs.c.business_date.is_not(None), runs.c.rehearse.is_(False))
    return conn.execute(last.order_by(runs.c.business_date.desc()).limit(1)).scalar()


def _reversal(office: Office, conn: sa.Connection, row: Any) -> Instruction:
    if row.state != "confirmed":
        raise Refused("ITEM_NOT_BOOKED", where=row.id, state=row.state)
    before = _reversals(conn, row)
    standing = [one for one in before if one.state not in DEAD]
    if standing:
        raise Refused("REVERSED_ALREADY", where=row.id, by=standing[0].id, state=standing[0].state)
    rule = load_settling(office.workspace.rules("settling")).reversal
    wrong = instruction_of(row)
    run = conn.execute(sa.select(runs).where(runs.c.id == row.run_id)).one()
    on = accounting_day(conn, run) or date.fromisoformat(wrong.fields["accounting_date"])
    receipt = from_json(Receipt, row.receipt)
    return reversing(wrong, receipt, rule, on=on, number=len(before) + 1)


def _reversals(conn: sa.Connection, row: Any) -> list[Any]:
    wanted = sa.select(items).where(items.c.reverses == row.id)
    return list(conn.execute(wanted.order_by(items.c.created_at, items.c.ordinal)))
