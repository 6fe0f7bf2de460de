"""One file to one document: its statements, or the reason why it was refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from pathlib import Path
from typing import Any

from clerkwork.errors import Failure, Refused
from clerkwork.facts import Entries, Entry, Proof, Statement
from clerkwork.read import electronic, sandbox
from clerkwork.read.sheet import Grid


@dataclass(frozen=True)
class Document:
    """
    What was read of one file.

    kind: "pdf", "xlsx", "xls", "csv", "mt940", "mt942", "camt", "ofx", "bai2", or
    "unknown" when it is refused for that.
    """

    file: str
    sha256: str
    kind: str
    statements: tuple[Statement, ...] = ()
    refused: Failure | None = None

    @property
    def is_proven(self) -> bool:
        """Whether there is something, and arithmetic proves every amount of it."""
        return any(statement.entries for statement in self.statements) and all(
            map(_is_proven, self.statements)
        )


def _is_proven(statement: Statement) -> bool:
    proofs = Entries.of(statement.entries).values("proof", "amount")
    return statement.proof.grade != "none" and not any(
        proof == "none" and amount for proof, amount in proofs
    )


def read_document(path: Path, *, language: str = "en") -> Document:
    """
    Read the statements of one file; problems are named in `language` ("en" or "zh").

    The file is opened in a child process with limits on memory, CPU and wall time.
    A file that cannot be read is a document with `refused`; a missing one raises
    Refused FILE_MISSING.
    """
    head, digest, size = _looked_at(path)
    kind = _kind(head, path.suffix)
    try:
        if not size:
            raise Refused("DOCUMENT_EMPTY")
        if kind == "unknown":
            raise Refused("DOCUMENT_KIND_UNKNOWN")
        statements = sandbox.read_statements(path, kind, size, digest=digest, language=language)
    except Refused as refused:
        return Document(str(path), digest, kind, refused=refused)
    return Document(str(path), digest, kind, tuple(statements))


def read_documents(paths: Iterable[Path], *, language: str = "en") -> Iterator[Document]:
    """The documents of several files, in their order; as many at a time as there are cores."""
    with ThreadPoolExecutor(max_workers=cpu_count() or 1) as pool:
        yield from pool.map(lambda path: read_document(path, language=language), paths)


def draw_document(path: Path, *, language: str = "en") -> bytes:
    """
    A PNG of the pages of a PDF with boxes around what was read, by role, and beside each
    line that is not proven the reason: the pages that have such lines, up to six.

    Raises Refused: PICTURE_OF_PAGES_ONLY for other kinds, and what the file is refused for.
    """
    head, _, _ = _looked_at(path)
    return sandbox.draw(path, _kind(head, path.suffix), language=language)


def draw_line(path: Path, *, page: int, row: int) -> bytes:
    """
    A PNG of a PDF's page around the line that was read as `row` of it, which is framed.

    Raises Refused: PICTURE_OF_PAGES_ONLY for other kinds, LINE_UNKNOWN, and what the file is
    refused for.
    """
    head, _, _ = _looked_at(path)
    return sandbox.draw_line(path, _kind(head, path.suffix), page=page, row=row)


def read_grids(path: Path) -> tuple[Grid, ...]:
    """
    The sheets of a workbook or CSV file as text, read under the same limits.

    Raises Refused with the reason when the file is missing or cannot be read.
    """
    head, _, size = _looked_at(path)
    kind = _kind(head, path.suffix)
    if kind not in ("xlsx", "xls", "csv"):
        raise Refused("DOCUMENT_KIND_UNKNOWN", where=path.name)
    return tuple(sandbox.read_grids(path, kind, size))


def _looked_at(path: Path) -> tuple[bytes, str, int]:
    """The first bytes of a file, its SHA-256 and its size."""
    try:
        with path.open("rb") as file:
            head = file.read(1024)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return head, digest, file.tell()
    except (FileNotFoundError, IsADirectoryError):
        raise Refused("FILE_MISSING", file=str(path)) from None
    except PermissionError:
        raise Refused("FILE_FORBIDDEN", file=str(path)) from None


def _kind(head: bytes, suffix: str) -> str:
    """What a file is, by its first bytes; its name only says what text cannot be a table."""
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "xls"
    kind = electronic.kind_of(head, suffix)
    if kind:
        return kind
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*")):
        return "picture"
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "unknown"
    return "unknown" if suffix.lower() in (".pdf", ".xlsx", ".xls", ".xlsm") else "csv"


def json_parts(document: Document, *, language: str = "en") -> Iterator[str]:
    """
    The document in the shape of design section 8, as the text of one JSON object in parts:
    of any size in little memory.
    """
    refused = document.refused
    head = {
        "file": document.file,
        "sha256": document.sha256,
        "kind": document.kind,
        "refused": refused and {"code": refused.code, "message": refused.message(language)},
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "statements": ['
    for number, statement in enumerate(document.statements):
        yield (", " if number else "") + json.dumps(_head(statement), ensure_ascii=False)[:-1]
        yield ', "entries": ['
        for at, entry in enumerate(statement.entries):
            yield (", " if at else "") + json.dumps(_entry(entry), ensure_ascii=False)
        yield '], "proof": ' + json.dumps(_proof(statement.proof), ensure_ascii=False) + "}"
    yield "]}"


def _head(statement: Statement) -> dict[str, Any]:
    """A statement without its entries and proof."""
    return {
        "account": statement.account,
        "currency": statement.currency,
        "balance_side": statement.balance_side,
        "period": [day.isoformat() for day in statement.period] if statement.period else None,
        "opening": _amount(statement.opening),
        "opening_basis": statement.opening_basis,
        "closing": _amount(statement.closing),
    }


def _proof(proof: Proof) -> dict[str, Any]:
    return {
        "grade": proof.grade, "links": list(proof.links), "problems": list(proof.problems),
    }  # fmt: skip


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "accounting_date": entry.accounting_date.isoformat(),
        "value_date": entry.value_date and entry.value_date.isoformat(),
        "description": entry.text,
        "amount": _amount(entry.amount),
        "balance": _amount(entry.balance),
        "reference": entry.reference,
        "counterparty": entry.counterparty,
        "page": entry.origin.page,
        "row": entry.origin.row,
        "proof": entry.proof,
    }


def _amount(amount: Any) -> str | None:
    return None if amount is None else f"{amount:f}"
