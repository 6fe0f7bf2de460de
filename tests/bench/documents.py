"""
Pages a CPU second of reading statements with their proof, against pdfplumber's words.

Ours is clerkwork.read.read_document: a limited child process for each file (its start
counts), words, rows, columns, values and the proof. The peer only extracts the words,
in this process, with its modules loaded before.
"""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import pdfplumber

from clerkwork.practice import documents
from clerkwork.practice.world import EPOCH
from clerkwork.read import read_document

ROUNDS = 3


def ours(paths: Sequence[Path]) -> int:
    """Read and prove; the number of entries."""
    count = 0
    for path in paths:
        document = read_document(path)
        if not document.is_proven:
            raise SystemExit(f"{path.name} is not proven: {document.refused}")
        count += sum(len(statement.entries) for statement in document.statements)
    return count


def bare(paths: Sequence[Path]) -> int:
    """The words; the number of pages."""
    pages = 0
    for path in paths:
        with pdfplumber.open(path) as document:
            for page in document.pages:
                assert page.extract_words()
                pages += 1
    return pages


def cpu_s() -> float:
    """CPU seconds of this process and of its children that have ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)


def main() -> None:
    """Both in turns, on the statements of the first day."""
    with tempfile.TemporaryDirectory() as folder:
        written = documents.render(EPOCH, Path(folder))
        paths = [path for path in written if path.suffix == ".pdf"]
        times = []
        for _ in range(ROUNDS):
            begun = cpu_s()
            entries = ours(paths)
            between = cpu_s()
            pages = bare(paths)
            times.append((between - begun, cpu_s() - between))
    read, words = (median(pages / each[side] for each in times) for side in (0, 1))
    ratio = median(peer_s / our_s for our_s, peer_s in times)
    print(f"{len(paths)} statements, {pages} pages, {entries} entries, all proven; {ROUNDS} rounds")
    print(f"  clerkwork read, with proof   {read:9.1f} pages/CPU s")
    print(f"  bare pdfplumber words        {words:9.1f} pages/CPU s")
    print(f"  ours / bare                  {ratio:9.2f}")


if __name__ == "__main__":
    main()
