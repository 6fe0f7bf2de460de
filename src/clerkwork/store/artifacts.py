"""
Artifacts: evidence and documents, encrypted, each under a key of its own.

The content lies in HOME/artifacts, AES-256-GCM under a random data key; the row in the
store has that key wrapped by HOME/keys/artifact.key, and the digest, an HMAC under the
artifact's own salt: who has the audit log alone can neither read nor guess a content.
Without its row a content is gone.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from clerkwork.errors import Misconfigured, Refused
from clerkwork.store.database import Store
from clerkwork.store.private import home_key, make_private, write_once
from clerkwork.store.sealing import decrypt, encrypt
from clerkwork.store.tables import artifacts


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Artifact:
    """A kept artifact; `digest` is what the audit log has of it."""

    id: str
    digest: str


@dataclass(frozen=True)
class Artifacts:
    """The artifacts of one home folder and its store."""

    store: Store
    home: Path
    clock: Callable[[], datetime] = utc_now

    def put(
        self, content: bytes, *, name: str, kind: str, run: str = "", item: str = ""
    ) -> Artifact:
        """Encrypt and keep `content`; it is durable when this returns."""
        artifact_id = secrets.token_hex(16)
        data_key, salt = secrets.token_bytes(32), secrets.token_bytes(16)
        row: dict[str, Any] = {
            "id": artifact_id,
            "digest": _digest(content, salt),
            "name": name,
            "kind": kind,
            "size": len(content),
            "run_id": run,
            "item_id": item,
        }
        home_secret = home_key(self.home, "artifact")
        path = self._path(artifact_id)
        make_private(path.parent)
        write_once(path, encrypt(data_key, content, _about(row)))
        row["salt"] = salt
        row["key_id"] = _key_id(home_secret)
        row["wrapped_key"] = encrypt(home_secret, data_key, artifact_id.encode())
        with self.store.begin() as conn:
            conn.execute(sa.insert(artifacts).values(created_at=self.clock(), **row))
        return Artifact(artifact_id, row["digest"])

    def get(self, artifact_id: str, *, digest: str = "") -> bytes:
        """
        The content, proven to be what was kept (and, where given, what has `digest`).

        Raises Refused ARTIFACT_UNKNOWN, ARTIFACT_ALTERED, ARTIFACT_MISSING,
        Misconfigured ARTIFACT_KEY_OTHER.
        """
        wanted = sa.select(artifacts).where(artifacts.c.id == artifact_id)
        with self.store.connect() as conn:
            row = conn.execute(wanted).mappings().one_or_none()
        if row is None:
            raise Refused("ARTIFACT_UNKNOWN", artifact=artifact_id)
        home_secret = home_key(self.home, "artifact")
        if row["key_id"] != _key_id(home_secret):
            raise Misconfigured("ARTIFACT_KEY_OTHER", artifact=artifact_id, key_id=row["key_id"])
        try:
            data_key = decrypt(home_secret, row["wrapped_key"], artifact_id.encode())
            content = decrypt(data_key, self._path(artifact_id).read_bytes(), _about(row))
        except FileNotFoundError:
            raise Refused("ARTIFACT_MISSING", artifact=artifact_id, name=row["name"]) from None
        except (InvalidTag, ValueError):
            raise Refused("ARTIFACT_ALTERED", artifact=artifact_id, name=row["name"]) from None
        found = _digest(content, row["salt"])
        if found != row["digest"] or digest not in ("", found):
            raise Refused("ARTIFACT_ALTERED", artifact=artifact_id, name=row["name"])
        return content

    def _path(self, artifact_id: str) -> Path:
        return self.home / "artifacts" / artifact_id[:2] / artifact_id


def _digest(content: bytes, salt: bytes) -> str:
    return hmac.new(salt, content, hashlib.sha256).hexdigest()


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"clerkwork artifact key" + key).hexdigest()[:8]


def _about(row: Any) -> bytes:
    """What the content is bound to: to be shown under another name is to be altered."""
    bound = ("id", "digest", "name", "kind", "size", "run_id", "item_id")
    return json.dumps([row[name] for name in bound], ensure_ascii=False).encode()
