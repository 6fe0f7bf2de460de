"""Who did it, without a name in the log: keyed pseudonyms, resolved through the store."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import sqlalchemy as sa

from clerkwork.store import Store
from clerkwork.store.private import home_key
from clerkwork.store.tables import people

_PREFIX = "person:"


def pseudonym_key(home: Path) -> bytes:
    """The key of this home's pseudonyms, made when missing."""
    return home_key(home, "pseudonym")


def pseudonym(key: bytes, name: str) -> str:
    """What the log has in the place of `name`; nobody without `key` can tell who it is."""
    return _PREFIX + hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:16]


def pseudonym_of(home: Path, name: str) -> str:
    """What the log of `home` has in the place of `name`."""
    return pseudonym(pseudonym_key(home), name)


def people_by_pseudonym(home: Path, store: Store) -> dict[str, str]:
    """The name of everybody in the store, by pseudonym: who is no longer there stays unknown."""
    key = pseudonym_key(home)
    with store.connect() as conn:
        names = conn.execute(sa.select(people.c.name)).scalars()
        return {pseudonym(key, name): name for name in names}
