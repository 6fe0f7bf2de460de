"""
Checkpoints: signed notes of the tree's size and root (C2SP tlog-checkpoint, signed-note).

    clerkwork.local/audit/3f1c0a9b        origin: whose log
    1042                                  size
    4NK2…=                                root, base64

    — clerkwork.local/audit/3f1c0a9b x9Yz…   Ed25519 over the lines above

They lie in HOME/checkpoints, a file each, apart from the log; a copy kept elsewhere also
tells when log and folder were cut together.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from clerkwork.audit.tree import HASH_BYTES
from clerkwork.store.private import home_key, make_private, write_once

FOLDER = "checkpoints"
SIGNER_FILE = "signer.vkey"
_ED25519 = b"\x01"  # algorithm byte of signed-note
_KEY_ID_BYTES = 4


@dataclass(frozen=True)
class Signer:
    """The public half of a log's key, with the name it signs under."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that mark its signatures."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:_KEY_ID_BYTES]

    @property
    def verifier_key(self) -> str:
        """The signed-note verifier key, one line: what an auditor keeps elsewhere."""
        key = base64.b64encode(_ED25519 + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{key}"


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint whose signature holds: the first `size` events have this root."""

    size: int
    root: bytes


def signer_of(public: bytes) -> Signer:
    """The signer with the raw Ed25519 key `public`."""
    return Signer(f"clerkwork.local/audit/{sha256(public).hexdigest()[:8]}", public)


def parse_verifier_key(text: str) -> Signer:
    """The signer of a verifier key. Raises ValueError when it is none."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    key = base64.b64decode(encoded, validate=True)
    signer = Signer(name, key[1:])
    if key[:1] != _ED25519 or len(key) != HASH_BYTES + 1 or signer.key_id.hex() != key_id:
        raise ValueError(f"{text.strip()} is not a verifier key")
    return signer


def home_signer(home: Path) -> Signer:
    """The public half of HOME/keys/audit.key."""
    return signer_of(_private_key(home).public_key().public_bytes_raw())


def write_checkpoint(home: Path, size: int, root: bytes) -> None:
    """Sign and keep a checkpoint; one that is there already stays as it is."""
    signer = home_signer(home)
    text = f"{signer.name}\n{size}\n{base64.b64encode(root).decode()}\n"
    signature = signer.key_id + _private_key(home).sign(text.encode())
    note = f"{text}\n— {signer.name} {base64.b64encode(signature).decode()}\n"
    folder = make_private(home / FOLDER)
    write_once(folder / SIGNER_FILE, f"{signer.verifier_key}\n".encode(), mode=0o444)
    write_once(folder / f"{size:012}.note", note.encode(), mode=0o444)


def parse_checkpoint(note: bytes, signer: Signer) -> Checkpoint:
    """The checkpoint of a signed note. Raises ValueError when `signer` did not sign it so."""
    text, _, signatures = note.decode("utf-8").partition("\n\n")
    lines = text.split("\n")
    if len(lines) != 3 or lines[0] != signer.name or lines[1] != str(int(lines[1])):
        raise ValueError("not a checkpoint of this log")
    for line in signatures.splitlines():
        dash, name, encoded = line.split(" ")
        signature = base64.b64decode(encoded, validate=True)
        if (dash, name) == ("—", signer.name) and signature[:_KEY_ID_BYTES] == signer.key_id:
            public = Ed25519PublicKey.from_public_bytes(signer.public)
            try:
                public.verify(signature[_KEY_ID_BYTES:], f"{text}\n".encode())
            except InvalidSignature:
                raise ValueError("the signature does not hold") from None
            return Checkpoint(int(lines[1]), base64.b64decode(lines[2], validate=True))
    raise ValueError("not signed by this log")


def _private_key(home: Path) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(home_key(home, "audit"))
