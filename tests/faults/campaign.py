"""
The campaign itself, in a process of its own: python -m faults.campaign FOLDER COUNT.

Prints one JSON line per file, and a last one with what this process took.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

from clerkwork.facts import Entry
from clerkwork.practice import documents
from clerkwork.practice.world import EPOCH
from clerkwork.read import Document, read_document

from . import hostile_pdfs, hostile_sheets

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
SOUND_FILES = 12  # made ones, besides the practice bank's and the corpus'
COSTLY = ("forms laugh", "long answer", "many short lines", "one long line", "pages repeated")
# The costly ones last: a short campaign does not reach them.
MADE = sorted(
    [(".pdf", name) for name in hostile_pdfs.MADE]
    + [(".xlsx", name) for name in hostile_sheets.MADE],
    key=lambda made: "bomb" in made[1] or made[1] in COSTLY,
)
ONE_IN = 5  # one file in so many is made hostile, the others are sound ones that were changed
CHANGES = {
    ".pdf": hostile_pdfs.CHANGES,
    ".xlsx": (*hostile_pdfs.CHANGES[:4], *[hostile_sheets.change_inside] * 6),
}
Lines = frozenset[tuple[str, str]]


def sound_files(folder: Path) -> list[Path]:
    """What is changed: corpus, practice bank, small made ones; each kind of file among them."""
    kept = folder / "sound"
    found = sorted(documents.render(EPOCH, kept))
    for number in range(SOUND_FILES):
        rng = Random(number)
        kind = ("pdf", "xlsx", "csv")[number % 3]
        if kind == "pdf":
            how = ({}, {"pageCompression": 0}, {"encrypt": ""})[number // 3 % 3]
            content = hostile_pdfs.statement(rng, pages=1 + number % 4, **how)
        else:
            content = hostile_sheets.workbook(rng) if kind == "xlsx" else hostile_sheets.table(rng)
        found.append(kept / f"{number}.{kind}")
        found[-1].write_bytes(content)
    if CORPUS.is_dir():
        found += sorted((CORPUS / "statements").glob("*.pdf"))
        found += sorted((CORPUS / "sheets").iterdir())
    return found


def hostile(seed: int, folder: Path, sound: Sequence[Path]) -> tuple[Path, str, list[Path]]:
    """One hostile file, what was done to make it, and the sound files it was made of."""
    rng = Random(seed)
    if seed % ONE_IN == 0:
        suffix, name = MADE[seed // ONE_IN % len(MADE)]
        if suffix == ".pdf":
            content = hostile_pdfs.MADE[name](rng)
        else:
            suffix, content = hostile_sheets.MADE[name](rng)
        sources = []
    else:
        source = rng.choice(sound)
        suffix = source.suffix
        sources = [source, rng.choice([path for path in sound if path.suffix == suffix])]
        change = rng.choice(CHANGES.get(suffix, hostile_pdfs.CHANGES[:5]))
        name = f"{change.__name__} {source.name}"
        content = change(rng, *(path.read_bytes() for path in sources))
    path = folder / f"{seed}{suffix}"
    path.write_bytes(content)
    return path, name, sources


def lines_of(entries: Iterable[Entry]) -> Lines:
    """Each amount with its balance, "" where none was read."""
    return frozenset(
        (
            f"{entry.amount.normalize():f}",
            "" if entry.balance is None else f"{entry.balance.normalize():f}",
        )
        for entry in entries
    )


def proven(document: Document) -> Lines:
    """The lines that claim a proof."""
    return lines_of(
        entry
        for statement in document.statements
        if statement.proof.grade != "none"
        for entry in statement.entries
        if entry.proof != "none"
    )


@cache
def true_lines(path: Path) -> Lines:
    """Every line of a sound file, proven or not; and every amount without its balance."""
    entries = [entry for each in read_document(path).statements for entry in each.entries]
    lost = [replace(entry, balance=None) for entry in entries]
    return lines_of(entries) | lines_of(lost)


def run(folder: Path, seeds: range) -> Iterator[dict[str, object]]:
    """
    Read every file; what became of it.

    Another process makes them: what it unpacks must not count as ours or as a child's.
    """
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=spawn) as maker:
        sound = maker.submit(sound_files, folder).result()
        for seed in seeds:
            path, name, sources = maker.submit(hostile, seed, folder, sound).result()
            yield became(seed, path, name, sources)
            path.unlink()


def became(seed: int, path: Path, name: str, sources: Sequence[Path]) -> dict[str, object]:
    """Read one file: how it ended, what it took, and every line wrongly claimed as proven."""
    begun = time.monotonic()
    document = read_document(path)
    took = time.monotonic() - begun
    claims = proven(document) if sources else frozenset()
    wrong = claims - frozenset().union(*map(true_lines, sources)) if claims else claims
    return {
        "seed": seed,
        "name": name,
        "bytes": path.stat().st_size,
        "wall_s": round(took, 2),
        "refused": document.refused and document.refused.code,
        "statements": len(document.statements),
        "proven": len(claims),
        "wrong": sorted(wrong),
        "own_mb": own_mb("VmRSS"),
        "own_peak_mb": own_mb("VmHWM"),
        "child_peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10,
    }


def own_mb(what: str) -> int:
    """What this process holds now (VmRSS), or has held at most (VmHWM), in MB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) >> 10


def main(folder: Path, count: int) -> None:
    """Print what became of each file."""
    for found in run(folder, range(count)):
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
