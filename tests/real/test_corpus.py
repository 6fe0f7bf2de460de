"""Documents of other people's banks: read without a crash, proven where arithmetic proves them."""

from __future__ import annotations

import csv
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from clerkwork.read import Document, read_document, read_documents

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the sample documents are not here (../shared/corpus)"
)

# What can be proven, and how far. Of the others: amounts that do not chain after they were
# made anonymous (derived_*), an edited copy, no balances at all, no dates, no entries.
PROVEN = {
    "alisimms_sample.pdf": "chain",
    "finrep_gxs.pdf": "chain_with_ends",
    "finrep_simple.pdf": "chain_with_ends",
    "monopoly_example.pdf": "totals",
    "mualee_recurring.pdf": "chain",
    "mualee_sample.pdf": "chain",
    "prepmybook_chase_feb.pdf": "chain_with_ends",
    "prepmybook_chase_jan.pdf": "chain_with_ends",
    "prepmybook_sample.pdf": "chain_with_ends",
    "suchint_sample.pdf": "chain",
    "taxflow_bigbank.pdf": "chain_with_ends",
    "taxflow_fiserv.pdf": "chain_with_ends",
    "taxflow_sample.pdf": "chain_with_ends",
}
WITHOUT_DATES = "templatelab_4.pdf"


@cache
def truth() -> dict[str, dict[str, str]]:
    """The manifest: what people read in each file."""
    path = CORPUS / "statements" / "manifest.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


@cache
def read_all() -> dict[str, Document]:
    """Every statement of the corpus, by name."""
    paths = sorted((CORPUS / "statements").glob("*.pdf"))
    return {Path(document.file).name: document for document in read_documents(paths)}


def test_every_statement_is_proven_as_far_as_it_can_be_and_none_further():
    """A wrong proof is the worst that can happen; no file is refused."""
    grades = {
        name: "none"
        if any(statement.proof.grade == "none" for statement in document.statements)
        else document.statements[0].proof.grade
        for name, document in read_all().items()
    }

    assert {name: PROVEN.get(name, "none") for name in truth()} == grades


def test_every_row_is_read():
    """As many entries as a person counts; rows without a date are problems, not entries."""
    counted = {
        name: sum(len(statement.entries) for statement in document.statements)
        for name, document in read_all().items()
    }
    expected = {name: int(row["rows"]) for name, row in truth().items()} | {WITHOUT_DATES: 0}

    assert expected == counted


def test_rows_without_a_date_are_named_one_by_one():
    """No date is invented for a placeholder."""
    (statement,) = read_all()[WITHOUT_DATES].statements

    assert int(truth()[WITHOUT_DATES]["rows"]) == len(statement.proof.problems)


@pytest.mark.parametrize("end", ["opening", "closing"])
def test_the_ends_are_those_that_a_person_reads(end):
    """Where the manifest has a balance, so has the first statement of the file."""
    expected = {name: Decimal(row[end]) for name, row in truth().items() if row[end]}

    assert expected == {name: getattr(read_all()[name].statements[0], end) for name in expected}


def test_what_is_not_proven_says_why():
    """At least one line, with its page where there is one."""
    for document in read_all().values():
        for statement in document.statements:
            assert statement.proof.grade != "none" or statement.proof.problems


def test_every_sheet_is_read_or_refused_with_a_reason():
    """Exports of banks and wallets; only the one whose amounts chain is proven by them."""
    proven = set()
    for path in sorted((CORPUS / "sheets").iterdir()):
        document = read_document(path)
        assert document.statements or document.refused
        proven |= {path.name for s in document.statements if s.proof.grade != "none"}

    assert {
        "account_statement_import_sheet_file_tests_fixtures_balance.csv",
        "example_boc_debit_example-boc-records.csv",
    } == proven
