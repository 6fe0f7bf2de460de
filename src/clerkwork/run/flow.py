"""
One run from read to report: the only place that knows the order.

    read ──> decide ──> check ──> file items (or rehearse) ──> strike totals ──> report

Everything before "file" changes nothing, so a run that died there simply runs again.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from clerkwork.errors import Drifted, Failure, Refused, Unavailable
from clerkwork.facts import Plan
from clerkwork.run import closing, items, rehearsal
from clerkwork.run.breaks import load_open_breaks, register
from clerkwork.run.connect import open_session
from clerkwork.run.desk import RunDesk
from clerkwork.run.evidence import keep_document, keep_picture
from clerkwork.run.halting import Halted, end_halted, halt_if_asked
from clerkwork.run.hand_matches import load_hand_matches
from clerkwork.run.office import Office, failure_facts
from clerkwork.run.pausing import CODE as PAUSED
from clerkwork.run.pausing import check_may_sign_on, hold
from clerkwork.run.runs import begin_run, change_run, find_run
from clerkwork.run.telling import tell_drift
from clerkwork.systems.port import Session
from clerkwork.workspace import Bot, load_bot, parameters


def perform(office: Office, run_id: str) -> None:
    """
    Perform run `run_id` as far as it goes without people.

    Every failure of the five kinds ends the run as failed, with its message in the
    run's row; a defect ends it too and is raised. Called again after a crash, it
    starts over unless the run had ended. One that somebody stopped is left before its
    next step, or before it files anything.
    """
    if not begin_run(office, run_id):
        return
    run = find_run(office, run_id)
    office.audit.record("run.started", run=run_id, bot=run.bot, executor=office.executor)
    try:
        bot = load_bot(office.workspace, run.bot)
        plan = _unless_held(office, bot, run)
        if plan is None:
            return
        halt_if_asked(office, run_id)
        rehearsed = {}
        if run.rehearse:
            rehearsed = rehearsal.rehearse(office, bot, run, plan)
        else:
            register(office, run, plan)
            reused = items.file(office, bot, run, plan)
            plan = replace(plan, exceptions=(*plan.exceptions, *reused))
        closing.close_run(office, bot, run, plan, rehearsed)
    except Halted:
        end_halted(office, run_id)
    except Failure as failure:
        if isinstance(failure, Drifted):
            tell_drift(office, load_bot(office.workspace, run.bot), run_id, failure)
        _fail(office, run_id, failure_facts(failure))
    except BaseException as defect:
        text = f"{type(defect).__name__}: {defect}"
        _fail(office, run_id, {"kind": "Defect", "code": "DEFECT", "en": text, "zh": text})
        raise


def _unless_held(office: Office, bot: Bot, run: Any) -> Plan | None:
    """The plan; None for a run that waits now, because a system that it needs is paused."""
    manifest = bot.manifest
    systems = (*manifest.reads, *manifest.writes) if run.rehearse else manifest.reads
    while not hold(office, run, systems):
        try:
            return _planned(office, bot, run)
        except Unavailable as failure:
            if failure.code != PAUSED:
                raise
    return None


def _planned(office: Office, bot: Bot, run: Any) -> Plan:
    """Read and decide, again with fresh sign-ons where the other side did not serve."""
    retry = bot.manifest.retry
    for left in range(retry.times - 1, -1, -1):
        try:
            plan = _read_and_decide(office, bot, run)
            break
        except Unavailable as failure:
            if not left or failure.code == PAUSED:
                raise
            office.audit.record("run.retried", run=run.id, code=failure.code)
            office.progress(failure.message("en"), failure.message("zh"))
            halt_if_asked(office, run.id)
            time.sleep(retry.wait_s)
    _check(bot, plan)
    return plan


def _read_and_decide(office: Office, bot: Bot, run: Any) -> Plan:
    given = {name: value for name, value in run.params.items() if value is not None}
    params = parameters(bot, given)
    desk = _desk(office, bot, run)
    try:
        reading = bot.read(desk, params)
        with desk.step("decide"):
            plan: Plan = bot.decide(reading, params)
    finally:
        desk.close()
    return plan


def _desk(office: Office, bot: Bot, run: Any) -> RunDesk:
    def look(system: str) -> Session:
        halt_if_asked(office, run.id)
        check_may_sign_on(office, system, run.environment)
        keep = keep_picture(office, run_id=run.id)
        return open_session(office.workspace, system, run.environment, types=False, keep=keep)

    def record(event: str, **fields: object) -> None:
        if event == "step.started":
            halt_if_asked(office, run.id)
        office.audit.record(event, run=run.id, **fields)
        if event == "step.started":
            step = next(s for s in bot.process.steps if s.name == fields["step"])
            office.progress(step.en, step.zh)

    return RunDesk(
        office.workspace,
        bot,
        run.environment,
        open_session=look,
        keep_document=keep_document(office, run_id=run.id),
        open_breaks=lambda before: load_open_breaks(office, run.environment, before),
        hand_matches=lambda on: load_hand_matches(office, run.environment, on),
        record=record,
    )


def _check(bot: Bot, plan: Plan) -> None:
    """Whatever is far from what the manifest expects is looked at before it is keyed."""
    limit = bot.manifest.limits.items
    if len(plan.instructions) > limit:
        raise Refused("TOO_MANY_ITEMS", items=len(plan.instructions), limit=limit)
    for totals in plan.totals:
        source = totals.source.partition(" ")[0]  # an account may stand behind it
        expected = bot.manifest.expect.get(source)
        count = totals.entries[0]
        if expected and not expected.min <= count <= expected.max:
            raise Refused(
                "SOURCE_OUT_OF_RANGE",
                source=totals.source,
                entries=count,
                min=expected.min,
                max=expected.max,
            )


def _fail(office: Office, run_id: str, failure: dict[str, str]) -> None:
    change_run(office, run_id, state="failed", ended_at=office.clock(), failure=failure)
    office.audit.record("run.failed", run=run_id, kind=failure["kind"], code=failure["code"])
    office.audit.checkpoint()
