"""PDFs that nobody honest makes; each is bytes, made from a seeded random."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Mapping
from random import Random

from reportlab.pdfgen.canvas import Canvas

MEGA = 1 << 20
_STREAM = re.compile(rb"(?<!end)stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_NUMBER = re.compile(rb"(?<![\w.])\d+(?![\w.])")
_LIES = (b"0", b"-1", b"65536", b"100000", b"2147483647", b"4294967296", b"999999999999999999999")
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def statement(rng: Random, *, pages: int = 1, **how: object) -> bytes:
    """A small proven statement by reportlab."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1, **how)
    balance, row = 100_000, 0
    for page in range(pages):
        y = 800
        lines = [("Date", "Description", "Debit", "Credit", "Balance")]
        if page == 0:
            lines.insert(0, (f"Opening balance: {balance / 100:.2f}",))
        for _ in range(5):
            row, amount = row + 1, rng.randrange(1, 90_000)
            balance += -amount if amount % 2 else amount
            cells = (f"{amount / 100:.2f}", "") if amount % 2 else ("", f"{amount / 100:.2f}")
            lines.append((f"2026-03-{row:02}", f"Row {row}", *cells, f"{balance / 100:.2f}"))
        if page == pages - 1:
            lines.append((f"Closing balance: {balance / 100:.2f}",))
        for cells in lines:
            for column, cell in enumerate(cells):
                canvas.drawString(40 + 100 * column, y, cell)
            y -= 16
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def stream(content: bytes, more: bytes = b"/Filter /FlateDecode", *, packs: int = 1) -> bytes:
    """A stream object, packed `packs` times."""
    for _ in range(packs):
        content = zlib.compress(content, 9)
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), more, content)


def pdf(*parts: bytes) -> bytes:
    """A PDF of these objects; the first is the catalogue."""
    out = io.BytesIO(b"%PDF-1.5\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, part in enumerate(parts, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, part))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    size = len(parts) + 1
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, table))
    return out.getvalue()


def one_page(
    contents: bytes, *more: bytes, box: bytes = b"0 0 600 800", count: int = 1, kids: int = 1
) -> bytes:
    """A page (shown `kids` times) with these contents; `more` are objects from 6 on."""
    names = b" ".join(b"/X%d %d 0 R" % (number, number) for number in range(6, 6 + len(more)))
    return pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b"3 0 R " * kids, count),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R /Resources"
        b" << /Font << /F1 5 0 R >> /XObject << %s >> >> >>" % (box, names),
        contents,
        FONT,
        *more,
    )


def form(content: bytes, names: bytes) -> bytes:
    """A form XObject that may draw others."""
    how = b"/Filter /FlateDecode /Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources"
    return stream(content, how + b" << /Font << /F1 5 0 R >> /XObject << %s >> >>" % names)


def text(rows: int) -> bytes:
    """A content stream of many lines that look like rows."""
    line = b"BT /F1 8 Tf 40 700 Td (2026-03-02 Rent 200.00 800.00) Tj ET\n"
    return line * rows


def with_object_stream(inside: bytes) -> bytes:
    """A PDF whose catalogue lies in an object stream, found by a cross-reference stream."""
    packed = stream(b"1 0 2 40 " + inside, b"/Type /ObjStm /N 2 /First 9 /Filter /FlateDecode")
    head = b"%PDF-1.5\n"
    body = b"3 0 obj\n" + packed + b"\nendobj\n"
    at = len(head) + len(body)
    rows = [(0, 0, 255), (2, 3, 0), (2, 3, 1), (1, len(head), 0), (1, at, 0)]
    table = b"".join(
        bytes([kind]) + place.to_bytes(4) + bytes([last]) for kind, place, last in rows
    )
    index = stream(table, b"/Type /XRef /W [1 4 1] /Size 5 /Root 1 0 R /Filter /FlateDecode")
    return head + body + b"4 0 obj\n" + index + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % at


def _laughs(depth: int, width: int) -> bytes:
    """Forms that draw the next one `width` times, `depth` deep: width ** depth drawings."""
    forms = [
        form(b"/X%d Do " % (number + 7) * width, b"/X%d %d 0 R" % (number + 7, number + 7))
        for number in range(depth)
    ]
    return one_page(stream(b"/X6 Do"), *forms, form(text(5), b""))


def _endless_tree() -> bytes:
    """Pages that are their own children."""
    node = b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 9 /Parent 3 0 R >>"
    return pdf(b"<< /Type /Catalog /Pages 2 0 R >>", node, node)


def _picture(width: int, packed: int) -> bytes:
    how = b"/Filter /FlateDecode /Type /XObject /Subtype /Image /ColorSpace /DeviceGray"
    size = b" /BitsPerComponent 8 /Width %d /Height %d" % (width, width)
    return one_page(stream(b"q 600 0 0 800 0 0 cm /X6 Do Q"), stream(bytes(packed), how + size))


