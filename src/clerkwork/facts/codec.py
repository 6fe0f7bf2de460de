"""Facts as JSON and back: exact amounts as strings, dates as ISO 8601."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter

F = TypeVar("F")


def to_json(fact: object) -> bytes:
    """`fact` (a dataclass of this room) as UTF-8 JSON."""
    return _adapter(type(fact)).dump_json(fact)


def from_json(kind: type[F], stored: bytes | str) -> F:
    """The fact of `kind` that `to_json` wrote."""
    fact: F = _adapter(kind).validate_json(stored)
    return fact


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}  # making one costs more than using it


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
