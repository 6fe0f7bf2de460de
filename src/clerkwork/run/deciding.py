"""People's hands on items: decisions that queue what is approved, and edits that void them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from clerkwork.approve import decide, load_authority, needs
from clerkwork.errors import Refused
from clerkwork.facts import Instruction, exact, plain
from clerkwork.people import Person
from clerkwork.run.items import enqueue_look_up, enqueue_ready, instruction_of, load_item
from clerkwork.run.office import Office
from clerkwork.run.pausing import check_may_sign_on
from clerkwork.run.runs import load_run
from clerkwork.store.items import agreed, edit, lock_item, move
from clerkwork.store.tables import decisions, item_states
from clerkwork.systems.maps import load_system
from clerkwork.systems.typing import check_typed
from clerkwork.workspace import load_bot

LOOKED_UP = ("excepted", "in_doubt")  # states in which a person may have the target asked


def as_seen(office: Office, item_id: str, version: str, digest: str) -> Any:
    """
    The row of the item, when it is still what somebody saw: its version and its digest.

    Raises Refused ITEM_UNKNOWN, ITEM_CHANGED.
    """
    row = load_item(office, item_id)
    if (row.id, str(row.version), row.digest) != (item_id, version, digest):
        raise Refused("ITEM_CHANGED", where=item_id)
    return row


def decide_item(office: Office, row: Any, person: Person, decision: str, why: str) -> str:
    """
    Write the person's decision on the item as seen in `row`; approved, it is queued in
    the same transaction. Gives the item's state; raises what `approve.decide` raises.
    """

    def then(conn: sa.Connection, state: str) -> None:
        if state == "approved":
            enqueue_ready(office, conn, row.id)

    return decide(office.store, row, person, decision, why, record=office.audit.record, then=then)


def agreements(office: Office, row: Any) -> list[tuple[str, str]]:
    """Who has agreed to the item as it stands now: (role, person), in order."""
    with office.store.connect() as conn:
        return agreed(conn, row)


def decisions_on(office: Office, row: Any) -> list[Any]:
    """Every decision on the item, oldest first, those that an edit has voided too."""
    wanted = sa.select(decisions).where(decisions.c.item_id == row.id).order_by(decisions.c.id)
    with office.store.connect() as conn:
        return list(conn.execute(wanted))


def moves_of(office: Office, row: Any) -> list[Any]:
    """How the item went from state to state, oldest first."""
    wanted = sa.select(item_states).where(item_states.c.item_id == row.id)
    with office.store.connect() as conn:
        return list(conn.execute(wanted.order_by(item_states.c.seq)))


def try_again(office: Office, row: Any, person: Person, why: str) -> None:
    """
    Put an excepted item back to approved, on the person's word; it is looked up before keyed.

    Raises Refused WHY_MISSING, ITEM_STATE, ITEM_CHANGED.
    """
    _is_said(row, why)
    with office.store.begin() as conn:
        current = lock_item(conn, row.id)
        if current.state != "excepted":  # what waits needs the words of all who must agree
            raise Refused("ITEM_STATE", where=row.id, state=current.state, to="approved")
        move(conn, row.id, "approved", by=person.name, why=why, version=row.version)
        enqueue_ready(office, conn, row.id)
        office.audit.record("item.approved", run=row.run_id, item=row.id, by=person.name, why=why)


def abandon(office: Office, row: Any, person: Person, why: str) -> None:
    """
    Give up an excepted item, or an approved one before it is keyed.

    Raises Refused WHY_MISSING, ITEM_STATE, ITEM_CHANGED.
    """
    _is_said(row, why)
    with office.store.begin() as conn:
        move(conn, row.id, "abandoned", by=person.name, why=why, version=row.version)
        office.audit.record("item.abandoned", run=row.run_id, item=row.id, by=person.name, why=why)


def edit_item(
    office: Office, row: Any, person: Person, changes: Mapping[str, str], why: str
) -> None:
    """
    Give the item other fields; its approvals are void, and the policy decides anew.

    Its reference stays: it is what keeps it from being keyed twice. Raises Refused
    WHY_MISSING, ITEM_CHANGED when it is no longer what was seen in `row`, FIELD_UNKNOWN,
    FIELD_FIXED, FIELD_TOO_LONG and the like, AMOUNT_SIGN, AMOUNT_IS_AN_ACCOUNT, ITEM_STATE.
    """
    _is_said(row, why)
    edited = changed(office, row, instruction_of(row), changes)
    bot = load_bot(office.workspace, load_run(office, row.run_id).bot)
    roles = needs(edited, load_authority(office.workspace.rules(bot.manifest.approval)))
    with office.store.begin() as conn:
        edit(conn, row.id, edited, needs=roles, by=person.name, why=why, version=row.version)
        state = "waiting" if roles else "approved"
        move(conn, row.id, state, by="policy", why=", ".join(roles) or "no approval needed")
        if state == "approved":
            enqueue_ready(office, conn, row.id)
        office.audit.record(
            "item.edited",
            run=row.run_id,
            item=row.id,
            by=person.name,
            digest=edited.digest,
            why=why,
        )


def changed(
    office: Office, row: Any, instruction: Instruction, changes: Mapping[str, str]
) -> Instruction:
    """
    The instruction of the item of `row` with other fields, which its target's form takes.

    Raises Refused FIELD_UNKNOWN, FIELD_FIXED, FIELD_TOO_LONG and the like, AMOUNT_SIGN,
    AMOUNT_IS_AN_ACCOUNT.
    """
    for name in changes:
        if name not in instruction.fields:
            known = ", ".join(instruction.fields)
            raise Refused("FIELD_UNKNOWN", where=row.id, field=name, known=known)
        if name == "reference" or name in instruction.takes:
            raise Refused("FIELD_FIXED", where=row.id, field=name)
    _check_typable(office, row, instruction, changes)
    fields = {**instruction.fields, **changes}
    currency = fields.get("currency", instruction.currency)
    amount = instruction.amount
    if "amount" in changes:
        fields["amount"], amount = _amount(row, instruction, changes["amount"], currency)
    return replace(instruction, fields=fields, amount=amount, currency=currency)


def look_again(office: Office, row: Any, person: Person, why: str) -> None:
    """
    Let the worker ask the target about an excepted item or one in doubt; nothing is typed.

    So what a person has keyed by hand, under the item's reference, is read back and
    confirmed. Raises Refused WHY_MISSING, ITEM_STATE, ITEM_CHANGED, Unavailable SYSTEM_PAUSED.
    """
    _is_said(row, why)
    check_may_sign_on(office, row.target, row.environment)
    with office.store.begin() as conn:
        current = lock_item(conn, row.id)
        if current.version != row.version:
            raise Refused("ITEM_CHANGED", where=row.id)
        if current.state not in LOOKED_UP:
            raise Refused("ITEM_STATE", where=row.id, state=current.state, to="confirmed")
        event = office.audit.record(
            "item.look_up_asked", run=row.run_id, item=row.id, by=person.name, why=why
        )
        enqueue_look_up(office, conn, row, number=event)


def _is_said(row: Any, why: str) -> None:
    if not why.strip():
        raise Refused("WHY_MISSING", where=row.id)


def _check_typable(
    office: Office, row: Any, instruction: Instruction, changes: Mapping[str, str]
) -> None:
    """That the target's form takes the values, before anybody is asked to agree to them."""
    system = load_system(office.workspace.system_folder(row.target))
    form = system.screens.get(instruction.form)
    for name, value in changes.items():
        mapped = form.fields.get(name) if form else None
        if mapped is not None:
            check_typed(
                name,
                value,
                mapped,
                length=mapped.length,
                kinds=(mapped.type,),
                code_page=system.code_page,
                where=row.id,
            )


def _amount(row: Any, instruction: Instruction, text: str, currency: str) -> tuple[str, Decimal]:
    """The amount as it is keyed and as it is judged; its sign stays what it was."""
    amount = exact(text, where=row.id)
    whole = f"{abs(amount):f}".partition(".")[0]
    if whole in [value for name, value in instruction.fields.items() if name.endswith("account")]:
        raise Refused("AMOUNT_IS_AN_ACCOUNT", where=row.id, text=text)
    if not amount or (amount < 0) != instruction.fields["amount"].startswith("-"):
        raise Refused("AMOUNT_SIGN", where=row.id, text=text, now=instruction.fields["amount"])
    return plain(amount, currency), abs(amount)
