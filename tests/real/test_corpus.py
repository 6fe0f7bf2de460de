"""Documents of other people's banks, against what a person reads in them (statements.toml)."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from clerkwork.read import Document, read_document, read_documents

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
TRUTH = tomllib.loads(Path(__file__).with_name("statements.toml").read_text(encoding="utf-8"))
FILES = {**TRUTH["statements"], **TRUTH["sheets"]}
GRADES = ("none", "totals", "chain", "chain_with_ends")
WITHOUT_DATES = "templatelab_4.pdf"
pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the sample documents are not here (../shared/corpus)"
)


@cache
def manifest() -> dict[str, dict[str, str]]:
    """What others say of each PDF."""
    path = CORPUS / "statements" / "manifest.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


@cache
def read(name: str) -> Document:
    """One file of the corpus."""
    folder = "statements" if name.endswith(".pdf") else "sheets"
    return read_document(CORPUS / folder / name)


def digest(document: Document) -> str:
    """Of every date, amount and balance read, as statements.toml says."""
    read = (
        "".join(
            f"{entry.accounting_date}|{entry.amount:.2f}|"
            f"{'' if entry.balance is None else format(entry.balance, '.2f')}\n"
            for entry in statement.entries
        )
        for statement in document.statements
    )
    return hashlib.sha256("\n".join(filter(None, read)).encode()).hexdigest()


def test_the_truth_names_every_file_of_the_corpus():
    """No file is left out, and none is proven by hand without saying how far."""
    there = {path.name for path in (CORPUS / "sheets").iterdir()} | set(manifest())

    assert there == set(FILES)
    assert {name for name, file in FILES.items() if file["grade"] == "none"} == {
        name for name, file in FILES.items() if "why" in file
    }


@pytest.mark.parametrize("name", FILES)
def test_every_date_amount_and_balance_is_as_a_person_reads_it(name):
    """Signs, dates and balances, in order, statement by statement."""
    document = read(name)
    counted = [len(statement.entries) for statement in document.statements if statement.entries]

    assert document.refused is None
    assert FILES[name]["entries"] == counted
    assert FILES[name]["digest"] == digest(document)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_proven_as_far_as_it_can_be_and_no_further(name):
    """A file's grade is its worst statement's; a wrong proof is the worst that can happen."""
    grades = [GRADES.index(statement.proof.grade) for statement in read(name).statements]

    assert FILES[name]["grade"] == GRADES[min(grades, default=0)]


def test_rows_without_a_date_are_named_one_by_one():
    """No date is invented for a placeholder."""
    (statement,) = read(WITHOUT_DATES).statements

    assert int(manifest()[WITHOUT_DATES]["rows"]) == len(statement.proof.problems)


@pytest.mark.parametrize("end", ["opening", "closing"])
def test_the_ends_are_those_that_a_person_reads(end):
    """Where the manifest has a balance, so has the first statement of the file."""
    expected = {name: Decimal(row[end]) for name, row in manifest().items() if row[end]}

    assert expected == {name: getattr(read(name).statements[0], end) for name in expected}


@pytest.mark.parametrize("name", FILES)
def test_what_is_not_proven_says_why(name):
    """At least one line, with its page where there is one."""
    for statement in read(name).statements:
        assert statement.proof.grade != "none" or statement.proof.problems


def test_several_files_at_a_time_are_read_as_one_at_a_time():
    """The documents come in the order of their paths."""
    names = sorted(TRUTH["statements"])[:4]
    together = read_documents([CORPUS / "statements" / name for name in names])

    assert [read(name) for name in names] == list(together)
