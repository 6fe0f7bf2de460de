"""Work items, for programs: the same decisions on them as on the pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.responses import Response

from clerkwork.console.api.call import Amount, Answer, Body, Paged, Text, Trouble, place
from clerkwork.console.pages import items as page
from clerkwork.console.pages.today import bots_seen
from clerkwork.console.visit import Visit
from clerkwork.errors import Refused
from clerkwork.facts import Entry
from clerkwork.run.deciding import (
    abandon as give_up,
)
from clerkwork.run.deciding import (
    as_seen,
    decide_item,
    decisions_on,
    edit_item,
    look_again,
    moves_of,
    try_again,
)
from clerkwork.run.items import item_as_json, items_before
from clerkwork.run.remarks import about_item, owners_of, remarks_on
from clerkwork.run.remarks import assign as give_to
from clerkwork.run.remarks import comment as say
from clerkwork.run.sources import Source, sources_of

State = Literal[
    "new", "waiting", "approved", "keying", "keyed", "in_doubt", "excepted", "confirmed",
    "refused", "abandoned",
]  # fmt: skip


class Item(Answer):
    """A work item; `version` and `digest` are what a decision on it is bound to."""

    id: str
    run: str
    state: State
    kind: str
    target: str
    reference: str
    reason: str
    amount: Amount
    currency: str
    fields: dict[str, str]
    after: list[str]
    needs: list[str]
    voucher: str | None
    failure: Trouble | None
    version: int
    digest: str
    owner: str | None
    created_at: datetime
    updated_at: datetime


class Items(Answer):
    """A part of the list; `older` is the `before` of the next part, null at the end."""

    items: list[Item]
    older: str | None


class Decision(Answer):
    """A person's yes or no, and the digest of what they saw."""

    person: str
    role: str
    decision: Literal["agree", "send_back", "refuse"]
    version: int
    digest: str
    why: str
    at: datetime


class Move(Answer):
    """How an item went from one state to another."""

    from_state: str
    to_state: str
    by: str
    why: str
    at: datetime


class Remark(Answer):
    """What somebody said, or to whom it was given ("" for back to all)."""

    kind: Literal["comment", "assignment"]
    by: str
    person: str
    text: str
    at: datetime


class Line(Answer):
    """An entry that it comes from, whose books it stands in, and the evidence of it."""

    books: Literal["ours", "theirs"]
    id: str
    account: str
    accounting_date: date
    value_date: date | None
    amount: Amount
    currency: str
    reference: str
    text: str
    counterparty: str
    evidence: str | None


class ItemWhole(Item):
    """An item with all that is known of it."""

    sources: list[Line]
    decisions: list[Decision]
    moves: list[Move]
    remarks: list[Remark]


class Asked(Paged):
    """Which items."""

    state: State | None = None
    run: Text = ""
    bot: Text = ""


class Seen(Body):
    """The item as it was shown: what has changed since is not decided on."""

    version: Annotated[int, Field(ge=0, le=2**31)]
    digest: Text


class Agreement(Seen):
    """A yes; why is said where somebody wants to."""

    why: Text = ""


class Because(Seen):
    """The item as it was shown, and why."""

    why: Annotated[Text, Field(min_length=1)]


class Rejection(Because):
    """A no: sent back to be edited, or refused for good."""

    decision: Literal["send_back", "refuse"]


class Edit(Because):
    """Other values for some of the fields."""

    fields: Annotated[dict[Text, Text], Field(min_length=1)]


class Given(Body):
    """To whom; "" gives it back to all."""

    person: Text


class Comment(Body):
    """What somebody says."""

    text: Annotated[Text, Field(min_length=1)]


def list_them(visit: Visit, asked: Asked) -> Items:
    """Items, newest first."""
    seen = bots_seen(visit)
    bots = seen if not asked.bot else [asked.bot] if seen is None or asked.bot in seen else []
    found = items_before(
        visit.office,
        bots=bots,
        state=asked.state or "",
        run_id=asked.run,
        before=place(asked.before),
        limit=asked.limit + 1,
    )
    shown = found[: asked.limit]
    more = len(found) > asked.limit
    older = f"{shown[-1].created_at.isoformat()}~{shown[-1].id}" if more else None
    return Items(items=items_as_answers(visit, shown), older=older)


def items_as_answers(visit: Visit, rows: Sequence[Any]) -> list[Item]:
    """The items of these rows."""
    owners = owners_of(visit.office, [about_item(row) for row in rows])
    return [Item.model_validate(_facts(row, owners)) for row in rows]


