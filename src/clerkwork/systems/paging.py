"""A table that goes on over several screens, read to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from clerkwork.errors import Drifted, Misconfigured
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.port import Screen

Row = Mapping[str, str]
_MOST_PAGES = 100_000  # a host that never says that it ends is not believed for ever


def rows_over_pages(
    system: SystemMap,
    table: str,
    *,
    screen: str,
    rows: Callable[[str], Sequence[Row]],
    press: Callable[[str], Screen],
) -> Iterator[Row]:
    """
    The rows of `table`, page by page, until the system says that there are no more.

    Raises Misconfigured TABLE_NOT_PAGED when the map does not say how to go on, Drifted
    FIELD_MISSING for a table that is not on the screen, TABLE_ENDLESS when a page comes
    again without the message that ends the table.
    """
    mapped = system.screens[screen].tables.get(table)
    if mapped is None:
        where = f"{system.name} {screen}"
        raise Drifted("FIELD_MISSING", where=where, field=table, screen=screen)
    if not (mapped.forward and mapped.last):
        raise Misconfigured("TABLE_NOT_PAGED", system=system.name, screen=screen, table=table)
    before: Sequence[Row] = ()
    for _ in range(_MOST_PAGES):
        page = rows(table)
        if page and page == before:
            break
        yield from page
        before = page
        if press(mapped.forward).message_code == mapped.last:
            return
    raise Drifted("TABLE_ENDLESS", where=f"{system.name} {screen}", table=table)
