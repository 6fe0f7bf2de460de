"""
Pages as words with their places.

      x0     x1
      |      |
      SALARY     y grows downwards; a word's `y` is the middle of its height
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ctypes import c_ushort
from dataclasses import dataclass
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


Box = tuple[float, float, float, float]
Shown = tuple[Callable[[float, float], tuple[float, float]], Box]

_RUN = re.compile(r"[^\s\ufffe\x00-\x1f]+")
_GLUED = re.compile(r"[a-z\u4e00-\u9fff)][A-Z\d]")  # where a run may be two cells: "Order450"
_HYPHEN = re.compile("[\ufffe\x02]")  # what pdfium gives for a hyphen at the end of a line


def pdf_pages(path: Path) -> Iterator[Page]:
    """
    The pages of a PDF, read by pdfium one by one.

    Raises Refused DOCUMENT_ENCRYPTED, DOCUMENT_TRUNCATED, DOCUMENT_BROKEN.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as failed:
        raise _not_opened(path, str(failed)) from None
    try:
        for number in range(1, len(document) + 1):
            yield _read_page(document, number)
    finally:
        document.close()


def _not_opened(path: Path, detail: str) -> Refused:
    """Why pdfium does not open the file: locked, cut off, or broken otherwise."""
    if "password" in detail.lower():
        return Refused("DOCUMENT_ENCRYPTED")
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2048))
        if b"%%EOF" not in file.read():
            return Refused("DOCUMENT_TRUNCATED")
    return Refused("DOCUMENT_BROKEN", detail=detail.rstrip("."))


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
        words = list(_words(text_page.raw, _upright(page)))
        has_picture = not words and any(page.get_objects([raw.FPDF_PAGEOBJ_IMAGE], max_depth=2))
        return Page(number, words, has_picture)
    finally:
        text_page.close()
        page.close()


def _upright(page: Any) -> Shown:
    """How a point of the page's own axes stands on the page as it is shown, and what is shown."""
    left, bottom, right, top = page.get_cropbox()
    turn = {
        0: lambda x, y: (x - left, top - y),
        90: lambda x, y: (y - bottom, x - left),
        180: lambda x, y: (right - x, y - bottom),
        270: lambda x, y: (top - y, right - x),
    }[page.get_rotation()]
    return turn, (left, bottom, right, top)


def _words(text_page: Any, shown: Shown) -> Iterator[Word]:
    """
    Every word that is shown, with two box look-ups each: first and last character.

    One call gives the text of the whole page; asking for each character costs twenty
    times as much.
    """
    from pypdfium2 import raw

    turn, (left, bottom, right, top) = shown
    first, last = raw.FS_RECTF(), raw.FS_RECTF()
    for start, text in _runs(text_page):
        raw.FPDFText_GetLooseCharBox(text_page, start, first)
        raw.FPDFText_GetLooseCharBox(text_page, start + len(text) - 1, last)
        middle_x, middle_y = (first.left + last.right) / 2, (first.bottom + first.top) / 2
        if not (left <= middle_x <= right and bottom <= middle_y <= top):
            continue  # printed beside the page, so nobody sees it
        ax, ay = turn(first.left, first.bottom)
        bx, by = turn(first.right, first.top)
        cx, cy = turn(last.left, last.bottom)
        dx, dy = turn(last.right, last.top)
        if len(text) > 1 and abs((ay + by) - (cy + dy)) > abs(ay - by):
            continue  # slanted or upright across the page: a watermark, a margin note
        x0, x1 = min(ax, bx, cx, dx), max(ax, bx, cx, dx)
        yield Word(x0, x1, (ay + by) / 2, abs(ay - by), text)


def _runs(text_page: Any) -> Iterator[tuple[int, str]]:
    """(index of its first character, text) of each run of characters without a space."""
    from pypdfium2 import raw

    count = raw.FPDFText_CountChars(text_page)
    if count <= 0:
        return
    buffer = (c_ushort * (count + 1))()
    raw.FPDFText_GetText(text_page, 0, count, buffer)
    units = bytes(buffer)[: 2 * count]
    text = units.decode("utf-16-le", errors="replace")
    if len(text) != count:  # characters beyond 16 bits shift the indices: ask one by one
        text = "".join(chr(raw.FPDFText_GetUnicode(text_page, i) or 32) for i in range(count))
    text = _HYPHEN.sub("-", text)
    for found in _RUN.finditer(text):
        if _GLUED.search(found.group()):
            yield from _unglued(text_page, found.start(), found.group())
        else:
            yield found.start(), found.group()


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
