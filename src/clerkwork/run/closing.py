"""The end of a run: totals struck, reports written, the run's state and exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.facts import Plan, Report, from_minor
from clerkwork.facts.codec import from_json, to_json
from clerkwork.people import Person, display_name
from clerkwork.report import write_html, write_xlsx
from clerkwork.run.items import find_by_reference
from clerkwork.run.office import Office
from clerkwork.run.runs import change_run, load_run
from clerkwork.run.statements import names_under, put_name_under
from clerkwork.run.tables import tables
from clerkwork.store.tables import decisions
from clerkwork.workspace import Bot, load_bot

LANGUAGES = ("en", "zh")


def close_run(office: Office, bot: Bot, run: Any, plan: Plan, rehearsed: dict[str, Any]) -> None:
    """
    Strike the totals, write the reports and end the run as done.

    Raises Refused TOTALS_DO_NOT_BALANCE: a run that lost a line cannot end green.
    """
    for totals in plan.totals:
        if not totals.is_balanced:
            parts = totals.matched[0] + totals.suggested[0] + totals.breaks[0] + totals.refused[0]
            raise Refused(
                "TOTALS_DO_NOT_BALANCE",
                source=totals.source,
                currency=totals.currency,
                entries=totals.entries[0],
                parts=parts,
            )
    kept = office.artifacts.put(to_json(plan), name="plan.json", kind="plan", run=run.id)
    totals_now = _totals(plan, items_of(office, run, plan)) | {"plan": kept.id}
    if run.rehearse:
        totals_now["rehearsal"] = rehearsed
    report = _write_reports(office, bot, run, plan)
    change_run(
        office,
        run.id,
        state="done",
        ended_at=office.clock(),
        business_date=plan.business_date,
        totals=totals_now,
        report=report,
    )
    office.audit.record("run.ended", run=run.id, plan=kept.digest, items=totals_now["items"])
    office.audit.checkpoint()


def refresh(office: Office, run_id: str) -> None:
    """Strike the totals of a done run again and renew its reports: its items have moved on."""
    run = load_run(office, run_id)
    if run.state != "done":
        return
    plan = load_plan(office, run)
    totals = run.totals | _totals(plan, items_of(office, run, plan))
    bot = load_bot(office.workspace, run.bot)
    report = _write_reports(office, bot, run, plan)
    change_run(office, run_id, totals=totals, report=report)
    office.audit.record("run.refreshed", run=run_id, items=totals["items"])
    office.audit.checkpoint()


def sign_statement(
    office: Office, run: Any, which: tuple[str, str], person: Person, *, part: str, seen: str
) -> None:
    """
    Sign the reconciliation statement of a done run for `which` (account, currency); the
    reports have the name from then on. Raises as `statements.put_name_under`.
    """
    if run.state != "done":
        raise Refused("STATEMENT_UNKNOWN", account=which[0], run=run.id)
    put_name_under(office, run, load_plan(office, run), which, person, part=part, seen=seen)
    refresh(office, run.id)


def load_plan(office: Office, run: Any) -> Plan:
    """The plan of a done run, as it was decided."""
    return from_json(Plan, office.artifacts.get(run.totals["plan"]))


def items_of(office: Office, run: Any, plan: Plan) -> list[Any]:
    """The work items of the plan's instructions, whichever run filed them first."""
    found = (
        find_by_reference(office, run.environment, i.target, i.reference) for i in plan.instructions
    )
    return [row for row in found if row is not None]


def exit_code(run: Any) -> int:
    """0, 1 or 3 (design, section 8): 3 when something stands that a person must settle."""
    if run.state != "done":
        return 1
    totals = run.totals
    unsettled = totals["items"].get("excepted", 0) + totals["items"].get("in_doubt", 0)
    unequal = sum(1 for statement in totals["statements"] if not statement["is_equal"])
    refused = totals.get("rehearsal", {}).get("refused", 0)
    unread = totals["exceptions"] or totals["unproven"]
    return 3 if unsettled or unequal or refused or unread else 0


def _totals(plan: Plan, items: Sequence[Any]) -> dict[str, Any]:
    """What the run's row keeps: for each source and target, counts and exact amounts."""
    amounts: dict[str, Counter[str]] = {}
    for item in items:
        amounts.setdefault(item.currency, Counter())[item.state] += item.amount_minor
    return {
        "sources": [_source(totals) for totals in plan.totals],
        "planned": len(plan.instructions),
        "items": dict(Counter(item.state for item in items)),
        "amounts": {
            currency: {state: str(from_minor(minor, currency)) for state, minor in sums.items()}
            for currency, sums in amounts.items()
        },
        "statements": [
            {
                "account": s.account,
                "currency": s.currency,
                "adjusted": str(s.adjusted("ours")),
                "is_equal": s.is_equal,
            }
            for s in plan.balance_statements
        ],
        "breaks": dict(Counter(item.reason for item in plan.breaks)),
        "cleared": len(plan.cleared),
        "exceptions": len(plan.exceptions),
        "unproven": len(plan.unproven),
    }


def _source(totals: Any) -> dict[str, Any]:
    parts: dict[str, tuple[int, Decimal]] = {
        part: getattr(totals, part)
        for part in ("entries", "matched", "suggested", "breaks", "refused")
    }
    said = {part: [count, str(amount)] for part, (count, amount) in parts.items()}
    return {"source": totals.source, "currency": totals.currency, **said}


def _write_reports(office: Office, bot: Bot, run: Any, plan: Plan) -> dict[str, str]:
    """Both languages as workbook and page below the home folder; gives their paths by name."""
    folder = office.workspace.home / "reports" / run.id
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    items = items_of(office, run, plan)
    written: dict[str, str] = {}
    for language in LANGUAGES:
        report = Report(
            en=bot.manifest.title_en,
            zh=bot.manifest.title_zh,
            run=run.id,
            business_date=plan.business_date,
            balance_statements=plan.balance_statements,
            cash=plan.cash,
            tables=tables(plan, items, language),
            account_names=plan.account_names,
            reason_names=plan.reason_names,
            timing_reasons=plan.timing_reasons,
            signed=names_under(office, run, plan, language),
            prepared=display_name(office.store, run.started_by, language),
            checked=_signed(office, items, ("checker",), language),
            authorised=_signed(office, items, ("authoriser", "manager"), language),
        )
        for suffix, write in (("xlsx", write_xlsx), ("html", write_html)):
            path: Path = folder / f"report.{language}.{suffix}"
            write(report, path, language)
            written[f"{language}.{suffix}"] = str(path)
    return written


def _signed(office: Office, items: Sequence[Any], roles: tuple[str, ...], language: str) -> str:
    """Who agreed in one of `roles`, by name, in the order of their decisions."""
    wanted = (
        sa.select(decisions.c.person)
        .where(
            decisions.c.item_id.in_([item.id for item in items]),
            decisions.c.role.in_(roles),
            decisions.c.decision == "agree",
        )
        .order_by(decisions.c.at)
    )
    with office.store.connect() as conn:
        people = dict.fromkeys(row.person for row in conn.execute(wanted))
    return ", ".join(display_name(office.store, person, language) for person in people)
