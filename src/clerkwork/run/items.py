"""Work items: instructions on their way through the states of the design, section 6."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clerkwork.approve import Authority, load_authority, needs
from clerkwork.errors import Refused
from clerkwork.facts import Instruction, ItemException, Plan, Receipt, from_minor, to_minor
from clerkwork.facts.codec import from_json, to_json
from clerkwork.run import engine
from clerkwork.run.office import Office, failure_facts
from clerkwork.store.items import free_id, move
from clerkwork.store.tables import intents, item_states, runs
from clerkwork.store.tables import items as item_rows
from clerkwork.systems.maps import load_system
from clerkwork.workspace import Bot, load_bot


def file(office: Office, bot: Bot, run: Any, plan: Plan) -> tuple[ItemException, ...]:
    """
    Make a work item of each instruction, unless the same one is there already.

    The same reference with other fields is an exception of this run (REFERENCE_REUSED);
    these are given, and the older items stand.
    """
    reused = []
    authority = load_authority(office.workspace.rules(bot.manifest.approval))
    for ordinal, instruction in enumerate(plan.instructions):
        known = find_by_reference(
            office, run.environment, instruction.target, instruction.reference
        )
        if known is None:
            _insert(office, run, ordinal, instruction, authority)
        elif known.digest != instruction.digest:
            office.audit.record(
                "item.reference_reused", run=run.id, item=known.id, digest=instruction.digest
            )
            clash = Refused("REFERENCE_REUSED", reference=known.reference, item=known.id)
            texts = clash.message("en"), clash.message("zh")
            reused.append(ItemException(known.id, clash.kind, clash.code, *texts))
        else:
            office.audit.record("item.known", run=run.id, item=known.id, state=known.state)
    return tuple(reused)


def find_by_reference(office: Office, environment: str, target: str, reference: str) -> Any | None:
    """The item with that target and reference, or None."""
    same = (
        (item_rows.c.environment == environment)
        & (item_rows.c.target == target)
        & (item_rows.c.reference == reference)
    )
    with office.store.connect() as conn:
        return conn.execute(sa.select(item_rows).where(same)).one_or_none()


def find_by_target_references(
    office: Office, environment: str, references: Collection[str]
) -> list[Any]:
    """The items of any target with one of these references, oldest first."""
    wanted = sa.select(item_rows).where(
        item_rows.c.environment == environment, item_rows.c.reference.in_(references)
    )
    with office.store.connect() as conn:
        return list(conn.execute(wanted.order_by(item_rows.c.created_at, item_rows.c.ordinal)))


def _insert(
    office: Office, run: Any, ordinal: int, instruction: Instruction, authority: Authority
) -> None:
    """A new item, on to where policy sends it; what nobody may agree to is refused at once."""
    roles, refusal = _policy(instruction, authority)
    _record_filed(office, run, instruction, roles)
    with office.store.begin() as conn:
        row = _row(office, conn, run, instruction) | {"ordinal": ordinal, "needs": list(roles)}
        conn.execute(sa.insert(item_rows).values(**row))
        item_id = str(row["id"])
        if refusal is not None:
            kept = {"failure": failure_facts(refusal)}
            conn.execute(sa.update(item_rows).where(item_rows.c.id == item_id).values(**kept))
            move(conn, item_id, "refused", by="policy", why=refusal.code)
        elif roles:
            move(conn, item_id, "waiting", by="policy", why=", ".join(roles))
        else:
            move(conn, item_id, "approved", by="policy", why="no approval needed")
            enqueue_ready(office, conn, item_id)


def file_by_hand(
    office: Office,
    conn: sa.Connection,
    run: Any,
    instruction: Instruction,
    *,
    by: str,
    why: str,
    reverses: str | None = None,
) -> str:
    """
    Make an item of an instruction that a person asks for, of that run; gives its id.

    It waits for somebody else, whatever the policy: who asks for it has a hand in it.
    Raises what `approve.needs` raises.
    """
    bot = load_bot(office.workspace, run.bot)
    authority = load_authority(office.workspace.rules(bot.manifest.approval))
    roles = needs(instruction, authority) or ("checker",)
    last = sa.select(sa.func.max(item_rows.c.ordinal)).where(item_rows.c.run_id == run.id)
    ordinal = (conn.execute(last).scalar() or 0) + 1
    row = _row(office, conn, run, instruction) | {"ordinal": ordinal, "needs": list(roles)}
    row |= {"edited_by": [by], "reverses": reverses}
    conn.execute(sa.insert(item_rows).values(**row))
    item_id = str(row["id"])
    first = {"item_id": item_id, "seq": 1, "from_state": "new", "to_state": "new"}
    conn.execute(sa.insert(item_states).values(**first, by=by, at=office.clock(), why=why))
    move(conn, item_id, "waiting", by="policy", why=", ".join(roles))
    _record_filed(office, run, instruction, roles)
    return item_id


def _record_filed(
    office: Office, run: Any, instruction: Instruction, roles: tuple[str, ...]
) -> None:
    office.audit.record(
        "item.filed",
        run=run.id,
        reference=instruction.reference,
        digest=instruction.digest,
        needs=list(roles),
    )


def _row(
    office: Office, conn: sa.Connection, run: Any, instruction: Instruction
) -> dict[str, object]:
    """The columns of a new item; who must agree, and its place in the run, come to it."""
    now = office.clock()
    return {
        "id": free_id(conn, instruction.reference),
        "environment": run.environment,
        "target": instruction.target,
        "reference": instruction.reference,
        "run_id": run.id,
        "instruction": to_json(instruction).decode(),
        "digest": instruction.digest,
        "state": "new",
        "kind": instruction.kind,
        "amount_minor": to_minor(instruction.amount, instruction.currency),
        "currency": instruction.currency,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }


def _policy(
    instruction: Instruction, authority: Authority
) -> tuple[tuple[str, ...], Refused | None]:
    """The roles that must agree, and why the policy refuses, where it does."""
    try:
        return needs(instruction, authority), None
    except Refused as refusal:
        return (), refusal


def load_item(office: Office, item_id: str) -> Any:
    """The row of item `item_id` (its first characters are enough). Raises Refused ITEM_UNKNOWN."""
    wanted = item_rows.c.id.startswith(item_id.upper(), autoescape=True)
    with office.store.connect() as conn:
        found = list(conn.execute(sa.select(item_rows).where(wanted)))
    if len(found) > 1:
        raise Refused("ITEM_AMBIGUOUS", item=item_id, count=len(found))
    if not found:
        raise Refused("ITEM_UNKNOWN", item=item_id)
    return found[0]


def list_items(office: Office, *, state: str = "", run_id: str = "") -> list[Any]:
    """Items, oldest first, of one state or one run where given."""
    wanted = sa.select(item_rows).order_by(item_rows.c.created_at, item_rows.c.ordinal)
    if state:
        wanted = wanted.where(item_rows.c.state == state)
    if run_id:
        wanted = wanted.where(item_rows.c.run_id == run_id)
    with office.store.connect() as conn:
        return list(conn.execute(wanted))


def items_before(
    office: Office,
    *,
    bots: Collection[str] | None,
    state: str = "",
    run_id: str = "",
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[Any]:
    """
    Items of runs of `bots` (None: of all), newest first, older than `before`: (created_at, id).

    Each row has the `bot` of its run.
    """
    wanted = (
        sa.select(*item_rows.c, runs.c.bot)
        .join(runs, runs.c.id == item_rows.c.run_id)
        .order_by(item_rows.c.created_at.desc(), item_rows.c.id.desc())
        .limit(limit)
    )
    if bots is not None:
        wanted = wanted.where(runs.c.bot.in_(bots))
    if state:
        wanted = wanted.where(item_rows.c.state == state)
    if run_id:
        wanted = wanted.where(item_rows.c.run_id == run_id)
    if before is not None:
        at, item_id = sa.literal(before[0], item_rows.c.created_at.type), sa.literal(before[1])
        place = sa.tuple_(item_rows.c.created_at, item_rows.c.id)
        wanted = wanted.where(place < sa.tuple_(at, item_id))
    with office.store.connect() as conn:
        return list(conn.execute(wanted))


def instruction_of(row: Any) -> Instruction:
    """The instruction of an item's row."""
    return from_json(Instruction, row.instruction)


