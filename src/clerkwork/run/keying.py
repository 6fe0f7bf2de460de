"""
One approved item, keyed: from the queue through the protocol to its next state.

Called again after a crash it finds the item in `keying` or `in_doubt`, and only looks
up what became of it; so nothing is keyed twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Drifted, Failure, InDoubt, Misconfigured, Refused, Unavailable
from clerkwork.facts import Instruction, Receipt
from clerkwork.facts.codec import from_json, to_json
from clerkwork.rekey import Journal, Keyboard, Lease
from clerkwork.run.bench import Bench
from clerkwork.run.connect import environment_of
from clerkwork.run.halting import is_stopped
from clerkwork.run.items import (
    attempts,
    enqueue_followers,
    enqueue_ready,
    find_by_reference,
    instruction_of,
    load_item,
)
from clerkwork.run.office import Office, failure_facts
from clerkwork.run.pausing import pause_of
from clerkwork.run.runs import load_run
from clerkwork.run.telling import tell_doubt, tell_drift
from clerkwork.store.items import move
from clerkwork.store.tables import items as item_rows
from clerkwork.systems.drift import visit
from clerkwork.systems.maps import SystemMap, load_system
from clerkwork.systems.port import Session
from clerkwork.workspace import Bot, load_bot

SETTLE_S = 1.0  # how long a target may take to show what it was sent, before "absent" counts


def key_item(office: Office, benches: Callable[[str, str], Bench], item_id: str) -> None:
    """
    Key the item, or find out what became of it, and write its next state.

    `benches` gives the bench of (target, environment). A defect leaves the item in
    doubt and is raised.
    """
    row = load_item(office, item_id)
    if row.state not in ("approved", "keying", "in_doubt"):
        return
    bot = load_bot(office.workspace, _bot_of(office, row))
    bench = benches(row.target, row.environment)
    is_paused = pause_of(office, row.target, row.environment) is not None
    if row.state == "keying":  # a worker died here: nobody saw what the target did
        _move(office, row, "in_doubt", why="the worker died while keying")
    if is_paused:  # whoever resumes the system queues it again
        bench.renew()
        return
    if row.state != "approved":
        _look_up(office, bench, bot, row)
        return
    if is_stopped(office, row.run_id):  # it stays approved until somebody lets it go on
        office.audit.record("item.held", run=row.run_id, item=row.id)
        return
    _move(office, row, "keying", why="taken up")
    try:
        receipt = bench.do(lambda: _key(office, bench, bot, row, may_type=True))
    except Unavailable as failure:
        bench.renew()
        _put_back(office, bot, row, failure)
    except InDoubt as failure:
        bench.renew()
        _move(office, row, "in_doubt", why=failure.code, failure=failure)
        _look_up(office, bench, bot, row, may_repeat=_may_repeat(office, bot, row))
    except (Refused, Drifted, Misconfigured) as failure:
        bench.renew()
        if isinstance(failure, Drifted):
            tell_drift(office, bot, row.run_id, failure)
        _move(office, row, "excepted", why=failure.code, failure=failure)
    except BaseException:
        _move(office, row, "in_doubt", why="DEFECT")
        raise
    else:
        _accept(office, row, receipt)


def look_up_item(office: Office, benches: Callable[[str, str], Bench], item_id: str) -> None:
    """
    Ask the target about an item, as a person wished; nothing is typed.

    One in doubt is settled by what it shows. An excepted one that it shows field by field,
    done by hand, is confirmed; else it stays, and its failure says what was found.
    """
    row = load_item(office, item_id)
    if pause_of(office, row.target, row.environment) is not None:
        return  # what is in doubt is looked up when the system is resumed
    if row.state == "in_doubt":
        bot = load_bot(office.workspace, _bot_of(office, row))
        _look_up(office, benches(row.target, row.environment), bot, row)
    elif row.state == "excepted":
        _look_for_hand_made(office, benches(row.target, row.environment), row)


def _look_for_hand_made(office: Office, bench: Bench, row: Any) -> None:
    bot = load_bot(office.workspace, _bot_of(office, row))
    try:
        receipt = bench.do(lambda: _key(office, bench, bot, row, may_type=False))
        if receipt.state != "posted":
            raise Refused("RECEIPT_HELD", reference=row.reference, state=receipt.state)
    except Failure as failure:
        bench.renew()
        office.audit.record("item.unclear", run=row.run_id, item=row.id, code=failure.code)
        with office.store.begin() as conn:
            kept = {"failure": failure_facts(failure)}
            conn.execute(sa.update(item_rows).where(item_rows.c.id == row.id).values(**kept))
    else:
        _accept(office, row, receipt)


def poll_held(office: Office, benches: Callable[[str, str], Bench], item_id: str) -> None:
    """Read back an item the target holds (待授权): confirmed once it is posted there."""
    row = load_item(office, item_id)
    if row.state == "keyed" and pause_of(office, row.target, row.environment) is None:
        bot = load_bot(office.workspace, _bot_of(office, row))
        _look_up(office, benches(row.target, row.environment), bot, row)


def _bot_of(office: Office, row: Any) -> str:
    return str(load_run(office, row.run_id).bot)


def _key(office: Office, bench: Bench, bot: Bot, row: Any, *, may_type: bool) -> Receipt:
    """Run the bot's rekey with a keyboard for this item alone."""
    bench.item_id = row.id
    instruction = _resolved(office, row)
    system = load_system(office.workspace.system_folder(row.target))
    sign_on = environment_of(system, row.environment).keyboard
    lease = Lease(office.store, row.target, sign_on, office.executor, office.clock)
    journal = _journal(office, row)
    keyboard = Keyboard(
        approved=instruction.digest,
        open_session=lambda target, task: _compared(office, bench, bot, system, task),
        intend=journal.intend,
        guard=lease.hold,
        may_type=may_type,
    )
    assert bot.rekey is not None  # load_bot: a bot that writes has one
    receipt: Receipt = bot.rekey(instruction, keyboard)
    journal.settle(instruction, receipt.state)
    return receipt


