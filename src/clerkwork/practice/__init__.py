"""A whole practice bank on loopback: core, ledger, documents, and its bad manners."""

from clerkwork.practice.process import (
    DateTooEarly,
    NotStarted,
    NotStopped,
    Practice,
    RunsOtherDay,
    start,
    status,
    stop,
)

__all__ = [
    "DateTooEarly",
    "NotStarted",
    "NotStopped",
    "Practice",
    "RunsOtherDay",
    "start",
    "status",
    "stop",
]
