"""A rehearsal: every instruction filled in and read back, and no committing key pressed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from clerkwork.errors import Failure
from clerkwork.facts import Instruction, Plan, Receipt
from clerkwork.facts.codec import from_json
from clerkwork.rekey import Keyboard, Rehearsed
from clerkwork.run.bench import Bench
from clerkwork.run.connect import credential_of, open_session
from clerkwork.run.evidence import keep_picture
from clerkwork.run.halting import halt_if_asked
from clerkwork.run.items import find_by_reference
from clerkwork.run.office import Office, failure_facts
from clerkwork.systems.port import Session
from clerkwork.workspace import Bot

STAND_IN = "0000-00000000-0000"  # for a value that only a real receipt could give


def rehearse(office: Office, bot: Bot, run: Any, plan: Plan) -> dict[str, Any]:
    """
    Rehearse all instructions of `plan`; nothing is filed, nothing is committed.

    Gives how many were rehearsed, are known to the target already, or were refused, and
    the failures; each outcome is an audit event.
    """
    outcome: dict[str, Any] = {"rehearsed": 0, "known": 0, "refused": 0, "failures": []}
    benches: dict[str, Bench] = {}

    def look(target: str) -> Session:
        keep = keep_picture(office, run_id=run.id)
        return open_session(office.workspace, target, run.environment, types=True, keep=keep)

    def signed_on(target: str) -> None:
        office.audit.record(
            "system.signed_on",
            run=run.id,
            system=target,
            environment=run.environment,
            credential=credential_of(office.workspace, target, run.environment, types=True),
        )

    try:
        for instruction in plan.instructions:
            halt_if_asked(office, run.id)
            target = instruction.target
            bench = benches.setdefault(target, Bench(look, signed_on))
            reference = instruction.reference
            try:
                said = _one(bot, bench, _filled(office, run, instruction))
            except Failure as failure:
                bench.renew()
                outcome["refused"] += 1
                outcome["failures"].append({"reference": reference, **failure_facts(failure)})
                code = failure.code
                office.audit.record("item.refused", run=run.id, reference=reference, code=code)
                continue
            outcome[said] += 1
            state = {"state": "in the target"} if said == "known" else {}
            office.audit.record(f"item.{said}", run=run.id, reference=reference, **state)
    finally:
        for bench in benches.values():
            bench.renew()
    return outcome


def _filled(office: Office, run: Any, instruction: Instruction) -> Instruction:
    """With the values that receipts give, where there are receipts; a stand-in elsewhere."""
    fields = dict(instruction.fields)
    for field, take in instruction.takes.items():
        other = find_by_reference(office, run.environment, instruction.target, take.reference)
        receipt = None if other is None else other.receipt
        fields[field] = from_json(Receipt, receipt).number if receipt else STAND_IN
    return replace(instruction, fields=fields, takes={})


def _one(bot: Bot, bench: Bench, stood_in: Instruction) -> str:
    """Either "rehearsed" or "known"; raises what the target or a field says no with."""

    def stop_here() -> None:
        raise Rehearsed

    keyboard = Keyboard(
        approved=stood_in.digest,
        open_session=bench.session,
        intend=lambda _instruction: None,
        guard=stop_here,
    )
    assert bot.rekey is not None  # load_bot: a bot that writes has one
    try:
        bot.rekey(stood_in, keyboard)
    except Rehearsed:
        return "rehearsed"
    return "known"
