"""
Pages as words with their places.

      x0     x1
      |      |
      SALARY     y grows downwards; a word's `y` is the middle of its height
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from ctypes import c_ushort
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from clerkwork.errors import Refused


class Word(NamedTuple):
    """A run of characters without a space; points from the upper left corner of the page."""

    x0: float
    x1: float
    y: float
    height: float
    text: str


@dataclass(frozen=True)
class Page:
    """
    One page: its words in no particular order; `has_picture` tells a scan from an empty page.

    The rows of a sheet are words too; then `is_grid`, and a word's `y` is the row's number.
    """

    number: int  # from 1
    words: list[Word]
    has_picture: bool = False
    is_grid: bool = False
    is_scan: bool = False  # read by OCR: a figure may be misread


_RUN = re.compile(r"[^\s\ufffe\x00-\x1f]+")
_GLUED = re.compile(r"[a-z\u4e00-\u9fff)][A-Z\d]")  # where a run may be two cells: "Order450"
_HYPHEN = re.compile("[\ufffe\x02]")  # what pdfium gives for a hyphen at the end of a line


def page_count(path: Path) -> int:
    """How many pages a PDF has. Raises what `pdf_pages` raises."""
    with _opened(path) as document:
        count = len(document)
    most = max(100, path.stat().st_size // _LEAST_BYTES)
    if count > most:
        raise Refused("DOCUMENT_TOO_COSTLY", limit=f"{most:,} pages in a file of this size")
    return count


def pdf_pages(path: Path, numbers: Iterable[int] | None = None) -> Iterator[Page]:
    """
    The pages of a PDF with these numbers (from 1), or all, read by pdfium one by one.

    Raises Refused DOCUMENT_ENCRYPTED, DOCUMENT_TRUNCATED, DOCUMENT_BROKEN.
    """
    wanted = iter(range(1, page_count(path) + 1) if numbers is None else numbers)
    while batch := list(islice(wanted, _OPEN_FOR)):
        with _opened(path) as document:
            for number in batch:
                yield _read_page(document, number)


_LEAST_BYTES = 200  # of a page; a tree that names one page a hundred thousand times has fewer
_OPEN_FOR = 1000  # pages; pdfium keeps what it has met until the document is closed


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as failed:
        raise _not_opened(path, str(failed)) from None
    try:
        if _is_cut_off(path):  # pdfium mends it by leaving out what is lost
            raise Refused("DOCUMENT_TRUNCATED")
        yield document
    finally:
        document.close()


def _not_opened(path: Path, detail: str) -> Refused:
    """Why pdfium does not open the file: locked, cut off, or broken otherwise."""
    if "password" in detail.lower():
        return Refused("DOCUMENT_ENCRYPTED")
    if _is_cut_off(path):
        return Refused("DOCUMENT_TRUNCATED")
    return Refused("DOCUMENT_BROKEN", detail=detail.rstrip("."))


def _is_cut_off(path: Path) -> bool:
    """Whether the mark that ends every PDF is missing at its end."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2048))
        return b"%%EOF" not in file.read()


def _read_page(document: Any, number: int) -> Page:
    import pypdfium2
    from pypdfium2 import raw

    try:
        page = document[number - 1]
        if document.get_formtype() and raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY) == 1:
            page.close()  # what stands in form fields is text only after loading again
            page = document[number - 1]
    except pypdfium2.PdfiumError as failed:
        raise Refused("DOCUMENT_BROKEN", where=f"p{number}", detail=str(failed)) from None
    text_page = page.get_textpage()
    try:
        words = list(_words(text_page.raw, page))
        has_picture = not words and _is_picture(page)
        return Page(number, words, has_picture)
    finally:
        text_page.close()
        page.close()


def _is_picture(page: Any) -> bool:
    """
    Whether pictures that can hold writing cover a quarter of the page or more; a nested
    one counts as large. Raises Refused DOCUMENT_TOO_COSTLY for a picture beyond all scans.
    """
    from pypdfium2 import raw

    width, height = page.get_size()
    area = 0.0
    for picture in page.get_objects([raw.FPDF_PAGEOBJ_IMAGE], max_depth=2):
        columns, rows = picture.get_px_size()
        if columns * rows > _MOST_PIXELS:
            raise Refused("DOCUMENT_TOO_COSTLY", limit=f"{_MOST_PIXELS:,} pixels a picture")
        if min(columns, rows) < _LEAST_PIXELS:
            continue
        left, bottom, right, top = picture.get_bounds()
        area += width * height if picture.level else (right - left) * (top - bottom)
    return bool(area * 4 >= width * height)


