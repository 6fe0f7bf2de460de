"""The one table of routes: what each address answers, and what a person must be allowed."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from clerkwork.console import live
from clerkwork.console.api import audit as api_audit
from clerkwork.console.api import bots as api_bots
from clerkwork.console.api import breaks as api_breaks
from clerkwork.console.api import house as api_house
from clerkwork.console.api import items as api_items
from clerkwork.console.api import openapi
from clerkwork.console.api import people as api_people
from clerkwork.console.api import runs as api_runs
from clerkwork.console.api import schedules as api_schedules
from clerkwork.console.api.call import Call
from clerkwork.console.pages import (
    approvals,
    audit,
    balance,
    bots,
    breaks,
    bulk,
    correcting,
    deciding,
    exceptions,
    items,
    lines,
    matches,
    me,
    people,
    provider,
    run_deeds,
    runs,
    schedules,
    settings,
    settling,
    sign_in,
    start,
    systems,
    today,
)
from clerkwork.console.visit import Visit
from clerkwork.people import ACTIONS

ANYBODY = "anybody"  # also who is not signed in
SIGNED_IN = "signed in"  # whoever they are: their own session, password and language

Page = Callable[[Visit], Response] | Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True)
class Route:
    """One line of the table. `nav` is the text under which it stands in the navigation."""

    method: str
    path: str
    page: Page
    needs: str
    nav: str = ""

    def __post_init__(self) -> None:
        if self.needs not in (ANYBODY, SIGNED_IN, *ACTIONS):
            raise ValueError(f"{self.path}: “{self.needs}” is nothing that a person may do")
        if self.method not in ("GET", "POST") or not self.path.startswith("/"):
            raise ValueError(f"{self.method} {self.path} is not a route")

    def holds(self, path: str) -> bool:
        """Whether `path` is one of its addresses."""
        return re.fullmatch(re.sub(r"{\w+}", "[^/]+", self.path), path) is not None

    @property
    def is_for_programs(self) -> bool:
        """Whether it answers with JSON, also when it says no."""
        return self.path.startswith("/api/")


ROUTES = (
    # signing in and out, and what is one's own
    Route("GET", "/sign-in", sign_in.show, ANYBODY),
    Route("POST", "/sign-in", sign_in.sign_in_here, ANYBODY),
    Route("GET", "/sign-in/provider", provider.go, ANYBODY),
    Route("GET", "/sign-in/provider/back", provider.back, ANYBODY),
    Route("POST", "/sign-out", sign_in.sign_out, SIGNED_IN),
    Route("GET", "/first/{token}", sign_in.show_first, ANYBODY),
    Route("POST", "/first/{token}", sign_in.add_first, ANYBODY),
    Route("GET", "/join/{token}", people.show_join, ANYBODY),
    Route("POST", "/join/{token}", people.join, ANYBODY),
    Route("POST", "/language", me.choose_language_here, ANYBODY),
    Route("GET", "/me", me.show, SIGNED_IN),
    Route("POST", "/me/password", me.change_password_here, SIGNED_IN),
    Route("GET", "/me/codes", me.show_codes, SIGNED_IN),
    Route("POST", "/me/codes", me.set_codes, SIGNED_IN),
    Route("POST", "/me/tokens", me.add_token, SIGNED_IN),
    Route("POST", "/me/tokens/{token}/revoke", me.end_token, SIGNED_IN),
    # what happens
    Route("GET", "/", today.show, "see", nav="nav.today"),
    Route("GET", "/saved", today.show_saved, "see"),
    Route("GET", "/live", live.follow, "see"),
    # runs
    Route("GET", "/runs", runs.show_list, "see", nav="nav.runs"),
    Route("GET", "/runs/{run}", runs.show, "see"),
    Route("POST", "/runs/{run}/stop", run_deeds.stop_here, "stop_run"),
    Route("POST", "/runs/{run}/resume", run_deeds.resume_here, "stop_run"),
    Route("POST", "/runs/{run}/retry", run_deeds.retry_here, "rehearse"),
    Route("GET", "/runs/{run}/compare", run_deeds.show_comparison, "see"),
    Route("GET", "/runs/{run}/lines", lines.show_list, "see"),
    Route("GET", "/runs/{run}/lines/{books}/{entry}", lines.show, "see"),
    Route("GET", "/runs/{run}/lines/{books}/sources/{entry}", lines.show_picture, "see_documents"),
    Route("GET", "/runs/{run}/reports/{name}", runs.give_report, "see"),
    Route("GET", "/runs/{run}/evidence/{artifact}", runs.show_evidence, "see"),
    # what waits for approval
    Route("GET", "/approvals", approvals.show_list, "approve", nav="nav.approvals"),
    Route("GET", "/approvals/batch", approvals.show_batch, "approve"),
    Route("POST", "/approvals/batch", approvals.agree_to_batch, "approve"),
    Route("GET", "/items/{item}", items.show, "see"),
    Route("GET", "/items/{item}/sources/{entry}", items.show_source, "see_documents"),
    Route("POST", "/items/{item}/agree", deciding.agree, "approve"),
    Route("POST", "/items/{item}/reject", deciding.reject, "reject"),
    Route("GET", "/items/{item}/edit", deciding.show_edit, "edit_item"),
    Route("POST", "/items/{item}/edit", deciding.edit, "edit_item"),
    Route("GET", "/items/{item}/reverse", correcting.show, "correct"),
    Route("POST", "/items/{item}/reverse", correcting.ask, "correct"),
    # what must be settled
    Route("GET", "/exceptions", exceptions.show_list, "see", nav="nav.exceptions"),
    Route("GET", "/exceptions/bulk", bulk.show_bulk, "settle"),
    Route("POST", "/exceptions/bulk", bulk.do_bulk, "settle"),
    Route("POST", "/items/{item}/retry", settling.retry_here, "approve"),
    Route("POST", "/items/{item}/look-up", settling.look_up_here, "settle"),
    Route("POST", "/items/{item}/abandon", settling.abandon_here, "reject"),
    Route("POST", "/items/{item}/assign", settling.assign_here, "settle"),
    Route("POST", "/items/{item}/send-back", settling.send_back_here, "settle"),
    Route("POST", "/items/{item}/comment", settling.comment_here, "settle"),
    Route("GET", "/breaks/{break}", breaks.show, "see"),
    Route("GET", "/breaks/{break}/sources/{entry}", breaks.show_source, "see_documents"),
    Route("POST", "/breaks/{break}/assign", breaks.assign_here, "settle"),
    Route("POST", "/breaks/{break}/send-back", breaks.send_back_here, "settle"),
    Route("POST", "/breaks/{break}/comment", breaks.comment_here, "settle"),
    Route("GET", "/matches/new", matches.show_new, "correct"),
    Route("POST", "/matches", matches.propose, "correct"),
    Route("GET", "/matches/{match}", matches.show, "see"),
    Route("POST", "/matches/{match}/agree", matches.agree, "agree_match"),
    Route("POST", "/matches/{match}/send-back", matches.send_back, "agree_match"),
    Route("POST", "/stop-all", exceptions.stop_here, "stop_all"),
    Route("POST", "/resume", exceptions.resume_here, "stop_all"),
    # day-end balancing, and reconciliation statements
    Route("GET", "/balance", balance.show_list, "see", nav="nav.balance"),
    Route("GET", "/balance/{day}/{desk}", balance.show_day, "see"),
    Route("POST", "/balance/{day}/{desk}/sign", balance.sign, "sign"),
    Route("POST", "/balance/{day}/{desk}/countersign", balance.countersign, "countersign"),
    Route("GET", "/runs/{run}/statements", balance.show_statements, "see"),
    Route("POST", "/runs/{run}/statements/sign", balance.sign_one, "sign"),
    Route("POST", "/runs/{run}/statements/countersign", balance.countersign_one, "countersign"),
    # bots, and starting one
    Route("GET", "/bots", bots.show_list, "see", nav="nav.bots"),
    Route("GET", "/bots/{bot}", bots.show, "see"),
    Route("GET", "/bots/{bot}/run", start.show, "rehearse"),
    Route("POST", "/bots/{bot}/run", start.start, "rehearse"),
    # schedules, and what is ordered of them
    Route("GET", "/schedules", schedules.show_list, "see", nav="nav.schedules"),
    Route("GET", "/schedules/{schedule}", schedules.show, "see"),
    Route("POST", "/schedules/{schedule}/pause", schedules.pause, "schedule"),
    Route("POST", "/schedules/{schedule}/resume", schedules.resume, "schedule"),
    Route("POST", "/schedules/{schedule}/skip", schedules.skip, "schedule"),
    Route("POST", "/schedules/{schedule}/run", schedules.run_now, "schedule"),
    # systems, and the audit log
    Route("GET", "/systems", systems.show, "see", nav="nav.systems"),
    Route("POST", "/systems/{system}/pause", systems.pause, "pause_system"),
    Route("POST", "/systems/{system}/resume", systems.resume, "pause_system"),
    Route("GET", "/audit", audit.show_list, "see", nav="nav.audit"),
    Route("POST", "/audit/verify", audit.verify_all, "verify_audit"),
    Route("GET", "/audit/{event}", audit.show, "see"),
    # settings
    Route("GET", "/settings", settings.show_first, "see", nav="nav.settings"),
    Route("GET", "/settings/alerts", settings.show_alerts, "see"),
    Route(
        "POST",
        "/settings/alerts/{alert}/acknowledge",
        settings.acknowledge_one,
        "acknowledge_alert",
    ),
    Route("GET", "/settings/secrets", settings.show_secrets, "see"),
    Route("GET", "/settings/people", people.show, "manage_people"),
    Route("POST", "/settings/people", people.add, "manage_people"),
    Route("GET", "/settings/people/{name}", people.show_one, "manage_people"),
    Route("POST", "/settings/people/{name}", people.change, "manage_people"),
    Route("POST", "/settings/people/{name}/disable", people.disable, "manage_people"),
    Route("POST", "/settings/people/{name}/enable", people.enable, "manage_people"),
    Route("POST", "/settings/people/{name}/reset", people.reset, "manage_people"),
    # for programs: what each takes and gives, its function says by its annotations
    Route("GET", "/api/openapi.json", Call(openapi.show), SIGNED_IN),
    Route("GET", "/api/me", Call(api_people.me), SIGNED_IN),
    Route("GET", "/api/me/tokens", Call(api_people.my_tokens), SIGNED_IN),
    Route("POST", "/api/me/tokens/{token}/revoke", Call(api_people.end_token), SIGNED_IN),
    Route("GET", "/api/runs", Call(api_runs.list_them), "see"),
    Route("GET", "/api/runs/{run}", Call(api_runs.show), "see"),
    Route("GET", "/api/runs/{run}/reports/{name}", Call(api_runs.report), "see"),
    Route("GET", "/api/runs/{run}/evidence/{artifact}", Call(api_runs.evidence), "see"),
    Route("GET", "/api/items", Call(api_items.list_them), "see"),
    Route("GET", "/api/items/{item}", Call(api_items.show), "see"),
    Route("GET", "/api/items/{item}/sources/{entry}", Call(api_items.source), "see_documents"),
    Route("POST", "/api/items/{item}/agree", Call(api_items.agree), "approve"),
    Route("POST", "/api/items/{item}/reject", Call(api_items.reject), "reject"),
    Route("POST", "/api/items/{item}/edit", Call(api_items.edit), "edit_item"),
    Route("POST", "/api/items/{item}/retry", Call(api_items.retry), "approve"),
    Route("POST", "/api/items/{item}/look-up", Call(api_items.look_up), "settle"),
    Route("POST", "/api/items/{item}/abandon", Call(api_items.abandon), "reject"),
    Route("POST", "/api/items/{item}/assign", Call(api_items.assign), "settle"),
    Route("POST", "/api/items/{item}/comment", Call(api_items.comment), "settle"),
    Route("GET", "/api/breaks", Call(api_breaks.list_them), "see"),
    Route("GET", "/api/breaks/{break}", Call(api_breaks.show), "see"),
    Route("GET", "/api/breaks/{break}/sources/{entry}", Call(api_breaks.source), "see_documents"),
    Route("POST", "/api/breaks/{break}/assign", Call(api_breaks.assign), "settle"),
    Route("POST", "/api/breaks/{break}/comment", Call(api_breaks.comment), "settle"),
    Route("GET", "/api/stop-all", Call(api_house.show_stop), "see"),
    Route("POST", "/api/stop-all", Call(api_house.stop_all), "stop_all"),
    Route("POST", "/api/resume", Call(api_house.resume), "stop_all"),
    Route("GET", "/api/bots", Call(api_bots.list_them), "see"),
    Route("GET", "/api/bots/{bot}", Call(api_bots.show), "see"),
    Route("POST", "/api/bots/{bot}/runs", Call(api_runs.start), "rehearse"),
    Route("GET", "/api/schedules", Call(api_schedules.list_them), "see"),
    Route("GET", "/api/schedules/{schedule}", Call(api_schedules.show), "see"),
    Route("POST", "/api/schedules/{schedule}/pause", Call(api_schedules.pause), "schedule"),
    Route("POST", "/api/schedules/{schedule}/resume", Call(api_schedules.resume), "schedule"),
    Route("POST", "/api/schedules/{schedule}/skip", Call(api_schedules.skip), "schedule"),
    Route("POST", "/api/schedules/{schedule}/run", Call(api_schedules.run_now), "schedule"),
    Route("GET", "/api/systems", Call(api_house.list_systems), "see"),
    Route("GET", "/api/audit", Call(api_audit.list_them), "see"),
    Route("POST", "/api/audit/verify", Call(api_audit.verify_all), "verify_audit"),
    Route("GET", "/api/audit/{event}", Call(api_audit.show), "see"),
    Route("GET", "/api/alerts", Call(api_house.list_alerts), "see"),
    Route(
        "POST", "/api/alerts/{alert}/acknowledge", Call(api_house.acknowledge), "acknowledge_alert"
    ),
    Route("GET", "/api/people", Call(api_people.list_them), "manage_people"),
    Route("POST", "/api/people", Call(api_people.add), "manage_people"),
    Route("POST", "/api/people/{name}/disable", Call(api_people.disable), "manage_people"),
    Route("POST", "/api/people/{name}/reset", Call(api_people.reset), "manage_people"),
)
