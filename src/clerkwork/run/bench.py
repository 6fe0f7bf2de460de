"""
Sessions that stay open between the items of one target.

A browser's objects belong to the thread that opened them, so each target has one
thread of its own, and everything that touches its session is done there.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from clerkwork.systems.port import Session

T = TypeVar("T")
Open = Callable[[str], Session]
SignOnTask = Callable[[Session], None]


class Bench:
    """One target's thread and its signed-on session, opened when first needed."""

    def __init__(self, target: str, open_session: Open):
        self.item_id = ""  # whose evidence the session's pictures are; set on the thread
        self._open = open_session
        self._session: Session | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"bench-{target}")

    def do(self, work: Callable[[], T]) -> T:
        """Do `work` on the target's thread, and give what it gives or raises."""
        return self._thread.submit(work).result()

    def session(self, target: str, sign_on: SignOnTask) -> Session:
        """The signed-on session; to be called on the target's thread."""
        if self._session is None:
            session = self._open(target)
            try:
                sign_on(session)
            except BaseException:
                session.close()
                raise
            self._session = session
        return self._session

    def renew(self) -> None:
        """Leave the session: the next item signs on afresh. On the target's thread."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def close(self) -> None:
        """Leave the session and end the thread."""
        self.do(self.renew)
        self._thread.shutdown()
