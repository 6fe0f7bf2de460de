"""A rehearsal: every instruction filled in and read back, and no committing key pressed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from clerkwork.errors import Failure
from clerkwork.facts import Instruction, Plan
from clerkwork.rekey import Keyboard, Rehearsed
from clerkwork.run.bench import Bench
from clerkwork.run.connect import open_session
from clerkwork.run.evidence import keep_picture
from clerkwork.run.office import Office
from clerkwork.systems.port import Session
from clerkwork.workspace import Bot

STAND_IN = "0000-00000000-0000"  # for a value that only a real receipt could give


def rehearse(office: Office, bot: Bot, run: Any, plan: Plan) -> dict[str, int]:
    """
    Rehearse all instructions of `plan`; nothing is filed, nothing is committed.

    Gives how many were rehearsed, are known to the target already, or were refused;
    each outcome is an audit event.
    """
    outcome = {"rehearsed": 0, "known": 0, "refused": 0}
    benches: dict[str, Bench] = {}

    def look(target: str) -> Session:
        keep = keep_picture(office, run_id=run.id)
        return open_session(office.workspace, target, run.environment, types=True, keep=keep)

    try:
        for instruction in plan.instructions:
            target = instruction.target
            bench = benches.setdefault(target, Bench(look))
            said = _one(bot, bench, instruction)
            outcome[said] += 1
            office.audit.record(f"item.{said}", run=run.id, reference=instruction.reference)
    finally:
        for bench in benches.values():
            bench.renew()
    return outcome


def _one(bot: Bot, bench: Bench, instruction: Instruction) -> str:
    filled = dict(instruction.fields) | dict.fromkeys(instruction.takes, STAND_IN)
    stood_in = replace(instruction, fields=filled, takes={})

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
    except Failure:
        bench.renew()
        return "refused"
    return "known"
