"""
The signature of a call: HMAC-SHA-256 (RFC 2104) over what is called, when, and with what.

    POST
    /triggers/close_of_day
    1781270400                     seconds since 1970, UTC
    4f1c9a52e0b74d16               the nonce: new for each call, the same when it is repeated
    e3b0c442...                    SHA-256 of the body, in hex

These five lines, without a newline at the end, are signed with the secret that the schedule
names; the signature is sent in hex. Where a person signed it, their name is a sixth line and
is sent besides: the run is theirs, and nobody approves what they started.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

TIME, NONCE, SIGNATURE = "x-clerkwork-time", "x-clerkwork-nonce", "x-clerkwork-signature"
BY = "x-clerkwork-by"
SKEW_S = 300  # how far the caller's clock may be off
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_TIME = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class Call:
    """A call as it came: what was called, with which body, and what its headers say."""

    method: str
    path: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def nonce(self) -> str:
        """What makes it this call; "" when it has none."""
        nonce = self.headers.get(NONCE, "")
        return nonce if _NONCE.fullmatch(nonce) else ""

    @property
    def by(self) -> str:
        """Who signed it, as they sign in; "" for a program."""
        return self.headers.get(BY, "")

    def is_signed(self, secret: str, *, now_s: float) -> bool:
        """Whether somebody who has `secret` signed it, within `SKEW_S` of now."""
        at = self.headers.get(TIME, "")
        if not self.nonce or not _TIME.fullmatch(at) or abs(now_s - int(at)) > SKEW_S:
            return False
        about = {"at": at, "nonce": self.nonce, "by": self.by}
        wanted = sign(secret, self.method, self.path, body=self.body, **about)
        given = self.headers.get(SIGNATURE, "").lower()
        return hmac.compare_digest(wanted.encode(), given.encode())


def sign(
    secret: str, method: str, path: str, *, at: str, nonce: str, body: bytes, by: str = ""
) -> str:
    """The signature of a call, in hex; `by`: the person who signs it."""
    lines = [method, path, at, nonce, hashlib.sha256(body).hexdigest(), *([by] if by else [])]
    return hmac.new(secret.encode(), "\n".join(lines).encode(), "sha256").hexdigest()
