"""
Degraded pages in both languages: figures right after repair, and everything unproven marked.

CLERKWORK_SCANS is how many pages are read of each document, all of them by 99; without
it nothing is, for a page takes eight seconds.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clerkwork.facts import Entry
from clerkwork.practice import world
from clerkwork.practice.documents import render
from clerkwork.read import Document, read_document
from tests.degraded import CHINESE, ENGLISH, Scanner, statement_pdf

PAGES = int(os.environ.get("CLERKWORK_SCANS", "0"))
SHARE = 0.995

pytestmark = pytest.mark.skipif(not PAGES, reason="CLERKWORK_SCANS says how many pages to read")


def truth(path: Path, pages: int) -> list[Entry]:
    """The entries on the first pages of the printed document."""
    (statement,) = read_document(path).statements
    return [entry for entry in statement.entries if entry.origin.page <= pages]


def figures(entries: Sequence[Entry]) -> Counter[Any]:
    """Every amount and date, with the balance beside it, which tells rows apart."""
    found = Counter(("amount", entry.balance, entry.amount) for entry in entries)
    return found + Counter(("date", entry.balance, entry.accounting_date) for entry in entries)


def entries_of(document: Document) -> list[Entry]:
    return [entry for statement in document.statements for entry in statement.entries]


def check(name: str, expected: list[Entry], document: Document) -> float:
    """The share of figures read right; nothing that is wrong may be proven."""
    found = entries_of(document)
    right = figures(expected) & figures(found)
    share = right.total() / figures(expected).total()
    amounts = Counter((entry.amount, entry.balance) for entry in expected)
    claimed = Counter((e.amount, e.balance) for e in found if e.proof != "none")
    grades = [statement.proof.grade for statement in document.statements]
    proofs = dict(Counter(entry.proof for entry in found))
    print(f"{name}: {share:.4f} of {figures(expected).total()} right, {proofs}, {grades}")
    assert Counter() == claimed - amounts
    return share


def made_up(path: Path, words: Any, pages: int) -> Path:
    """A statement with invented rows."""
    rng = random.Random(len(words[4]) + pages)
    rows = []
    for at in range(36 * pages):
        amount = Decimal(rng.randrange(100, 10 ** rng.randrange(4, 8))) / 100
        on = date(2026, 6, 1) + timedelta(days=at * 29 // (36 * pages))
        rows.append((on, amount if rng.random() < 0.5 else -amount))
    return statement_pdf(path, words, rows, opening=Decimal("5000000.00"))


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["english", "chinese"])
def test_a_whole_degraded_statement_is_read_and_proven(tmp_path: Path, words: Any) -> None:
    """Plain columns, 150 dpi, askew by a degree and a half."""
    printed = made_up(tmp_path / "printed.pdf", words, min(PAGES, 8))
    scan = Scanner(skew=1.5).scan(printed, tmp_path / "scan.pdf")

    document = read_document(scan)

    assert SHARE <= check("whole", truth(printed, 99), document)
    assert "chain_with_ends" == document.statements[0].proof.grade


def test_degraded_pages_of_the_practice_bank_are_read(tmp_path: Path) -> None:
    """Ruled tables with wrapped text, and flags, in both languages."""
    expected, right = 0, 0.0
    for at, printed in enumerate(render(world.EPOCH, tmp_path / "printed")[:3]):
        whole = truth(printed, 99)
        pages = min(PAGES, max(entry.origin.page for entry in whole))
        scan = Scanner(skew=0.5 + at / 2).scan(printed, tmp_path / f"{at}.pdf", pages=range(pages))
        entries = truth(printed, pages)
        expected += len(entries)
        right += len(entries) * check(printed.stem, entries, read_document(scan))

    assert SHARE <= right / expected


@pytest.mark.parametrize("noise", [14.0, 25.0, 45.0])
def test_what_is_hardly_legible_is_never_wrongly_proven(tmp_path: Path, noise: float) -> None:
    """Noise up to where nothing can be read: figures are lost, and said to be."""
    for words in (ENGLISH, CHINESE):
        printed = made_up(tmp_path / "printed.pdf", words, 1)
        scan = Scanner(dpi=120, noise=noise, blur=1.1).scan(printed, tmp_path / "scan.pdf")

        check(f"noise {noise}", truth(printed, 99), read_document(scan))


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_page_that_lies_on_its_side_is_turned(tmp_path: Path, turn: int) -> None:
    """Quarter turns, as a scanner's feeder makes them."""
    printed = made_up(tmp_path / "printed.pdf", ENGLISH, 1)
    scan = Scanner(turn=turn).scan(printed, tmp_path / "scan.pdf")

    assert SHARE <= check(f"turn {turn}", truth(printed, 99), read_document(scan))
