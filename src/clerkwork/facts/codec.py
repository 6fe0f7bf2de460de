"""Facts as JSON and back: exact amounts as strings, dates as ISO 8601."""

from __future__ import annotations

from functools import cache
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


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
