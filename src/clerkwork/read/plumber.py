"""The reference engine: the same words by pdfplumber, slowly; for what pdfium does not prove."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clerkwork.read.words import Page, Word

# What pdfminer raises, besides its own, where a broken file has not what it expects.
_STUMBLES = (
    AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
    struct.error, zlib.error,
)  # fmt: skip


def pdf_pages(path: Path) -> Iterator[Page]:
    """The pages of a PDF that pdfium could open; none where this engine cannot."""
    import pdfplumber
    from pdfminer.psexceptions import PSException
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        with pdfplumber.open(path) as document:
            for page in document.pages:
                words = map(_word, page.extract_words(keep_blank_chars=False))
                yield Page(page.page_number, [word for word in words if _is_seen(word, page)])
                page.close()
    except (PSException, PdfminerException, *_STUMBLES):
        return


def _is_seen(word: Word, page: Any) -> bool:
    """Whether a word stands on the page: what is printed beside it nobody sees."""
    middle = (word.x0 + word.x1) / 2
    return bool(0 <= middle <= page.width and 0 <= word.y <= page.height)


def _word(word: dict[str, float | str]) -> Word:
    x0, x1, top, bottom = (float(word[key]) for key in ("x0", "x1", "top", "bottom"))
    return Word(x0, x1, (top + bottom) / 2, bottom - top, str(word["text"]))
