"""An item that was booked wrongly is taken back, by another item that people agree to."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.facts import Instruction, Receipt
from clerkwork.facts.codec import from_json
from clerkwork.people import Person
from clerkwork.reconcile.correct import reversing
from clerkwork.reconcile.hand_rules import load_settling
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


def reverse_item(office: Office, row: Any, person: Person, why: str) -> str:
    """
    File the reversal of the item of `row`, to be agreed to by others; gives its id.

    At most one stands of each item. Raises Refused WHY_MISSING, and as `reversal_of` and
    `approve.needs` do.
    """
    if not why.strip():
        raise Refused("WHY_MISSING", where=row.id)
    with office.store.begin() as conn:
        current = lock_item(conn, row.id)
        instruction = _reversal(office, conn, current)
        run = find_run(office, row.run_id)
        item_id = file_by_hand(
            office, conn, run, instruction, by=person.name, why=why, reverses=row.id
        )
        office.audit.record(
            "item.reversal_asked", run=run.id, item=item_id, of=row.id, by=person.name, why=why
        )
    return item_id


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
