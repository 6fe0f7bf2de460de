"""
Signatures by name under what was balanced: a maker signs, another person countersigns.

A signature keeps what it was put under, line by line. When that reads otherwise now, the
signature is void, and says which lines have changed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.facts.identity import digest
from clerkwork.people import Person
from clerkwork.run.office import Office
from clerkwork.store.tables import signatures

MAKER, CHECKER = "maker", "checker"


@dataclass(frozen=True)
class Change:
    """A line that reads otherwise than when it was signed; "" where it was, or is, not there."""

    line: str
    before: str
    now: str


@dataclass(frozen=True)
class Signature:
    """Who signed in which part (maker, checker), when; `changes` are why it is void."""

    number: int
    part: str
    by: str
    at: datetime
    digest: str
    changes: tuple[Change, ...]

    @property
    def is_void(self) -> bool:
        """Whether what was signed reads otherwise now."""
        return bool(self.changes)


def about_day(environment: str, on: date, desk: str) -> str:
    """What a signature under a desk's day is filed under."""
    return f"day:{environment}:{on.isoformat()}:{desk}"


def about_statement(run_id: str, account: str, currency: str) -> str:
    """What a signature under a reconciliation statement of a run is filed under."""
    return f"statement:{run_id}:{account}:{currency}"


def digest_of(lines: Mapping[str, str]) -> str:
    """What a signature is bound to: every line, in the order of their names."""
    return digest(*(part for pair in sorted(lines.items()) for part in pair))


def signatures_on(office: Office, about: str, lines: Mapping[str, str]) -> list[Signature]:
    """Every signature under it, oldest first, held to what it reads now."""
    with office.store.connect() as conn:
        return _signatures(conn, about, lines)


def standing(found: Sequence[Signature], part: str) -> Signature | None:
    """The signature of that part that is good now; the checker's counts after the maker's."""
    good = [one for one in found if one.part == part and not one.is_void]
    if part == CHECKER:
        maker = standing(found, MAKER)
        good = [one for one in good if maker is not None and one.number > maker.number]
    return good[-1] if good else None


def sign(
    office: Office,
    about: str,
    lines: Mapping[str, str],
    person: Person,
    *,
    part: str,
    seen: str,
    makers: Collection[str] = (),
) -> None:
    """
    Put the person's name under it, as `seen` (a digest) by them.

    Nobody checks what they made or signed. Raises Refused SIGNED_OTHERWISE (it reads
    otherwise by now), SIGNED_ALREADY, NOT_SIGNED_YET, SELF_APPROVAL.
    """
    now = digest_of(lines)
    if seen != now:
        raise Refused("SIGNED_OTHERWISE")
    with office.store.begin() as conn:
        found = _signatures(conn, about, lines)
        stands = standing(found, part)
        if stands is not None:
            raise Refused("SIGNED_ALREADY", person=stands.by)
        if part == CHECKER:
            maker = standing(found, MAKER)
            if maker is None:
                raise Refused("NOT_SIGNED_YET")
            if person.name in {maker.by, *makers}:
                raise Refused("SELF_APPROVAL", where=about, person=person.name)
        conn.execute(
            sa.insert(signatures).values(
                about=about,
                part=part,
                digest=now,
                lines=json.dumps(dict(lines), ensure_ascii=False, sort_keys=True),
                by=person.name,
                at=office.clock(),
            )
        )
        office.audit.record("balance.signed", about=about, part=part, digest=now, by=person.name)


def _signatures(conn: sa.Connection, about: str, lines: Mapping[str, str]) -> list[Signature]:
    wanted = sa.select(signatures).where(signatures.c.about == about).order_by(signatures.c.id)
    now = digest_of(lines)
    return [_signature(row, lines, now) for row in conn.execute(wanted)]


def _signature(row: Any, lines: Mapping[str, str], now: str) -> Signature:
    changes: tuple[Change, ...] = ()
    if row.digest != now:
        before = json.loads(row.lines)
        names = sorted(before.keys() | lines.keys())
        pairs = ((name, before.get(name, ""), lines.get(name, "")) for name in names)
        changes = tuple(Change(*each) for each in pairs if each[1] != each[2])
    return Signature(row.id, row.part, row.by, row.at, row.digest, changes)
