"""What makes a thing the same thing: digests of what it says, never of where it was printed."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable


def digest(*parts: object) -> str:
    """SHA-256, in hex, of the parts as one canonical JSON array (UTF-8)."""
    return hashlib.sha256(_CANONICAL.encode([str(part) for part in parts]).encode()).hexdigest()


_CANONICAL = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def normalised(text: str) -> str:
    """
    `text` as it counts for identity: NFKC, upper case, letters and digits only.

    A renderer that wraps, pads or widens characters changes nothing of it.
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).upper())


def entry_ids(keys: Iterable[tuple[object, ...]]) -> list[str]:
    """
    One id per entry key (account, accounting date, currency, amount, reference,
    normalised text), in order; equal keys are told apart by their ordinal.
    """
    seen: dict[tuple[object, ...], int] = {}
    ids = []
    for key in keys:
        ordinal = seen[key] = seen.get(key, 0) + 1
        ids.append(entry_id(key, ordinal))
    return ids


def entry_id(key: tuple[object, ...], ordinal: int) -> str:
    """The id (32 hex digits) of the entry that is the `ordinal`th with this key."""
    return digest("entry", *key, ordinal)[:32]


def reference_of(target: str, purpose: str, sources: Iterable[str], *, length: int = 16) -> str:
    """
    The reference under which an instruction is keyed: digest of target, purpose and
    its sorted source ids in base 32 (capitals and 2 to 7), cut to the target's field.

    Never of a run or a file, so the same day run again has the same references.
    """
    raw = hashlib.sha256(digest(target, purpose, *sorted(sources)).encode()).digest()
    return "CW" + base64.b32encode(raw).decode()[: length - 2]
