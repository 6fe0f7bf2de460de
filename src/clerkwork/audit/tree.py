"""The Merkle tree of RFC 6962, section 2.1, grown leaf by leaf."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

HASH_BYTES = 32


def leaf_hash(content: bytes) -> bytes:
    """The hash of one leaf."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """
    A tree of `size` leaves, kept as the roots of its complete subtrees, largest first.

        size 7:   [0 1 2 3]  [4 5]  [6]      append one:   [0 1 2 3 4 5 6 7]
    """

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()):
        self.size = size
        self.roots = list(roots)

    def append(self, leaf: bytes) -> None:
        """Add one leaf, given by its hash; subtrees of the same size become one."""
        self.roots.append(leaf)
        self.size += 1
        merges = self.size
        while merges % 2 == 0:
            right = self.roots.pop()
            self.roots.append(node_hash(self.roots.pop(), right))
            merges //= 2

    def root(self) -> bytes:
        """The hash of the whole tree."""
        if not self.roots:
            return sha256(b"").digest()
        whole = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            whole = node_hash(left, whole)
        return whole