_LEAST_PIXELS = 100  # a side of a picture with writing on it
_MOST_PIXELS = 300_000_000  # a page of A3 at 1,200 dpi


def _words(text_page: Any, page: Any) -> Iterator[Word]:
    """
    Every word that is shown, with two box look-ups each: first and last character.

    One call gives the text of the whole page; asking for each character costs twenty
    times as much.
    """
    left, bottom, right, top = page.get_cropbox()
    turn = page.get_rotation()
    is_upright = turn % 180 == 0
    runs = _runs(text_page)
    ends = [at for start, text in runs for at in (start, start + len(text) - 1)]
    boxes = _boxes(text_page, ends)
    for (_, text), first, last in zip(runs, boxes[::2], boxes[1::2], strict=True):
        x0, y1, x1, y0 = first
        if len(text) > 1:
            last_x0, last_y1, last_x1, last_y0 = last
            if is_upright:  # running across the page: a watermark, a note on the margin
                if abs(y0 - last_y0) > abs(y1 - y0) / 2:
                    continue
            elif abs(x0 - last_x0) > abs(x1 - x0) / 2:
                continue
            x0, x1 = min(x0, last_x0), max(x1, last_x1)
            y0, y1 = min(y0, last_y0), max(y1, last_y1)
        if not (2 * left <= x0 + x1 <= 2 * right and 2 * bottom <= y0 + y1 <= 2 * top):
            continue  # printed beside the page, so nobody sees it
        if turn == 0:
            yield Word(x0 - left, x1 - left, top - (y0 + y1) / 2, y1 - y0, text)
        elif turn == 90:
            yield Word(y0 - bottom, y1 - bottom, (x0 + x1) / 2 - left, x1 - x0, text)
        elif turn == 180:
            yield Word(right - x1, right - x0, (y0 + y1) / 2 - bottom, y1 - y0, text)
        else:
            yield Word(top - y1, top - y0, right - (x0 + x1) / 2, x1 - x0, text)


def _boxes(text_page: Any, characters: Sequence[int]) -> list[tuple[float, ...]]:
    """(left, top, right, bottom) of each of some characters, in the space of the page."""
    from pypdfium2 import raw

    places = (raw.FS_RECTF * len(characters))()
    box = raw.FPDFText_GetLooseCharBox
    for at, place in zip(characters, places, strict=True):
        box(text_page, at, place)
    flat = memoryview(places).cast("B").cast("f").tolist()
    return list(zip(flat[::4], flat[1::4], flat[2::4], flat[3::4], strict=True))


def _runs(text_page: Any) -> list[tuple[int, str]]:
    """(index of its first character, text) of each run of characters without a space."""
    from pypdfium2 import raw

    count = raw.FPDFText_CountChars(text_page)
    if count <= 0:
        return []
    buffer = (c_ushort * (count + 1))()
    raw.FPDFText_GetText(text_page, 0, count, buffer)
    units = bytes(buffer)[: 2 * count]
    text = units.decode("utf-16-le", errors="replace")
    if len(text) != count:  # characters beyond 16 bits shift the indices: ask one by one
        text = "".join(chr(raw.FPDFText_GetUnicode(text_page, i) or 32) for i in range(count))
    text = _HYPHEN.sub("-", text)
    runs = [(found.start(), found.group()) for found in _RUN.finditer(text)]
    if not _GLUED.search(text):
        return runs
    return [
        part
        for start, run in runs
        for part in (_unglued(text_page, start, run) if _GLUED.search(run) else ((start, run),))
    ]


def _unglued(text_page: Any, start: int, text: str) -> Iterator[tuple[int, str]]:
    """
    A run in its parts, where a cell is printed over the end of the one before it, or
    closer behind it than a space is wide.
    """
    from pypdfium2 import raw

    left, right = raw.FS_RECTF(), raw.FS_RECTF()
    begin = 0
    for found in _GLUED.finditer(text):
        at = found.start() + 1
        raw.FPDFText_GetLooseCharBox(text_page, start + at - 1, left)
        raw.FPDFText_GetLooseCharBox(text_page, start + at, right)
        gap = (right.left - left.right) / (abs(left.top - left.bottom) or 1)
        if not -0.08 < gap < 0.12:
            yield start + begin, text[begin:at]
            begin = at
    yield start + begin, text[begin:]
