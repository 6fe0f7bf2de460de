"""
The proof that an event stands in a signed tree (RFC 6962, section 2.1.1).

    event ── leaf ──┐
    path: sister of each node on the way up ──┴── root ── signed checkpoint
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from clerkwork.audit.checkpoints import FOLDER, Checkpoint, parse_checkpoint
from clerkwork.audit.log import FILE
from clerkwork.audit.search import find_event
from clerkwork.audit.tree import leaf_hash, node_hash
from clerkwork.audit.verify import signer_of_home
from clerkwork.errors import Failure


@dataclass(frozen=True)
class Proof:
    """
    An event's leaf, its path to the root of a tree of `size`, and that tree's signed root.

    `size` is 0 while no checkpoint has signed it yet: the next one will.
    """

    position: int
    leaf: bytes
    path: tuple[bytes, ...]
    size: int
    root: bytes
    signer: str
    is_signed: bool

    @property
    def holds(self) -> bool:
        """Whether the event, by its path, leads to the root that was signed."""
        return self.is_signed and root_of(self) == self.root


def prove(home: Path, position: int) -> Proof:
    """
    The proof of the event at `position`, by the first checkpoint that covers it.

    Raises Refused AUDIT_EVENT_UNKNOWN.
    """
    leaf = leaf_hash(find_event(home, position).stored)
    problems: list[Failure] = []
    signer = signer_of_home(home, "", problems)
    named = signer.verifier_key if signer else ""
    note = _first_note(home, position)
    if note is None:
        return Proof(position, leaf, (), 0, b"", named, is_signed=False)
    try:
        if signer is None or problems:
            raise ValueError("nobody's signature counts here")
        checkpoint = parse_checkpoint(note.read_bytes(), signer)
    except ValueError:
        return Proof(position, leaf, (), int(note.stem), b"", named, is_signed=False)
    path = _path(_leaves(home, checkpoint), position - 1)
    return Proof(
        position, leaf, tuple(path), checkpoint.size, checkpoint.root, named, is_signed=True
    )


def root_of(proof: Proof) -> bytes:
    """The root to which leaf and path lead (RFC 9162, section 2.1.3.2); b"" when they do not."""
    index, last = proof.position - 1, proof.size - 1
    if not 0 <= index <= last:
        return b""
    node = proof.leaf
    for sister in proof.path:
        if last == 0:
            return b""
        if index % 2 or index == last:
            node = node_hash(sister, node)
            while index % 2 == 0 and index:
                index, last = index // 2, last // 2
        else:
            node = node_hash(node, sister)
        index, last = index // 2, last // 2
    return node if last == 0 else b""


def _first_note(home: Path, position: int) -> Path | None:
    notes = sorted((home / FOLDER).glob("*.note"))
    return next(
        (note for note in notes if note.stem.isdecimal() and int(note.stem) >= position), None
    )


def _leaves(home: Path, checkpoint: Checkpoint) -> list[bytes]:
    wanted = "SELECT leaf FROM events WHERE position <= ? ORDER BY position"
    with closing(sqlite3.connect(f"{(home / FILE).resolve().as_uri()}?mode=ro", uri=True)) as log:
        return [leaf for (leaf,) in log.execute(wanted, (checkpoint.size,))]


def _path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The sisters of the leaf at `index`, from the leaf up: level by level."""
    path = []
    level = list(leaves)
    while len(level) > 1:
        sister = index ^ 1
        if sister < len(level):
            path.append(level[sister])
        level = [
            node_hash(level[n], level[n + 1]) if n + 1 < len(level) else level[n]
            for n in range(0, len(level), 2)
        ]
        index //= 2
    return path
