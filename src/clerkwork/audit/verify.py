"""
Verify the audit log: every event, their order, every signed checkpoint, and its indexes.

    bytes ── leaf ──┬── chain      names the event that was altered, swapped or is gone
                    └── tree ── checkpoint   tells a tail that was cut, or all rewritten
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from clerkwork.audit.checkpoints import (
    FOLDER,
    SIGNER_FILE,
    Checkpoint,
    Signer,
    home_signer,
    parse_checkpoint,
    parse_verifier_key,
)
from clerkwork.audit.log import CHAIN_START, FILE, next_chain
from clerkwork.audit.tree import Frontier, leaf_hash
from clerkwork.errors import Failure, Misconfigured, Refused

_ENOUGH = 20  # problems; the first ones name the place


@dataclass(frozen=True)
class Verification:
    """
    What was verified, and what does not hold, in the order of the log.

    `signer` is the verifier key that the checkpoints were checked with.
    """

    events: int
    checkpoints: int
    signer: str
    problems: tuple[Failure, ...]

    @property
    def holds(self) -> bool:
        """Whether the log is the one that was written."""
        return not self.problems


def verify(home: Path, *, key: str = "", kept: Sequence[Path] = ()) -> Verification:
    """
    Verify the audit log of `home`; changes nothing.

    `key` is the verifier key to expect (default: the home's own), `kept` are checkpoints
    kept elsewhere. Raises Misconfigured AUDIT_KEY_WRONG, CHECKPOINT_UNREADABLE.
    """
    problems: list[Failure] = []
    signer = signer_of_home(home, key, problems)
    # first the checkpoints: the log may grow while it is read
    notes = [*sorted((home / FOLDER).glob("*.note")), *kept]
    checkpoints = _checkpoints(notes, signer, problems)
    walk = _Walk(problems, sorted(checkpoints, key=lambda checkpoint: checkpoint.size))
    path = home / FILE
    try:
        for position, stored, leaf, chain in _rows(path):
            walk.take(position, stored, leaf, chain)
            if len(problems) >= _ENOUGH:
                break
        else:
            walk.end()
            damage = _damage(path)
            if damage:
                problems.append(Refused("AUDIT_FILE_DAMAGED", file=str(path), detail=damage))
    except sqlite3.DatabaseError as broken:
        problems.append(
            Refused("AUDIT_UNREADABLE", file=str(path), last=walk.last, detail=str(broken))
        )
    if signer and walk.count and not notes:
        problems.append(Refused("CHECKPOINTS_GONE", folder=str(home / FOLDER)))
    return Verification(
        events=walk.count,
        checkpoints=len(checkpoints),
        signer=signer.verifier_key if signer else "",
        problems=tuple(problems),
    )


class _Walk:
    """Events in order, checked one by one against chain, tree and checkpoints."""

    def __init__(self, problems: list[Failure], checkpoints: list[Checkpoint]):
        self.problems = problems
        self.checkpoints = checkpoints
        self.count = 0
        self.last = 0
        self._chain = CHAIN_START
        self._tree = Frontier()
        self._proven = 0  # size of the last checkpoint that holds
        self._sound = True  # no problem in the events so far

    def take(self, position: int, stored: object, leaf: object, chain: object) -> None:
        """One row of the log, as it is found."""
        if position > self.last + 1:
            self._found(Refused("AUDIT_EVENTS_MISSING", first=self.last + 1, last=position - 1))
        follows = position == self.last + 1
        found = leaf_hash(stored) if isinstance(stored, bytes) else b""
        if found != leaf:
            self._found(Refused("AUDIT_EVENT_ALTERED", event=position))
        elif position <= self.last or (follows and chain != next_chain(self._chain, found)):
            self._found(Refused("AUDIT_EVENT_MISPLACED", event=position))
        self.count += 1
        self.last = position
        self._chain = chain if isinstance(chain, bytes) else b""
        if self._sound:
            self._tree.append(found)
            self._compare()

    def end(self) -> None:
        """After the last row: what checkpoints have signed beyond it is gone."""
        beyond = [checkpoint.size for checkpoint in self.checkpoints if checkpoint.size > self.last]
        if beyond:
            first = self.last + 1
            self.problems.append(Refused("AUDIT_TAIL_CUT", first=first, last=max(beyond)))

    def _compare(self) -> None:
        """The tree against the checkpoints of its size."""
        while self.checkpoints and self.checkpoints[0].size <= self._tree.size:
            checkpoint = self.checkpoints.pop(0)
            if checkpoint.root != self._tree.root():
                size = checkpoint.size
                self._found(Refused("AUDIT_REWRITTEN", first=self._proven + 1, last=size))
            self._proven = checkpoint.size

    def _found(self, problem: Failure) -> None:
        self.problems.append(problem)
        self._sound = False


def _rows(path: Path) -> Iterator[tuple[int, object, object, object]]:
    """The rows of the log as they were at one moment; none when there is no log."""
    if not path.exists():
        return
    with closing(_opened(path)) as connection:
        connection.text_factory = bytes  # what was made a text is not the bytes that were stored
        yield from connection.execute(
            "SELECT position, event, leaf, chain FROM events ORDER BY position"
        )


def _damage(path: Path) -> str:
    """What SQLite finds wrong beside the events, as an index that hides some from searches."""
    if not path.exists():
        return ""
    with closing(_opened(path)) as connection:
        (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    return "" if said == "ok" else str(said)


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def signer_of_home(home: Path, key: str, problems: list[Failure]) -> Signer | None:
    """Whose signatures count; the signer that the folder names must be the same."""
    file = home / FOLDER / SIGNER_FILE
    named = _parsed(file.read_text(encoding="utf-8")) if file.exists() else None
    if key:
        signer = _parsed(key)
        if signer is None:
            raise Misconfigured("AUDIT_KEY_WRONG")
    elif (home / "keys" / "audit.key").exists():
        signer = home_signer(home)
    else:
        signer = named
    if file.exists() and named != signer:
        problems.append(Refused("AUDIT_SIGNER_REPLACED", file=str(file)))
    return signer


def _parsed(key: str) -> Signer | None:
    try:
        return parse_verifier_key(key)
    except ValueError:
        return None


def _checkpoints(
    files: Sequence[Path], signer: Signer | None, problems: list[Failure]
) -> list[Checkpoint]:
    found = []
    for file in files:
        try:
            note = file.read_bytes()
            if signer is None:
                raise ValueError("there is no key to check it with")
            found.append(parse_checkpoint(note, signer))
        except OSError as refused:
            detail = refused.strerror or str(refused)
            raise Misconfigured("CHECKPOINT_UNREADABLE", file=str(file), detail=detail) from None
        except ValueError:
            problems.append(Refused("CHECKPOINT_FORGED", file=str(file)))
    return found
