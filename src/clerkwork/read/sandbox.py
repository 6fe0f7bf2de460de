"""
Documents are opened in a child process with limits, so that none can hurt this one.

    parent                               child (clerkwork.read.child)
    path, kind, limits       ->          sets its limits, opens, reads
    facts, or why not        <-          or is killed at a limit

The answer is one line of JSON; after that of statements come their entries, packed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from clerkwork.errors import Refused
from clerkwork.facts import Entries, Proof, Statement
from clerkwork.read.sheet import Grid

_ABORTED = {-getattr(signal, name, 0) for name in ("SIGABRT", "SIGTRAP", "SIGILL", "SIGKILL")}
_OUT_OF_TIME = -getattr(signal, "SIGXCPU", 0)
_MOST_SCANS = 500  # pages: about an hour
OUT_OF_MEMORY = 71  # the child's exit code when Python could not have more


@dataclass(frozen=True)
class Limits:
    """What reading one file may take; more for a large one, so that a small one cannot unpack."""

    memory_mb: int
    cpu_s: int
    wall_s: int


_SMALL = 256 << 10  # bytes; no file up to this size takes ten seconds or half a gigabyte


def limits_for(size: int) -> Limits:
    """The limits for a file of `size` bytes."""
    more = max(0, size - _SMALL)
    return Limits(
        memory_mb=512 + more // 20_000,
        cpu_s=6 + more // 200_000,
        wall_s=9 + more // 200_000,
    )


def scan_limits(pages: int) -> Limits:
    """
    The limits for a document with so many pages that are pictures.

    Measured: 12 CPU s and 6 to 8 s a page on two cores, 1.9 GB of address space; a page
    that lies on its side is read up to twice.
    """
    return Limits(memory_mb=3072, cpu_s=30 + 40 * pages, wall_s=60 + 60 * pages)


def read_statements(
    path: Path, kind: str, size: int, *, digest: str, language: str
) -> list[Statement]:
    """The statements of a file. Raises Refused with the reason."""
    request = [kind, str(path), digest, language]
    answer, entries = _ask(["statements", *request], limits_for(size))
    if "scans" in answer:
        pages = int(answer["scans"])
        if pages > _MOST_SCANS:
            raise Refused("SCAN_TOO_LONG", pages=pages, most=_MOST_SCANS)
        answer, entries = _ask(["scans", *request], scan_limits(pages))
    found, at = [], 0
    for told in answer["answer"]:
        blocks = []
        for count, length in told["blocks"]:
            blocks.append((count, entries[at : at + length]))
            at += length
        found.append(_statement(told, Entries(told["account"], told["currency"], digest, blocks)))
    return found


def _statement(told: dict[str, Any], entries: Entries) -> Statement:
    """The statement that `child.told` has told of."""
    opening, closing = (told[end] and Decimal(told[end]) for end in ("opening", "closing"))
    period = told["period"] and tuple(map(date.fromisoformat, told["period"]))
    grade, links, problems = told["proof"]
    return Statement(
        account=entries.account,
        currency=entries.currency,
        entries=entries,
        opening=opening,
        closing=closing,
        opening_basis=told["opening_basis"],
        period=period,
        balance_side=told["balance_side"],
        proof=Proof(grade, tuple(links), tuple(problems)),
    )


def draw(path: Path, kind: str, *, language: str) -> bytes:
    """A PNG of a document with what was read drawn on it. Raises Refused with the reason."""
    _, content = _ask(["picture", kind, str(path), "", language], _DRAWING)
    return content


def draw_line(path: Path, kind: str, *, page: int, row: int) -> bytes:
    """A PNG of a document around one line. Raises Refused with the reason."""
    _, content = _ask(["line", kind, str(path), f"{page}:{row}", "en"], _DRAWING)
    return content


_DRAWING = Limits(memory_mb=3072, cpu_s=300, wall_s=300)  # a scan's few pages are read anew


def read_grids(path: Path, kind: str, size: int) -> list[Grid]:
    """The sheets of a file. Raises Refused with the reason."""
    answer, _ = _ask(["grids", kind, str(path), "", "en"], limits_for(size))
    return [Grid(name, tuple(map(tuple, rows))) for name, rows in answer["answer"]]


def _ask(request: list[str], limits: Limits) -> tuple[dict[str, Any], bytes]:
    """What the child answers to a request, and what follows; it lives no longer than its limits."""
    numbers = [str(limits.memory_mb), str(limits.cpu_s)]
    command = [sys.executable, "-P", "-m", "clerkwork.read.child", *numbers, *request]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    ) as child:  # fmt: skip
        try:
            answer, complaint = child.communicate(timeout=limits.wall_s)
        except subprocess.TimeoutExpired:
            raise Refused("DOCUMENT_TOO_COSTLY", limit=f"{limits.wall_s} s") from None
        finally:
            if child.returncode is None:
                _kill(child)
    if child.returncode:
        raise _why(child.returncode, complaint, limits)
    head, _, rest = answer.partition(b"\n")
    told: dict[str, Any] = json.loads(head)
    if "refused" in told:
        refused = told["refused"]
        raise Refused(refused["code"], where=refused["where"], **refused["facts"])
    return told, rest


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End a child, and the processes that it has started."""
    if hasattr(os, "killpg"):
        os.killpg(child.pid, signal.SIGKILL)
    else:
        child.kill()


def _why(code: int, complaint: bytes, limits: Limits) -> Refused:
    """Why the child ended without an answer."""
    if code == _OUT_OF_TIME:
        return Refused("DOCUMENT_TOO_COSTLY", limit=f"{limits.cpu_s} s CPU")
    if code == OUT_OF_MEMORY or code in _ABORTED:
        return Refused("DOCUMENT_TOO_COSTLY", limit=f"{limits.memory_mb} MB")
    lines = [line for line in complaint.decode(errors="replace").splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith(" ")]
    return Refused("DOCUMENT_BROKEN", detail=lines[-1][:200] if lines else f"exit {code}")