def _compared(
    office: Office, bench: Bench, bot: Bot, system: SystemMap, sign_on: Callable[[Session], None]
) -> Session:
    """
    The bench's session; before a bot's first item on it, the bot's screens are compared.

    Raises Drifted SCREENS_DRIFTED when one is not as mapped: nothing has been typed then.
    """
    session = bench.session(system.name, sign_on)
    if bot.name in bench.compared:
        return session
    visits = list(visit(session, system, bot.manifest.screens.get(system.name, ())))
    differences = [each for seen in visits for each in seen.differences]
    seen = sum(each.was_reached for each in visits)
    count = len(differences)
    facts = {"system": system.name, "bot": bot.name}
    office.audit.record("screens.compared", **facts, screens=seen, differences=count)
    if differences:
        first = differences[0]
        raise Drifted(
            "SCREENS_DRIFTED", system=system.name, count=str(count), first=first.message("en")
        )
    bench.compared.add(bot.name)
    return session


def _journal(office: Office, row: Any) -> Journal:
    def record(event: str, **fields: object) -> None:
        office.audit.record(event, run=row.run_id, **fields)

    return Journal(office.store, row.id, office.executor, record, office.clock)


def _resolved(office: Office, row: Any) -> Instruction:
    """The item's instruction, with the values it takes from receipts of others filled in."""
    instruction = instruction_of(row)
    values = dict(instruction.fields)
    for field, take in instruction.takes.items():
        other = find_by_reference(office, row.environment, row.target, take.reference)
        assert other is not None  # `after` names it, and it is confirmed
        receipt = from_json(Receipt, other.receipt)
        shown = {"number": receipt.number, "state": receipt.state, **receipt.fields}
        values[field] = shown[take.receipt_field]
    return replace(instruction, fields=values, takes={})


