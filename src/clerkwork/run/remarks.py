"""What people say of an item or an open break, and whom they give it to."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.facts import digest
from clerkwork.people import Person, find_person
from clerkwork.run.office import Office
from clerkwork.store.tables import items, open_breaks, remarks, runs

LONGEST = 2000  # characters of a comment


def about_item(row: Any) -> str:
    """What a remark on the item of `row` is about."""
    return f"item:{row.id}"


def about_break(row: Any) -> str:
    """What a remark on the open break of `row` is about."""
    return f"break:{row.id}"


def comment(office: Office, about: str, person: Person, text: str) -> None:
    """
    Keep what the person says; the audit log has its digest, for it may name people.

    Raises Refused COMMENT_EMPTY, COMMENT_TOO_LONG.
    """
    said = text.strip()
    if not said:
        raise Refused("COMMENT_EMPTY")
    if len(said) > LONGEST:
        raise Refused("COMMENT_TOO_LONG", length=len(said), most=LONGEST)
    row = {"kind": "comment", "person": "", "text": said, "by": person.name}
    _keep(office, about, "commented", row, digest=digest(said))


def assign(office: Office, about: str, person: Person, to: str, *, desk: str) -> None:
    """
    Give an item or a break of `desk` to the person named `to`; "" gives it back to all.

    Raises Refused PERSON_UNKNOWN, OTHER_DESK.
    """
    if to:
        known = find_person(office.store, to)
        if known is None or known.disabled:
            raise Refused("PERSON_UNKNOWN", name=to)
        if not known.works_at(desk):
            raise Refused("OTHER_DESK", person=to, desk=desk)
    row = {"kind": "assignment", "person": to, "text": "", "by": person.name}
    _keep(office, about, "assigned", row, person=to)


def send_back(office: Office, about: str, person: Person, why: str, *, desk: str) -> str:
    """
    Give an item or a break of `desk` back to whom it came from; gives their name.

    That is who gave it away last, else who edited the item last, else who started the run.
    Raises Refused WHY_MISSING, NOBODY_TO_SEND_BACK_TO.
    """
    if not why.strip():
        raise Refused("WHY_MISSING")
    to = came_from(office, about, person, desk=desk)
    row = {"kind": "assignment", "person": to, "text": why, "by": person.name}
    _keep(office, about, "sent_back", row, person=to, why=why)
    return to


def came_from(office: Office, about: str, person: Person, *, desk: str) -> str:
    """From whom `person` has it. Raises Refused NOBODY_TO_SEND_BACK_TO."""
    gave = [one.by for one in remarks_on(office, about) if one.kind == "assignment"]
    which, _, name = about.partition(":")
    table = items if which == "item" else open_breaks
    with office.store.connect() as conn:
        row = conn.execute(sa.select(table).where(table.c.id == name)).one()
        wanted = sa.select(runs.c.started_by).where(runs.c.id == row.run_id)
        started = conn.execute(wanted).scalar_one()
    edited = list(row.edited_by) if which == "item" else []
    candidates: list[str] = [*reversed(gave), *reversed(edited), started]
    for candidate in candidates:
        known = find_person(office.store, candidate) if candidate != person.name else None
        if known is not None and not known.disabled and known.works_at(desk):
            return candidate
    raise Refused("NOBODY_TO_SEND_BACK_TO")


def _keep(office: Office, about: str, done: str, row: dict[str, str], **fields: str) -> None:
    which, _, name = about.partition(":")
    table = items if which == "item" else open_breaks
    record = office.audit.record
    with office.store.begin() as conn:
        run = conn.execute(sa.select(table.c.run_id).where(table.c.id == name)).scalar_one()
        conn.execute(sa.insert(remarks).values(about=about, at=office.clock(), **row))
        if which == "item":
            record(f"item.{done}", run=run, item=name, by=row["by"], **fields)
        else:
            record(f"break.{done}", run=run, about=name, by=row["by"], **fields)


def remarks_on(office: Office, about: str) -> list[Any]:
    """Every remark, oldest first: comments and assignments."""
    wanted = sa.select(remarks).where(remarks.c.about == about).order_by(remarks.c.id)
    with office.store.connect() as conn:
        return list(conn.execute(wanted))


def owners_of(office: Office, abouts: Collection[str]) -> dict[str, str]:
    """To whom each of `abouts` is given now; who is given to nobody is left out."""
    last = (
        sa.select(sa.func.max(remarks.c.id))
        .where(remarks.c.about.in_(abouts), remarks.c.kind == "assignment")
        .group_by(remarks.c.about)
    )
    wanted = sa.select(remarks.c.about, remarks.c.person).where(remarks.c.id.in_(last))
    with office.store.connect() as conn:
        return {row.about: row.person for row in conn.execute(wanted) if row.person}