TWICE = b"/Filter [/FlateDecode /FlateDecode]"
Maker = Callable[[Random], bytes]
MADE: Mapping[str, Maker] = {
    "locked": lambda rng: statement(rng, encrypt="secret"),
    "object stream": lambda rng: with_object_stream(
        b"<< /Type /Catalog /Pages 2 0 R >>".ljust(40) + b"<< /Type /Pages /Kids [] /Count 0 >>"
    ),
    "object stream bomb": lambda rng: with_object_stream(
        b"<< /Type /Catalog /Pages 2 0 R >>".ljust(40) + b"[" * (176 * MEGA)
    ),
    "bomb": lambda rng: one_page(stream(b" " * 176 * MEGA, TWICE, packs=2)),
    "bomb of text": lambda rng: one_page(stream(text(rng.randrange(200_000, 400_000)))),
    "bomb of pages": lambda rng: one_page(stream(text(3_000)), count=3_000, kids=3_000),
    "picture bomb": lambda rng: _picture(60_000, 176 * MEGA),
    "picture lies": lambda rng: _picture(2_000_000_000, 10),
    "forms deep": lambda rng: _laughs(rng.randrange(20, 3_000), 1),
    "forms laugh": lambda rng: _laughs(rng.randrange(8, 30), 10),
    "form in itself": lambda rng: one_page(stream(b"/X6 Do"), form(b"/X6 Do", b"/X6 6 0 R")),
    "contents in themselves": lambda rng: one_page(b"[4 0 R 4 0 R 3 0 R]"),
    "tree in itself": lambda rng: _endless_tree(),
    "arrays deep": lambda rng: one_page(b"[" * rng.randrange(1_000, 1_000_000)),
    "dictionaries deep": lambda rng: one_page(b"<< /A " * rng.randrange(1_000, 200_000)),
    "states deep": lambda rng: one_page(stream(b"q BT " * rng.randrange(1_000, 2_000_000))),
    "pages claimed": lambda rng: one_page(stream(text(5)), count=100_000),
    "pages repeated": lambda rng: one_page(stream(text(1)), count=100_000, kids=100_000),
    "page huge": lambda rng: one_page(stream(text(5)), box=b"0 0 1e30 1e30"),
    "page inside out": lambda rng: one_page(stream(text(5)), box=b"600 800 0 -99999999999"),
    "page of nothing": lambda rng: one_page(stream(text(5)), box=b"0 0 0 0"),
}  # fmt: skip


def flip(rng: Random, content: bytes, other: bytes) -> bytes:
    """Bytes changed anywhere."""
    changed = bytearray(content)
    for _ in range(rng.choice((1, 3, 30, 300))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def cut(rng: Random, content: bytes, other: bytes) -> bytes:
    """The beginning alone; at times with the mark of a whole file behind it."""
    return content[: rng.randrange(len(content))] + rng.choice((b"", b"\nstartxref\n9\n%%EOF\n"))


def splice(rng: Random, content: bytes, other: bytes) -> bytes:
    """The beginning of one and the end of another."""
    return content[: rng.randrange(len(content))] + other[rng.randrange(len(other)) :]


def repeat(rng: Random, content: bytes, other: bytes) -> bytes:
    """A piece taken out, or put in a second time."""
    first, last = sorted(rng.randrange(len(content)) for _ in range(2))
    return content[:first] + content[first:last] * rng.choice((0, 2)) + content[last:]


def lie(rng: Random, content: bytes, other: bytes) -> bytes:
    """A number anywhere outside of the streams replaced by one that cannot be true."""
    return _replaced(rng, content, _NUMBER, lambda found: rng.choice(_LIES))


def swap_streams(rng: Random, content: bytes, other: bytes) -> bytes:
    """The contents of one stream in the place of another's."""
    bodies = _STREAM.findall(content) + _STREAM.findall(other)
    return _replaced(rng, content, _STREAM, lambda found: _body(found, rng.choice(bodies)))


def flip_inside(rng: Random, content: bytes, other: bytes) -> bytes:
    """Bytes changed in what a stream unpacks to; it is packed again."""

    def changed(found: re.Match[bytes]) -> bytes:
        try:
            inside = zlib.decompress(found[1])
        except zlib.error:
            return flip(rng, found[0], b"")
        return _body(found, zlib.compress(flip(rng, inside, b""))) if inside else found[0]

    return _replaced(rng, content, _STREAM, changed)


def _body(found: re.Match[bytes], body: bytes) -> bytes:
    return found[0].replace(found[1], body) if found[1] else found[0]


def _replaced(
    rng: Random,
    content: bytes,
    pattern: re.Pattern[bytes],
    change: Callable[[re.Match[bytes]], bytes],
) -> bytes:
    """`content` with one of the places that `pattern` finds changed."""
    found = list(pattern.finditer(content))
    if not found:
        return flip(rng, content, b"")
    place = rng.choice(found)
    return content[: place.start()] + change(place) + content[place.end() :]


CHANGES = (flip, cut, splice, repeat, lie, swap_streams, flip_inside)
