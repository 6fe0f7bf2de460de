"""Workbooks and CSV files that nobody honest makes; each is (suffix, bytes)."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from random import Random
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from openpyxl import Workbook

from .hostile_pdfs import flip, lie

MEGA = 1 << 20
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPES = b"""<?xml version="1.0"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/></Types>"""
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}'
    "</Relationships>"
)
_LINK = '<Relationship Id="r{0}" Type="' + _OFFICE + '/{1}" Target="{2}"/>'
_BOOK = (
    f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>'
)


def rows(rng: Random) -> list[tuple[str, ...]]:
    """A small statement whose chain holds."""
    balance, found = 100_000, [("Date", "Description", "Debit", "Credit", "Balance")]
    for row in range(1, rng.randrange(4, 12)):
        amount = rng.randrange(1, 90_000)
        balance += -amount if amount % 2 else amount
        cells = (f"{amount / 100:.2f}", "") if amount % 2 else ("", f"{amount / 100:.2f}")
        found.append((f"2026-03-{row:02}", f"Row {row}", *cells, f"{balance / 100:.2f}"))
    return found


def workbook(rng: Random) -> bytes:
    """A small statement by openpyxl."""
    book = Workbook()
    for cells in rows(rng):
        book.worksheets[0].append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table(rng: Random) -> bytes:
    """A small statement as CSV."""
    encoding = rng.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16"))
    return rng.choice(("\n", "\r\n")).join(map(",".join, rows(rng))).encode(encoding)


def packed(sheet: bytes, strings: bytes = b"", **more: bytes) -> bytes:
    """A workbook of one sheet, written part by part."""
    links = _LINK.format(1, "worksheet", "worksheets/sheet1.xml")
    if strings:
        links += _LINK.format(2, "sharedStrings", "sharedStrings.xml")
    office = _LINK.format(1, "officeDocument", "xl/workbook.xml")
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _LINKS.format(office).encode(),
        "xl/workbook.xml": _BOOK.encode(),
        "xl/_rels/workbook.xml.rels": _LINKS.format(links).encode(),
        "xl/worksheets/sheet1.xml": sheet,
        **({"xl/sharedStrings.xml": strings} if strings else {}),
        **more,
    }
    return zipped(parts)


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """Parts as an archive."""
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def sheet(inside: bytes, dimension: bytes = b"") -> bytes:
    """The XML of a sheet."""
    return b'<worksheet xmlns="%s">%s<sheetData>%s</sheetData></worksheet>' % (
        _MAIN.encode(), dimension, inside,
    )  # fmt: skip


def _cell(place: bytes, text: bytes) -> bytes:
    return b'<c r="%s" t="inlineStr"><is><t>%s</t></is></c>' % (place, text)


_ROW = b"<row r='1'>" + _cell(b"A1", b"Date") + _cell(b"B1", b"Amount") + b"</row>"
_FAR = b'<row r="1048576">' + _cell(b"XFD1048576", b"1.00") + b"</row>"


def lying(content: bytes) -> bytes:
    """The same archive, whose directory and headers say that every part unpacks to 10 bytes."""
    changed = bytearray(content)
    for mark, size in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = changed.find(mark)
        while at >= 0:
            changed[at + size : at + size + 4] = (10).to_bytes(4, "little")
            at = changed.find(mark, at + 1)
    return bytes(changed)


def _shared(count: int, size: int, uses: int) -> bytes:
    """`count` long texts, used `uses` times."""
    item = b"<si><t>" + b"x" * size + b"</t></si>"
    strings = b'<sst xmlns="%s">%s</sst>' % (_MAIN.encode(), item * count)
    cells = b'<row><c t="s"><v>0</v></c></row>' * uses
    return packed(sheet(cells), strings)


def _long_answer(rows: int, size: int) -> bytes:
    """Rows that are read, all with the same long description: what is told is far more."""
    strings = (b"Date", b"Description", b"Amount", b"x" * size)
    items = b"".join(b"<si><t>%s</t></si>" % text for text in strings)
    head = b"".join(b'<c t="s"><v>%d</v></c>' % number for number in range(3))
    row = _cell(b"A%d", b"2026-03-02") + b'<c t="s"><v>3</v></c><c><v>1.5</v></c>'
    body = b"".join(b"<row>%s</row>" % (row % number) for number in range(2, rows + 2))
    strings_part = b'<sst xmlns="%s">%s</sst>' % (_MAIN.encode(), items)
    return packed(sheet(b"<row>" + head + b"</row>" + body), strings_part)


def _laughs() -> bytes:
    entities = b'<!ENTITY a0 "ha">' + b"".join(
        b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12)
    )
    return packed(b"<!DOCTYPE x [%s]>" % entities + sheet(b"<row>" + _cell(b"A1", b"&a11;")))


def _wide(columns: int, rows: int) -> bytes:
    return packed(sheet((b"<row>" + b"<c><v>1</v></c>" * columns + b"</row>") * rows))


Maker = Callable[[Random], tuple[str, bytes]]
_FULL = b'<dimension ref="A1:XFD1048576"/>'
MADE: Mapping[str, Maker] = {
    "zip bomb": lambda rng: (".xlsx", packed(sheet(b"<row/>" * 50 * MEGA))),
    "zip bomb that lies": lambda rng: (".xlsx", lying(packed(sheet(b"<row/>" * 50 * MEGA)))),
    "zip bomb in a part": lambda rng: (".xlsx", packed(sheet(_ROW), b"x" * 300 * MEGA)),
    "bomb below the ratio": lambda rng: (".xlsx", packed(sheet(b"<row/>" * 10 * MEGA))),
    "dimension lies": lambda rng: (".xlsx", packed(sheet(_ROW, _FULL))),
    "far cell": lambda rng: (".xlsx", packed(sheet(_ROW + _FAR))),
    "far cell alone": lambda rng: (".xlsx", packed(sheet(_FAR, _FULL))),
    "far row": lambda rng: (
        ".xlsx",
        packed(sheet(_ROW + b'<row r="1048576">' + _cell(b"A1048576", b"1.00") + b"</row>")),
    ),
    "shared strings": lambda rng: (".xlsx", _shared(1, MEGA, 40_000)),
    "many shared strings": lambda rng: (".xlsx", _shared(400_000, 10, 10)),
    "long answer": lambda rng: (".xlsx", _long_answer(rng.randrange(9, 400), MEGA // 4)),
    "entities": lambda rng: (".xlsx", _laughs()),
    "elements deep": lambda rng: (".xlsx", packed(sheet(b"<a>" * rng.randrange(9, 2 * MEGA)))),
    "sheet wide": lambda rng: (".xlsx", _wide(16_384, rng.randrange(1, 40))),
    "many parts": lambda rng: (
        ".xlsx",
        packed(sheet(_ROW), **{f"xl/{number}": b"" for number in range(12_000)}),
    ),
    "no parts": lambda rng: (".xlsx", zipped({"a.txt": b"a"})),
    "one long line": lambda rng: (".csv", b"2026-03-02,Rent,1.00;" * 2_500_000),
    "open quote": lambda rng: (".csv", b'Date,Amount\n2026-03-02,"' + b"1.00\n" * 500_000),
    "only delimiters": lambda rng: (".csv", b"," * rng.randrange(9, 5 * MEGA)),
    "many short lines": lambda rng: (".csv", b"1,\n" * MEGA),
    "old Mac lines": lambda rng: (".csv", table(rng).replace(b"\n", b"\r")),
    "zeros": lambda rng: (".csv", table(rng) + bytes(rng.randrange(1, MEGA))),
    "mixed encodings": lambda rng: (".csv", table(rng) + "余额".encode("gb18030") + table(rng)),
    "half a character": lambda rng: (".csv", table(rng) + b"\xe4\xbd"),
}  # fmt: skip


def change_inside(rng: Random, content: bytes, other: bytes) -> bytes:
    """One part of a workbook changed, or exchanged for another, and the archive made again."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except BadZipFile:
        return flip(rng, content, other)
    name = rng.choice(list(parts))
    sheets = [name for name in parts if "sheet" in name or "Strings" in name]
    if sheets and rng.random() < 0.8:
        name = rng.choice(sheets)
    change = rng.choice((flip, lie, lambda rng, content, other: parts[rng.choice(list(parts))]))
    return zipped(parts | {name: change(rng, parts[name], b"")})
