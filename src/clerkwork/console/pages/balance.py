"""Day-end balancing of a desk, and the reconciliation statements of a run: with signatures."""

from __future__ import annotations

from datetime import date
from typing import Any

from starlette.responses import Response

from clerkwork.console.pages.items import names
from clerkwork.console.visit import Visit
from clerkwork.errors import Failure, Refused
from clerkwork.people import EVERY_DESK
from clerkwork.run.balancing import Day, balance_day, days_of
from clerkwork.run.closing import load_plan, sign_statement
from clerkwork.run.day_signing import day_signatures, sign_day
from clerkwork.run.signing import CHECKER, MAKER, digest_of, standing
from clerkwork.run.statements import statements_of
from clerkwork.workspace import system_title


def show_list(visit: Visit) -> Response:
    """The last days of this person's desks."""
    office = visit.office
    desks = {visit.desk(bot) for bot in visit.bots()} - {""}
    days = days_of(office, desks, environment=office.workspace.environment)
    return visit.page("balance/days.html", days=days)


def show_day(visit: Visit) -> Response:
    """One desk's day: by operator and system, what is open or differs, who signed."""
    return _day_page(visit)


def sign(visit: Visit) -> Response:
    """Sign the day as its operator."""
    return _sign_day(visit, MAKER)


def countersign(visit: Visit) -> Response:
    """Sign the day as another person, who checked it."""
    return _sign_day(visit, CHECKER)


def _sign_day(visit: Visit, part: str) -> Response:
    day = _day(visit)
    try:
        sign_day(visit.office, day, visit.person, part=part, seen=visit.form.get("digest", ""))
    except Failure as failure:
        return _day_page(visit, failure)
    return visit.go(f"/balance/{day.on}/{day.desk}", "said.signed")


def _day(visit: Visit) -> Day:
    """The day in the address. Raises Refused OTHER_DESK, DAY_WITHOUT_RUN."""
    desk, text = visit.part("desk"), visit.part("day")
    visit.may(visit.route.needs, desk="" if desk == EVERY_DESK else desk)
    try:
        on = date.fromisoformat(text)
    except ValueError:
        raise Refused("DAY_WITHOUT_RUN", day=text, desk=desk) from None
    return balance_day(visit.office, on, desk, environment=visit.office.workspace.environment)


def _day_page(visit: Visit, failure: Failure | None = None) -> Response:
    day = _day(visit)
    found = day_signatures(visit.office, day)
    return visit.page(
        "balance/day.html",
        status=422 if failure else 200,
        failure=failure,
        day=day,
        digest=digest_of(day.signed_lines()),
        signatures=found,
        stands={part: standing(found, part) for part in (MAKER, CHECKER)},
        made=visit.person.name in day.makers,
        names=names(visit),
        titles=visit.titles(),
        system_titles=lambda name: system_title(visit.office.workspace, name),
    )


def show_statements(visit: Visit) -> Response:
    """The reconciliation statements of a run, and who signed them."""
    return _statements_page(visit, visit.run(visit.part("run")))


def sign_one(visit: Visit) -> Response:
    """Sign a statement as its maker."""
    return _sign_statement(visit, MAKER)


def countersign_one(visit: Visit) -> Response:
    """Sign a statement as another person, who checked it."""
    return _sign_statement(visit, CHECKER)


def _sign_statement(visit: Visit, part: str) -> Response:
    run = visit.run(visit.part("run"))
    which = visit.form.get("account", ""), visit.form.get("currency", "")
    seen = visit.form.get("digest", "")
    try:
        sign_statement(visit.office, run, which, visit.person, part=part, seen=seen)
    except Failure as failure:
        return _statements_page(visit, run, failure)
    return visit.go(f"/runs/{run.id}/statements#account-{which[0]}-{which[1]}", "said.signed")


def _statements_page(visit: Visit, run: Any, failure: Failure | None = None) -> Response:
    plan = load_plan(visit.office, run) if run.state == "done" else None
    return visit.page(
        "balance/statements.html",
        status=422 if failure else 200,
        failure=failure,
        run=run,
        plan=plan,
        title=visit.titles().get(run.bot, (run.bot, run.bot)),
        signed=statements_of(visit.office, run, plan) if plan else [],
        reports=sorted(run.report or {}),
        names=names(visit),
        made=visit.person.name == run.started_by,
    )