def item_as_json(row: Any) -> dict[str, Any]:
    """An item for programs."""
    instruction = instruction_of(row)
    receipt = from_json(Receipt, row.receipt) if row.receipt else None
    return {
        "id": row.id,
        "run": row.run_id,
        "state": row.state,
        "kind": row.kind,
        "target": row.target,
        "reference": row.reference,
        "reason": instruction.reason,
        "amount": str(from_minor(row.amount_minor, row.currency)),
        "currency": row.currency,
        "fields": dict(instruction.fields),
        "after": list(instruction.after),
        "needs": row.needs,
        "reverses": row.reverses,
        "voucher": receipt.number if receipt else None,
        "failure": row.failure,
        # what a decision is bound to: it is of the item as it was shown
        "version": row.version,
        "digest": row.digest,
    }


def enqueue_ready(
    office: Office, conn: sa.Connection, item_id: str, *, delay_s: float = 0, again: int = 0
) -> None:
    """
    Queue an approved item for keying, unless one it must follow is not confirmed yet.

    Called in the transaction that made it ready; the queue entry's id counts its
    attempts, so each attempt is queued once. `again` is the event that lets an item go on
    that a worker had left where it was.
    """
    row = conn.execute(sa.select(item_rows).where(item_rows.c.id == item_id)).one()
    instruction = instruction_of(row)
    if instruction.after:
        confirmed = (
            sa.select(sa.func.count())
            .select_from(item_rows)
            .where(
                item_rows.c.environment == row.environment,
                item_rows.c.target == row.target,
                item_rows.c.reference.in_(instruction.after),
                item_rows.c.state == "confirmed",
            )
        )
        if conn.execute(confirmed).scalar_one() < len(instruction.after):
            return
    system = load_system(office.workspace.system_folder(row.target))
    engine.enqueue(
        office.client,
        conn,
        "key-item",
        item_id,
        queue=engine.QUEUES[system.driver],
        partition=row.target,
        workflow_id=f"{item_id}:approved:{row.version}{f':{again}' if again else ''}",
        delay_s=delay_s,
    )


