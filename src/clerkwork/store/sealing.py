"""Content that names people and cards, encrypted before it is written: AES-256-GCM."""

from __future__ import annotations

import base64
import secrets
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.types import TypeDecorator

_NONCE_BYTES = 12  # NIST SP 800-38D, section 8.2.2
_PREFIX = "sealed:"
_KEY = "clerkwork_key"  # the attribute of an engine's dialect that holds the key


def encrypt(key: bytes, content: bytes, about: bytes) -> bytes:
    """`content` under `key`, bound to `about`, behind its nonce."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, about)


def decrypt(key: bytes, kept: bytes, about: bytes) -> bytes:
    """What `encrypt` was given. Raises InvalidTag for another key, content or `about`."""
    return AESGCM(key).decrypt(kept[:_NONCE_BYTES], kept[_NONCE_BYTES:], about)


def seal_with(engine: sa.Engine, key: bytes) -> None:
    """Let `Sealed` columns that are written and read by `engine` be under `key`."""
    setattr(engine.dialect, _KEY, key)


class Sealed(TypeDecorator[str]):
    """
    A text column that is encrypted under the key of its engine (`seal_with`).

    An engine without a key writes and shows it as it is; so are rows from before shown.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """`value` as it is stored."""
        key = getattr(dialect, _KEY, None)
        if value is None or key is None:
            return value
        return _PREFIX + base64.b64encode(encrypt(key, value.encode(), b"")).decode()

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        """The text again."""
        key = getattr(dialect, _KEY, None)
        if value is None or key is None or not value.startswith(_PREFIX):
            return value
        return decrypt(key, base64.b64decode(value.removeprefix(_PREFIX)), b"").decode()
