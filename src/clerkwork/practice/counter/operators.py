"""Who may sign on at the counter, what they may do there, and who is signed on now."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

# credential name -> whether its operator may post
MAY_POST = {"counter-desk": False, "counter-keyboard": True}


@dataclass(frozen=True)
class Operator:
    """One operator of the counter."""

    name: str
    may_post: bool
    password: str = field(repr=False)


class SignOns:
    """The operators, and the sessions that are open: token -> operator and last use."""

    def __init__(self, credentials: Mapping[str, Mapping[str, str]], *, idle_s: float):
        self._idle_s = idle_s
        self._open: dict[str, tuple[Operator, float]] = {}
        self._operators: dict[str, Operator] = {}
        for name, may_post in MAY_POST.items():
            given = credentials[name]
            operator = Operator(given["operator"], may_post, given["password"])
            self._operators[operator.name] = operator

    def check(self, name: str, password: str) -> Operator | None:
        """The operator of that name, None when name or password is wrong."""
        operator = self._operators.get(name)
        if operator and hmac.compare_digest(operator.password.encode(), password.encode()):
            return operator
        return None

    def open(self, operator: Operator) -> str:
        """The token of a new session."""
        token = secrets.token_urlsafe(24)
        self._open[token] = (operator, time.monotonic())
        return token

    def who(self, token: str) -> Operator | None:
        """The operator of an open session, None when there is none or it was idle too long."""
        operator, used_at = self._open.pop(token, (None, 0.0))
        if operator is None or time.monotonic() - used_at > self._idle_s:
            return None
        self._open[token] = (operator, time.monotonic())
        return operator

    def sign_off(self, token: str) -> None:
        """End a session."""
        self._open.pop(token, None)

    def expire_all(self) -> None:
        """End every session, as if all had been idle too long."""
        self._open.clear()
