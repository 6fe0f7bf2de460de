"""SQLite files that survive a crash and are shared by several processes."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Literal

WAIT_S = 30.0  # how long a writer waits for another one
_AGAIN_S = 0.05


def connect(
    path: Path, *, isolation_level: Literal["IMMEDIATE"] | None = None
) -> sqlite3.Connection:
    """
    A connection to the file at `path`, made when missing: WAL, synchronous=FULL.

    Threads may share it if they take turns. A connection with isolation level None
    begins nothing by itself.
    """
    connection = sqlite3.connect(
        path, timeout=WAIT_S, isolation_level=isolation_level, check_same_thread=False
    )
    try:
        _switch_to_wal(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """The first switch takes the whole file, and SQLite does not wait for that by itself."""
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_AGAIN_S)
