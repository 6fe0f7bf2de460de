"""What is known of one kind of event."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EventKind:
    """A kind of event: its fields (the run and the item besides), and its sentence."""

    fields: tuple[str, ...]
    en: str
    zh: str