def _facts(row: Any, owners: dict[str, str]) -> dict[str, Any]:
    return item_as_json(row) | {
        "owner": owners.get(about_item(row)),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def show(visit: Visit) -> ItemWhole:
    """One item."""
    return _whole(visit, visit.item(visit.part("item")))


def _whole(visit: Visit, row: Any) -> ItemWhole:
    office, about = visit.office, about_item(row)
    columns = ("person", "role", "decision", "version", "digest", "why", "at")
    moved = ("from_state", "to_state", "by", "why", "at")
    return ItemWhole.model_validate(
        _facts(row, owners_of(office, [about]))
        | {
            "sources": lines_of(sources_of(office, row)),
            "decisions": [_columns(one, columns) for one in decisions_on(office, row)],
            "moves": [_columns(one, moved) for one in moves_of(office, row)],
            "remarks": remarks_as_answers(visit, about),
        }
    )


def _columns(row: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def remarks_as_answers(visit: Visit, about: str) -> list[Remark]:
    """What was said of an item or a break, oldest first."""
    columns = ("kind", "by", "person", "text", "at")
    return [Remark(**_columns(one, columns)) for one in remarks_on(visit.office, about)]


def lines_of(sources: Sequence[Source]) -> list[Line]:
    """Entries with their evidence."""
    return [
        line_of(one.entry, one.books, one.evidence.id if one.evidence else None) for one in sources
    ]


def line_of(entry: Entry, books: str, evidence: str | None = None) -> Line:
    """An entry as it is given."""
    return Line.model_validate(
        {
            "books": books,
            "id": entry.id,
            "account": entry.account,
            "accounting_date": entry.accounting_date,
            "value_date": entry.value_date,
            "amount": f"{entry.amount:f}",
            "currency": entry.currency,
            "reference": entry.reference,
            "text": entry.text,
            "counterparty": entry.counterparty,
            "evidence": evidence,
        }
    )


def source(visit: Visit) -> Response:
    """A picture of the document around the line that an entry was read from."""
    return page.show_source(visit)


def agree(visit: Visit, body: Agreement) -> ItemWhole:
    """Agree to the item as it was shown."""
    _may_approve(visit)
    return _decide(visit, body, "agree", body.why)


def reject(visit: Visit, body: Rejection) -> ItemWhole:
    """Send the item back to be edited, or refuse it for good."""
    return _decide(visit, body, body.decision, body.why)


def _decide(visit: Visit, body: Seen, decision: str, why: str) -> ItemWhole:
    row = _seen(visit, body)
    decide_item(visit.office, row, visit.person, decision, why)
    return show(visit)


def edit(visit: Visit, body: Edit) -> ItemWhole:
    """Give the item other fields; its approvals are void."""
    row = _seen(visit, body)
    now = item_as_json(row)["fields"]
    changes = {name: value for name, value in body.fields.items() if now.get(name) != value}
    if not changes:
        raise Refused("NOTHING_CHANGED", where=row.id)
    edit_item(visit.office, row, visit.person, changes, body.why)
    return show(visit)


def retry(visit: Visit, body: Because) -> ItemWhole:
    """Approve an excepted item again; it is looked up before it is keyed."""
    _may_approve(visit)
    try_again(visit.office, _seen(visit, body), visit.person, body.why)
    return show(visit)


def look_up(visit: Visit, body: Because) -> ItemWhole:
    """Have the target asked about the item; nothing is typed."""
    look_again(visit.office, _seen(visit, body), visit.person, body.why)
    return show(visit)


def abandon(visit: Visit, body: Because) -> ItemWhole:
    """Give the item up; it is not keyed."""
    give_up(visit.office, _seen(visit, body), visit.person, body.why)
    return show(visit)


def assign(visit: Visit, body: Given) -> ItemWhole:
    """Give the item to somebody of its desk, or back to all."""
    row = visit.item(visit.part("item"))
    desk = visit.desk(visit.run(row.run_id).bot)
    give_to(visit.office, about_item(row), visit.person, body.person, desk=desk)
    return show(visit)


def comment(visit: Visit, body: Comment) -> ItemWhole:
    """Say something of the item."""
    row = visit.item(visit.part("item"))
    say(visit.office, about_item(row), visit.person, body.text)
    return show(visit)


def _seen(visit: Visit, body: Seen) -> Any:
    """The item of the address, when it is still as it was shown. Raises Refused ITEM_CHANGED."""
    item_id = visit.part("item")
    visit.item(item_id)
    return as_seen(visit.office, item_id, str(body.version), body.digest)


def _may_approve(visit: Visit) -> None:
    row = visit.item(visit.part("item"))
    run = visit.run(row.run_id)
    visit.may("approve", run=run, item=row, desk=visit.desk(run.bot))
