"""What may be typed into a web field, and when a field shows what was typed."""

from __future__ import annotations

import re
from decimal import Decimal

from clerkwork.errors import Refused
from clerkwork.systems.maps import FieldMap
from clerkwork.systems.typing import CHARACTERS, Unit, check_typed, hidden

_GROUPED = re.compile(r"-?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?")


def check_value(name: str, value: str, mapped: FieldMap, *, code_page: str, where: str) -> None:
    """
    Say no before a key goes out: browsers cut what is too long without a word, and a
    line end in a value would press Enter.

    Raises Refused FIELD_TOO_LONG, FIELD_NOT_NUMERIC, FIELD_NOT_ENCODABLE, FIELD_PADDED.
    """
    if value != value.strip():
        raise Refused("FIELD_PADDED", where=where, field=name, value=hidden(value, mapped))
    check_typed(
        name,
        value,
        mapped,
        length=mapped.length,
        kinds=(mapped.type,),
        code_page=code_page,
        where=where,
        cells=len if code_page == "utf-8" else lambda text: len(text.encode(code_page, "replace")),
        unit=CHARACTERS if code_page == "utf-8" else _bytes_in(code_page),
    )


def _bytes_in(code_page: str) -> Unit:
    return Unit(f"bytes in {code_page}", f"个字节（按 {code_page} 编码）")


def is_same(shown: str, wanted: str, mapped: FieldMap) -> bool:
    """
    Whether a field shows what was typed; an amount may have been grouped by the page.

    >>> is_same("1,234.50", "1234.5", FieldMap(type="amount", length=20))
    True
    """
    if mapped.type == "amount" and wanted and _GROUPED.fullmatch(shown):
        return Decimal(shown.replace(",", "")) == Decimal(wanted)
    return shown == wanted


def is_completed(shown: str, typed: str) -> bool:
    """
    Whether a page made more of what was typed: the code, then what it stands for.

    >>> is_completed("1.1.1 - Cash", "1.1.1"), is_completed("1.1.10 - Gold", "1.1.1")
    (True, False)
    >>> is_completed("1.1.1", "1.1.1")
    False
    """
    rest = shown.removeprefix(typed)
    return rest != shown and rest[:1].isspace()
