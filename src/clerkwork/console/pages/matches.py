"""Matches by hand: weighed before they are proposed, proposed, agreed to or sent back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from clerkwork.console.pages.items import names
from clerkwork.console.pages.lines import sided
from clerkwork.console.visit import Visit
from clerkwork.errors import Failure, Refused
from clerkwork.run.breaks import break_of, find_break
from clerkwork.run.hand_matches import find_match, match_of
from clerkwork.run.hand_matching import (
    Proposal,
    agree_to_match,
    may_agree_to,
    propose_match,
    send_match_back,
    weigh,
)

_NEW, _ONE = "exceptions/propose.html", "exceptions/match.html"


def show_new(visit: Visit) -> Response:
    """What would be matched: one match for each account among the chosen breaks; nothing yet."""
    return _new(visit, _chosen(visit, visit.request.query_params.getlist("break")))


def propose(visit: Visit) -> Response:
    """Propose the matches that were shown, all or none."""
    rows = _chosen(visit, visit.form.get("breaks", "").split())
    try:
        why = visit.why()
        groups = _by_account(rows)
        for group in groups:
            weigh(visit.office, group)
        made = [propose_match(visit.office, group, visit.person, why) for group in groups]
    except Refused as failure:
        return _new(visit, rows, failure)
    if len(made) == 1:
        is_agreed = made[0].state == "agreed"
        said = "said.match_agreed" if is_agreed else "said.match_proposed"
        return visit.go(f"/matches/{made[0].id}", said)
    return visit.go("/exceptions", "said.bulk_done")


def _new(visit: Visit, rows: Sequence[Any], failure: Failure | None = None) -> Response:
    found: list[tuple[Sequence[Any], Proposal | None, Refused | None]] = []
    for group in _by_account(rows):
        try:
            found.append((group, weigh(visit.office, group), None))
        except Refused as why_not:
            found.append((group, None, why_not))
    return visit.page(
        _NEW,
        status=422 if failure else 200,
        failure=failure,
        rows=rows,
        groups=found,
        count=sum(proposal is not None for _, proposal, _ in found),
        is_whole=all(proposal is not None for _, proposal, _ in found),
        sided={group[0].id: sided(map(_pair, group)) for group, _, _ in found},
        why=visit.form.get("why", ""),
    )


def _pair(row: Any) -> tuple[Any, str]:
    """The break of a row, and the run that read its lines."""
    return break_of(row), row.run_id


def _by_account(rows: Sequence[Any]) -> list[list[Any]]:
    found: dict[tuple[str, str, str], list[Any]] = {}
    for row in rows:
        found.setdefault((row.environment, row.account, row.currency), []).append(row)
    return list(found.values())


def _chosen(visit: Visit, ids: Sequence[str]) -> list[Any]:
    """The breaks with these ids. Raises Refused NOTHING_CHOSEN, BREAK_UNKNOWN, OTHER_DESK."""
    rows = [find_break(visit.office, name) for name in dict.fromkeys(ids)]
    for row in rows:
        visit.run(row.run_id)
    if not rows:
        raise Refused("NOTHING_CHOSEN")
    return rows


def show(visit: Visit) -> Response:
    """One match: its lines, who said why, and the second person's word."""
    return _page(visit)


def agree(visit: Visit) -> Response:
    """Agree to it: its breaks are cleared."""
    row = _row(visit)
    agree_to_match(visit.office, row, visit.person, visit.form.get("why", ""))
    return visit.go(f"/matches/{row.id}", "said.match_agreed")


def send_back(visit: Visit) -> Response:
    """Send it back to who proposed it."""
    row = _row(visit)
    try:
        send_match_back(visit.office, row, visit.person, visit.why())
    except Refused as failure:
        return _page(visit, failure)
    return visit.go(f"/matches/{row.id}", "said.match_sent_back")


def _page(visit: Visit, failure: Failure | None = None) -> Response:
    row = _row(visit)
    match = match_of(row)
    rows = [find_break(visit.office, name) for name in row.breaks]
    able = visit.is_able("agree_match") and row.state == "proposed"
    return visit.page(
        _ONE,
        status=422 if failure else 200,
        failure=failure,
        row=row,
        match=match,
        breaks=rows,
        lines=sided(map(_pair, rows)),
        names=names(visit),
        able=able,
        has_hand=able and not may_agree_to(visit.office, row, visit.person),
    )


def _row(visit: Visit) -> Any:
    """The match of the address. Raises Refused MATCH_UNKNOWN, OTHER_DESK."""
    row = find_match(visit.office, visit.part("match"))
    visit.run(row.run_id)
    return row
