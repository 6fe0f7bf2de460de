"""What may be done with a run: stop it safely, let it go on, do it again."""

from __future__ import annotations

from starlette.responses import Response

from clerkwork.console.visit import Visit
from clerkwork.run.halting import resume_run, stop_run
from clerkwork.run.retrying import retry_run


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
