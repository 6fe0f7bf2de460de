"""Run a bot: a form made from its Params, and how long the run will take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from clerkwork.console.pages.today import lives
from clerkwork.console.visit import Visit
from clerkwork.errors import Failure
from clerkwork.run.life import last_sign
from clerkwork.run.overview import open_runs
from clerkwork.run.readiness import system_uses
from clerkwork.run.runs import bot_for, order_run, runs_before, start_run
from clerkwork.run.worker import worker_file
from clerkwork.schedule.forecast import Forecast, Items, forecast, past_of_bot
from clerkwork.workspace import Bot, parameters_of, problems

_TEMPLATE = "bots/run.html"
REHEARSE, FOR_REAL = "rehearse", "for_real"


@dataclass(frozen=True)
class Typed:
    """What stands in the form, and what is wrong with it."""

    values: Mapping[str, str]
    how: str = ""
    wrong: Mapping[str, Failure] | None = None
    failure: Failure | None = None
    goes_on: Sequence[Any] = ()  # runs with these parameters that have not ended


def show(visit: Visit) -> Response:
    """The form: with the defaults, or as the bot was run last."""
    bot = _bot(visit)
    values = {one.name: one.default for one in parameters_of(bot)}
    last = _last(visit, bot)
    if last is not None and visit.asked("as") == "last":
        values |= {name: text or "" for name, text in last.params.items() if name in values}
    return _page(visit, bot, Typed(values, how="" if _may_start(visit) else REHEARSE))


def start(visit: Visit) -> Response:
    """Start the run and go to its page; or the form again, with what is wrong in it."""
    bot, office = _bot(visit), visit.office
    # whoever does not say so runs nothing for real
    how = FOR_REAL if visit.form.get("how") == FOR_REAL else REHEARSE
    visit.may("rehearse" if how == REHEARSE else "start_run", desk=bot.manifest.owner)
    values = {one.name: visit.form.get(one.name, "").strip() for one in parameters_of(bot)}
    given = {name: text for name, text in values.items() if text}  # left empty: its default
    wrong = problems(bot, given)
    if wrong:
        return _page(visit, bot, Typed(values, how, wrong))
    environment = office.workspace.environment
    order = order_run(bot, given, environment=environment, rehearse=how == REHEARSE)
    goes_on = [run for run in open_runs(office, bots=[bot.name]) if run.stem == order.stem]
    if goes_on and "again" not in visit.form:
        return _page(visit, bot, Typed(values, how, goes_on=goes_on))
    try:
        run_id = start_run(
            office,
            bot.name,
            given,
            environment=environment,
            started_by=visit.person.name,
            rehearse=order.rehearse,
        )
    except Failure as failure:
        return _page(visit, bot, Typed(values, how, failure=failure))
    return visit.go(f"/runs/{run_id}", "said.run_started")


def _bot(visit: Visit) -> Bot:
    manifest_of = visit.part("bot")
    visit.bot(manifest_of)
    return bot_for(visit.office, manifest_of, visit.office.workspace.environment)


def _may_start(visit: Visit) -> bool:
    return visit.is_able("start_run")


def _last(visit: Visit, bot: Bot) -> Any:
    return next(iter(runs_before(visit.office, bots=[bot.name], limit=1)), None)


def _page(visit: Visit, bot: Bot, typed: Typed) -> Response:
    office = visit.office
    uses = system_uses(office.workspace, bot.manifest, office.workspace.environment)
    is_refused = bool(typed.wrong or typed.failure or typed.goes_on)
    return visit.page(
        _TEMPLATE,
        status=422 if is_refused else 200,
        failure=typed.failure,
        name=bot.name,
        bot=bot,
        fields=parameters_of(bot),
        typed=typed,
        wrong=typed.wrong or {},
        may_start=_may_start(visit),
        last=_last(visit, bot),
        lacking=[use for use in uses if not use.is_ready],
        environment=office.workspace.environment,
        worker_is_at_work=lives(last_sign(worker_file(office.workspace.home)), office.clock()),
        takes=_takes(visit, bot),
    )


def _takes(visit: Visit, bot: Bot) -> timedelta | None:
    """How long such a run took in the middle of the last ones."""
    environment = visit.office.workspace.environment
    with visit.office.store.connect() as conn:
        past = past_of_bot(conn, bot.name, environment=environment, rehearse=False)
    took = sorted(past.took)
    return took[len(took) // 2] if took else None


@dataclass(frozen=True)
class Progress:
    """How far a run is: `share` of the time it is expected to take, None without history."""

    expected: Forecast
    share: float | None


def progress_of(visit: Visit, run: Any) -> Progress | None:
    """How far a run is that is queued or goes on; None for one that has ended."""
    if run.state not in ("queued", "running"):
        return None
    office, now = visit.office, visit.office.clock()
    with office.store.connect() as conn:
        past = past_of_bot(conn, run.bot, environment=run.environment, rehearse=run.rehearse)
    expected = forecast(now, past, begins=now, began=run.started_at, items=Items(), cut_off=None)
    if run.started_at is None or expected.ends is None or expected.is_longest:
        return Progress(expected, None)
    whole = (expected.ends - run.started_at).total_seconds()
    gone = (now - run.started_at).total_seconds()
    return Progress(expected, min(gone / whole, 1.0) if whole > 0 else None)
