"""When the answer to a key is there, whichever program holds the terminal."""

from __future__ import annotations

import time
from collections.abc import Callable

from clerkwork.systems.grid.terminal import Reading

# In addition to the conditions: an answer that changed nothing on the screen may be the
# first part of one that will; this long nothing more may come before it is believed.
_QUIET_S = 0.25


def answer_of(
    hear: Callable[[Reading, float], Reading],
    is_there: Callable[[Reading], bool],
    *,
    first: Reading,
    before: Reading | None,
    deadline: float,
) -> Reading:
    """
    See `grid.terminal.Terminal.wait`; `hear` gives the reading after another one, once
    something has come or after at most so many seconds.
    """
    reading = first
    while reading.is_connected:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        if reading.is_unlocked and is_there(reading):
            if before is None or reading.buffer != before.buffer:
                break
            if reading.records != before.records:
                later = hear(reading, min(left, _QUIET_S))
                if later.records == reading.records:
                    return later
                reading = later
                continue
        reading = hear(reading, left)
    return reading
