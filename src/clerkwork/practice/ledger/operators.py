"""Who may sign in to the ledger, what they may do there, and who is signed in now."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

# credential name -> role; "looks" searches only, "keys" enters vouchers, "releases" authorises
ROLES = {"ledger-desk": "looks", "ledger-keyboard": "keys", "ledger-authoriser": "releases"}


@dataclass(frozen=True)
class Operator:
    """One operator of the ledger."""

    name: str
    role: str
    password: str = field(repr=False)


class SignIns:
    """The operators, and the sessions that are open: token -> operator and last use."""

    def __init__(self, credentials: Mapping[str, Mapping[str, str]], *, idle_s: float):
        self._idle_s = idle_s
        self._operators = {
            credentials[name]["operator"]: Operator(
                credentials[name]["operator"], role, credentials[name]["password"]
            )
            for name, role in ROLES.items()
        }
        self._open: dict[str, tuple[Operator, float]] = {}

    def sign_in(self, name: str, password: str) -> str | None:
        """The token of a new session, None when operator or password is wrong."""
        operator = self._operators.get(name)
        if operator is None:
            return None
        if not hmac.compare_digest(operator.password.encode(), password.encode()):
            return None
        token = secrets.token_urlsafe(24)
        self._open[token] = (operator, time.monotonic())
        return token

    def who(self, token: str) -> Operator | None:
        """The operator of an open session, None when there is none or it was idle too long."""
        if token not in self._open:
            return None
        operator, used_at = self._open[token]
        if time.monotonic() - used_at > self._idle_s:
            del self._open[token]
            return None
        self._open[token] = (operator, time.monotonic())
        return operator

    def sign_off(self, token: str) -> None:
        """End a session."""
        self._open.pop(token, None)

    def expire_all(self) -> None:
        """End every session, as if all had been idle too long."""
        self._open.clear()
