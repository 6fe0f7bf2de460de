"""One work item: what will be keyed beside where it comes from, and what may be done with it."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from clerkwork.approve import Ground, grounds, load_authority, most_allowed
from clerkwork.console.pages.approvals import queue
from clerkwork.console.visit import Visit
from clerkwork.errors import Failure, Misconfigured, Refused
from clerkwork.facts import Receipt
from clerkwork.facts.codec import from_json
from clerkwork.people import list_people
from clerkwork.report.spelled import spelled
from clerkwork.run.deciding import LOOKED_UP, agreements, decisions_on, moves_of
from clerkwork.run.evidence import evidence_of
from clerkwork.run.history import FEW, usual
from clerkwork.run.items import instruction_of, list_items
from clerkwork.run.pausing import pause_of
from clerkwork.run.remarks import about_item, owners_of, remarks_on
from clerkwork.run.reversing import DEAD, correction_of, reversals
from clerkwork.run.sources import picture_of_source, plan_of, sources_of
from clerkwork.run.worklist import next_after
from clerkwork.systems.maps import load_system
from clerkwork.workspace import load_manifest, system_title

TEMPLATE = "items/item.html"
_KEPT = ("approved", "in_doubt", "keyed")  # states in which a paused target keeps it waiting
EDITED = ("new", "waiting", "excepted")  # states in which the fields may be changed


def show(visit: Visit) -> Response:
    """The item, and what this person may do with it now."""
    return item_page(visit, visit.item(visit.part("item")))


def item_page(visit: Visit, row: Any, failure: Failure | None = None) -> Response:
    """The page of the item of `row`; `failure` is why something was not done just now."""
    office = visit.office
    run = visit.run(row.run_id)
    instruction = instruction_of(row)
    amount = instruction.signed_amount
    waiting = queue(visit) if visit.is_able("approve") else []
    plan = plan_of(office, row.run_id)
    about = about_item(row)
    return visit.page(
        TEMPLATE,
        status=422 if failure else 200,
        failure=failure,
        item=row,
        run=run,
        title=visit.titles().get(run.bot, (run.bot, run.bot)),
        instruction=instruction,
        labels=labels_of(visit, row),
        system=system_title(office.workspace, row.target),
        account_names=plan.account_names if plan else {},
        reason=(plan.reason_names if plan else {}).get(instruction.reason),
        amount=amount,
        spelled={name: spelled(amount, row.currency, name) for name in ("zh", "en")},
        sources=sources_of(office, row),
        usual=usual(office, row),
        few=FEW,
        limits=_limits(visit, run, instruction),
        decisions=decisions_on(office, row),
        agreed=_agreed(visit, row),
        moves=moves_of(office, row),
        reversals=reversals(office, row),
        correction=correction_of(office, row) if row.reverses else None,
        remarks=remarks_on(office, about),
        owner=owners_of(office, [about]).get(about, ""),
        people=colleagues(visit, visit.desk(run.bot)),
        names=names(visit),
        receipt=from_json(Receipt, row.receipt) if row.receipt else None,
        evidence=[one for one in evidence_of(office, row.run_id) if one.item_id == row.id],
        may=_may(visit, row, run, waits={one.id for one in waiting}),
        next=next_after(waiting, row.id),
        pause=pause_of(office, row.target, row.environment) if row.state in _KEPT else None,
        waits=len(waiting),
    )


def _agreed(visit: Visit, row: Any) -> list[tuple[str, str]]:
    """Who has agreed, in which role: to what waits, or to what was decided as it stands."""
    if row.state == "waiting":
        return agreements(visit.office, row)
    return [
        (one.role, one.person)
        for one in decisions_on(visit.office, row)
        if one.decision == "agree" and one.digest == row.digest
    ]


def labels_of(visit: Visit, row: Any) -> dict[str, str]:
    """What the target's form calls each field; its own name where the map does not say."""
    instruction = instruction_of(row)
    try:
        system = load_system(visit.office.workspace.system_folder(row.target))
        form = system.screens.get(instruction.form)
    except Misconfigured:  # said by `clerkwork check`; the item is shown all the same
        form = None
    fields = form.fields if form else {}
    return {
        name: (fields[name].label if name in fields else "") or name.replace("_", " ")
        for name in instruction.fields
    }


def _limits(visit: Visit, run: Any, instruction: Any) -> dict[str, Any]:
    """The bank's rules for it: who must agree by which, the most that anybody may, the bot's."""
    workspace = visit.office.workspace
    found: tuple[Ground, ...] = ()
    most, limit, refused = None, None, None
    try:
        manifest = load_manifest(workspace, run.bot)
        limit = manifest.limits.items
        authority = load_authority(workspace.rules(manifest.approval))
        most = most_allowed(instruction.currency, authority)
        found = grounds(instruction, authority)
    except (Misconfigured, Refused) as why:
        refused = why
    filed = len(list_items(visit.office, run_id=run.id))
    return {"grounds": found, "most": most, "bot": limit, "filed": filed, "refused": refused}


def _may(visit: Visit, row: Any, run: Any, *, waits: set[str]) -> dict[str, Any]:
    """What the person may do with the item as it stands; "no" says why they may not agree."""
    no = None
    if row.state in ("waiting", "excepted") and visit.is_able("approve"):
        try:
            visit.may("approve", run=run, item=row, desk=visit.desk(run.bot))
        except Refused as why:
            no = why
    able = visit.is_able("approve") and no is None
    taken_back = any(one.state not in DEAD for one in reversals(visit.office, row))
    return {
        "no": no,
        "agree": row.state == "waiting" and able and row.id in waits,
        "reject": row.state == "waiting" and visit.is_able("reject"),
        "edit": row.state in EDITED and visit.is_able("edit_item"),
        "retry": row.state == "excepted" and able,
        "look_up": row.state in LOOKED_UP and visit.is_able("settle"),
        "abandon": row.state in ("excepted", "approved") and visit.is_able("reject"),
        "settle": visit.is_able("settle"),
        "reverse": row.state == "confirmed" and visit.is_able("correct") and not taken_back,
    }


def colleagues(visit: Visit, desk: str) -> list[Any]:
    """Who works at that desk and may settle something there."""
    from clerkwork.people.authoriser import is_able

    return [
        person
        for person in list_people(visit.office.store)
        if person.works_at(desk) and is_able(person, "settle")
    ]


def names(visit: Visit) -> dict[str, str]:
    """How everybody is called in the visitor's language, by their sign-in name."""
    zh = visit.language == "zh"
    return {one.name: one.zh if zh else one.en for one in list_people(visit.office.store)}


def show_source(visit: Visit) -> Response:
    """A picture of a document around the line that an entry of the item was read from."""
    row = visit.item(visit.part("item"))
    run = visit.run(row.run_id)
    visit.may("see_documents", desk=visit.desk(run.bot))
    for source in sources_of(visit.office, row):
        if source.entry.id == visit.part("entry") and source.evidence is not None:
            return picture(visit, row.run_id, source)
    raise Refused("ARTIFACT_UNKNOWN", artifact=visit.part("entry"))


def picture(visit: Visit, run_id: str, source: Any) -> Response:
    """The picture of a source as an answer; it runs nothing, and nobody keeps it."""
    origin = source.entry.origin
    content = picture_of_source(
        visit.office, run_id, source.evidence.id, page=origin.page, row=origin.row
    )
    closed = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(content, media_type="image/png", headers=closed)
