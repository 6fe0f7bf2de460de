"""A run done again: a new one with the same parameters, which says which it does again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.people import Person
from clerkwork.run.office import Office
from clerkwork.run.overview import open_runs
from clerkwork.run.runs import ENDED, bot_for, order_run, place
from clerkwork.store.tables import runs


def retry_run(office: Office, run: Any, person: Person, why: str) -> str:
    """
    Start the run of the row `run` again under the next sequence; gives the new run's id.

    What was keyed stays keyed: the same entries make the same references, and a reference is
    keyed once. Raises Refused WHY_MISSING, RUN_GOES_ON; Misconfigured PARAMETER_* when the bot
    takes other parameters now.
    """
    if not why.strip():
        raise Refused("WHY_MISSING", where=run.id)
    bot = bot_for(office, run.bot, run.environment)
    given = {name: value for name, value in run.params.items() if value is not None}
    order = order_run(bot, given, environment=run.environment, rehearse=run.rehearse)
    order = replace(order, retries=run.id)
    if run.state not in ENDED:
        raise Refused("RUN_GOES_ON", where=run.id, run=run.id)
    for other in open_runs(office, bots=[run.bot]):
        if other.stem == order.stem:
            raise Refused("RUN_GOES_ON", where=run.id, run=other.id)
    with office.store.begin() as conn:
        (run_id,) = place(office, conn, [(order, person.name)])
        office.audit.record("run.requested", run=run_id, bot=run.bot, by=person.name)
        office.audit.record("run.retry_asked", run=run_id, of=run.id, by=person.name, why=why)
    return run_id


def retries_of(office: Office, run: Any) -> list[Any]:
    """The runs that do that run again, oldest first."""
    again = sa.select(runs).where(runs.c.stem == run.stem, runs.c.retries == run.id)
    with office.store.connect() as conn:
        return list(conn.execute(again.order_by(runs.c.sequence)))
