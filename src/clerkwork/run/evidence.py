"""What was seen becomes evidence: encrypted artifacts, whose salted digests the audit log has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Failure, Refused
from clerkwork.run.office import Office
from clerkwork.store.tables import artifacts
from clerkwork.systems.files import Document
from clerkwork.systems.port import Keep, Picture


def keep_picture(office: Office, *, run_id: str = "", item_id: str = "") -> Keep:
    """A function that keeps pictures of screens (already masked) for a run or an item."""

    def keep(picture: Picture) -> None:
        name = f"{picture.system}.{picture.screen}.{picture.moment}"
        contents = [("txt", picture.text.encode())]
        if picture.image is not None:
            contents.append(("png", picture.image))
        if picture.source is not None:
            contents.append((f"{picture.source.kind}.txt", picture.source.text.encode()))
        for suffix, content in contents:
            _store(office, content, f"{name}.{suffix}", "screen", run_id, item_id)

    return keep


def keep_document(office: Office, *, run_id: str) -> Callable[[Document], None]:
    """A function that keeps documents read by a run."""

    def keep(document: Document) -> None:
        _store(office, document.path.read_bytes(), document.path.name, "document", run_id, "")

    return keep


def _store(office: Office, content: bytes, name: str, kind: str, run_id: str, item_id: str) -> None:
    kept = office.artifacts.put(content, name=name, kind=kind, run=run_id, item=item_id)
    office.audit.record(
        "evidence.kept", run=run_id, item=item_id, artifact=kept.id, what=name, digest=kept.digest
    )


def failures_kept(office: Office, run_id: str) -> dict[str, list[str]]:
    """
    What was kept of each failure of a run and its items: by "system screen", the forms of
    it ("txt", "png", "dom.txt", "datastream.txt", "tree.txt").
    """
    wanted = sa.select(artifacts.c.name).where(
        artifacts.c.run_id == run_id, artifacts.c.kind == "screen"
    )
    kept: dict[str, list[str]] = {}
    with office.store.connect() as conn:
        for name in conn.execute(wanted.order_by(artifacts.c.created_at)).scalars():
            system, screen, moment, form = name.split(".", 3)
            if moment == "failure":
                forms = kept.setdefault(f"{system} {screen}".strip(), [])
                forms += [] if form in forms else [form]
    return kept


def evidence_of(office: Office, run_id: str) -> list[Any]:
    """What was kept of a run and its items, oldest first: rows without their content."""
    shown = (
        artifacts.c.id,
        artifacts.c.name,
        artifacts.c.kind,
        artifacts.c.size,
        artifacts.c.item_id,
        artifacts.c.created_at,
    )
    wanted = sa.select(*shown).where(
        artifacts.c.run_id == run_id, artifacts.c.kind.in_(("screen", "document"))
    )
    with office.store.connect() as conn:
        return list(conn.execute(wanted.order_by(artifacts.c.created_at, artifacts.c.name)))


def repair_of(office: Office, run_id: str, system: str) -> tuple[Any, str] | None:
    """
    What a run last proposed to change in the map of a system, None for nothing.

    Gives the row of the evidence, and the change as a diff.
    """
    kept = [
        row
        for row in evidence_of(office, run_id)
        if row.name.startswith(f"{system}.") and row.name.endswith(".repair.txt")
    ]
    if not kept:
        return None
    text = office.artifacts.get(kept[-1].id).decode()
    return kept[-1], text[text.index("--- a/") :]


def find_evidence(office: Office, run_id: str, artifact_id: str) -> Any:
    """The row of one piece of evidence of that run. Raises Refused ARTIFACT_UNKNOWN."""
    for row in evidence_of(office, run_id):
        if row.id == artifact_id:
            return row
    raise Refused("ARTIFACT_UNKNOWN", artifact=artifact_id)


def check_evidence(office: Office) -> Iterator[tuple[str, Failure]]:
    """
    Every kept artifact against the digest that the audit log has of it.

    Gives the name of each that was altered or is gone, and why.
    """
    for _, event in office.audit.read():
        if event.name == "evidence.kept":
            try:
                office.artifacts.get(
                    str(event.fields["artifact"]), digest=str(event.fields["digest"])
                )
            except Refused as altered:
                yield (
                    f"{event.fields['what']} ({event.fields['item'] or event.fields['run']})",
                    altered,
                )
