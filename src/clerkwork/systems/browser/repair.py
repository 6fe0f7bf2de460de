"""What to change in a map when an element is no longer where its first selector says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clerkwork.systems.maps import FieldMap, KeyMap


@dataclass(frozen=True)
class Repair:
    """
    A proposal that a person must agree to: the line of the map, old and new.

    `selector` is what still finds the element; `table` "fields" or "keys".
    """

    place: str
    table: str
    old: str
    new: str
    selector: str

    @property
    def diff(self) -> str:
        """The change as a diff."""
        head = f"--- a/{self.place}\n+++ b/{self.place}\n@@ [{self.table}] @@"
        return f"{head}\n-{self.old}\n+{self.new}"


def repair_of(
    system: str, screen: str, name: str, mapped: FieldMap | KeyMap, found: Mapping[str, Any]
) -> Repair:
    """
    The repair that makes the selector by which the element was `found` the first one.

    A label that the page has beside the element now takes the place of the old one.
    """
    is_field = isinstance(mapped, FieldMap)
    ranked = mapped.selectors if isinstance(mapped, FieldMap) else (mapped.selector,)
    at = int(found["rank"]) - bool(mapped.label)
    given = {key: getattr(mapped, key) for key in type(mapped).model_fields if _is_set(mapped, key)}
    changed = dict(given)
    if mapped.label:
        changed["label"] = found["label"]
    if is_field:
        changed["selectors"] = ranked[at:]  # those before it find nothing
    return Repair(
        place=f"resources/systems/{system}/screens/{screen}.toml",
        table="fields" if is_field else "keys",
        old=_line(name, given),
        new=_line(name, changed),
        selector=ranked[at],
    )


def _is_set(mapped: FieldMap | KeyMap, key: str) -> bool:
    return key in mapped.model_fields_set


_ORDER = ("frame", "label", "selectors", "selector")  # as the maps are written; then the rest


def _line(name: str, values: Mapping[str, Any]) -> str:
    """One line of TOML, without what is empty."""
    keys = [key for key in _ORDER if key in values] + [key for key in values if key not in _ORDER]
    shown = [f"{key} = {_toml(values[key])}" for key in keys if values[key] not in ("", (), {})]
    return f"{name} = {{ {', '.join(shown)} }}"


def _toml(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(each) for each in value)}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_toml(k)} = {_toml(v)}' for k, v in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)
