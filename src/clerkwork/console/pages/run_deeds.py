"""What may be done with a run: stop it safely, let it go on, do it again, compare it."""

from __future__ import annotations

from starlette.responses import Response

from clerkwork.console.visit import Visit
from clerkwork.run.comparing import PARTS, compare
from clerkwork.run.halting import resume_run, stop_run
from clerkwork.run.retrying import retry_run
from clerkwork.run.sources import plan_of


def stop_here(visit: Visit) -> Response:
    """Stop the run at its next safe point."""
    run = visit.run(visit.part("run"))
    state = stop_run(visit.office, run, visit.person, visit.why())
    return visit.go(
        f"/runs/{run.id}", "said.run_stopped" if state == "stopped" else "said.run_stops"
    )


def resume_here(visit: Visit) -> Response:
    """Let the items that the stop keeps back be keyed."""
    run = visit.run(visit.part("run"))
    resume_run(visit.office, run, visit.person, visit.why())
    return visit.go(f"/runs/{run.id}", "said.run_resumed")


def retry_here(visit: Visit) -> Response:
    """Do the run again, and go to the page of the new one."""
    run = visit.run(visit.part("run"))
    if not run.rehearse:
        visit.may("start_run", desk=visit.desk(run.bot))
    run_id = retry_run(visit.office, run, visit.person, visit.why())
    return visit.go(f"/runs/{run_id}", "said.run_retried")


def show_comparison(visit: Visit) -> Response:
    """The run beside the previous one of its bot and scope, or beside the one asked for."""
    run = visit.run(visit.part("run"))
    asked = visit.asked("with")
    if asked:
        visit.run(asked)
    found = compare(visit.office, run, asked)
    plan = plan_of(visit.office, run.id)
    return visit.page(
        "runs/compare.html",
        both_runs=found,
        title=visit.titles().get(run.bot, (run.bot, run.bot)),
        step_names=visit.step_names(run.bot),
        parts_of=PARTS,
        reasons=plan.reason_names if plan else {},
    )
