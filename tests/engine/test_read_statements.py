"""The practice bank's statements: read exactly, in every layout; and no error in them is proven."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from reportlab.pdfgen.canvas import Canvas

from clerkwork.practice import documents, world
from clerkwork.read import child, plumber, read_document
from clerkwork.read.lines import Line
from clerkwork.read.reader import Reader
from clerkwork.read.words import Page, Word, pdf_pages

CORRESPONDENTS = ("meridian", "rhenane", "huadong")
EPOCH = world.EPOCH


def of(correspondent: str, on=EPOCH):
    """What the world says that this correspondent printed."""
    return next(s for s in world.day(on).statements if s.correspondent == correspondent)


def rendered(folder: Path, correspondent: str, on=EPOCH, **how: int) -> Path:
    """Its document of that day."""
    paths = documents.render(on, folder, **how)
    return next(path for path in paths if path.name.startswith(correspondent))


def printed(statement) -> list[tuple[object, ...]]:
    """Every line as the world has it."""
    return [
        (line.on, line.at, line.value_date, line.signed, line.balance, line.reference,
         line.text, line.amount < 0)
        for line in (*statement.lines, *statement.later)
    ]  # fmt: skip


def read_lines(statement) -> list[tuple[object, ...]]:
    """Every line as it was read."""
    return [
        (e.accounting_date, e.time, e.value_date, e.amount, e.balance, e.reference, e.text, e.red)
        for e in statement.entries
    ]


@pytest.mark.parametrize("correspondent", CORRESPONDENTS)
@pytest.mark.parametrize(("rows_per_page", "variant"), [(34, 0), (34, 1), (34, 2), (20, 0)])
def test_every_line_is_read_exactly_whatever_the_page_breaks(
    tmp_path, correspondent, rows_per_page, variant
):
    """Date, time, value date, amount, balance, reference, text and red of more than 200 lines."""
    path = rendered(tmp_path, correspondent, rows_per_page=rows_per_page, variant=variant)
    truth = of(correspondent)

    (statement,) = child.read_pages(pdf_pages(path), "digest", "en")

    assert printed(truth) == read_lines(statement)
    assert (
        "chain_with_ends", (len(printed(truth)),) * 2, (), truth.their_account, truth.currency,
        truth.opening, truth.closing, (EPOCH, EPOCH),
    ) == (
        statement.proof.grade, statement.proof.links, statement.proof.problems, statement.account,
        statement.currency, statement.opening, statement.closing, statement.period,
    )  # fmt: skip


@pytest.mark.parametrize("correspondent", CORRESPONDENTS)
def test_any_other_day_is_read_exactly_too(tmp_path, correspondent):
    """A Saturday, whose dates and balances are others."""
    saturday = EPOCH + timedelta(days=2)
    path = rendered(tmp_path, correspondent, saturday)

    (statement,) = child.read_pages(pdf_pages(path), "digest", "en")

    assert printed(of(correspondent, saturday)) == read_lines(statement)
    assert statement.proof.grade == "chain_with_ends"


@pytest.mark.parametrize("correspondent", CORRESPONDENTS)
def test_the_reference_engine_reads_the_same(tmp_path, correspondent):
    """pdfplumber's words, where the bounds of columns come from other widths, give the same."""
    path = rendered(tmp_path, correspondent, variant=1)

    assert child.read_pages(pdf_pages(path), "", "en") == child.read_pages(
        plumber.pdf_pages(path), "", "en"
    )


def test_a_document_printed_again_has_the_same_entries(tmp_path):
    """Other bytes, other page breaks, other wraps: the same ids."""
    first, again = (
        read_document(rendered(tmp_path / str(variant), "meridian", variant=variant))
        for variant in (0, 1)
    )

    assert first.sha256 != again.sha256
    assert [entry.id for entry in first.statements[0].entries] == [
        entry.id for entry in again.statements[0].entries
    ]


Row = tuple[int, Line, list[Word]]  # index of the page, the line, its figures


@cache
def pages_and_rows(correspondent: str) -> tuple[list[Page], list[Row]]:
    """The words of a statement, and the lines on which an entry stands."""
    with TemporaryDirectory() as folder:
        pages = list(pdf_pages(rendered(Path(folder), correspondent)))
    rows: list[Row] = []

    class Watched(Reader):
        """Notes the line of each row."""

        def _add_row(self, line, page, cells, date):
            figures = {cells.get(role) for role in ("debit", "credit", "amount", "balance")}
            found = [word for word in line.words[1:] if word.text in figures]
            rows.append((page.number - 1, line, found))
            super()._add_row(line, page, cells, date)

    reader = Watched()
    for page in pages:
        reader.take(page)
    return pages, rows


def change_a_digit(words: list[Word], row: Row, other: Row, rng: random.Random) -> None:
    """One digit of an amount or a balance becomes another."""
    word = rng.choice(row[2])
    at = rng.choice([at for at, letter in enumerate(word.text) if letter.isdigit()])
    digit = rng.choice([digit for digit in "0123456789" if digit != word.text[at]])
    words[words.index(word)] = word._replace(text=word.text[:at] + digit + word.text[at + 1 :])


def drop_the_row(words: list[Word], row: Row, other: Row, rng: random.Random) -> None:
    """The line is not printed."""
    for word in row[1].words:
        words.remove(word)


def double_the_row(words: list[Word], row: Row, other: Row, rng: random.Random) -> None:
    """The line is printed twice."""
    words += [word._replace(y=word.y + word.height) for word in row[1].words]


