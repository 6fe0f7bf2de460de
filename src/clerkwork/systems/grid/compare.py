"""How what stands on a screen of characters differs from its map."""

from __future__ import annotations

from collections.abc import Callable

from clerkwork.errors import Drifted
from clerkwork.systems.grid.buffer import Field
from clerkwork.systems.maps import FieldMap, ScreenMap


def differences_of(
    screen: ScreenMap, field_at: Callable[[FieldMap], Field | None], *, where: str
) -> list[Drifted]:
    """Each mapped field that is missing, protected or shorter than mapped; see `port.Session`."""
    differing = []
    for name, mapped in screen.fields.items():
        if mapped.readonly:
            continue
        facts = {"field": name, "screen": screen.name}
        place = field_at(mapped)
        if place is None:
            differing.append(Drifted("FIELD_MISSING", where=where, **facts))
        elif place.is_protected:
            differing.append(Drifted("FIELD_PROTECTED", where=where, **facts))
        elif place.length < mapped.length:
            facts |= {"length": str(mapped.length), "shown": str(place.length)}
            differing.append(Drifted("FIELD_SHORTER", where=where, **facts))
    return differing
