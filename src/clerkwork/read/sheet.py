"""Workbooks and CSV files as grids of text; a formula by the value stored with it."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from clerkwork.errors import Refused
from clerkwork.read.stored import LONGEST_CELL, cell_text
from clerkwork.read.values import date_parts, is_paired, unified

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_MOST_INSIDE = 2 << 30  # bytes a workbook may unpack to
_LARGE, _MOST_RATIO = 64 << 20, 150  # above so many bytes, so many times its packed size
_MOST_PARTS = 10_000
_LONGEST_LINE = 1 << 20  # bytes of a line of a CSV file


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


def sheets_of(path: Path, kind: str) -> Iterator[Iterable[Sequence[object]]]:
    """
    The rows of every sheet of a file, cells as they are stored; each has to be read before
    the next. Raises what `grids_of` raises.
    """
    if kind == "csv":
        yield _csv_rows(path)
        return
    if kind == "xlsx":
        _check_inside(path)
    with _opened(path) as book:
        for name in book.sheet_names:
            yield _rows(book.get_sheet_by_name(name))


def _rows(sheet: CalamineSheet) -> Iterator[Sequence[object]]:
    """The rows of a sheet from its first one on: calamine leaves out the empty ones before."""
    if sheet.start is None:
        return
    above, before = sheet.start
    yield from ([] for _ in range(above))
    indent = [""] * before
    for row in sheet.iter_rows():
        yield [*indent, *row] if indent else row


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


@contextmanager
def _opened(path: Path) -> Iterator[CalamineWorkbook]:
    """A workbook, open. Raises Refused DOCUMENT_ENCRYPTED, DOCUMENT_BROKEN."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        with CalamineWorkbook.from_path(path) as book:
            yield book
    except PasswordError:
        raise Refused("DOCUMENT_ENCRYPTED") from None
    except CalamineError as broken:
        raise Refused("DOCUMENT_BROKEN", detail=str(broken)) from None


def _read_workbook(path: Path) -> list[Grid]:
    with _opened(path) as book:
        return [
            Grid(
                name,
                tuple(tuple(map(cell_text, row)) for row in _rows(book.get_sheet_by_name(name))),
            )
            for name in book.sheet_names
        ]


def _read_csv(path: Path) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(cell.strip() for cell in row) for row in _csv_rows(path))


def _csv_rows(path: Path) -> Iterator[list[str]]:
    """The rows of a CSV file, read line by line."""
    _check_lines(path)
    encoding = _encoding_of(path)
    csv.field_size_limit(LONGEST_CELL)
    try:
        with path.open(encoding=encoding, newline=None) as file:
            delimiter = _delimiter(file.read(_SAMPLE))
            file.seek(0)
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            for row in reader:
                if any("\n" in cell and _holds_a_row(cell, delimiter) for cell in row):
                    raise Refused("QUOTE_MISSING", where=f"line {reader.line_num}")
                yield row
    except csv.Error as broken:
        raise Refused("DOCUMENT_BROKEN", detail=f"line {reader.line_num}: {broken}") from None


def _holds_a_row(cell: str, delimiter: str) -> bool:
    """Whether a line within a cell is one of the table: a quote before it was not closed."""
    lines = [line.split(delimiter) for line in cell.splitlines()[1:]]
    return any(len(parts) > 2 and any(map(date_parts, parts)) for parts in lines)


def _check_lines(path: Path) -> None:
    """Raise Refused DOCUMENT_TOO_COSTLY where a line is longer than any table's."""
    carried = 0
    for chunk in _chunks(path):
        lengths = [len(line) for line in chunk.replace(b"\r", b"\n").split(b"\n")]
        lengths[0] += carried
        carried = lengths[-1]
        if max(lengths) > _LONGEST_LINE:
            raise Refused("DOCUMENT_TOO_COSTLY", limit=f"{_LONGEST_LINE >> 20} MB")


def _encoding_of(path: Path) -> str:
    """
    UTF-8, UTF-16 (with its mark), GB18030 or Western European: the first that all of the file
    is written in; GB18030 where the bytes above ASCII stand in pairs.
    """
    with path.open("rb") as file:
        mark = file.read(2)
    encodings = ["utf-16"] if mark in (b"\xff\xfe", b"\xfe\xff") else []
    for encoding in (
        *encodings,
        "utf-8-sig",
        *(_LOCAL if is_paired(_chunks(path)) else _LOCAL[::-1]),
    ):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            has_nul = any("\0" in decoder.decode(chunk) for chunk in _chunks(path))
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        if not has_nul:
            return encoding
    raise Refused("DOCUMENT_KIND_UNKNOWN")


_LOCAL = ("gb18030", "cp1252")


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk


def _delimiter(text: str) -> str:
    """The character that divides most rows into as many cells each; a comma only if no other."""
    lines = text.splitlines(keepends=True)[:200]
    weights = {}
    for delimiter in "\t;|,":
        try:
            sizes = [len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1]
        except csv.Error:
            continue
        weights[delimiter] = max((size * sizes.count(size) for size in {*sizes}), default=0)
    return max(weights, key=lambda each: weights[each]) if any(weights.values()) else ","


_SAMPLE = 200_000  # characters that tell how a file is written


def plain_text(text: str) -> str:
    """
    `text` on one line, with full-width characters made narrow.

    >>> plain_text("交易金额 （收入）")
    '交易金额 (收入)'
    """
    return " ".join(unified(text).split())


def column_texts(values: Sequence[object]) -> list[str]:
    """A column of stored cells as texts on one line each."""
    if {*map(type, values)} == {str} and max(map(len, values)) <= LONGEST_CELL:  # type: ignore[arg-type]
        joined = "\n".join(values)  # type: ignore[arg-type]
        if joined.isascii() and not _UNEVEN.search(joined) and _lines_of(joined) == len(values):
            return list(values)  # type: ignore[arg-type]
    texts = {value: plain_text(cell_text(value)) for value in {*values}}
    return [texts[value] for value in values]


_UNEVEN = re.compile(r"[^\S\n ]|  |^ | $", re.MULTILINE)


def _lines_of(joined: str) -> int:
    return joined.count("\n") + 1


def figure_cells(values: Sequence[object]) -> list[str | float]:
    """A column of stored figures: numbers as they are, the rest as texts."""
    if float not in {*map(type, values)}:
        return list(column_texts(values))
    return [
        value if value == "" or isinstance(value, float) else plain_text(cell_text(value))
        for value in values
    ]