def swap_the_rows(words: list[Word], row: Row, other: Row, rng: random.Random) -> None:
    """The line changes places with the next one."""
    step = other[1].y - row[1].y
    for line, way in ((row[1], step), (other[1], -step)):
        for word in line.words:
            words[words.index(word)] = word._replace(y=word.y + way)


def flip_the_sign(words: list[Word], row: Row, other: Row, rng: random.Random) -> None:
    """The amount is printed with a minus, or without its own."""
    word = row[2][0]
    text = word.text[1:] if word.text.startswith("-") else f"-{word.text}"
    words[words.index(word)] = word._replace(text=text)


MUTATIONS: tuple[Callable[..., None], ...] = (
    change_a_digit, drop_the_row, double_the_row, swap_the_rows, flip_the_sign,
)  # fmt: skip


def mutated(correspondent: str, mutate: Callable[..., None], times: int) -> Iterator[list[Page]]:
    """The pages with one error each; the last row, after the closing balance, is left alone."""
    pages, rows = pages_and_rows(correspondent)
    rng = random.Random(f"{correspondent} {mutate.__name__}")
    for _ in range(times):
        at = rng.choice([at for at in range(len(rows) - 2) if rows[at][0] == rows[at + 1][0]])
        words = list(pages[rows[at][0]].words)
        mutate(words, rows[at], rows[at + 1], rng)
        yield [
            replace(page, words=words) if number == rows[at][0] else page
            for number, page in enumerate(pages)
        ]


@pytest.mark.parametrize("correspondent", CORRESPONDENTS)
@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda each: each.__name__)
def test_no_single_error_keeps_its_proof(correspondent, mutate):
    """Wherever one thing is wrong, the statement is not proven, and a line says where."""
    for pages in mutated(correspondent, mutate, 20):
        (statement,) = child.read_pages(pages, "digest", "en")

        assert statement.proof.grade == "none"
        assert statement.proof.problems


def test_lines_of_the_world_are_what_the_mutations_change():
    """The mutations meet every line there is: a test that cannot fail is a defect."""
    for correspondent in CORRESPONDENTS:
        _, rows = pages_and_rows(correspondent)

        assert len(printed(of(correspondent))) == len(rows)
        assert all(len(figures) == 2 for _, _, figures in rows)


def american(path: Path, *, lost: int | None = None) -> Path:
    """
    A checking account as American banks print it: a summary with counts, sections of
    deposits and of withdrawals without a balance, and the balances of the days at the end.
    """
    lines = [
        [(40, "FIRST NATIONAL BANK"), (330, "March 01, 2026 through March 31, 2026")],
        [(330, "Account Number: 000000847362915")],
        [(40, "CHECKING SUMMARY"), (300, "INSTANCES"), (400, "AMOUNT")],
        [(40, "Beginning Balance"), (400, "$1,200.00")],
        [(40, "Deposits and Additions"), (300, "2"), (400, "3,150.25")],
        [(40, "Electronic Withdrawals"), (300, "2"), (400, "-1,045.75")],
        [(40, "Ending Balance"), (300, "4"), (400, "$3,304.50")],
        [],
        [(40, "DEPOSITS AND ADDITIONS")],
        [(40, "DATE"), (100, "DESCRIPTION"), (400, "AMOUNT")],
        [(40, "03/03"), (100, "Payroll Acme Co"), (400, "$3,000.00")],
        [(40, "03/12"), (100, "Zelle from J Doe"), (400, "150.25")],
        [(40, "Total Deposits and Additions"), (400, "$3,150.25")],
        [],
        [(40, "ELECTRONIC WITHDRAWALS")],
        [(40, "DATE"), (100, "DESCRIPTION"), (400, "AMOUNT")],
        [(40, "03/05"), (100, "Rent 03/05"), (400, "$1,000.00")],
        [(40, "03/20"), (100, "City Power"), (400, "45.75")],
        [(40, "Total Electronic Withdrawals"), (400, "$1,045.75")],
        [],
        [(40, "DAILY ENDING BALANCE")],
        [(40, "DATE"), (120, "AMOUNT"), (220, "DATE"), (300, "AMOUNT")],
        [(40, "03/03"), (120, "$4,200.00"), (220, "03/12"), (300, "3,350.25")],
        [(40, "03/05"), (120, "3,200.00"), (220, "03/20"), (300, "3,304.50")],
    ]
    canvas = Canvas(str(path))
    canvas.setFont("Helvetica", 9)
    for number, line in enumerate(lines):
        for x, text in line if number != lost else ():
            canvas.drawString(x, 780 - 15 * number, text)
    canvas.save()
    return path


def test_an_american_statement_in_sections_is_read_and_proven(tmp_path):
    """Counts beside sums are no amounts, balances of days no entries; a lost row shows."""
    (whole,) = read_document(american(tmp_path / "whole.pdf")).statements
    lacking = [read_document(american(tmp_path / f"{n}.pdf", lost=n)) for n in (10, 11, 16, 17)]

    assert ("totals", Decimal("1200.00"), Decimal("3304.50")) == (
        whole.proof.grade, whole.opening, whole.closing,
    )  # fmt: skip
    assert [Decimal("3000.00"), Decimal("150.25"), Decimal("-1000.00"), Decimal("-45.75")] == [
        entry.amount for entry in whole.entries
    ]
    assert {"none"} == {each.proof.grade for read in lacking for each in read.statements}
