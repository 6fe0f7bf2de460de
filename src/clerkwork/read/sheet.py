"""Workbooks and CSV files as grids of text; a formula by the value stored with it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from clerkwork.errors import Refused
from clerkwork.read.values import unified
from clerkwork.read.words import Page, Word

_MOST_INSIDE = 2 << 30  # bytes a workbook may unpack to
_LARGE, _MOST_RATIO = 64 << 20, 150  # above so many bytes, so many times its packed size
_MOST_PARTS = 10_000


@dataclass(frozen=True)
class Grid:
    """One sheet: its rows from the first one on, each cell as text, "" where it is empty."""

    name: str
    rows: tuple[tuple[str, ...], ...]


def grids_of(path: Path, kind: str) -> list[Grid]:
    """
    Every sheet of a file of `kind` "xlsx", "xls" or "csv".

    Raises Refused DOCUMENT_TOO_COSTLY, DOCUMENT_ENCRYPTED, DOCUMENT_BROKEN,
    DOCUMENT_TRUNCATED, DOCUMENT_KIND_UNKNOWN.
    """
    if kind == "csv":
        return [Grid("", _read_csv(path))]
    if kind == "xlsx":
        _check_inside(path)
    return _read_workbook(path)


def _check_inside(path: Path) -> None:
    """Read the directory of the archive, and nothing else, before anything is unpacked."""
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
    except BadZipFile:
        raise Refused("DOCUMENT_TRUNCATED") from None
    if not any(part.filename.startswith("xl/") for part in parts):
        raise Refused("DOCUMENT_KIND_UNKNOWN")
    inside = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts) or 1
    if inside > _MOST_INSIDE or len(parts) > _MOST_PARTS:
        raise Refused("DOCUMENT_TOO_COSTLY", limit=f"{_MOST_INSIDE >> 20} MB")
    if inside > _LARGE and inside / packed > _MOST_RATIO:
        raise Refused("DOCUMENT_TOO_COSTLY", limit=f"{_MOST_RATIO} x")


def _read_workbook(path: Path) -> list[Grid]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        with CalamineWorkbook.from_path(path) as book:
            return [
                Grid(name, _texts(book.get_sheet_by_name(name).to_python(skip_empty_area=False)))
                for name in book.sheet_names
            ]
    except PasswordError:
        raise Refused("DOCUMENT_ENCRYPTED") from None
    except CalamineError as broken:
        raise Refused("DOCUMENT_BROKEN", detail=str(broken)) from None


def _texts(rows: Sequence[Sequence[object]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(cell_text, row)) for row in rows)


def cell_text(value: object) -> str:
    """
    A stored cell as text: numbers plain, dates and times by ISO 8601.

    A number has the 15 digits that a workbook keeps: 0.1 + 0.2 is stored as
    0.30000000000000004 and means 0.3.

    >>> cell_text(0.30000000000000004), cell_text(1e15), cell_text(date(2026, 6, 11))
    ('0.3', '1000000000000000', '2026-06-11')
    """
    match value:
        case str():
            return value.strip()
        case bool():
            return str(value).upper()
        case int():
            return str(value)
        case float():
            text = f"{value:.15g}"
            return f"{value:.0f}" if "e" in text and value.is_integer() else text
        case datetime():
            is_day = value.time() == time(0)
            return value.date().isoformat() if is_day else value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
    return str(value).strip()


def _read_csv(path: Path) -> tuple[tuple[str, ...], ...]:
    text = _decoded(path.read_bytes())
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        return tuple(tuple(cell.strip() for cell in row) for row in reader)
    except csv.Error as broken:
        raise Refused("DOCUMENT_BROKEN", detail=str(broken)) from None


def _decoded(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 (with its mark) or GB18030."""
    encodings = ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else []
    for encoding in (*encodings, "utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refused("DOCUMENT_KIND_UNKNOWN")


def _delimiter(text: str) -> str:
    """The character that divides the cells: the one that most lines have equally often."""
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    best = ",", 0
    for delimiter in ",;\t|":
        counts = [line.count(delimiter) for line in lines]
        usual = max(counts, key=counts.count, default=0)
        weight = usual * counts.count(usual)
        if weight > best[1]:
            best = delimiter, weight
    return best[0]


_STEP = 10  # a cell is a word 8 wide every 10, its row's number is its height on the page


def page_of(grid: Grid, number: int) -> Page:
    """A grid as a page whose words are its cells."""
    return Page(number, list(_cells(grid)), is_grid=True)


def _cells(grid: Grid) -> Iterator[Word]:
    for row, cells in enumerate(grid.rows, start=1):
        for column, text in enumerate(cells):
            plain = " ".join(unified(text).split())
            if plain:
                x0 = float(column * _STEP)
                yield Word(x0, x0 + _STEP - 2, float(row), 0.8, plain)
