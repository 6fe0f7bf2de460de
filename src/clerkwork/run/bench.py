"""A session that stays open between the items of one target, used by one item at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from clerkwork.systems.port import Session

T = TypeVar("T")
Open = Callable[[str], Session]
SignOnTask = Callable[[Session], None]


class Bench:
    """
    One target's signed-on session, opened when first needed.

    A recovered item may come beside one from the queue: `do` lets one in at a time.
    """

    def __init__(self, open_session: Open, signed_on: Callable[[str], object]):
        self.item_id = ""  # whose evidence the session's pictures are
        self.compared: set[str] = set()  # bots whose screens this session was found to have
        self._open = open_session
        self._signed_on = signed_on  # told of each sign-on, with the target's name
        self._session: Session | None = None
        self._in_use = threading.RLock()

    def do(self, work: Callable[[], T]) -> T:
        """Do `work` alone on this bench, and give what it gives or raises."""
        with self._in_use:
            return work()

    def session(self, target: str, sign_on: SignOnTask) -> Session:
        """The signed-on session."""
        if self._session is None:
            session = self._open(target)
            try:
                sign_on(session)
            except BaseException:
                session.close()
                raise
            self._session = session
            self._signed_on(target)
        return self._session

    def renew(self) -> None:
        """Leave the session: the next item signs on afresh."""
        with self._in_use:
            session, self._session = self._session, None
            self.compared.clear()
            if session is not None:
                session.close()
