"""Open breaks written off by the bank's rule: a voucher that others agree to."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.facts import Break, Instruction
from clerkwork.facts.codec import to_json
from clerkwork.people import Person
from clerkwork.reconcile import load_accounts
from clerkwork.reconcile.hand_rules import WriteOff, load_settling
from clerkwork.reconcile.write_off import rule_for, writing_off
from clerkwork.run.breaks import break_of
from clerkwork.run.hand_matching import is_free
from clerkwork.run.items import file_by_hand
from clerkwork.run.office import Office
from clerkwork.run.reversing import accounting_day
from clerkwork.run.runs import find_run
from clerkwork.store.tables import items, open_breaks


def write_off_of(office: Office, row: Any) -> tuple[WriteOff, Instruction]:
    """
    By which rule the open break of `row` would be written off, and what would be keyed.

    Raises Refused BREAK_SETTLED, BREAK_HAS_ITEM, BREAK_PROPOSED, NO_WRITE_OFF.
    """
    with office.store.connect() as conn:
        rule, _, instruction = _written_off(office, conn, row)
    return rule, instruction


def write_off(office: Office, row: Any, person: Person, why: str) -> str:
    """
    File the voucher that writes the break of `row` off; gives the item's id.

    The break is settled by the journal line that the voucher makes, as by any voucher. Raises
    Refused WHY_MISSING, and as `write_off_of` and `approve.needs` do.
    """
    if not why.strip():
        raise Refused("WHY_MISSING", where=row.id)
    with office.store.begin() as conn:
        rule, settled, instruction = _written_off(office, conn, row)
        run = find_run(office, row.run_id)
        item_id = file_by_hand(office, conn, run, instruction, by=person.name, why=why)
        kept = {"break": to_json(settled).decode(), "references": list(settled.references)}
        conn.execute(sa.update(open_breaks).where(open_breaks.c.id == row.id).values(**kept))
        office.audit.record(
            "break.write_off_asked",
            run=run.id,
            item=item_id,
            about=row.id,
            rule=rule.name,
            by=person.name,
            why=why,
        )
    return item_id


def _written_off(
    office: Office, conn: sa.Connection, row: Any
) -> tuple[WriteOff, Break, Instruction]:
    is_free(conn, row)
    workspace = office.workspace
    item = break_of(row)
    rule = rule_for(item, load_settling(workspace.rules("settling")).write_offs)
    on = accounting_day(conn, find_run(office, row.run_id)) or row.since
    accounts = load_accounts(workspace.codes("accounts"))
    number = 0
    while True:  # past those that were refused
        number += 1
        settled, made = writing_off(item, rule, accounts=accounts, on=on, number=number)
        same = (items.c.environment == row.environment) & (items.c.reference == made.reference)
        if conn.execute(sa.select(items.c.id).where(same)).first() is None:
            return rule, settled, made
