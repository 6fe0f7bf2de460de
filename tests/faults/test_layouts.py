"""
Generated statements: every row as it is true, and nothing proven that is not.

CLERKWORK_LAYOUTS is how many layouts are drawn and read; 12 without it. `make faults`
reads 300, of which 297 must be exact: from CLERKWORK_SEED on, which it draws anew each time,
so that nobody has mended the reader for just these.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

from clerkwork.read import Document, read_document
from tests.layouts import Layout, Rendered, difference, read_rows, render, statement_for

LAYOUTS = int(os.environ.get("CLERKWORK_LAYOUTS", "12"))
SEED = int(os.environ.get("CLERKWORK_SEED", "0"))
EXACT = 0.99


@cache
def campaign() -> list[tuple[Layout, Rendered, Document]]:
    """Each layout, what is to be found in its file, and what was read."""
    seeds = range(SEED, SEED + LAYOUTS)
    with TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda seed: drawn_and_read(seed, Path(folder)), seeds))


def drawn_and_read(seed: int, folder: Path) -> tuple[Layout, Rendered, Document]:
    """One layout through a file and the reading process."""
    truth, layout = statement_for(seed)
    rendered = render(truth, layout)
    path = folder / f"{seed}.{rendered.suffix}"
    path.write_bytes(rendered.content)
    return layout, rendered, read_document(path)


def test_nearly_every_layout_is_read_exactly():
    """Date, amount, balance, value date, page, text and reference of every row, and the ends."""
    found = [(layout, difference(wanted.statements, read)) for layout, wanted, read in campaign()]
    wrong = [f"seed {layout.seed}: {what}\n  {layout}" for layout, what in found if what]

    assert len(wrong) <= LAYOUTS * (1 - EXACT), "\n".join(wrong)


def test_what_can_be_proven_is():
    """The grade of each statement is the best that its printed figures allow."""
    wrong = [
        f"seed {layout.seed}"
        for layout, wanted, read in campaign()
        if [each.grade for each in wanted.statements] != [s.proof.grade for s in read.statements]
    ]

    assert len(wrong) <= LAYOUTS * (1 - EXACT), "\n".join(wrong)


def test_nothing_is_proven_that_is_not_so():
    """A statement with any grade has the amounts and balances of the truth, for every seed."""
    wrong = [
        f"seed {layout.seed}"
        for layout, wanted, read in campaign()
        for one, truth in zip_longest(read.statements, wanted.statements)
        if one is not None and one.proof.grade != "none" and figures(one) != figures_of(truth)
    ]

    assert [] == wrong


def figures(statement) -> list[tuple[object, object]]:
    """The amount and the balance of each row that was read."""
    return [(row.amount, row.balance) for row in read_rows(statement)]


def figures_of(truth) -> list[tuple[object, object]] | None:
    """The amount and the balance of each row that is true; None where there is no statement."""
    return truth and [(row.amount, row.balance) for row in truth.rows]
