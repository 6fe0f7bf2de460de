"""
The pages of a long PDF, read by one process for each core, in their order.

    pages  1-16   worker 0  \\
    pages 17-32   worker 1   >  the reader takes a batch from each in turn; a pipe that is
    pages 33-48   worker 0  /   full makes its worker wait, so that memory stays flat
"""

from __future__ import annotations

import marshal
import os
import signal
from collections.abc import Iterable, Iterator
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from clerkwork.errors import Refused
from clerkwork.read.words import Page, Word, page_count, pdf_pages

_MANY = 1000  # pages that are worth more CPU, and a shorter wait
_BATCH = 16  # pages


def pages_of(path: Path) -> Iterator[Page]:
    """The pages of a PDF. Raises what `pdf_pages` raises, and MemoryError."""
    count = page_count(path)
    cores = os.cpu_count() or 1
    if count < _MANY or cores < 2 or not hasattr(os, "fork"):
        yield from pdf_pages(path)
        return
    workers = [_start(path, number, cores, count) for number in range(cores)]
    try:
        for batch in range(-(-count // _BATCH)):
            yield from _batch_of(*workers[batch % cores])
    finally:
        for pid, pipe in workers:
            pipe.close()
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _start(path: Path, number: int, workers: int, count: int) -> tuple[int, BufferedReader]:
    """A process that reads every batch whose turn is its own; its id and what it says."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, os.fdopen(reading, "rb")
    code = 1
    try:
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            turns = range(1 + number * _BATCH, count + 1, workers * _BATCH)
            _tell(pdf_pages(path, _numbers(turns, count)), pipe)
        code = 0
    finally:
        os._exit(code)  # never into the reader's own code


def _numbers(turns: Iterable[int], count: int) -> Iterator[int]:
    for first in turns:
        yield from range(first, min(first + _BATCH, count + 1))


def _tell(pages: Iterator[Page], pipe: BinaryIO) -> None:
    """Batches of pages in plain values, or why they are refused."""
    try:
        while batch := list(islice(pages, _BATCH)):
            told = [(page.number, list(map(tuple, page.words)), page.has_picture) for page in batch]
            marshal.dump(told, pipe)
    except Refused as refused:
        facts = {name: str(fact) for name, fact in refused.facts.items()}
        marshal.dump((refused.code, refused.where, facts), pipe)


def _batch_of(pid: int, pipe: BufferedReader) -> Iterator[Page]:
    try:
        told = marshal.load(pipe)
    except (EOFError, ValueError):
        raise MemoryError(f"worker {pid} ended") from None  # at a limit, as this process would
    if isinstance(told, tuple):
        code, where, facts = told
        raise Refused(code, where=where, **facts)
    for number, words, has_picture in told:
        yield Page(number, list(map(Word._make, words)), has_picture)