def enqueue_held(office: Office, conn: sa.Connection, row: Any, *, again: int) -> None:
    """
    Queue an item that was left alone while its target was paused; `again` is the event that
    ended the pause.

    One that was in hand when a worker died, or is in doubt, is looked up there.
    """
    if row.state == "approved":
        enqueue_ready(office, conn, row.id, again=again)
        return
    system = load_system(office.workspace.system_folder(row.target))
    engine.enqueue(
        office.client,
        conn,
        "key-item",
        row.id,
        queue=engine.QUEUES[system.driver],
        partition=row.target,
        workflow_id=f"{row.id}:held:{again}",
    )


def enqueue_look_up(office: Office, conn: sa.Connection, row: Any, *, number: int) -> None:
    """Queue that the target is asked about the item; `number` makes one request of each."""
    system = load_system(office.workspace.system_folder(row.target))
    engine.enqueue(
        office.client,
        conn,
        "look-up-item",
        row.id,
        queue=engine.QUEUES[system.driver],
        partition=row.target,
        workflow_id=f"{row.id}:looked-up:{number}",
    )


def enqueue_followers(office: Office, conn: sa.Connection, row: Any) -> None:
    """Queue the approved items that waited for `row` to be confirmed."""
    approved = (item_rows.c.state == "approved") & (item_rows.c.environment == row.environment)
    same_target = item_rows.c.target == row.target
    for follower in conn.execute(sa.select(item_rows).where(approved, same_target)).all():
        if row.reference in instruction_of(follower).after:
            enqueue_ready(office, conn, follower.id)


def attempts(office: Office, item_id: str) -> int:
    """How often keying of the item has begun since it was last decided on."""
    counted = sa.select(sa.func.count()).select_from(intents).where(intents.c.item_id == item_id)
    with office.store.connect() as conn:
        return int(conn.execute(counted).scalar_one())