def _accept(office: Office, row: Any, receipt: Receipt) -> None:
    """The target shows the instruction field by field: confirmed, or keyed while it is held."""
    to = "confirmed" if receipt.state == "posted" else "keyed"
    if load_item(office, row.id).state == to:
        return  # still held there: looked at again, nothing new
    office.audit.record(f"item.{to}", run=row.run_id, item=row.id, number=receipt.number)
    with office.store.begin() as conn:
        move(conn, row.id, to, by=office.executor, why=f"read back as {receipt.number}")
        kept = {"receipt": to_json(receipt).decode(), "failure": None}
        conn.execute(sa.update(item_rows).where(item_rows.c.id == row.id).values(**kept))
        if to == "confirmed":
            enqueue_followers(office, conn, row)


def _may_repeat(office: Office, bot: Bot, row: Any) -> bool:
    """Whether the bot's rule leaves another attempt before a person looks at the item."""
    return attempts(office, row.id) % bot.manifest.retry.times != 0


def _look_up(office: Office, bench: Bench, bot: Bot, row: Any, *, may_repeat: bool = True) -> None:
    """
    Settle an item in doubt (or held) by what the target shows.

    What is not booked is keyed again, unless a target that never answers would make
    that endless: `may_repeat` says no, and a person looks.

    Absent, or a draft, counts only when the target says so twice, `SETTLE_S` apart: an
    answer that was lost may still be on its way in.
    """
    found = ""
    try:
        for wait_s in (0.0, SETTLE_S):
            time.sleep(wait_s)
            try:
                receipt = bench.do(lambda: _key(office, bench, bot, row, may_type=False))
            except Unavailable as absent:
                if absent.code not in ("REFERENCE_ABSENT", "REFERENCE_DRAFT"):
                    raise
                found = absent.code
            else:
                _accept(office, row, receipt)
                return
        _not_booked(office, row, found, may_repeat=may_repeat)
    except Refused as differs:
        _move(office, row, "excepted", why=differs.code, failure=differs)
    except Failure as unclear:
        bench.renew()
        tell_doubt(office, bot, row.run_id)
        office.audit.record("item.unclear", run=row.run_id, item=row.id, code=unclear.code)


def _not_booked(office: Office, row: Any, found: str, *, may_repeat: bool) -> None:
    """The target says twice that it has nothing under the reference, or a draft."""
    is_gone = load_item(office, row.id).state == "keyed"  # it was held: somebody refused it
    if is_gone or not may_repeat:
        _move(office, row, "excepted", why=found)
        return
    is_absent = found == "REFERENCE_ABSENT"
    event, why = ("proven_absent", "proven absent") if is_absent else ("found_draft", "a draft")
    office.audit.record(f"item.{event}", run=row.run_id, item=row.id)
    with office.store.begin() as conn:
        move(conn, row.id, "approved", by=office.executor, why=why)
        enqueue_ready(office, conn, row.id)


def _put_back(office: Office, bot: Bot, row: Any, failure: Unavailable) -> None:
    """Nothing was changed: try again by the bot's rule, then leave it to a person."""
    retry = bot.manifest.retry
    if not _may_repeat(office, bot, row):
        _move(office, row, "excepted", why=failure.code, failure=failure)
        return
    office.audit.record("item.retried", run=row.run_id, item=row.id, code=failure.code)
    with office.store.begin() as conn:
        move(conn, row.id, "approved", by=office.executor, why=failure.code)
        enqueue_ready(office, conn, row.id, delay_s=retry.wait_s)


def _move(office: Office, row: Any, to: str, *, why: str, failure: Failure | None = None) -> None:
    """Record, then move the item; the failure stays with it for the clerk."""
    office.audit.record(f"item.{to}", run=row.run_id, item=row.id, why=why)
    with office.store.begin() as conn:
        move(conn, row.id, to, by=office.executor, why=why)
        if failure is not None:
            kept = failure_facts(failure)
            conn.execute(sa.update(item_rows).where(item_rows.c.id == row.id).values(failure=kept))
