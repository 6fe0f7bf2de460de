"""What may be typed into a box of a window, and when it shows what was typed."""

from __future__ import annotations

from clerkwork.systems.browser.values import check_value
from clerkwork.systems.browser.values import is_same as is_same_shown
from clerkwork.systems.maps import FieldMap
from clerkwork.systems.typing import CELLS, is_wide, too_long


def check_typed(name: str, value: str, mapped: FieldMap, *, code_page: str, where: str) -> None:
    """
    Say no before a key goes out: `length` counts cells, a Chinese character takes two.

    Raises Refused FIELD_TOO_LONG, FIELD_NOT_NUMERIC, FIELD_NOT_ENCODABLE, FIELD_PADDED.
    """
    wide = cells(value)
    if wide > mapped.length:
        raise too_long(name, mapped.length, given=wide, unit=CELLS, where=where)
    check_value(name, value, mapped, code_page=code_page, where=where)


def is_same(shown: str, wanted: str, mapped: FieldMap) -> bool:
    """
    Whether a box shows what was typed; one for secrets shows as many dots.

    >>> is_same("●●●●●●", "secret", FieldMap(length=8, secret=True))
    True
    """
    if mapped.secret and len(set(shown)) == 1 and not shown[0].isalnum():
        return len(shown) == len(wanted)
    return is_same_shown(shown, wanted, mapped)


def cells(text: str) -> int:
    """
    How many cells of a screen `text` takes.

    >>> cells("ACME 张三")
    9
    """
    return len(text) + sum(map(is_wide, text))
