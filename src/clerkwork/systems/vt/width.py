"""How many cells a character takes, as the host's C library counts them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from clerkwork.systems.grid.buffer import TAIL


@lru_cache(maxsize=4096)
def width_of(character: str, *, is_chinese_page: bool) -> int:
    """
    0, 1 or 2 cells (UAX 11; 0 for what combines with the character before).

    On a Chinese code page every character of two bytes is two cells, box drawing, Greek
    and the middle dot of a name too: so glibc counts in zh_CN.GB18030, while it counts
    them one in a UTF-8 locale.

    >>> [width_of("·", is_chinese_page=page) for page in (False, True)]
    [1, 2]
    """
    if character.isascii():
        return 1
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    if is_chinese_page and _byte_count(character) == 2:
        return 2
    return 0 if unicodedata.category(character) in ("Mn", "Me", "Cf") else 1


def cells_of(text: str, *, is_chinese_page: bool) -> int:
    """How many cells `text` takes."""
    return sum(width_of(character, is_chinese_page=is_chinese_page) for character in text)


def in_cells(text: str, *, is_chinese_page: bool) -> str:
    r"""
    `text` as it stands in cells.

    >>> in_cells("张A", is_chinese_page=False)
    '张\x00A'
    """
    sized = [(each, width_of(each, is_chinese_page=is_chinese_page)) for each in text]
    return "".join(each + TAIL * (width - 1) for each, width in sized if width)


def _byte_count(character: str) -> int:
    try:
        return len(character.encode("gb18030"))
    except UnicodeEncodeError:
        return 0
