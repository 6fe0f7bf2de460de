"""Where an item or a break comes from: its entries, and the evidence they were read from."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from clerkwork.errors import Refused
from clerkwork.facts import Entry, Plan, exact
from clerkwork.facts.codec import from_json
from clerkwork.read import Grid, draw_line, read_grids
from clerkwork.run.evidence import evidence_of, find_evidence
from clerkwork.run.items import instruction_of
from clerkwork.run.office import Office
from clerkwork.run.runs import find_run
from clerkwork.store import Artifacts

SHEETS = (".xlsx", ".xls", ".csv")
_HEAD, _NEAR, _WIDEST = 3, 4, 40  # rows of the head, rows on each side, cells of a row


@dataclass(frozen=True)
class Source:
    """An entry, whose it is ("ours" or "theirs"), and the evidence it was read from, if kept."""

    books: str
    entry: Entry
    evidence: Any = None
    lines: tuple[tuple[str, bool], ...] = ()  # of a screen: each line, and whether it is the one
    table: tuple[SheetRow, ...] = ()  # of a sheet: the rows around it
    run_id: str = ""  # whose evidence it is


@dataclass(frozen=True)
class SheetRow:
    """One row of a sheet: its number (from 1), its cells as text, and which of them are marked."""

    number: int
    cells: tuple[str, ...]
    marked: frozenset[int]
    is_it: bool


def plan_of(office: Office, run_id: str) -> Plan | None:
    """The plan of a run, None while it has none."""
    totals = find_run(office, run_id).totals or {}
    return _plan(office.artifacts, totals["plan"]) if "plan" in totals else None


@lru_cache(maxsize=8)
def _plan(artifacts: Artifacts, artifact_id: str) -> Plan:
    """A plan never changes, and is asked for at every look at one of its items."""
    return from_json(Plan, artifacts.get(artifact_id))


def sources_of(office: Office, row: Any) -> list[Source]:
    """The entries that the item of `row` comes from, in the order its instruction names them."""
    plan = plan_of(office, row.run_id)
    if plan is None:
        return []
    found: dict[tuple[str, str], Entry] = {}
    for books, entry in entries_of(plan):
        found.setdefault((books, entry.id), entry)
    wanted = instruction_of(row).sources
    pairs = [(books, one) for one in wanted for books in ("ours", "theirs")]
    named = [(books, found[books, one]) for books, one in pairs if (books, one) in found]
    return with_evidence(office, row.run_id, named)


def with_evidence(
    office: Office, run_id: str, entries: Iterable[tuple[str, Entry]]
) -> list[Source]:
    """Each (whose, entry) with the evidence of that run which it was read from."""
    kept = evidence_of(office, run_id)
    found = (_source(office, kept, books, entry) for books, entry in entries)
    return [replace(one, run_id=run_id) for one in found]


def _source(office: Office, kept: Sequence[Any], books: str, entry: Entry) -> Source:
    for row in kept:
        if entry.origin.source and _sha256(office.artifacts, row.id) == entry.origin.source:
            lines = _marked(office, row, entry) if row.kind == "screen" else ()
            is_sheet = row.kind == "document" and row.name.lower().endswith(SHEETS)
            table = _rows_around(office, row, entry) if is_sheet else ()
            return Source(books, entry, row, lines, table)
    return Source(books, entry)


def _rows_around(office: Office, kept: Any, entry: Entry) -> tuple[SheetRow, ...]:
    """
    The head of the entry's sheet and the rows around it, as the file says them.

    Its own row's cells with the entry's amount or reference are marked. No rows where the
    file has no such row (it was read otherwise).
    """
    grids = _grids(office.artifacts, kept.id, Path(kept.name).suffix, office.workspace.home)
    at = entry.origin.row
    if not 1 <= entry.origin.page <= len(grids):
        return ()
    rows = grids[entry.origin.page - 1].rows
    if not 1 <= at <= len(rows):
        return ()
    numbers = sorted({*range(1, min(_HEAD, len(rows)) + 1), *range(at - _NEAR, at + _NEAR + 1)})
    shown = [number for number in numbers if 1 <= number <= len(rows)]
    return tuple(_sheet_row(number, rows[number - 1], entry, number == at) for number in shown)


def _sheet_row(number: int, cells: Sequence[str], entry: Entry, is_it: bool) -> SheetRow:
    marked = (at for at, cell in enumerate(cells) if is_it and _says(cell, entry))
    return SheetRow(number, tuple(cells[:_WIDEST]), frozenset(marked), is_it)


def _says(cell: str, entry: Entry) -> bool:
    """Whether the cell is the entry's reference, or its amount in whatever sign and grouping."""
    if entry.reference and cell.strip() == entry.reference:
        return True
    try:
        return abs(exact(cell.replace(",", "").strip())) == abs(entry.amount)
    except Refused:
        return False


@lru_cache(maxsize=16)
def _grids(artifacts: Artifacts, artifact_id: str, suffix: str, home: Path) -> tuple[Grid, ...]:
    """The sheets of a kept document, read under the limits of all documents; () for a wrong one."""
    with tempfile.TemporaryDirectory(dir=home, prefix="scratch-") as folder:
        path = Path(folder) / f"document{suffix}"
        path.write_bytes(artifacts.get(artifact_id))
        try:
            return read_grids(path)
        except Refused:  # it was read in another way; it can still be fetched
            return ()


@lru_cache(maxsize=4096)
def _sha256(artifacts: Artifacts, artifact_id: str) -> str:
    """What entries name a source by; the store keeps salted digests only."""
    return hashlib.sha256(artifacts.get(artifact_id)).hexdigest()


def _marked(office: Office, row: Any, entry: Entry) -> tuple[tuple[str, bool], ...]:
    """The lines of a screen; marked is the one that shows the entry's reference, or its amount."""
    lines = office.artifacts.get(row.id).decode().splitlines()
    amount = abs(entry.amount)
    for wanted in (entry.reference, f"{amount:,f}", f"{amount:f}"):
        at = [number for number, line in enumerate(lines) if wanted and wanted in line]
        if len(at) == 1:
            return tuple((line, number == at[0]) for number, line in enumerate(lines))
    return tuple((line, False) for line in lines)


def picture_of_source(
    office: Office, run_id: str, artifact_id: str, *, page: int, row: int
) -> bytes:
    """
    A PNG of a PDF of that run around one line, which is framed; never kept on the disk.

    Raises Refused ARTIFACT_UNKNOWN, PICTURE_OF_PAGES_ONLY, LINE_UNKNOWN.
    """
    kept = find_evidence(office, run_id, artifact_id)
    if kept.kind != "document":
        raise Refused("ARTIFACT_UNKNOWN", artifact=artifact_id)
    home = office.workspace.home
    with tempfile.TemporaryDirectory(dir=home, prefix="scratch-") as folder:
        path = Path(folder) / "document"
        path.write_bytes(office.artifacts.get(artifact_id))
        return draw_line(path, page=page, row=row)


def entries_of(plan: Plan) -> Iterable[tuple[str, Entry]]:
    """Every entry of the plan with whose it is, those of open breaks too."""
    yield from (("ours", entry) for entry in plan.left)
    yield from (("theirs", entry) for entry in plan.right)
    for item in (*plan.breaks, *plan.cleared):
        own, other = ("ours", "theirs") if item.side == "left" else ("theirs", "ours")
        yield own, item.entry
        if item.counterpart is not None:
            yield other, item.counterpart
