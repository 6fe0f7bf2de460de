"""The sign-ons of the practice bank's systems, made once per home."""

from __future__ import annotations

import json
import os
import secrets
import string
from collections.abc import Mapping
from pathlib import Path

from clerkwork.practice.process import folder

# A sign-on per purpose: what may look, what may type, who releases what the ledger holds.
OPERATORS = {
    "core-desk": "CD01",
    "core-keyboard": "CK01",
    "branch-desk": "BD01",
    "branch-keyboard": "BK01",
    "ledger-desk": "RD01",
    "ledger-keyboard": "RB01",
    "ledger-authoriser": "RA01",
    "voucher-desk": "VD01",
    "voucher-keyboard": "VK01",
    "counter-desk": "TD01",
    "counter-keyboard": "TK01",
}
_CHARACTERS = string.ascii_uppercase + string.digits
_LENGTH = 8  # what the core's password field holds


def credentials(home: Path) -> Mapping[str, Mapping[str, str]]:
    """Operator and password by purpose, from credentials.json, which is made when missing."""
    path = folder(home) / "credentials.json"
    if not path.exists():
        made = {
            purpose: {"operator": operator, "password": _password()}
            for purpose, operator in OPERATORS.items()
        }
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        # readable by nobody else from the first byte on
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(made, file, indent=2)
        unfinished.replace(path)
    kept: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def _password() -> str:
    return "".join(secrets.choice(_CHARACTERS) for _ in range(_LENGTH))
