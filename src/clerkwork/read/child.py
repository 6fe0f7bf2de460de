"""
The child that opens one document: `python -m clerkwork.read.child`, started by the sandbox.

Arguments: memory_mb, cpu_s, what is wanted ("statements", "scans", "grids", "picture", or
"line", whose page:row stands in place of the digest), kind, path, digest, language.
For "statements" a document with pages that are pictures is not read: the answer says how
many they are, and the sandbox asks for "scans", under the limits that OCR needs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from clerkwork.errors import Refused
from clerkwork.facts import Entries, Statement
from clerkwork.read import electronic, picture, plumber, scan, sheet
from clerkwork.read.draft import Seen
from clerkwork.read.many_pages import pages_of
from clerkwork.read.proof import GRADES
from clerkwork.read.reader import Reader
from clerkwork.read.sandbox import OUT_OF_MEMORY
from clerkwork.read.sheet_rows import SheetReader
from clerkwork.read.statement import line, statements_of
from clerkwork.read.twice import doubles_named
from clerkwork.read.words import Page, pdf_pages

_FEW_PAGES = 10  # so many pages are read a second time, by the slow engine, when not proven


def main(arguments: list[str]) -> int:
    """Answer one request on standard output; the exit code says when memory ran out."""
    memory_mb, cpu_s, wanted, kind, path, digest, language = arguments
    _limit(int(memory_mb), int(cpu_s))
    blocks: list[bytes] = []
    try:
        if wanted == "grids":
            answer: Any = [(grid.name, grid.rows) for grid in sheet.grids_of(Path(path), kind)]
        elif wanted == "picture":
            answer, blocks = "", [_draw(Path(path), kind, language)]
        elif wanted == "line":
            page, _, row = digest.partition(":")
            answer, blocks = "", [_draw_line(Path(path), kind, int(page), int(row))]
        else:
            with_ocr = wanted == "scans"
            statements = read(Path(path), kind, digest=digest, language=language, with_ocr=with_ocr)
            read_entries = [Entries.of(statement.entries) for statement in statements]
            answer = list(map(_told, statements, read_entries))
            blocks = [block for each in read_entries for _, block in each.blocks]
        told = json.dumps({"answer": answer})
    except _Scans as scans:
        told = json.dumps({"scans": scans.pages})
    except Refused as refused:
        facts = {name: str(fact) for name, fact in refused.facts.items()}
        why = {"code": refused.code, "where": refused.where, "facts": facts}
        told = json.dumps({"refused": why})
    except MemoryError:
        return OUT_OF_MEMORY
    sys.stdout.buffer.write(told.encode() + b"\n")
    sys.stdout.buffer.writelines(blocks)
    return 0


def _limit(memory_mb: int, cpu_s: int) -> None:
    """Limit this process; where the system has no such limits, the parent's clock remains."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _told(statement: Statement, entries: Entries) -> dict[str, object]:
    """A statement in plain values; its entries follow apart, as long as `blocks` says."""
    opening, closing = (
        None if end is None else str(end) for end in (statement.opening, statement.closing)
    )
    return {
        "account": statement.account,
        "currency": statement.currency,
        "blocks": [(count, len(block)) for count, block in entries.blocks],
        "opening": opening,
        "closing": closing,
        "opening_basis": statement.opening_basis,
        "period": statement.period and [day.isoformat() for day in statement.period],
        "balance_side": statement.balance_side,
        "proof": (statement.proof.grade, statement.proof.links, statement.proof.problems),
    }


class _Scans(Exception):
    """The document has `pages` that are pictures."""

    def __init__(self, pages: int) -> None:
        self.pages = pages


def read(
    path: Path, kind: str, *, digest: str, language: str, with_ocr: bool = False
) -> list[Statement]:
    """The statements of a file. Raises Refused with the reason."""
    if kind == "picture":
        if not with_ocr:
            raise _Scans(scan.picture_count(path))
        statements = read_pages(scan.picture_pages(path), digest, language)
    elif kind == "pdf" and with_ocr:
        pages = (scan.pdf_page(path, p.number) if p.has_picture else p for p in pdf_pages(path))
        statements = read_pages(pages, digest, language)
    elif kind == "pdf":
        statements = _read_pdf(path, digest, language)
    elif kind in electronic.KINDS:
        statements = electronic.electronic_statements(
            path.read_bytes(), kind, digest=digest, language=language
        )
    else:
        statements = _read_sheets(path, kind, digest, language)
    if not statements:
        raise Refused("NO_STATEMENT")
    if kind in electronic.KINDS:
        return statements
    return doubles_named(statements, line=lambda problem: line(problem, language))


def _draw(path: Path, kind: str, language: str) -> bytes:
    """A picture of what was read of a PDF, as `picture.picture_of` draws it."""
    if kind != "pdf":
        raise Refused("PICTURE_OF_PAGES_ONLY", kind=kind)
    seen: list[Seen] = []
    reader = Reader(seen=seen)
    for page in pdf_pages(path):
        reader.take(scan.pdf_page(path, page.number) if page.has_picture else page)
    statements = statements_of(reader.drafts, reader.front, language=language)
    return picture.picture_of(path, seen, statements, language)


def _draw_line(path: Path, kind: str, number: int, row: int) -> bytes:
    """A picture of the page `number` around the line that was read as its `row`."""
    if kind != "pdf":
        raise Refused("PICTURE_OF_PAGES_ONLY", kind=kind)
    seen: list[Seen] = []
    reader = Reader(seen=seen)
    for page in pdf_pages(path):
        reader.take(scan.pdf_page(path, page.number) if page.has_picture else page)
        if page.number == number:
            break
    return picture.line_of(path, seen, number, row)


def _read_sheets(path: Path, kind: str, digest: str, language: str) -> list[Statement]:
    """Every sheet is a document of its own."""
    found = []
    for number, rows in enumerate(sheet.sheets_of(path, kind), start=1):
        reader = SheetReader(digest)
        reader.take_sheet(number, rows)
        found += statements_of(reader.drafts, reader.front, language=language)
    return found


def _read_pdf(path: Path, digest: str, language: str) -> list[Statement]:
    """By pdfium; what it does not prove, of a few pages, by the reference engine as well."""
    pages = pictures = 0

    def counted() -> Any:
        nonlocal pages, pictures
        for page in pages_of(path):
            pages += 1
            pictures += page.has_picture
            yield page

    statements = read_pages(counted(), digest, language)
    if pictures:
        raise _Scans(pictures)
    is_open = not statements or any(s.proof.grade == "none" for s in statements)
    if pages <= _FEW_PAGES and is_open:
        again = read_pages(plumber.pdf_pages(path), digest, language)
        if _rank(again) > _rank(statements):
            return again
    return statements


def _rank(statements: list[Statement]) -> tuple[int, int]:
    """The grade of the worst statement, then the sum of all; without statements the worst."""
    grades = [GRADES.index(statement.proof.grade) for statement in statements]
    return min(grades, default=-1), sum(grades)


def read_pages(pages: Any, digest: str, language: str) -> list[Statement]:
    """The statements on `pages`, taken one by one."""
    reader = Reader(digest)
    page: Page
    for page in pages:
        reader.take(page)
    return statements_of(reader.drafts, reader.front, language=language)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
